/* SPDX-License-Identifier: Apache-2.0 */
/* `shares quiet|busy SECONDS`: one function per row of the truth table, each busy for SECONDS. */
#include "tests/kernel/shares.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/kernel/truth.h"

#define CYCLE_SECONDS 0.01
#define LIGHT_SECONDS 0.008

FILE *truth_file;
const char *truth_path;

static double region_seconds;
static int pipe_ends[2], sockets[2];
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t wanted, taken;
static double wait_seconds; /* of the helper, set before it is asked */

enum helper_task { TASK_HOLD, TASK_PIPE, TASK_SOCKET };
static enum helper_task helper_task;

/* The other side of a lock, a pipe or a socket: keeps whoever asks waiting for wait_seconds. */
static void *help(void *unused)
{
    for (;;) {
        sem_wait(&wanted);
        if (helper_task == TASK_HOLD) {
            pthread_mutex_lock(&shared_lock);
            sem_post(&taken);
            sleep_seconds(wait_seconds);
            pthread_mutex_unlock(&shared_lock);
            continue;
        }
        sleep_seconds(wait_seconds);
        if (write(helper_task == TASK_PIPE ? pipe_ends[1] : sockets[1], "x", 1) != 1)
            return unused;
    }
}

static void wait_in_sleep(double seconds)
{
    sleep_seconds(seconds);
}

static void ask(enum helper_task task, double seconds)
{
    helper_task = task;
    wait_seconds = seconds;
    sem_post(&wanted);
}

static void read_one(int descriptor)
{
    char byte;
    if (read(descriptor, &byte, 1) != 1)
        exit(1);
}

static void wait_in_pipe(double seconds)
{
    ask(TASK_PIPE, seconds);
    read_one(pipe_ends[0]);
}

static void wait_in_socket(double seconds)
{
    ask(TASK_SOCKET, seconds);
    read_one(sockets[0]);
}

static void wait_in_lock(double seconds)
{
    ask(TASK_HOLD, seconds);
    sem_wait(&taken);
    pthread_mutex_lock(&shared_lock);
    pthread_mutex_unlock(&shared_lock);
}

static void wait_in_idle(double seconds)
{
    poll(NULL, 0, (int)(seconds * 1000 + 0.5)); /* the idle site */
    __asm__ volatile("");                       /* no jump into poll: this frame must stay */
}

/* Computing and waiting in turns. */
static void spend(void (*wait)(double seconds), int percent)
{
    double wanted_share = percent / 100.0, end = seconds_now(CLOCK_MONOTONIC) + region_seconds;
    while (seconds_now(CLOCK_MONOTONIC) < end) {
        compute_seconds(CYCLE_SECONDS * (1 - wanted_share));
        wait(CYCLE_SECONDS * wanted_share);
    }
}

static void wait_in_light(double seconds)
{
    (void)seconds;
}

/* What the rows call: hardly any time at all for `light`. */
static void spend_row(const char *kind, void (*wait)(double seconds), int percent)
{
    if (strcmp(kind, "light") == 0)
        compute_seconds(LIGHT_SECONDS);
    else
        spend(wait, percent);
}

/* Each a function of its own that no other is merged with, still on the stack while it spends. */
#define DEFINE(kind, percent)                                                                                \
    __attribute__((noinline, noclone, no_icf)) static void kind##_##percent(void)                            \
    {                                                                                                        \
        spend_row(#kind, wait_in_##kind, percent);                                                           \
        __asm__ volatile("");                                                                                \
    }
#define QUIET_ROW(kind, percent) DEFINE(kind, percent)
SHARES_QUIET(QUIET_ROW)
#define CALL(kind, percent) kind##_##percent();

/* Rows that only the busy table has. */
#define BUSY_NAME(kind, percent)                                                                             \
    __attribute__((noinline, noclone, no_icf)) static void busy_##kind##_##percent(void)                     \
    {                                                                                                        \
        spend_row(#kind, wait_in_##kind, percent);                                                           \
        __asm__ volatile("");                                                                                \
    }
SHARES_BUSY(BUSY_NAME)
#define CALL_BUSY(kind, percent) busy_##kind##_##percent();

int main(int argc, char **argv)
{
    if (argc != 3 || pipe(pipe_ends) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0)
        return 2;
    region_seconds = atof(argv[2]);
    sem_init(&wanted, 0, 0);
    sem_init(&taken, 0, 0);
    if (strcmp(argv[1], "busy") == 0) {
        SHARES_BUSY(CALL_BUSY)
        return 0;
    }
    /* What is set must come true: no other program of this host may keep either thread from a core. */
    struct sched_param first = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_FIFO, &first);
    pthread_t helper;
    if (pthread_create(&helper, NULL, help, NULL) != 0)
        return 2;
    SHARES_QUIET(CALL)
    return 0;
}
