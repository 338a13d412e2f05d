/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/fiber_timers.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64 };

static void place(struct event_loop *loop, size_t at, struct fiber *fiber)
{
    loop->timers[at] = fiber;
    fiber->timer_place = at;
}

static void sift_up(struct event_loop *loop, size_t at, struct fiber *fiber)
{
    for (; at > 0; at = (at - 1) / 2) {
        struct fiber *parent = loop->timers[(at - 1) / 2];
        if (parent->wake_ns <= fiber->wake_ns)
            break;
        place(loop, at, parent);
    }
    place(loop, at, fiber);
}

static void sift_down(struct event_loop *loop, size_t at, struct fiber *fiber)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= loop->timer_count)
            break;
        if (child + 1 < loop->timer_count && loop->timers[child + 1]->wake_ns < loop->timers[child]->wake_ns)
            child++;
        if (loop->timers[child]->wake_ns >= fiber->wake_ns)
            break;
        place(loop, at, loop->timers[child]);
        at = child;
    }
    place(loop, at, fiber);
}

bool corewise_timers_reserve(struct event_loop *loop, size_t count)
{
    if (count <= loop->timer_room)
        return true;
    size_t room = loop->timer_room ? 2 * loop->timer_room : FIRST_ROOM;
    struct fiber **timers = realloc(loop->timers, room * sizeof(struct fiber *));
    if (!timers)
        return false;
    loop->timers = timers;
    loop->timer_room = room;
    return true;
}

void corewise_timers_add(struct event_loop *loop, struct fiber *fiber)
{
    sift_up(loop, loop->timer_count++, fiber);
}

void corewise_timers_remove(struct event_loop *loop, struct fiber *fiber)
{
    size_t at = fiber->timer_place;
    struct fiber *last = loop->timers[--loop->timer_count];
    if (last == fiber)
        return;
    if (at > 0 && loop->timers[(at - 1) / 2]->wake_ns > last->wake_ns)
        sift_up(loop, at, last);
    else
        sift_down(loop, at, last);
}

struct fiber *corewise_timers_first(const struct event_loop *loop)
{
    return loop->timer_count > 0 ? loop->timers[0] : NULL;
}
