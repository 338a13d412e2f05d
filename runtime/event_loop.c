/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/event_loop.h"
#include "runtime/fiber_timers.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

void corewise_list_append(struct fiber_list *list, struct fiber *fiber)
{
    fiber->before = list->last;
    fiber->after = NULL;
    if (list->last)
        list->last->after = fiber;
    else
        list->first = fiber;
    list->last = fiber;
}

void corewise_list_remove(struct fiber_list *list, struct fiber *fiber)
{
    if (fiber->before)
        fiber->before->after = fiber->after;
    else
        list->first = fiber->after;
    if (fiber->after)
        fiber->after->before = fiber->before;
    else
        list->last = fiber->before;
}

static void on_bell(uv_poll_t *poll, int status, int events)
{
    struct event_loop *loop = poll->data;
    (void)status;
    (void)events;
    loop->rung = true;
    corewise_doorbell_silence(loop->board->workers[loop->worker].doorbell);
}

static void on_timer(uv_poll_t *poll, int status, int events)
{
    struct event_loop *loop = poll->data;
    uint64_t count;
    (void)status;
    (void)events;
    (void)!read(loop->timer_descriptor, &count, sizeof(count));
    loop->armed_ns = 0;
}

static int watch_own(struct event_loop *loop, uv_poll_t *poll, int descriptor, uv_poll_cb called)
{
    poll->data = loop;
    int failure = uv_poll_init(&loop->uv, poll, descriptor);
    return failure ? failure : uv_poll_start(poll, UV_READABLE, called);
}

bool corewise_loop_init(struct event_loop *loop, struct board *board, uint32_t worker)
{
    loop->board = board;
    loop->worker = worker;
    loop->timer_descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (loop->timer_descriptor < 0)
        return false;
    int failure = uv_loop_init(&loop->uv);
    if (failure) {
        close(loop->timer_descriptor);
        errno = -failure;
        return false;
    }
    failure = watch_own(loop, &loop->bell_poll, board->workers[worker].doorbell, on_bell);
    if (!failure)
        failure = watch_own(loop, &loop->timer_poll, loop->timer_descriptor, on_timer);
    if (!failure)
        return true;
    corewise_loop_clear(loop);
    errno = -failure;
    return false;
}

static void close_handle(uv_handle_t *handle, void *data)
{
    (void)data;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void free_fiber(struct fiber *fiber)
{
    corewise_coroutine_free(fiber->coroutine);
    free(fiber);
}

void corewise_loop_clear(struct event_loop *loop)
{
    for (size_t i = 0; i < loop->descriptor_count; i++)
        if (loop->descriptors[i])
            corewise_loop_forget(loop, (int)i);
    uv_walk(&loop->uv, close_handle, NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop->uv);
    close(loop->timer_descriptor);
    free(loop->descriptors);
    free(loop->timers);
    for (struct fiber *fiber = loop->spare.first, *next; fiber; fiber = next) {
        next = fiber->after;
        free_fiber(fiber);
    }
}

static struct fiber *make_fiber(struct event_loop *loop)
{
    struct fiber *fiber = calloc(1, sizeof(*fiber));
    if (!fiber || !corewise_timers_reserve(loop, loop->fiber_count + 1)) {
        free(fiber);
        return NULL;
    }
    fiber->coroutine = corewise_coroutine_new(loop->board->options.stack_bytes);
    if (!fiber->coroutine) {
        free(fiber);
        return NULL;
    }
    fiber->loop = loop;
    loop->fiber_count++;
    return fiber;
}

struct fiber *corewise_loop_begin(struct event_loop *loop, corewise_coroutine_body *body)
{
    struct fiber *fiber = loop->spare.last; /* its stack is warm */
    if (fiber)
        corewise_list_remove(&loop->spare, fiber);
    else
        fiber = make_fiber(loop);
    if (!fiber)
        return NULL;
    fiber->execution =
        (struct execution){.board = loop->board, .worker = loop->worker, .loop = loop, .fiber = fiber};
    corewise_coroutine_start(fiber->coroutine, body, fiber);
    corewise_list_append(&loop->ready, fiber);
    return fiber;
}

/* The caller of processes kills one whose loop does not come back: by the deadline of the task that has the
 * core, or, if others kept it waiting beyond that, from now on. */
static void tell_deadline(const struct fiber *fiber)
{
    uint64_t deadline = fiber->execution.deadline_ns, now = corewise_now_ns();
    atomic_store(&fiber->loop->board->workers[fiber->loop->worker].deadline_ns,
                 deadline > now ? deadline : now);
}

void corewise_loop_resume(struct event_loop *loop)
{
    struct fiber_list ready = loop->ready; /* who becomes ready now waits for the next turn */
    loop->ready = (struct fiber_list){0};
    struct execution *before = corewise_execution();
    while (ready.first) {
        struct fiber *fiber = ready.first;
        corewise_list_remove(&ready, fiber);
        corewise_execution_set(&fiber->execution);
        bool limited = fiber->execution.deadline_ns > 0;
        if (limited)
            tell_deadline(fiber);
        if (!corewise_coroutine_resume(fiber->coroutine))
            corewise_list_append(&loop->spare, fiber);
        if (limited)
            atomic_store(&loop->board->workers[loop->worker].deadline_ns, 0);
    }
    corewise_execution_set(before);
}

static void wake_due(struct event_loop *loop)
{
    struct fiber *fiber = corewise_timers_first(loop);
    if (!fiber)
        return;
    uint64_t now = corewise_now_ns();
    for (; fiber && fiber->wake_ns <= now; fiber = corewise_timers_first(loop))
        corewise_fiber_wake(fiber,
                            fiber->wake_ns == fiber->execution.deadline_ns ? WAKE_OVERDUE : WAKE_TIMEOUT);
}

static void arm_timer(struct event_loop *loop, uint64_t until_ns)
{
    const struct fiber *fiber = corewise_timers_first(loop);
    if (fiber && (until_ns == 0 || fiber->wake_ns < until_ns))
        until_ns = fiber->wake_ns;
    if (until_ns == loop->armed_ns)
        return;
    struct itimerspec time = {
        .it_value = {.tv_sec = (time_t)(until_ns / 1000000000), .tv_nsec = (long)(until_ns % 1000000000)}};
    (void)timerfd_settime(loop->timer_descriptor, TFD_TIMER_ABSTIME, &time, NULL);
    loop->armed_ns = until_ns;
}

void corewise_loop_poll(struct event_loop *loop, bool may_wait, uint64_t until_ns)
{
    wake_due(loop);
    may_wait = may_wait && !loop->ready.first;
    if (may_wait)
        arm_timer(loop, until_ns);
    (void)uv_run(&loop->uv, may_wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    wake_due(loop);
}

void corewise_loop_cancel(struct event_loop *loop)
{
    for (struct fiber *fiber = loop->waiting, *next; fiber; fiber = next) {
        next = fiber->waiting_after;
        if (!fiber->stubborn)
            corewise_fiber_wake(fiber, WAKE_CANCELLED);
    }
}

enum wake_reason corewise_fiber_wait(struct fiber *fiber, struct fiber_list *queue, uint64_t until_ns)
{
    struct event_loop *loop = fiber->loop;
    uint64_t deadline = fiber->execution.deadline_ns;
    if (!fiber->stubborn && atomic_load_explicit(&loop->board->cancelled, memory_order_relaxed))
        return WAKE_CANCELLED;
    if (deadline > 0 && (until_ns == 0 || deadline < until_ns))
        until_ns = deadline;
    fiber->wake_ns = fiber->stubborn ? 0 : until_ns;
    if (fiber->wake_ns > 0)
        corewise_timers_add(loop, fiber);
    fiber->queue = queue;
    if (queue)
        corewise_list_append(queue, fiber);
    fiber->waiting = true;
    fiber->waiting_before = NULL;
    fiber->waiting_after = loop->waiting;
    if (loop->waiting)
        loop->waiting->waiting_before = fiber;
    loop->waiting = fiber;
    corewise_coroutine_yield(fiber->coroutine);
    return fiber->reason;
}

void corewise_fiber_yield(struct fiber *fiber)
{
    corewise_list_append(&fiber->loop->ready, fiber);
    corewise_coroutine_yield(fiber->coroutine);
}

void corewise_fiber_wake(struct fiber *fiber, enum wake_reason reason)
{
    struct event_loop *loop = fiber->loop;
    if (!fiber->waiting)
        return;
    fiber->waiting = false;
    fiber->reason = reason;
    if (fiber->queue)
        corewise_list_remove(fiber->queue, fiber);
    if (fiber->wake_ns > 0)
        corewise_timers_remove(loop, fiber);
    if (fiber->waiting_before)
        fiber->waiting_before->waiting_after = fiber->waiting_after;
    else
        loop->waiting = fiber->waiting_after;
    if (fiber->waiting_after)
        fiber->waiting_after->waiting_before = fiber->waiting_before;
    corewise_list_append(&loop->ready, fiber);
}

bool corewise_fiber_wake_first(struct fiber_list *queue)
{
    if (!queue->first)
        return false;
    corewise_fiber_wake(queue->first, WAKE_EVENT);
    return true;
}
