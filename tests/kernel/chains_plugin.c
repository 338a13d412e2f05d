/* SPDX-License-Identifier: Apache-2.0 */
/* The library that `chains` opens: both functions are called from one place and work in one place, so that
 * only a return address inside this library tells which it was. */
#include <time.h>

#include "tests/kernel/chains_library.h"

#define NOT_INLINED __attribute__((noinline, noclone))

static volatile int plugin_sink;

struct spent {
    double waited, computed;
};

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

NOT_INLINED void plugin_work(long wait_ns, double compute_seconds, struct spent *spent)
{
    struct timespec time = {0, wait_ns};
    double start = now(CLOCK_MONOTONIC);
    nanosleep(&time, NULL);
    spent->waited = now(CLOCK_MONOTONIC) - start;
    start = now(CLOCK_THREAD_CPUTIME_ID);
    while (now(CLOCK_THREAD_CPUTIME_ID) < start + compute_seconds) {
        for (int i = 0; i < 20000; i++)
            plugin_sink += i;
    }
    spent->computed = now(CLOCK_THREAD_CPUTIME_ID) - start;
}

NOT_INLINED void plugin_left(void (*note)(int, double, double), long wait_ns, double compute_seconds)
{
    struct spent spent;
    plugin_work(wait_ns, compute_seconds, &spent);
    note(0, spent.waited, spent.computed);
    plugin_sink++;
}

NOT_INLINED void plugin_right(void (*note)(int, double, double), long wait_ns, double compute_seconds)
{
    struct spent spent;
    plugin_work(wait_ns, compute_seconds, &spent);
    note(1, spent.waited, spent.computed);
    plugin_sink++;
}
