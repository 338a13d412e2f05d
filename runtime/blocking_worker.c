/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/execution.h"

#include <errno.h>
#include <poll.h>

struct blocking_worker {
    struct execution execution;
    struct dispatch *dispatch; /* NULL: the caller is another thread */
    bool timed;                /* somebody wants to know how long tasks take */
    uint64_t free_since_ns;    /* 0: not known */
};

static void do_task(struct blocking_worker *worker, uint64_t index)
{
    struct execution *execution = &worker->execution;
    struct board *board = execution->board;
    struct corewise_task task = {.index = index,
                                 .input = board_input(board, index),
                                 .result = board_result(board, index),
                                 .data = board->job->data};
    uint64_t begun = 0, ended = 0;
    if (worker->timed) {
        begun = worker->free_since_ns ? worker->free_since_ns : corewise_now_ns();
        execution->deadline_ns = corewise_task_deadline(board, begun);
        atomic_store_explicit(&board->workers[execution->worker].deadline_ns, execution->deadline_ns,
                              memory_order_release);
    }
    int code = board->job->run(&task);
    if (worker->timed)
        worker->free_since_ns = ended = corewise_now_ns();
    enum corewise_status status = corewise_task_status(execution, code, ended);
    /* Not killed for this task any more, from here on. */
    if (execution->deadline_ns > 0)
        atomic_store(&board->workers[execution->worker].deadline_ns, 0);
    corewise_board_finish(board, execution->worker, index, status, status == COREWISE_FAILED ? code : 0,
                          ended - begun);
}

/* Returns when there may be something to do; false when there never will be. */
static bool wait_for_work(struct blocking_worker *worker)
{
    struct board *board = worker->execution.board;
    uint32_t number = worker->execution.worker;
    if (worker->dispatch)
        return corewise_dispatch_turn(worker->dispatch);
    if (corewise_board_fall_asleep(board, number)) {
        struct pollfd bell = {.fd = board->workers[number].doorbell, .events = POLLIN};
        while (poll(&bell, 1, -1) < 0 && errno == EINTR)
            continue;
        corewise_doorbell_silence(bell.fd);
        corewise_board_wake_up(board, number);
    }
    return !atomic_load(&board->ended);
}

void corewise_blocking_worker_run(struct board *board, uint32_t number, struct dispatch *dispatch)
{
    struct blocking_worker worker = {.execution = {.board = board, .worker = number}, .dispatch = dispatch};
    worker.timed = board->measured || board->queued || board->options.task_timeout_seconds > 0;
    bool eager = dispatch && corewise_dispatch_is_eager(dispatch);
    struct execution *before = corewise_execution_set(&worker.execution);
    corewise_board_start(board, number);
    for (;;) {
        uint64_t index;
        while (corewise_board_take(board, number, &index)) {
            do_task(&worker, index);
            if (eager) {
                corewise_execution_set(before); /* callbacks are the caller's, not the task's */
                (void)corewise_dispatch_turn(dispatch);
                corewise_execution_set(&worker.execution);
                worker.free_since_ns = 0;
            }
        }
        worker.free_since_ns = 0;
        if (!wait_for_work(&worker))
            break;
    }
    corewise_execution_set(before);
}
