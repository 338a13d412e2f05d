/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explanations.h"

#include <stddef.h>

const struct explanation explanations[] = {
    /* --- classes -------------------------------------------------------------------------------------------
     */
    {"cpu", "class: the duration follows the speed of the core",
     "Found: at least 70 % of the active time (all time minus idle) is on the core outside I/O system calls, "
     "or\n"
     "runnable. In source: loops over data, or calls that compute (compression, hashing, mathematics).\n"
     "Do: if the items are independent, spread them over cores with threads, or with processes where the "
     "code is not\n"
     "thread-safe or must be isolated. More waiting tasks at once (async) gain nothing here."},
    {"io", "class: waits for disk, network, another process or a timer, or works inside I/O calls for it",
     "Found: at least 70 % of the active time is blocked on something outside the program (io_wait_share) or "
     "on the\n"
     "core inside an I/O system call (io_work_share).\n"
     "Do: waiting can be overlapped on one core: async for many tasks, threads for a few or for blocking "
     "libraries.\n"
     "Work inside I/O calls cannot be overlapped on one core: there, fewer and larger calls help, or more "
     "cores."},
    {"lock", "class: waits for other threads of the same program",
     "Found: at least 30 % of the active time is blocked on other threads; this is looked at before cpu and "
     "io.\n"
     "Do: find the lock in the contention graph; hold it for less (move computing and I/O out), split it by "
     "data, use\n"
     "per-thread data merged at the end, or move to processes that share nothing."},
    {"mixed", "class: no kind of time dominates",
     "Found: neither 30 % lock, nor 70 % I/O, nor 70 % computing.\n"
     "Do: look at the parts: a loop that reads and computes can overlap the two (a pool beside an event "
     "loop, a reader\n"
     "thread in front of workers)."},
    {"light", "class: too little to matter",
     "Found: less than 0.1 % of the program's active time, or nothing in the source that loops or blocks.\n"
     "Do: nothing."},
    /* --- models --------------------------------------------------------------------------------------------
     */
    {"sequential", "model: one task after the other",
     "Right for short work and for steps that depend on each other; simplest to write and to debug. It uses "
     "one core,\n"
     "and waits add up."},
    {"threads", "model: several threads share one address space",
     "Right for computing over shared data (a pool of one thread per core) and for a moderate number of "
     "blocking tasks.\n"
     "Hazards: races, deadlocks, contention, one bad pointer ends the program, a stack and switches per "
     "thread."},
    {"processes", "model: several processes, own memory each",
     "Right for isolation (untrusted input, crash-prone or non-reentrant code), unrelated jobs, and "
     "computing without\n"
     "shared state. Costs: creation, memory, and data must be passed through pipes, sockets or shared "
     "memory."},
    {"async", "model: one thread, one event loop, callbacks or coroutines",
     "Right for very many tasks that mostly wait: connections, timers. Little memory per task and no locks. "
     "One core\n"
     "only, and one callback that computes long or blocks stops all others."},
    {"async+processes", "model: one event loop per process, one process per core",
     "Right for very many connections whose computing fills more than one core, without shared state."},
    {"async+threads", "model: event loop and threads in one process",
     "Two shapes: one loop that hands blocking or computing pieces to a pool; or one loop per thread. Right "
     "for loops\n"
     "that must also read files, resolve names, compress or call blocking libraries; or that share state "
     "over cores."},
    /* --- words ---------------------------------------------------------------------------------------------
     */
    {"idle", "time that counts in no class: a wait for the next task",
     "epoll_wait in an event loop, accept, a condition wait on an empty queue, pthread_join. The analysis "
     "names the\n"
     "place in a task loop that fetches the next task; a wait there is idle, a later wait in the same loop "
     "is not."},
    {"calibrate", "what the advice knows of this host, measured by corewise calibrate",
     "The predicted times of the six models rest on what this host takes to create a thread, a process or a "
     "coroutine,\n"
     "to switch between them, to take a lock, to pass a message, and on the memory of each. corewise "
     "calibrate "
     "measures\n"
     "these in about 20 seconds and keeps them for analyze and check; until then documented defaults are "
     "used, and the\n"
     "advice says so. Do: run it once per machine, on a quiet one; corewise calibrate --show shows what is "
     "used."},
    {"confirmed", "verdict: the measurement agrees with the prediction",
     "Every value of the 95 % confidence interval satisfies the prediction."},
    {"refuted", "verdict: the measurement contradicts the prediction",
     "No value of the 95 % confidence interval satisfies the prediction. Either the analysis was wrong about "
     "the code,\n"
     "or this workload is special: the `why` line has the numbers."},
    {"inconclusive", "verdict: too few samples, or too many lost events",
     "The confidence interval contains the threshold, there are fewer than 20 samples, or more than 0.1 % of "
     "the events\n"
     "were lost. The `why` line says how long a run would decide."},
    {"not_exercised", "verdict: the run never reached the code",
     "Run the program with input that reaches it."},
    {NULL, NULL, NULL},
};
