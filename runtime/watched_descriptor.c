/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/event_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FIRST_ROOM = 64 };

static bool make_room(struct event_loop *loop, size_t descriptor)
{
    if (descriptor < loop->descriptor_count)
        return true;
    size_t count = loop->descriptor_count ? loop->descriptor_count : FIRST_ROOM;
    while (count <= descriptor)
        count *= 2;
    struct watched_descriptor **longer =
        realloc(loop->descriptors, count * sizeof(struct watched_descriptor *));
    if (!longer)
        return false;
    memset(longer + loop->descriptor_count, 0,
           (count - loop->descriptor_count) * sizeof(struct watched_descriptor *));
    loop->descriptors = longer;
    loop->descriptor_count = count;
    return true;
}

struct watched_descriptor *corewise_loop_watch(struct event_loop *loop, int descriptor)
{
    struct stat status;
    if (descriptor >= 0 && (size_t)descriptor < loop->descriptor_count && loop->descriptors[descriptor])
        return loop->descriptors[descriptor];
    if (fstat(descriptor, &status) != 0 || !make_room(loop, (size_t)descriptor))
        return NULL;
    struct watched_descriptor *watched = calloc(1, sizeof(*watched));
    if (!watched)
        return NULL;
    watched->descriptor = descriptor;
    watched->socket = S_ISSOCK(status.st_mode);
    watched->plain = S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode);
    if (!watched->plain) {
        int failure = uv_poll_init(&loop->uv, &watched->poll, descriptor);
        watched->plain = failure == UV_EPERM; /* what epoll does not take is always ready */
        if (failure && !watched->plain) {
            free(watched);
            errno = -failure;
            return NULL;
        }
    }
    watched->poll.data = watched;
    loop->descriptors[descriptor] = watched;
    return watched;
}

static int wanted_events(const struct watched_descriptor *watched)
{
    return (watched->readers.first ? UV_READABLE : 0) | (watched->writers.first ? UV_WRITABLE : 0);
}

static void on_event(uv_poll_t *poll, int status, int events);

/* Each change of what is watched for costs two system calls. So what is watched for stays until it happens
 * and nobody waits for it: a task that reads again and again never pays. */
static void watch_for(struct watched_descriptor *watched, int events)
{
    if (events == watched->events)
        return;
    watched->events = events;
    if (events)
        (void)uv_poll_start(&watched->poll, events, on_event);
    else
        (void)uv_poll_stop(&watched->poll);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct watched_descriptor *watched = poll->data;
    if (status < 0) { /* libuv watches no more; who reads or writes gets the error */
        watched->events = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    int unwanted = events & ~wanted_events(watched);
    if (events & UV_READABLE)
        (void)corewise_fiber_wake_first(&watched->readers);
    if (events & UV_WRITABLE)
        (void)corewise_fiber_wake_first(&watched->writers);
    watch_for(watched, watched->events & ~unwanted);
}

enum wake_reason corewise_fiber_wait_descriptor(struct fiber *fiber, struct watched_descriptor *watched,
                                                int event, uint64_t until_ns)
{
    if (watched->plain)
        return WAKE_EVENT;
    watch_for(watched, watched->events | event);
    return corewise_fiber_wait(fiber, event == UV_READABLE ? &watched->readers : &watched->writers, until_ns);
}

static void free_watched(uv_handle_t *handle)
{
    free(handle->data);
}

void corewise_loop_forget(struct event_loop *loop, int descriptor)
{
    if (descriptor < 0 || (size_t)descriptor >= loop->descriptor_count || !loop->descriptors[descriptor])
        return;
    struct watched_descriptor *watched = loop->descriptors[descriptor];
    loop->descriptors[descriptor] = NULL;
    while (corewise_fiber_wake_first(&watched->readers) || corewise_fiber_wake_first(&watched->writers))
        continue;
    if (watched->plain)
        free(watched);
    else
        uv_close((uv_handle_t *)&watched->poll, free_watched);
}
