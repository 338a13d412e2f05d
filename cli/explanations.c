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
    /* --- shapes of a model
     * --------------------------------------------------------------------------------------------- */
    {"parallel_region", "shape: a team of threads for one loop or block (OpenMP)",
     "Found: `#pragma omp parallel` in a unit that is compiled with -fopenmp.\n"
     "Do: Right for items that do not need each other. Watch what they share: reductions, not atomics; "
     "static schedule for equal items."},
    {"thread_pool", "shape: several threads that run the same body",
     "Found: pthread_create (or a wrapper, or a pool of a library) in a loop or at several places, with one "
     "body.\n"
     "Do: Right for computing over shared data: one thread per core. One lock around all of it makes it "
     "serial: see big_lock."},
    {"thread_per_connection", "shape: a thread for each connection",
     "Found: A thread is created after accept, in the same loop or callback.\n"
     "Do: Right for few connections or blocking libraries. With many, an event loop needs kilobytes per "
     "connection instead of a stack."},
    {"separate_threads", "shape: threads with a job of their own each",
     "Found: Threads that are made once, near main, and do a visible part of the work.\n"
     "Do: Right for jobs that must go on beside each other. They add no speed beyond their number."},
    {"process_pool", "shape: several processes made ahead that run the same body",
     "Found: fork in a loop near main; the children serve or compute until they are told to end.\n"
     "Do: Right for isolation and for code that is not thread-safe. Nothing is shared: what must be, goes "
     "through pipes or shared memory."},
    {"fork_per_connection", "shape: a process for each connection",
     "Found: fork after accept, in the same loop or callback; the child serves the connection, also when it "
     "returns to its caller to do so.\n"
     "Do: Right for isolation of peers. Costs a process per connection: a pool made ahead, or an event loop, "
     "serves more."},
    {"fork_per_job", "shape: a process for each piece of work",
     "Found: fork or posix_spawn as work comes, without waiting for each child; children are reaped as they "
     "end.\n"
     "Do: Right for jobs that are other programs, that may crash or that need another user. For small jobs a "
     "pool is cheaper."},
    {"helper_processes", "shape: processes with unrelated jobs",
     "Found: Two or more processes that are made once, have different bodies and do more than the one that "
     "makes them.\n"
     "Do: Right for jobs that live and fail on their own. Let them exchange messages, not memory."},
    {"pipeline", "shape: processes that pass their results on through pipes",
     "Found: Several processes made once with pipes between them.\n"
     "Do: Right for steps with independent state. It is as fast as its slowest step; batch what goes through "
     "a pipe."},
    {"one_loop", "shape: one event loop on one thread",
     "Found: epoll, poll, kqueue, io_uring or the loop of a library, in the flow of main; a logging thread "
     "or a forked helper changes nothing.\n"
     "Do: Right for very many peers that mostly wait. Keep callbacks short: hand to a pool what blocks or "
     "computes for milliseconds."},
    {"coroutines", "shape: tasks that give way to each other on one thread",
     "Found: makecontext and swapcontext.\n"
     "Do: Like one event loop, written like blocking code. One that computes stops the others."},
    {"loop_per_process", "shape: an event loop in each of several processes",
     "Found: Processes made in a loop whose body, or what they go on with, runs an event loop.\n"
     "Do: Right for very many peers whose computing fills more than one core, without shared state. Listen "
     "with SO_REUSEPORT or EPOLLEXCLUSIVE."},
    {"loop_per_thread", "shape: an event loop in each of several threads",
     "Found: Threads made in a loop whose body runs an event loop.\n"
     "Do: Right for the same with shared state. Keep a peer on its thread, and locks out of the callbacks."},
    {"loop_plus_pool", "shape: an event loop and threads that take work from it",
     "Found: An event loop in the flow of main, and several threads that do a visible part of the work.\n"
     "Do: Right for a loop that must also read files, resolve names or compress. The size of the pool and "
     "the length of its queue matter."},
    {"extension_module", "shape: no program of its own, the methods of a CPython extension",
     "Found: PyMethodDef tables, type slots and PyInit_ functions, without a main.\n"
     "Do: The interpreter calls its methods with its lock held: give the lock up around what computes or "
     "waits "
     "and needs no Python object."},
    {"big_lock", "finding: one lock around nearly all computing of every thread",
     "Threads exist, but at most one makes progress: the lock is held for most of each body's time. A "
     "global\n"
     "interpreter lock is one. Found: held share times threads is above 1, and above 0.7 of the body.\n"
     "Do: compute before taking it, hold it only to change what is shared, split it by data, or use "
     "processes."},
    /* --- what a thread waits for
     * ----------------------------------------------------------------------------------------- */
    {"disk", "cause of a wait: for a file or block device",
     "Measured as blocked_seconds.disk. docs/model.md says to which class it counts."},
    {"socket", "cause of a wait: for a peer in the network or on this host",
     "Measured as blocked_seconds.socket. docs/model.md says to which class it counts."},
    {"pipe", "cause of a wait: for the other end of a pipe or FIFO",
     "Measured as blocked_seconds.pipe. docs/model.md says to which class it counts."},
    {"terminal", "cause of a wait: for a person",
     "Measured as blocked_seconds.terminal. docs/model.md says to which class it counts."},
    {"mutex", "cause of a wait: for the thread that holds a mutex",
     "Measured as blocked_seconds.mutex. docs/model.md says to which class it counts."},
    {"condition", "cause of a wait: for another thread to say that something happened",
     "Measured as blocked_seconds.condition. docs/model.md says to which class it counts."},
    {"rwlock", "cause of a wait: for readers or a writer",
     "Measured as blocked_seconds.rwlock. docs/model.md says to which class it counts."},
    {"semaphore", "cause of a wait: for another thread or process to post",
     "Measured as blocked_seconds.semaphore. docs/model.md says to which class it counts."},
    {"barrier", "cause of a wait: for the last thread to arrive",
     "Measured as blocked_seconds.barrier. docs/model.md says to which class it counts."},
    {"join", "cause of a wait: for the end of a thread; counts as idle",
     "Measured as blocked_seconds.join. docs/model.md says to which class it counts."},
    {"futex", "cause of a wait: for a futex that no known primitive explains",
     "Measured as blocked_seconds.futex. docs/model.md says to which class it counts."},
    {"timer", "cause of a wait: for a time",
     "Measured as blocked_seconds.timer. docs/model.md says to which class it counts."},
    {"poll", "cause of a wait: for one of several descriptors",
     "Measured as blocked_seconds.poll. docs/model.md says to which class it counts."},
    {"accept", "cause of a wait: for a connection; counts as idle",
     "Measured as blocked_seconds.accept. docs/model.md says to which class it counts."},
    {"child", "cause of a wait: for the end of a child process",
     "Measured as blocked_seconds.child. docs/model.md says to which class it counts."},
    {"page_fault", "cause of a wait: for memory that is not there yet",
     "Measured as blocked_seconds.page_fault. docs/model.md says to which class it counts."},
    {"io_uring", "cause of a wait: for completions of io_uring",
     "Measured as blocked_seconds.io_uring. docs/model.md says to which class it counts."},
    {"kernel_lock", "cause of a wait: for a lock inside the kernel, such as that of the address space",
     "Measured as blocked_seconds.kernel_lock. docs/model.md says to which class it counts."},
    {"stopped", "cause of a wait: for a debugger or SIGCONT",
     "Measured as blocked_seconds.stopped. docs/model.md says to which class it counts."},
    {"other", "cause of a wait: for a system call of no other kind",
     "Measured as blocked_seconds.other. docs/model.md says to which class it counts."},
    /* --- kinds of regions
     * ------------------------------------------------------------------------------------------------ */
    {"function", "kind of region: a function", "Its class and its times include all that it calls."},
    {"loop", "kind of region: a loop that is a good part of its program",
     "Its class and its times include all that it calls."},
    {"thread_body", "kind of region: what a thread runs, from its first call",
     "Its class and its times include all that it calls."},
    {"process_body", "kind of region: what a forked child runs",
     "Its class and its times include all that it calls."},
    {"callback", "kind of region: what an event loop, a signal or a coroutine starts",
     "Its class and its times include all that it calls."},
    {"critical_section", "kind of region: the code between taking a lock and giving it up",
     "Its class and its times include all that it calls."},
    {"marker", "kind of region: what the program marks itself with corewise_markers.h",
     "Its times are those between begin and end, exact and per thread; no class is claimed of it. "
     "docs/trace.md "
     "tells more."},
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
    {"guess", "a class said with less than 50 % confidence",
     "It hangs on what the source does not tell: which function a pointer leads to, how often a loop runs, "
     "how "
     "long a\n"
     "wait takes. No prediction claims it, and a run that says otherwise counts it as a wrong guess, not as "
     "a "
     "refuted\n"
     "claim. Do: trust the measured shares instead."},
    {"not_exercised", "verdict: the run never reached the code",
     "Run the program with input that reaches it."},
    {NULL, NULL, NULL},
};
