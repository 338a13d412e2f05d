/* SPDX-License-Identifier: Apache-2.0 */
/* System calls by the number: in threads, children, and with restarts. */
#include "tests/kernel/truth.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define CALLS 1000

static void call(int times)
{
    for (int i = 0; i < times; i++)
        syscall(SYS_getppid);
}

static void *call_in_thread(void *unused)
{
    call(CALLS * 2);
    return unused;
}

static void on_alarm(int number)
{
    (void)number;
}

void truth_calls(void)
{
    pthread_t thread;
    signal(SIGUSR1, on_alarm);
    if (pthread_create(&thread, NULL, call_in_thread, NULL))
        exit(1);
    call(CALLS);
    pthread_join(thread, NULL);
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            call(CALLS);
            _exit(0);
        }
        wait(NULL);
        raise(SIGUSR1);
    }
    double slept = 0;
    for (int i = 0; i < 5; i++) {
        double before = seconds_now(CLOCK_MONOTONIC);
        sleep_seconds(0.05);
        slept += seconds_now(CLOCK_MONOTONIC) - before;
    }
    tell("getppid", 6 * CALLS);
    tell("rt_sigreturn", 3);
    tell("clone", 3);
    tell("clone3", 1);
    tell("clock_nanosleep", 5);
    tell("slept", slept);
}

/* Calls at an even pace. */
void truth_steady(void)
{
    double end = seconds_now(CLOCK_MONOTONIC) + 2.4;
    int count = 0;
    for (; seconds_now(CLOCK_MONOTONIC) < end; count++)
        sleep_seconds(0.001);
    tell("clock_nanosleep", count);
}

/* The same calls in every run: nothing depends on time. */
void truth_plain(void)
{
    call(CALLS);
    for (int i = 0; i < 10; i++) {
        int ends[2];
        char byte = 0;
        if (pipe(ends) || write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1)
            exit(1);
        close(ends[0]);
        close(ends[1]);
    }
    tell("getppid", CALLS);
}
