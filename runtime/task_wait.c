/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/task_wait.h"
#include "runtime/event_loop.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

/* How long a blocked task may not notice that its job is cancelled. */
#define SLICE_NS 50000000

uint64_t corewise_time_after(double seconds)
{
    return seconds < 0 ? 0 : corewise_now_ns() + (uint64_t)(seconds * 1e9);
}

static int reason_to_errno(enum wake_reason reason)
{
    return reason == WAKE_CANCELLED ? ECANCELED : ETIMEDOUT;
}

bool corewise_may_be_stopped(const struct execution *execution)
{
    if (!execution)
        return false;
    const struct board *board = execution->board;
    return execution->deadline_ns > 0 || board->options.cancellation || board->options.stop_on_failure ||
           board->job->finished;
}

/* errno of why the calling task has to stop at this time; 0 when it has not. */
static int why_stop(const struct execution *execution, uint64_t now_ns)
{
    if (!execution)
        return 0;
    if (corewise_is_cancelled(execution->board))
        return ECANCELED;
    return execution->deadline_ns > 0 && now_ns >= execution->deadline_ns ? ETIMEDOUT : 0;
}

static uint64_t earlier(uint64_t one, uint64_t other)
{
    return one == 0 || (other > 0 && other < one) ? other : one;
}

/* Polls nothing but the time with `count` 0. */
static int wait_blocking(struct pollfd *descriptors, nfds_t count, uint64_t until_ns)
{
    const struct execution *execution = corewise_execution();
    bool sliced = corewise_may_be_stopped(execution);
    for (;;) {
        uint64_t now = sliced || until_ns > 0 ? corewise_now_ns() : 0;
        int why = why_stop(execution, now);
        if (why) {
            errno = why;
            return -1;
        }
        uint64_t next = earlier(until_ns, sliced ? earlier(now + SLICE_NS, execution->deadline_ns) : 0);
        uint64_t left = next > now ? next - now : 0;
        struct timespec timeout = {.tv_sec = (time_t)(left / 1000000000),
                                   .tv_nsec = (long)(left % 1000000000)};
        int ready = ppoll(descriptors, count, next > 0 ? &timeout : NULL, NULL);
        if (ready > 0)
            return 1;
        if (ready < 0 && errno != EINTR)
            return -1;
        if (until_ns > 0 && corewise_now_ns() >= until_ns)
            return 0;
    }
}

static int wait_on_loop(struct fiber *fiber, int descriptor, short event, uint64_t until_ns)
{
    struct watched_descriptor *watched = corewise_loop_watch(fiber->loop, descriptor);
    if (!watched)
        return -1;
    enum wake_reason reason =
        corewise_fiber_wait_descriptor(fiber, watched, event == POLLIN ? UV_READABLE : UV_WRITABLE, until_ns);
    if (reason == WAKE_EVENT || reason == WAKE_TIMEOUT)
        return reason == WAKE_EVENT;
    errno = reason_to_errno(reason);
    return -1;
}

int corewise_wait_descriptor(int descriptor, short event, uint64_t until_ns)
{
    const struct execution *execution = corewise_execution();
    if (execution && execution->loop)
        return wait_on_loop(execution->fiber, descriptor, event, until_ns);
    struct pollfd waited = {.fd = descriptor, .events = event};
    int ready = wait_blocking(&waited, 1, until_ns);
    if (ready > 0 && waited.revents & POLLNVAL) {
        errno = EBADF;
        return -1;
    }
    return ready;
}

int corewise_wait_readable(int descriptor, double timeout_seconds)
{
    return corewise_wait_descriptor(descriptor, POLLIN, corewise_time_after(timeout_seconds));
}

int corewise_wait_writable(int descriptor, double timeout_seconds)
{
    return corewise_wait_descriptor(descriptor, POLLOUT, corewise_time_after(timeout_seconds));
}

int corewise_sleep(double seconds)
{
    const struct execution *execution = corewise_execution();
    uint64_t until = corewise_time_after(seconds > 0 ? seconds : 0);
    if (!execution || !execution->loop)
        return wait_blocking(NULL, 0, until) < 0 ? -1 : 0;
    enum wake_reason reason = corewise_fiber_wait(execution->fiber, NULL, until);
    if (reason == WAKE_EVENT || reason == WAKE_TIMEOUT)
        return 0;
    errno = reason_to_errno(reason);
    return -1;
}

void corewise_yield(void)
{
    const struct execution *execution = corewise_execution();
    if (execution && execution->loop)
        corewise_fiber_yield(execution->fiber);
}
