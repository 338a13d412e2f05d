/* SPDX-License-Identifier: Apache-2.0 */
/* Ping-pong on one core: what it costs to put one flow to sleep and to wake another. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/calibration/cost_groups.h"

#define HALF 0.5 /* of a round trip, which is two switches */

/* --- threads: a semaphore of the C library is a futex ------------------------------------------------- */

struct ping_pong {
    sem_t there, back;
    gboolean stop; /* written before the last post */
};

static void *answer_posts(void *data)
{
    struct ping_pong *game = data;
    for (;;) {
        while (sem_wait(&game->there) != 0)
            ;
        if (game->stop)
            return NULL;
        sem_post(&game->back);
    }
}

static guint64 post_and_wait(guint64 count, gpointer data)
{
    struct ping_pong *game = data;
    for (guint64 i = 0; i < count; i++) {
        sem_post(&game->there);
        while (sem_wait(&game->back) != 0)
            ;
    }
    return count;
}

static void measure_thread_switch(struct calibration *calibration)
{
    struct ping_pong game = {.stop = FALSE};
    pthread_t thread;
    sem_init(&game.there, 0, 0);
    sem_init(&game.back, 0, 0);
    int failed = pthread_create(&thread, NULL, answer_posts, &game);
    if (failed) {
        calibration_fail(calibration, HOST_SWITCH, "no thread", failed);
        return;
    }
    calibration_time(calibration, HOST_SWITCH, post_and_wait, &game, HALF);
    game.stop = TRUE;
    sem_post(&game.there);
    pthread_join(thread, NULL);
}

/* --- a job to a pool thread, and its result ----------------------------------------------------------- */

struct pool {
    pthread_mutex_t mutex;
    pthread_cond_t submitted, finished;
    guint64 jobs, results;
    gboolean stop;
};

static void *work_in_pool(void *data)
{
    struct pool *pool = data;
    pthread_mutex_lock(&pool->mutex);
    while (!pool->stop) {
        if (pool->results == pool->jobs) {
            pthread_cond_wait(&pool->submitted, &pool->mutex);
            continue;
        }
        pool->results++;
        pthread_cond_signal(&pool->finished);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static guint64 hand_over(guint64 count, gpointer data)
{
    struct pool *pool = data;
    for (guint64 i = 0; i < count; i++) {
        pthread_mutex_lock(&pool->mutex);
        pool->jobs++;
        pthread_cond_signal(&pool->submitted);
        while (pool->results < pool->jobs)
            pthread_cond_wait(&pool->finished, &pool->mutex);
        pthread_mutex_unlock(&pool->mutex);
    }
    return count;
}

static void measure_hand_over(struct calibration *calibration)
{
    struct pool pool = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                        .submitted = PTHREAD_COND_INITIALIZER,
                        .finished = PTHREAD_COND_INITIALIZER};
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, work_in_pool, &pool);
    if (failed) {
        calibration_fail(calibration, HOST_HAND_OVER, "no thread", failed);
        return;
    }
    calibration_time(calibration, HOST_HAND_OVER, hand_over, &pool, 1);
    pthread_mutex_lock(&pool.mutex);
    pool.stop = TRUE;
    pthread_cond_signal(&pool.submitted);
    pthread_mutex_unlock(&pool.mutex);
    pthread_join(thread, NULL);
}

/* --- processes through a pipe ------------------------------------------------------------------------- */

static void answer_bytes(int in, int out)
{
    char byte;
    while (read(in, &byte, 1) == 1 && write(out, &byte, 1) == 1)
        ;
    _exit(0);
}

static guint64 write_and_read(guint64 count, gpointer data)
{
    const int *ends = data;
    char byte = 0;
    for (guint64 i = 0; i < count; i++) {
        if (write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1)
            return 0;
    }
    return count;
}

static void measure_process_switch(struct calibration *calibration)
{
    int there[2], back[2];
    if (pipe(there) != 0 || pipe(back) != 0) {
        calibration_fail(calibration, HOST_PROCESS_SWITCH, "no pipe", errno);
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(there[1]);
        close(back[0]);
        answer_bytes(there[0], back[1]);
    }
    close(there[0]);
    close(back[1]);
    int ends[2] = {back[0], there[1]};
    if (child > 0)
        calibration_time(calibration, HOST_PROCESS_SWITCH, write_and_read, ends, HALF);
    else
        calibration_fail(calibration, HOST_PROCESS_SWITCH, "no process", errno);
    close(there[1]);
    close(back[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
}

/* --- two event loops that wake each other ------------------------------------------------------------- */

struct event_loop_pair {
    int own, other; /* eventfd */
    int epoll;
    gboolean *stop;
};

/* One turn of a loop: sleep until something is ready, read it, call back. */
static gboolean turn(const struct event_loop_pair *loop)
{
    struct epoll_event event;
    guint64 value;
    return epoll_wait(loop->epoll, &event, 1, -1) == 1 &&
           read(event.data.fd, &value, sizeof(value)) == sizeof(value);
}

static gboolean wake(int descriptor)
{
    const guint64 one = 1;
    return write(descriptor, &one, sizeof(one)) == sizeof(one);
}

static void *run_loop(void *data)
{
    const struct event_loop_pair *loop = data;
    while (turn(loop) && !*loop->stop && wake(loop->other))
        ;
    return NULL;
}

static guint64 wake_loop(guint64 count, gpointer data)
{
    const struct event_loop_pair *loop = data;
    for (guint64 i = 0; i < count; i++) {
        if (!wake(loop->other) || !turn(loop))
            return 0;
    }
    return count;
}

static gboolean loop_open(struct event_loop_pair *loop)
{
    loop->own = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = loop->own};
    return loop->own >= 0 && loop->epoll >= 0 &&
           epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->own, &event) == 0;
}

static void loop_close(const struct event_loop_pair *loop)
{
    if (loop->own >= 0)
        close(loop->own);
    if (loop->epoll >= 0)
        close(loop->epoll);
}

static void measure_event(struct calibration *calibration)
{
    gboolean stop = FALSE;
    struct event_loop_pair here = {.own = -1, .epoll = -1, .stop = &stop}, there = here;
    pthread_t thread = 0;
    gboolean opened = loop_open(&here) && loop_open(&there);
    int failed = opened ? 0 : errno;
    here.other = there.own;
    there.other = here.own;
    if (opened)
        failed = pthread_create(&thread, NULL, run_loop, &there);
    if (failed) {
        calibration_fail(calibration, HOST_EVENT, "no event loop", failed);
    } else {
        calibration_time(calibration, HOST_EVENT, wake_loop, &here, HALF);
        stop = TRUE;
        wake(there.own);
        pthread_join(thread, NULL);
    }
    loop_close(&here);
    loop_close(&there);
}

void calibrate_switches(struct calibration *calibration)
{
    calibration_pin(calibration);
    measure_thread_switch(calibration);
    measure_hand_over(calibration);
    measure_event(calibration);
    calibration->effort.clock = NULL; /* the other process is part of it */
    measure_process_switch(calibration);
    calibration_unpin(calibration);
}
