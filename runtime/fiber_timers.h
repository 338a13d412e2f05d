/* SPDX-License-Identifier: Apache-2.0 */
/* The fibers of a loop that wait for a time: a binary heap, the earliest first. */
#ifndef RUNTIME_FIBER_TIMERS_H
#define RUNTIME_FIBER_TIMERS_H

#include "runtime/event_loop.h"

/* Room for so many; false without memory. */
bool corewise_timers_reserve(struct event_loop *loop, size_t count);
void corewise_timers_add(struct event_loop *loop, struct fiber *fiber);
void corewise_timers_remove(struct event_loop *loop, struct fiber *fiber);
/* NULL when nobody waits for a time. */
struct fiber *corewise_timers_first(const struct event_loop *loop);

#endif
