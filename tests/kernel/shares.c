/* SPDX-License-Identifier: Apache-2.0 */
/* `shares quiet|busy SECONDS FILE`: one function per row of the truth table, each busy for SECONDS. What was
 * set comes true only where nobody else wants the cores: FILE tells what did. */
#include "tests/kernel/shares.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/kernel/truth.h"

#define CYCLE_SECONDS 0.01
#define LIGHT_SECONDS 0.008
#define MOST_CYCLES   10000

FILE *truth_file;
const char *truth_path;

static double region_seconds;
static int pipe_ends[2], sockets[2];
/* Open all the time: finding them anew would be I/O enough to be seen. */
static int own_schedstat, helper_schedstat;
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t wanted, taken;
static double wait_seconds; /* of the helper, set before it is asked */

enum helper_task { TASK_HOLD, TASK_PIPE, TASK_SOCKET };
static enum helper_task helper_task;

/* The other side of a lock, a pipe or a socket: keeps whoever asks waiting for wait_seconds. */
static void *help(void *unused)
{
    helper_schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    sem_post(&taken);
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

struct spent {
    double wall, cpu, queue; /* seconds; the last is the time that the thread wanted a core and had none */
};

static struct spent spent_by(int schedstat, clockid_t clock)
{
    char text[64] = "";
    uint64_t on_core, queue;
    if (pread(schedstat, text, sizeof text - 1, 0) <= 0 ||
        sscanf(text, "%" SCNu64 " %" SCNu64, &on_core, &queue) != 2)
        exit(3);
    return (struct spent){seconds_now(CLOCK_MONOTONIC), seconds_now(clock), (double)queue / 1e9};
}

static struct spent spent_now(void)
{
    return spent_by(own_schedstat, CLOCK_THREAD_CPUTIME_ID);
}

static int compare_seconds(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void tell_row(const char *row, const char *what, double value)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", row, what);
    tell(name, value);
}

/* Computing and waiting in turns. A task lasts from the end of one wait, and so from before the queue for a
 * core, to the begin of the next. */
static void spend(const char *row, void (*wait)(double seconds), int percent)
{
    static double tasks[MOST_CYCLES]; /* seconds */
    double wanted_share = percent / 100.0, queued = 0, waited = 0, calls = 0;
    int cycles = 0;
    struct spent begin = spent_now(), turn = begin;
    while (turn.wall < begin.wall + region_seconds && cycles < MOST_CYCLES) {
        compute_seconds(CYCLE_SECONDS * (1 - wanted_share));
        struct spent asked = spent_now();
        tasks[cycles++] = queued + asked.wall - turn.wall;
        wait(CYCLE_SECONDS * wanted_share);
        turn = spent_now();
        queued = turn.queue - asked.queue;
        calls += turn.cpu - asked.cpu;
        waited += turn.wall - asked.wall - (turn.cpu - asked.cpu) - queued;
    }
    double queue = turn.queue - begin.queue;
    tell_row(row, "waiting_share", waited / (waited + turn.cpu - begin.cpu));
    tell_row(row, "call_share", calls / (turn.cpu - begin.cpu));
    tell_row(row, "queue_share", queue / (turn.wall - begin.wall));
    qsort(tasks, (size_t)cycles, sizeof tasks[0], compare_seconds);
    tell_row(row, "task_seconds_p40", tasks[cycles * 2 / 5]);
    tell_row(row, "task_seconds_p60", tasks[cycles * 3 / 5]);
}

static void wait_in_light(double seconds)
{
    (void)seconds;
}

/* What the rows call: hardly any time at all for `light`. */
static void spend_row(const char *kind, const char *row, void (*wait)(double seconds), int percent)
{
    if (strcmp(kind, "light") == 0)
        compute_seconds(LIGHT_SECONDS);
    else
        spend(row, wait, percent);
}

/* Each a function of its own that no other is merged with, still on the stack while it spends. */
#define DEFINE(kind, percent)                                                                                \
    __attribute__((noinline, noclone, no_icf)) static void kind##_##percent(void)                            \
    {                                                                                                        \
        spend_row(#kind, #kind "_" #percent, wait_in_##kind, percent);                                       \
        __asm__ volatile("");                                                                                \
    }
SHARES_QUIET(DEFINE)
#define CALL(kind, percent) kind##_##percent();

int main(int argc, char **argv)
{
    if (argc != 4 || pipe(pipe_ends) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0)
        return 2;
    truth_file = fopen(argv[3], "w");
    if (!truth_file)
        return 2;
    region_seconds = atof(argv[2]);
    sem_init(&wanted, 0, 0);
    sem_init(&taken, 0, 0);
    own_schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    double begin = seconds_now(CLOCK_MONOTONIC);
    pthread_t helper;
    clockid_t helper_clock;
    if (pthread_create(&helper, NULL, help, NULL) != 0 || pthread_getcpuclockid(helper, &helper_clock) != 0)
        return 2;
    sem_wait(&taken);
    if (strcmp(argv[1], "busy") == 0) {
        SHARES_BUSY(CALL)
    } else {
        SHARES_QUIET(CALL)
    }
    struct spent helped = spent_by(helper_schedstat, helper_clock);
    tell("helper.life", helped.wall - begin);
    tell("helper.running", (helped.cpu + helped.queue) / (helped.wall - begin));
    return fclose(truth_file) == 0 ? 0 : 2;
}
