/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs that know their own truth share: a file of `name value` lines that the test compares with
 * what the tracer saw. */
#ifndef TESTS_KERNEL_TRUTH_H
#define TESTS_KERNEL_TRUTH_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern FILE *truth_file;
extern const char *truth_path;

static inline double seconds_now(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void sleep_seconds(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

static inline void compute_seconds(double seconds)
{
    double end = seconds_now(CLOCK_THREAD_CPUTIME_ID) + seconds;
    volatile unsigned long sink = 0;
    while (seconds_now(CLOCK_THREAD_CPUTIME_ID) < end) {
        for (int i = 0; i < 20000; i++)
            sink += (unsigned long)i;
    }
}

static inline void tell(const char *name, double value)
{
    fprintf(truth_file, "%s %.9f\n", name, value);
}

static inline int own_tid(void)
{
    return (int)syscall(SYS_gettid);
}

/* One case each; all of them run without arguments and exit normally. */
void truth_sleep(void);
void truth_pipe(void);
void truth_socket(void);
void truth_poll(void);
void truth_child(void);
void truth_disk(void);
void truth_mutex(void);
void truth_condition(void);
void truth_semaphore(void);
void truth_turns(void);
void truth_rwlock(void);
void truth_barrier(void);
void truth_join(void);
void truth_cpu(void);
void truth_switches(void);
void truth_threads(void);
void truth_forks(void);
void truth_names(void);
void truth_wait(void);
void truth_crowd(void);
void truth_many(void);
void truth_storm(void);
void truth_chain(void);
void truth_chain_end(void);
void truth_ways(void);
void truth_calls(void);
void truth_steady(void);
void truth_plain(void);
void truth_uses(void);
void truth_steady_locks(void);
void truth_queued_holder(void);
void truth_together(void);

#endif
