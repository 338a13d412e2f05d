/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/execution.h"

static _Thread_local struct execution *current;

struct execution *corewise_execution(void)
{
    return current;
}

struct execution *corewise_execution_set(struct execution *execution)
{
    struct execution *before = current;
    current = execution;
    return before;
}

enum corewise_status corewise_task_status(const struct execution *execution, int code, uint64_t now_ns)
{
    if (execution->deadline_ns > 0 && now_ns > execution->deadline_ns)
        return COREWISE_TIMED_OUT;
    if (code == 0)
        return COREWISE_DONE;
    return corewise_is_cancelled(execution->board) ? COREWISE_CANCELLED : COREWISE_FAILED;
}

bool corewise_is_cancelled(struct board *board)
{
    const struct corewise_cancellation *cancellation = board->options.cancellation;
    if (atomic_load(&board->cancelled))
        return true;
    /* Another process sees its own copy of what the program asks. */
    if (!cancellation || board->shared || !__atomic_load_n(&cancellation->requested, __ATOMIC_ACQUIRE))
        return false;
    corewise_board_cancel(board);
    return true;
}

uint64_t corewise_task_deadline(const struct board *board, uint64_t begun_ns)
{
    double timeout = board->options.task_timeout_seconds;
    return timeout > 0 ? begun_ns + (uint64_t)(timeout * 1e9) : 0;
}

bool corewise_task_stopped(void)
{
    if (!current)
        return false;
    return corewise_is_cancelled(current->board) ||
           (current->deadline_ns > 0 && corewise_now_ns() > current->deadline_ns);
}

void corewise_latency_add(double seconds)
{
    if (current && current->board->measured && seconds >= 0)
        corewise_histogram_add(&current->board->workers[current->worker].own_latencies,
                               (uint64_t)(seconds * 1e9));
}

void corewise_cancel(struct corewise_cancellation *cancellation)
{
    __atomic_store_n(&cancellation->requested, 1, __ATOMIC_RELEASE);
}
