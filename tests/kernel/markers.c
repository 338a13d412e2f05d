/* SPDX-License-Identifier: Apache-2.0 */
/* Regions whose times are known: `markers CASE FILE LIBRARY`; writes `name value` lines to FILE. */
#include "runtime/corewise_markers.h"

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>

#include "tests/kernel/truth.h"

FILE *truth_file;
const char *truth_path;

#define COMPUTING 0.2
#define SLEEPING  0.1
#define PASSES    20000
#define EDGES     100

/* Sleeps, and adds to what is told of the region how long that took, the queue for a core after it included.
 */
enum sleeper { SLEPT_IN_THREADS, SLEPT_DESCEND, SLEPT_JUMP, SLEPT_OFTEN, SLEPT_NEVER_ENDED, SLEEPERS };
static double slept_in[SLEEPERS];
static pthread_mutex_t slept_lock = PTHREAD_MUTEX_INITIALIZER;

static void sleep_in(enum sleeper region, double seconds)
{
    double start = seconds_now(CLOCK_MONOTONIC);
    sleep_seconds(seconds);
    double slept = seconds_now(CLOCK_MONOTONIC) - start;
    pthread_mutex_lock(&slept_lock);
    slept_in[region] += slept;
    pthread_mutex_unlock(&slept_lock);
}

static void *two_parts(void *unused)
{
    (void)unused;
    COREWISE_REGION("outer");
    {
        COREWISE_REGION("compute");
        compute_seconds(COMPUTING);
    }
    COREWISE_REGION_BEGIN("sleep");
    sleep_in(SLEPT_IN_THREADS, SLEEPING);
    COREWISE_REGION_END("sleep");
    return NULL;
}

static void two_threads(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, two_parts, NULL);
    two_parts(NULL);
    pthread_join(thread, NULL);
    tell("sleep", slept_in[SLEPT_IN_THREADS]);
}

/* Every call counts, the time once. */
static void descend(int depth) // NOLINT(misc-no-recursion)
{
    COREWISE_REGION("descend");
    sleep_in(SLEPT_DESCEND, SLEEPING / 10);
    if (depth > 1)
        descend(depth - 1);
}

static jmp_buf outside;

/* Within one frame nothing tells that a block is gone. */
static void __attribute__((noinline)) leave_by_jump(void)
{
    COREWISE_REGION("jump");
    longjmp(outside, 1);
}

static void odd_ways(void)
{
    descend(5);
    for (volatile int i = 0; i < 100; i++) {
        if (!setjmp(outside))
            leave_by_jump();
    }
    {
        COREWISE_REGION("jump");
        sleep_in(SLEPT_JUMP, SLEEPING);
    }
    for (int i = 0; i < 10; i++) {
        COREWISE_REGION("often");
        if (i % 2)
            continue;
        sleep_in(SLEPT_OFTEN, SLEEPING / 10);
    }
    COREWISE_REGION_BEGIN("never ended");
    sleep_in(SLEPT_NEVER_ENDED, SLEEPING);
    tell("descend", slept_in[SLEPT_DESCEND]);
    tell("jump", slept_in[SLEPT_JUMP]);
    tell("often", slept_in[SLEPT_OFTEN]);
    tell("never_ended", slept_in[SLEPT_NEVER_ENDED]);
}

/* Later than the start: nobody knows of the library until then. */
static void in_library(const char *path)
{
    sleep_seconds(SLEEPING);
    void *library = dlopen(path, RTLD_NOW);
    void (*region)(void) = NULL;
    if (library)
        *(void **)&region = dlsym(library, "library_region");
    if (!region)
        exit(1);
    sleep_seconds(SLEEPING); /* until it was looked at */
    region();
}

static void __attribute__((noinline)) empty(void)
{
    COREWISE_REGION("empty");
}

/* Computes for so long by a clock that the kernel does not hear of, so that the scheduler counts nothing. */
static double __attribute__((noinline)) compute_in_region(double seconds)
{
    double executed = seconds_now(CLOCK_THREAD_CPUTIME_ID);
    COREWISE_REGION_BEGIN("edges");
    double end = seconds_now(CLOCK_MONOTONIC) + seconds;
    while (seconds_now(CLOCK_MONOTONIC) < end)
        ;
    COREWISE_REGION_END("edges");
    return seconds_now(CLOCK_THREAD_CPUTIME_ID) - executed;
}

/* Many regions as short as what the scheduler has not counted yet at their ends. */
static void many_edges(void)
{
    double executed = 0;
    for (int i = 0; i < EDGES; i++)
        executed += compute_in_region(COMPUTING / EDGES);
    tell("edges", executed);
}

static void many_calls(void)
{
    double began = seconds_now(CLOCK_MONOTONIC);
    for (int i = 0; i < PASSES; i++)
        empty();
    tell("call", (seconds_now(CLOCK_MONOTONIC) - began) / PASSES);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    truth_file = fopen(argv[2], "w");
    if (!truth_file)
        return 2;
    if (strcmp(argv[1], "two_threads") == 0)
        two_threads();
    else if (strcmp(argv[1], "odd_ways") == 0)
        odd_ways();
    else if (strcmp(argv[1], "in_library") == 0)
        in_library(argv[3]);
    else if (strcmp(argv[1], "edges") == 0)
        many_edges();
    else
        many_calls();
    return fclose(truth_file) == 0 ? 0 : 1;
}
