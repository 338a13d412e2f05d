/* SPDX-License-Identifier: Apache-2.0 */
#include "model/metric.h"

#include <string.h>

const struct metric metrics[] = {
    {"cpu_share", "1", TRUE, "on the core outside I/O system calls, or runnable, of active time"},
    {"io_share", "1", TRUE, "I/O of active time: io_wait_share + io_work_share"},
    {"io_wait_share", "1", TRUE, "blocked on something outside the program, of active time"},
    {"io_work_share", "1", TRUE, "on the core inside I/O system calls, of active time"},
    {"lock_share", "1", TRUE, "blocked on other threads of the same program, of active time"},
    {"runqueue_share", "1", TRUE, "runnable and waiting for a core, of active time; part of cpu_share"},
    {"idle_share", "1", TRUE, "waiting for the next task, of all time"},
    {"active_share", "1", TRUE, "active time of the region, of the program's active time"},
    {"wall_seconds", "s", FALSE, "time in all states, added up over threads; for the program its duration"},
    {"active_seconds", "s", FALSE, "all time minus idle, added up over threads"},
    {"cpu_seconds", "s", FALSE, "on the core, user and kernel"},
    {"self_cpu_seconds", "s", FALSE,
     "on the core with the region's function innermost among the program's own"},
    {"self_blocked_seconds", "s", FALSE,
     "blocked, idle waits left out, with the region's function innermost among the program's own"},
    {"self_blocked_seconds.<name>", "s", FALSE, "the same, of one cause"},
    {"self_io_work_seconds", "s", FALSE, "on the core inside I/O system calls, by the region's own calls"},
    {"self_runnable_seconds", "s", FALSE, "waiting for a core, with the region's function innermost"},
    {"self_idle_seconds", "s", FALSE, "waiting for the next task, with the region's function innermost"},
    {"io_work_seconds", "s", FALSE, "on the core inside I/O system calls; part of cpu_seconds"},
    {"runnable_seconds", "s", FALSE, "waiting for a core"},
    {"idle_seconds", "s", FALSE, "waiting for the next task"},
    {"blocked_seconds", "s", FALSE, "blocked, whatever the cause; of markers, idle waits included"},
    {"blocked_seconds.disk", "s", FALSE, "blocked on a file or block device"},
    {"blocked_seconds.socket", "s", FALSE, "blocked on a socket"},
    {"blocked_seconds.pipe", "s", FALSE, "blocked on a pipe or FIFO"},
    {"blocked_seconds.terminal", "s", FALSE, "blocked on a terminal"},
    {"blocked_seconds.mutex", "s", FALSE, "blocked on a mutex"},
    {"blocked_seconds.condition", "s", FALSE, "blocked on a condition variable, idle waits included"},
    {"blocked_seconds.rwlock", "s", FALSE, "blocked on a read-write lock"},
    {"blocked_seconds.semaphore", "s", FALSE, "blocked on a semaphore, idle waits included"},
    {"blocked_seconds.barrier", "s", FALSE, "blocked on a barrier"},
    {"blocked_seconds.join", "s", FALSE, "blocked in pthread_join; idle"},
    {"blocked_seconds.futex", "s", FALSE, "blocked on a futex that no known primitive explains"},
    {"blocked_seconds.timer", "s", FALSE, "asleep until a time"},
    {"blocked_seconds.poll", "s", FALSE, "blocked in poll, select or epoll_wait, idle waits included"},
    {"blocked_seconds.accept", "s", FALSE, "blocked in accept; idle"},
    {"blocked_seconds.child", "s", FALSE, "blocked in wait for a child process"},
    {"blocked_seconds.page_fault", "s", FALSE, "blocked in a page fault"},
    {"blocked_seconds.io_uring", "s", FALSE, "blocked in io_uring_enter"},
    {"blocked_seconds.kernel_lock", "s", FALSE, "blocked on a lock of the kernel, mmap_lock among them"},
    {"blocked_seconds.stopped", "s", FALSE, "stopped by a signal or a debugger"},
    {"blocked_seconds.other", "s", FALSE, "blocked in a system call of no other cause"},
    {"cold_cache_seconds", "s", FALSE,
     "blocked until something was read into the page cache: a warm cache would not wait"},
    {"holder_queue_seconds", "s", FALSE,
     "of lock waits: time in which the thread that ended them waited for a core itself"},
    {"longest_block_seconds", "s", FALSE, "the longest single wait that was not idle"},
    {"parallelism", "1", FALSE,
     "average threads on a core or runnable while at least one is; of a region: while one runs it"},
    {"crowded_seconds", "s", FALSE, "time with more threads on a core or runnable than there are cores"},
    {"calls", "count", FALSE, "times that a marker was passed from its begin to its end"},
    {"call_seconds_p50", "s", FALSE, "median time from a marker's begin to its end"},
    {"call_seconds_p99", "s", FALSE, "the same, not exceeded by 99 % of the calls"},
    {"threads", "count", FALSE, "threads that ran this body"},
    {"running_threads", "1", FALSE, "threads of this body on a core or runnable, on average while one lives"},
    {"life_seconds_p50", "s", FALSE, "median life of the threads of this body"},
    {"life_seconds_p99", "s", FALSE, "life that 99 % of the threads of this body do not exceed"},
    {"task_seconds_p50", "s", FALSE, "median time between two waits for the next task (with --timeline)"},
    {"task_seconds_p99", "s", FALSE,
     "time between two waits for the next task that 99 % do not exceed (with --timeline)"},
    {"callback_seconds_p50", "s", FALSE,
     "median time between two waits of an event loop: of a round of its callbacks"},
    {"callback_seconds_p99", "s", FALSE, "the same, not exceeded by 99 % of the rounds"},
    {"longest_callback_seconds", "s", FALSE, "the longest such round"},
    {"threads_created", "count", FALSE, "threads started during the run, the first of each process excluded"},
    {"processes_created", "count", FALSE, "processes started during the run, the first excluded"},
    {"threads_peak", "count", FALSE, "most threads alive at once"},
    {"switches.voluntary", "count", FALSE, "context switches because the thread blocked"},
    {"switches.involuntary", "count", FALSE, "context switches because another thread was preferred"},
    {"migrations", "count", FALSE, "times the thread came back on another core"},
    {"wakeup_latency_seconds", "s", FALSE, "mean time from being woken to running"},
    {"lock_wait_seconds", "s", FALSE, "time that threads were blocked on the lock; samples are the waits"},
    {"lock_longest_wait_seconds", "s", FALSE, "the longest of these waits"},
    {"lock_wakeup_seconds", "s", FALSE, "mean time from the end of such a wait to running"},
    {"lock_handoffs", "count", FALSE, "such waits that another thread ended, not a timeout or a signal"},
    {"lock_acquisitions", "count", FALSE, "times the lock was taken and released (with --locks=all)"},
    {"lock_hold_seconds", "s", FALSE,
     "time from taking to releasing it, over all threads (with --locks=all)"},
    {"lock_longest_hold_seconds", "s", FALSE, "the longest of these times (with --locks=all)"},
    {"lock_hold_seconds_p50", "s", FALSE, "median of the times that a critical section held its lock"},
    {"lock_hold_seconds_p99", "s", FALSE, "the same, not exceeded by 99 % of them (with --locks=all)"},
    {"syscalls.<name>", "count", FALSE, "system calls of this name (with --syscalls)"},
    {"syscall_seconds.<name>", "s", FALSE,
     "time inside these calls, waits included (with --syscalls=latency)"},
    {"syscall_longest_seconds.<name>", "s", FALSE, "the longest of these calls (with --syscalls=latency)"},
    {"lost_events.waits", "count", FALSE, "waits whose cause and place were lost; samples: of how many"},
    {"lost_events.samples", "count", FALSE, "on-CPU samples that were lost; samples: of how many"},
    {"lost_events.stacks", "count", FALSE, "waits and samples without a stack; samples: of how many"},
    {"lost_events.threads", "count", FALSE,
     "starts and ends of threads that were lost; samples: of how many"},
    {"lost_events.calls", "count", FALSE, "system calls that were not counted; samples: of how many"},
    {"lost_events.lock_uses", "count", FALSE, "uses of locks that were not counted; samples: of how many"},
    {"lost_events.callbacks", "count", FALSE,
     "rounds of callbacks that were not timed; samples: of how many"},
    {"lost_events.markers", "count", FALSE, "calls of markers that were not counted; samples: of how many"},
    {"threads_found", "count", FALSE,
     "threads that had begun before the watch: what they did until then is not seen"},
    {"timeline_left_out", "count", FALSE,
     "intervals left out of the timeline: beyond its limit, or the buffer was full"},
    {"stacks.<name>", "count", FALSE,
     "waits and samples whose stack was followed to its end (complete), or why not; samples: of how many"},
    {"stack_seconds", "s", FALSE, "time to follow and name all distinct stacks; samples: how many"},
    {"unattributed_seconds", "s", FALSE,
     "active time under stacks on which no function of the program was found"},
    {"tracer_cpu_seconds", "s", FALSE, "CPU time of corewise itself while it watched"},
    {"tracer_program_seconds.<name>", "s", FALSE,
     "time in this kernel-side program of corewise, estimated; part of the watched threads' time"},
    {"throughput", "1/s", FALSE, "tasks done per second, as the job or its load reports (compare)"},
    {"tasks", "count", FALSE, "tasks done (compare)"},
    {"tasks_failed", "count", FALSE, "tasks that failed (compare)"},
    {"task_latency_seconds_p50", "s", FALSE, "median time from a task's start to its end (compare)"},
    {"task_latency_seconds_p90", "s", FALSE, "the same, not exceeded by 90 % (compare)"},
    {"task_latency_seconds_p99", "s", FALSE, "the same, not exceeded by 99 % (compare)"},
    {"task_latency_seconds_max", "s", FALSE, "the longest of these times (compare)"},
    {"memory_peak_bytes", "B", FALSE,
     "most memory of all processes together, shared pages counted once (compare); sampled"},
    {NULL, NULL, FALSE, NULL},
};

/* `syscalls.<name>` stands for a metric of each name. */
static gboolean is_of_family(const char *name, const char *family)
{
    const char *variable = strchr(family, '<');
    gsize length = variable ? (gsize)(variable - family) : 0;
    return length && strncmp(name, family, length) == 0 && name[length];
}

const struct metric *metric_find(const char *name)
{
    for (const struct metric *metric = metrics; metric->name; metric++) {
        if (g_strcmp0(metric->name, name) == 0 || (name && is_of_family(name, metric->name)))
            return metric;
    }
    return NULL;
}

const char *metric_blocked_seconds(enum wait_cause cause)
{
    static const char prefix[] = "blocked_seconds.";
    for (const struct metric *metric = metrics; metric->name; metric++) {
        if (g_str_has_prefix(metric->name, prefix) &&
            strcmp(metric->name + strlen(prefix), wait_cause_name(cause)) == 0)
            return metric->name;
    }
    g_assert_not_reached();
}
