/* SPDX-License-Identifier: Apache-2.0 */
/* Waits for something outside of the program: time, descriptors, children, the disk. */
#include "tests/kernel/truth.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define ROUNDS     8
#define ROUND_TIME 0.05

void truth_sleep(void)
{
    double start = seconds_now(CLOCK_MONOTONIC);
    for (int i = 0; i < ROUNDS; i++)
        sleep_seconds(ROUND_TIME);
    tell("timer", seconds_now(CLOCK_MONOTONIC) - start);
}

/* A child that writes a byte to `descriptor` now and then. */
static void write_slowly(int descriptor)
{
    if (fork() == 0) {
        for (int i = 0; i < ROUNDS; i++) {
            sleep_seconds(ROUND_TIME);
            if (write(descriptor, "", 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
}

static double read_slowly(int descriptor)
{
    double start = seconds_now(CLOCK_MONOTONIC);
    char byte;
    for (int i = 0; i < ROUNDS; i++) {
        if (read(descriptor, &byte, 1) != 1)
            exit(1);
    }
    return seconds_now(CLOCK_MONOTONIC) - start;
}

void truth_pipe(void)
{
    int ends[2];
    if (pipe(ends))
        exit(1);
    write_slowly(ends[1]);
    tell("pipe", read_slowly(ends[0]));
}

void truth_socket(void)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        exit(1);
    write_slowly(ends[1]);
    tell("socket", read_slowly(ends[0]));
}

void truth_poll(void)
{
    int ends[2];
    if (pipe(ends))
        exit(1);
    write_slowly(ends[1]);
    double start = seconds_now(CLOCK_MONOTONIC);
    for (int i = 0; i < ROUNDS; i++) {
        struct pollfd wanted = {ends[0], POLLIN, 0};
        char byte;
        if (poll(&wanted, 1, 5000) != 1 || read(ends[0], &byte, 1) != 1)
            exit(1);
    }
    tell("poll", seconds_now(CLOCK_MONOTONIC) - start);
}

void truth_child(void)
{
    double waited = 0;
    for (int i = 0; i < ROUNDS; i++) {
        pid_t child = fork();
        if (child == 0) {
            sleep_seconds(ROUND_TIME);
            _exit(0);
        }
        double start = seconds_now(CLOCK_MONOTONIC);
        waitpid(child, NULL, 0);
        waited += seconds_now(CLOCK_MONOTONIC) - start;
    }
    tell("child", waited);
}

/* Time inside fsync that was not spent on the core. */
void truth_disk(void)
{
    static char block[1 << 16];
    char name[] = "truth-disk-XXXXXX";
    int file = mkstemp(name);
    if (file < 0)
        exit(1);
    unlink(name);
    double waited = 0;
    for (int i = 0; i < 200; i++) {
        if (write(file, block, sizeof(block)) != (ssize_t)sizeof(block))
            exit(1);
        double start = seconds_now(CLOCK_MONOTONIC), computed = seconds_now(CLOCK_THREAD_CPUTIME_ID);
        if (fsync(file))
            exit(1);
        waited += seconds_now(CLOCK_MONOTONIC) - start;
        waited -= seconds_now(CLOCK_THREAD_CPUTIME_ID) - computed;
    }
    tell("disk", waited);
}

static void *sleep_long(void *seconds)
{
    sleep_seconds(*(const double *)seconds);
    return NULL;
}

/* Attached to while both threads wait, one in a join, one asleep, and ended by the test: attaching takes
 * seconds on a busy host. */
void truth_wait(void)
{
    double seconds = 60;
    pthread_t thread;
    pthread_create(&thread, NULL, sleep_long, &seconds);
    pthread_join(thread, NULL);
}
