/* SPDX-License-Identifier: Apache-2.0 */
/* Threads for what would block an event loop. They start when they are needed; the queue before them is
 * bounded, and a task for which there is no room waits on its loop. */
#ifndef RUNTIME_BLOCKING_POOL_H
#define RUNTIME_BLOCKING_POOL_H

#include "runtime/event_loop.h"

struct blocking_pool;

/* As many threads as the board has workers, but some at least; NULL without memory. */
struct blocking_pool *corewise_blocking_pool_new(const struct board *board);
/* When no call is in progress. Accepts NULL. */
void corewise_blocking_pool_free(struct blocking_pool *pool);

/* Within a fiber: function(data) on another thread, while other tasks of the loop go on; what it returned.
 * Without a pool, or when no thread can be started, here and now. */
int corewise_blocking_pool_call(struct fiber *fiber, int (*function)(void *data), void *data);
/* The fibers of this loop whose calls have come to their end go on. */
void corewise_blocking_pool_collect(struct event_loop *loop);

#endif
