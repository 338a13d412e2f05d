/* SPDX-License-Identifier: Apache-2.0 */
/* Who does tasks: a worker takes them from the board one by one (blocking_worker.c) or begins many on an
 * event loop (loop_worker.c). Where it lives, in the calling thread, a thread or a process, is not its
 * concern. */
#ifndef RUNTIME_EXECUTION_H
#define RUNTIME_EXECUTION_H

#include "runtime/dispatch.h"

struct event_loop;
struct fiber;

/* What the calls of corewise.h need to know about the task that makes them. */
struct execution {
    struct board *board;
    uint32_t worker;
    struct event_loop *loop; /* NULL in the blocking models */
    struct fiber *fiber;
    uint64_t deadline_ns; /* 0: none */
};

/* Of the calling thread; NULL outside of tasks. */
struct execution *corewise_execution(void);
/* Returns the one before. */
struct execution *corewise_execution_set(struct execution *execution);

/* Do tasks until the board ends; with `dispatch`, in the calling thread: until it has nothing more to give.
 */
typedef void worker_function(struct board *board, uint32_t worker, struct dispatch *dispatch);
worker_function corewise_blocking_worker_run;
worker_function corewise_loop_worker_run;

/* Whether the job of the board is to stop; asks its options too where the caller does not look meanwhile. */
bool corewise_is_cancelled(struct board *board);
/* How a task ended whose function returned `code` at `now_ns`. */
enum corewise_status corewise_task_status(const struct execution *execution, int code, uint64_t now_ns);
uint64_t corewise_task_deadline(const struct board *board, uint64_t begun_ns);

#endif
