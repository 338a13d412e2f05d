/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/blocking_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* Calls that wait rather than compute need more threads than there are cores. */
enum { THREADS_LEAST = 4 };

/* Lies on the stack of the fiber that makes it. */
struct blocking_call {
    int (*function)(void *data);
    void *data;
    int returned;
    struct fiber *fiber;
    struct blocking_call *next;
};

struct blocking_pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct blocking_call *first, *last;
    uint32_t queued, queue_limit;
    uint32_t thread_count, thread_limit, idle;
    bool stopping;
    bool refused; /* somebody waits on a loop for room in the queue */
    const struct board *board;
    pthread_t threads[];
};

struct blocking_pool *corewise_blocking_pool_new(const struct board *board)
{
    uint32_t limit = board->worker_count > THREADS_LEAST ? board->worker_count : THREADS_LEAST;
    struct blocking_pool *pool = calloc(1, sizeof(*pool) + limit * sizeof(pthread_t));
    if (!pool)
        return NULL;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pool->thread_limit = limit;
    pool->queue_limit = board->options.queue_limit;
    pool->board = board;
    return pool;
}

void corewise_blocking_pool_free(struct blocking_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (uint32_t i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->work);
    free(pool);
}

/* Under the lock. */
static struct blocking_call *next_call(struct blocking_pool *pool)
{
    pool->idle++;
    while (!pool->first && !pool->stopping)
        pthread_cond_wait(&pool->work, &pool->lock);
    pool->idle--;
    struct blocking_call *call = pool->first;
    if (!call)
        return NULL;
    pool->first = call->next;
    if (!pool->first)
        pool->last = NULL;
    pool->queued--;
    return call;
}

/* Under the lock. The loop of the call wakes its fiber; if some loop has tasks that found the queue full, all
 * loops look again. */
static void hand_back(struct blocking_pool *pool, struct blocking_call *call)
{
    struct event_loop *loop = call->fiber->loop;
    bool first = !loop->finished_calls;
    call->next = loop->finished_calls;
    loop->finished_calls = call;
    bool room = pool->refused;
    pool->refused = false;
    for (uint32_t i = 0; room && i < pool->board->worker_count; i++)
        corewise_doorbell_ring(pool->board->workers[i].doorbell);
    if (first && !room)
        corewise_doorbell_ring(pool->board->workers[loop->worker].doorbell);
}

static void *serve(void *data)
{
    struct blocking_pool *pool = data;
    pthread_mutex_lock(&pool->lock);
    for (struct blocking_call *call; (call = next_call(pool));) {
        pthread_mutex_unlock(&pool->lock);
        call->returned = call->function(call->data);
        pthread_mutex_lock(&pool->lock);
        hand_back(pool, call);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Under the lock. False when there is no thread at all. */
static bool have_thread(struct blocking_pool *pool)
{
    if (pool->idle > pool->queued || pool->thread_count == pool->thread_limit)
        return true;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&pool->threads[pool->thread_count], NULL, serve, pool) == 0)
        pool->thread_count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pool->thread_count > 0;
}

enum submission { SUBMITTED, QUEUE_FULL, NO_THREAD };

static enum submission submit(struct blocking_pool *pool, struct blocking_call *call)
{
    enum submission submission = SUBMITTED;
    pthread_mutex_lock(&pool->lock);
    if (pool->queued >= pool->queue_limit) {
        pool->refused = true;
        submission = QUEUE_FULL;
    } else if (!have_thread(pool)) {
        submission = NO_THREAD;
    } else {
        if (pool->last)
            pool->last->next = call;
        else
            pool->first = call;
        pool->last = call;
        pool->queued++;
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
    return submission;
}

int corewise_blocking_pool_call(struct fiber *fiber, int (*function)(void *data), void *data)
{
    struct event_loop *loop = fiber->loop;
    struct blocking_call call = {.function = function, .data = data, .fiber = fiber};
    enum submission submission = loop->pool ? submit(loop->pool, &call) : NO_THREAD;
    fiber->stubborn = true; /* the pool writes to this stack */
    while (submission == QUEUE_FULL) {
        (void)corewise_fiber_wait(fiber, &loop->pool_waiters, 0);
        submission = submit(loop->pool, &call);
    }
    if (submission == SUBMITTED)
        (void)corewise_fiber_wait(fiber, NULL, 0);
    fiber->stubborn = false;
    return submission == SUBMITTED ? call.returned : function(data);
}

void corewise_blocking_pool_collect(struct event_loop *loop)
{
    if (!loop->pool || !loop->rung)
        return;
    loop->rung = false;
    pthread_mutex_lock(&loop->pool->lock);
    struct blocking_call *call = loop->finished_calls;
    loop->finished_calls = NULL;
    pthread_mutex_unlock(&loop->pool->lock);
    while (call) {
        struct blocking_call *next = call->next; /* the call is gone when its fiber goes on */
        corewise_fiber_wake(call->fiber, WAKE_EVENT);
        call = next;
    }
    while (corewise_fiber_wake_first(&loop->pool_waiters))
        continue;
}
