/* SPDX-License-Identifier: Apache-2.0 */
/* Very many threads and processes, and a process that becomes another program again and again. */
#include "tests/kernel/truth.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>

#define SHORT_THREADS 10000
#define AT_ONCE       64
#define LIVE_THREADS  2000
#define PROCESSES     1000
#define CHAIN_LINKS   20

static pthread_barrier_t everybody;

static void *live_shortly(void *unused)
{
    return unused;
}

static pthread_t start_small(void *(*body)(void *))
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 32768);
    if (pthread_create(&thread, &attributes, body, NULL))
        exit(1);
    return thread;
}

void truth_crowd(void)
{
    pthread_t threads[AT_ONCE];
    int started = 0;
    while (started < SHORT_THREADS) {
        int count = 0;
        for (; count < AT_ONCE && started < SHORT_THREADS; count++, started++)
            threads[count] = start_small(live_shortly);
        while (count)
            pthread_join(threads[--count], NULL);
    }
    tell("threads", SHORT_THREADS);
}

static void *meet_everybody(void *unused)
{
    pthread_barrier_wait(&everybody);
    return unused;
}

void truth_many(void)
{
    static pthread_t threads[LIVE_THREADS];
    pthread_barrier_init(&everybody, NULL, LIVE_THREADS + 1);
    for (int i = 0; i < LIVE_THREADS; i++)
        threads[i] = start_small(meet_everybody);
    pthread_barrier_wait(&everybody);
    for (int i = 0; i < LIVE_THREADS; i++)
        pthread_join(threads[i], NULL);
    tell("threads", LIVE_THREADS);
}

/* A chain of forks in each of several children: a process and its descendants at once. */
void truth_storm(void)
{
    for (int i = 0; i < PROCESSES / 4; i++) {
        pid_t child = fork();
        if (child < 0)
            exit(1);
        if (child)
            continue;
        for (int depth = 1; depth < 4 && fork() == 0; depth++)
            ;
        while (wait(NULL) > 0)
            ;
        _exit(0);
    }
    while (wait(NULL) > 0)
        ;
    tell("processes", PROCESSES);
}

static void become(const char *name, const char *links)
{
    fclose(truth_file);
    setenv("TRUTH_LINKS", links, 1);
    execl("/proc/self/exe", "truth", name, truth_path, (char *)NULL);
    exit(1);
}

/* What all links together have slept, the queue for a core after it included. */
static double sleep_in_chain(void)
{
    char text[32];
    const char *before = getenv("TRUTH_SLEPT");
    double start = seconds_now(CLOCK_MONOTONIC);
    sleep_seconds(0.01);
    double slept = (before ? atof(before) : 0) + seconds_now(CLOCK_MONOTONIC) - start;
    snprintf(text, sizeof(text), "%.9f", slept);
    setenv("TRUTH_SLEPT", text, 1);
    return slept;
}

void truth_chain(void)
{
    char links[16];
    const char *done = getenv("TRUTH_LINKS");
    int count = done ? atoi(done) + 1 : 1;
    snprintf(links, sizeof(links), "%d", count);
    sleep_in_chain();
    become(count < CHAIN_LINKS ? "chain" : "chain_end", links);
}

void truth_chain_end(void)
{
    tell("timer", sleep_in_chain());
    tell("links", atoi(getenv("TRUTH_LINKS")));
}

#define TURNS 12 /* 2^12 ways to the end */

static void turn_left(int way, int left);
static void turn_right(int way, int left);

static __attribute__((noinline)) void turn(int way, int left)
{
    if (!left)
        sleep_seconds(0.0001);
    else if (way & 1)
        turn_left(way >> 1, left - 1);
    else
        turn_right(way >> 1, left - 1);
    __asm__ volatile("" ::: "memory"); /* so that no call is the last: each stays on the stack */
}

static __attribute__((noinline)) void turn_left(int way, int left)
{
    turn(way, left);
    __asm__ volatile("" ::: "memory");
}

static __attribute__((noinline)) void turn_right(int way, int left)
{
    turn(way, left);
    __asm__ volatile("" ::: "memory");
}

void truth_ways(void)
{
    for (int way = 0; way < 1 << TURNS; way++)
        turn(way, TURNS);
    tell("ways", 1 << TURNS);
}
