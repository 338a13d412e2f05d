/* SPDX-License-Identifier: Apache-2.0 */
/* An event loop on which coroutines wait: for descriptors, for a time, for each other. libuv watches the
 * descriptors, one timerfd the earliest deadline (libuv's own timers count milliseconds). A loop belongs to
 * the thread that runs it; others ring its worker's doorbell. */
#ifndef RUNTIME_EVENT_LOOP_H
#define RUNTIME_EVENT_LOOP_H

#include "runtime/coroutine.h"
#include "runtime/execution.h"

#include <uv.h>

enum wake_reason {
    WAKE_EVENT,     /* what it waited for has happened, or may have */
    WAKE_TIMEOUT,   /* the time it waited for has come */
    WAKE_OVERDUE,   /* its task is past its timeout */
    WAKE_CANCELLED, /* the job is cancelled */
};

struct fiber_list {
    struct fiber *first, *last;
};

/* A task on a loop, or the stack of one that has ended. */
struct fiber {
    struct corewise_coroutine *coroutine;
    struct event_loop *loop;
    struct execution execution;
    uint64_t index, begun_ns;
    uint64_t wake_ns;             /* while it waits for a time; 0: no time */
    size_t timer_place;           /* in the loop's heap */
    enum wake_reason reason;      /* why it goes on */
    bool waiting;                 /* and so neither ready nor running */
    bool stubborn;                /* somebody else uses its stack: it waits for the event only */
    struct fiber_list *queue;     /* what it waits in; NULL: nothing */
    struct fiber *before, *after; /* in the queue, or among the ready or the spare ones */
    struct fiber *waiting_before, *waiting_after; /* among all that wait */
};

/* What a loop knows about a descriptor. */
struct watched_descriptor {
    uv_poll_t poll;
    int descriptor;
    bool plain; /* a regular file or the like, which cannot be watched and never waits */
    bool socket;
    bool drained; /* the last read left nothing: wait before the next */
    int events;   /* that libuv watches for */
    struct fiber_list readers, writers;
};

struct event_loop {
    uv_loop_t uv;
    struct board *board;
    uint32_t worker;
    struct fiber_list ready, spare;
    struct fiber *waiting;
    struct watched_descriptor **descriptors; /* by number; NULL where none */
    size_t descriptor_count;
    struct fiber **timers; /* a heap by wake_ns */
    size_t timer_count, timer_room;
    uint64_t armed_ns; /* what the timerfd is set to; 0: off */
    int timer_descriptor;
    uv_poll_t timer_poll, bell_poll;
    bool rung;      /* since the last look at the pool */
    uint32_t begun; /* tasks that have not ended */
    size_t fiber_count;
    struct blocking_pool *pool;
    struct blocking_call *finished_calls; /* of the pool; under its lock */
    struct fiber_list pool_waiters;       /* for room in its queue */
};

/* False with errno set. `loop` is zeroed memory that does not move. */
bool corewise_loop_init(struct event_loop *loop, struct board *board, uint32_t worker);
void corewise_loop_clear(struct event_loop *loop);

/* A spare or new fiber that will run `body` with itself as data. NULL without memory. */
struct fiber *corewise_loop_begin(struct event_loop *loop, corewise_coroutine_body *body);
/* Runs all that are ready. */
void corewise_loop_resume(struct event_loop *loop);
/* Lets things happen; `may_wait`: until something does, or until `until_ns` (0: no limit). */
void corewise_loop_poll(struct event_loop *loop, bool may_wait, uint64_t until_ns);
/* All that wait go on, with WAKE_CANCELLED. */
void corewise_loop_cancel(struct event_loop *loop);

/* Within a fiber: waits in `queue` (may be NULL) until it is woken, until `until_ns` (0: no limit), or until
 * the task has to stop. */
enum wake_reason corewise_fiber_wait(struct fiber *fiber, struct fiber_list *queue, uint64_t until_ns);
void corewise_fiber_yield(struct fiber *fiber);
/* The fiber, which waits, goes on. */
void corewise_fiber_wake(struct fiber *fiber, enum wake_reason reason);
/* The first of the queue goes on; false when it is empty. */
bool corewise_fiber_wake_first(struct fiber_list *queue);

void corewise_list_append(struct fiber_list *list, struct fiber *fiber);
void corewise_list_remove(struct fiber_list *list, struct fiber *fiber);

/* The descriptor as the loop knows it, from now on; NULL with errno set. */
struct watched_descriptor *corewise_loop_watch(struct event_loop *loop, int descriptor);
/* Within a fiber: waits for UV_READABLE or UV_WRITABLE. Regular files are always ready. */
enum wake_reason corewise_fiber_wait_descriptor(struct fiber *fiber, struct watched_descriptor *watched,
                                                int event, uint64_t until_ns);
/* Before a descriptor is closed: who waits for it is woken, what is known about it forgotten. */
void corewise_loop_forget(struct event_loop *loop, int descriptor);

#endif
