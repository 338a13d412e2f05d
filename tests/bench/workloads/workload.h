/* SPDX-License-Identifier: Apache-2.0 */
/* What every benchmark workload shares: it does a fixed number of operations and prints their cost, so that
 * the script can set a traced run beside an untraced one. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static inline double workload_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* User and system seconds of the process and its waited-for children; `switches` receives how often they left
 * the core. */
static inline double workload_cpu(long *switches)
{
    double total = 0;
    *switches = 0;
    const int who[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
    for (int i = 0; i < 2; i++) {
        struct rusage usage;
        getrusage(who[i], &usage);
        total += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
        *switches += usage.ru_nvcsw + usage.ru_nivcsw;
    }
    return total;
}

/* How many rounds to do: all, or the part that the program's argument names, for observers that make them
 * dear. */
static inline long workload_rounds(long all, int argc, char **argv)
{
    long part = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    return part > 0 ? all / part : all;
}

/* Prints `cpu_ns wall_ns` per operation and the context switches per second. */
static inline void workload_report(long operations, double wall_start)
{
    long switches;
    double seconds = workload_now() - wall_start;
    double cpu = workload_cpu(&switches);
    printf("%.1f %.1f %.0f\n", cpu * 1e9 / (double)operations, seconds * 1e9 / (double)operations,
           (double)switches / seconds);
}

#endif
