/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/blocking_pool.h"
#include "runtime/event_loop.h"

#include <errno.h>
#include <stdlib.h>

/* A turn that begins tasks comes to its end after so many of them or so long, so that those that wait for
 * descriptors get their turn; one that only resumes tasks looks at the descriptors now and then. */
#define TURN_NS 200000
enum { TASKS_PER_TURN = 256, TURNS_PER_LOOK = 64 };

/* How long a loop sleeps that nobody rings: its caller may be asked to cancel, or to tell progress. */
#define LOOK_NS 10000000

struct loop_worker {
    struct event_loop *loop;
    struct board *board;
    uint32_t number;
    struct dispatch *dispatch; /* NULL: the caller is another thread */
    uint64_t turns;
};

static void end_task(struct fiber *fiber, int code)
{
    struct event_loop *loop = fiber->loop;
    uint64_t now = corewise_now_ns();
    enum corewise_status status = corewise_task_status(&fiber->execution, code, now);
    loop->begun--;
    corewise_board_finish(loop->board, loop->worker, fiber->index, status,
                          status == COREWISE_FAILED ? code : 0, now - fiber->begun_ns);
}

static void do_task(struct corewise_coroutine *coroutine, void *data)
{
    struct fiber *fiber = data;
    struct board *board = fiber->loop->board;
    struct corewise_task task = {.index = fiber->index,
                                 .input = board_input(board, fiber->index),
                                 .result = board_result(board, fiber->index),
                                 .data = board->job->data};
    (void)coroutine;
    end_task(fiber, board->job->run(&task));
}

static void begin_task(struct loop_worker *worker, uint64_t index)
{
    struct event_loop *loop = worker->loop;
    struct fiber *fiber = corewise_loop_begin(loop, do_task);
    if (!fiber) { /* no memory for one more stack: this task fails, the others go on */
        corewise_board_finish(worker->board, worker->number, index, COREWISE_FAILED, ENOMEM, 0);
        return;
    }
    fiber->index = index;
    fiber->begun_ns = corewise_now_ns();
    fiber->execution.deadline_ns = corewise_task_deadline(worker->board, fiber->begun_ns);
    loop->begun++;
    corewise_loop_resume(loop);
}

static bool begin_tasks(struct loop_worker *worker)
{
    uint64_t index, until = 0;
    int begun = 0;
    while (worker->loop->begun < worker->board->options.tasks_at_once && begun < TASKS_PER_TURN &&
           corewise_board_take(worker->board, worker->number, &index)) {
        begin_task(worker, index);
        uint64_t now = corewise_now_ns();
        if (begun++ == 0)
            until = now + TURN_NS;
        else if (now > until)
            break;
    }
    return begun > 0;
}

/* Nothing can be done now: sleeps until something happens. */
static void sleep_until_rung(struct loop_worker *worker)
{
    struct board *board = worker->board;
    uint64_t until = 0;
    if (worker->dispatch) {
        if (board->options.cancellation || board->options.progress)
            until = corewise_now_ns() + LOOK_NS;
        corewise_loop_poll(worker->loop, true, until);
        return;
    }
    bool asleep = corewise_board_fall_asleep(board, worker->number);
    if (!asleep) /* the job is over, and tasks are still coming to their end */
        until = corewise_now_ns() + LOOK_NS;
    else if (begin_tasks(worker)) { /* given out after the last look, before the flag was up */
        corewise_board_wake_up(board, worker->number);
        return;
    }
    corewise_loop_poll(worker->loop, true, until);
    corewise_board_wake_up(board, worker->number);
}

/* False when there is nothing more to come. */
static bool take_turn(struct loop_worker *worker)
{
    struct event_loop *loop = worker->loop;
    bool some = begin_tasks(worker), more = true;
    corewise_loop_resume(loop);
    corewise_blocking_pool_collect(loop);
    if (worker->dispatch)
        more = corewise_dispatch_turn(worker->dispatch);
    if (atomic_load(&worker->board->cancelled))
        corewise_loop_cancel(loop);
    if (loop->begun == 0 && (!more || atomic_load(&worker->board->ended)))
        return false;
    if (some || loop->ready.first) {
        if (some || ++worker->turns % TURNS_PER_LOOK == 0)
            corewise_loop_poll(loop, false, 0);
        return true;
    }
    if (!worker->dispatch || !corewise_board_has_work(worker->board) ||
        loop->begun >= worker->board->options.tasks_at_once)
        sleep_until_rung(worker);
    return true;
}

void corewise_loop_worker_run(struct board *board, uint32_t number, struct dispatch *dispatch)
{
    struct event_loop *loop = calloc(1, sizeof(*loop));
    if (!loop || !corewise_loop_init(loop, board, number)) {
        atomic_store(&board->failure, loop ? errno : ENOMEM);
        corewise_board_cancel(board);
        free(loop);
        return;
    }
    struct blocking_pool *own = board->pool ? NULL : corewise_blocking_pool_new(board);
    loop->pool = own ? own : board->pool;
    struct loop_worker worker = {.loop = loop, .board = board, .number = number, .dispatch = dispatch};
    corewise_board_start(board, number);
    while (take_turn(&worker))
        continue;
    corewise_blocking_pool_free(own);
    corewise_loop_clear(loop);
    free(loop);
}
