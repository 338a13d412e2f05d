/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/dispatch.h"
#include "runtime/failure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How long a request for cancellation may go unnoticed by a sleeping caller. */
#define CANCELLATION_SECONDS 0.01

/* Inputs made in one turn: between turns, results are delivered and workers woken. */
enum { INPUTS_PER_TURN = 64 };

bool corewise_dispatch_init(struct dispatch *dispatch, struct board *board, struct corewise_error *error)
{
    const struct corewise_job *job = board->job;
    *dispatch = (struct dispatch){.board = board, .began_ns = corewise_now_ns()};
    dispatch->total = job->next_input ? UINT64_MAX : job->task_count;
    dispatch->next_progress_ns = dispatch->began_ns + (uint64_t)(board->options.progress_seconds * 1e9);
    if (!board->queued) {
        corewise_board_deal(board, job->task_count);
        dispatch->issued = job->task_count;
        return true;
    }
    dispatch->arrived = calloc(board->window, 1);
    return dispatch->arrived
               ? true
               : corewise_fail(error, ENOMEM, "cannot run the job: no memory for a queue of %llu",
                               (unsigned long long)board->window);
}

void corewise_dispatch_clear(struct dispatch *dispatch)
{
    free(dispatch->arrived);
}

static bool tell_finished(const struct board *board, struct corewise_result *result)
{
    const struct corewise_job *job = board->job;
    bool goes_on = job->finished(result, job->data);
    corewise_board_output_unmap(board, result->index, result->output);
    return goes_on;
}

static void deliver(struct dispatch *dispatch, uint64_t index)
{
    struct board *board = dispatch->board;
    const struct corewise_job *job = board->job;
    const struct board_slot *slot = board_slot(board, index);
    struct corewise_result result = {.index = index,
                                     .result = board_result(board, index),
                                     .status = (enum corewise_status)(atomic_load(&slot->state) - 1),
                                     .code = slot->code,
                                     .seconds = slot->seconds};
    if (board->outputs && !corewise_board_output_map(board, index, &result.output, &result.output_bytes)) {
        result.status = COREWISE_FAILED;
        result.code = ENOMEM;
    }
    dispatch->by_status[result.status]++;
    dispatch->delivered++;
    if (job->results && job->result_bytes > 0)
        memcpy((char *)job->results + index * job->result_bytes, result.result, job->result_bytes);
    if (job->statuses)
        job->statuses[index] = result.status;
    if (job->merge && result.status == COREWISE_DONE)
        job->merge(job->total, result.result, job->data);
    if (job->finished && !tell_finished(board, &result))
        corewise_board_cancel(board);
}

static void arrive(struct dispatch *dispatch, uint64_t index)
{
    struct board *board = dispatch->board;
    uint8_t *arrived = dispatch->arrived;
    arrived[index % board->window] = 1;
    if (!board->options.in_order)
        deliver(dispatch, index);
    while (arrived[dispatch->base % board->window]) {
        arrived[dispatch->base % board->window] = 0;
        if (board->options.in_order)
            deliver(dispatch, dispatch->base);
        dispatch->base++;
    }
}

static void collect(struct dispatch *dispatch)
{
    struct board *board = dispatch->board;
    for (uint32_t i = 0; i < board->worker_count; i++) {
        struct board_worker *worker = &board->workers[i];
        uint64_t head = atomic_load_explicit(&worker->ring_head, memory_order_relaxed);
        for (; head < atomic_load(&worker->ring_tail); head++)
            arrive(dispatch, board->rings[i * board->window + head % board->window]);
        atomic_store(&worker->ring_head, head);
    }
}

static void clean_slot(struct board *board, uint64_t index)
{
    atomic_store_explicit(&board_slot(board, index)->state, 0, memory_order_relaxed);
    if (board->job->result_bytes > 0)
        memset(board_result(board, index), 0, board->job->result_bytes);
    if (board->outputs)
        atomic_store_explicit(&board->outputs[index % board->window].bytes, 0, memory_order_relaxed);
}

static void supply(struct dispatch *dispatch)
{
    struct board *board = dispatch->board;
    const struct corewise_job *job = board->job;
    uint64_t room = dispatch->base + board->window, before = dispatch->issued;
    uint64_t bound = job->task_count > 0 ? job->task_count : UINT64_MAX;
    if (room > bound)
        room = bound;
    for (; dispatch->issued < room && dispatch->total != dispatch->issued; dispatch->issued++) {
        uint64_t index = dispatch->issued;
        clean_slot(board, index);
        if (!job->next_input)
            continue;
        if (index - before == INPUTS_PER_TURN)
            break;
        char *input = board->inputs ? board->inputs + index % board->window * job->input_bytes : NULL;
        if (!job->next_input(index, input, job->data))
            dispatch->total = index;
        if (dispatch->total == index)
            break;
    }
    if (dispatch->issued == bound)
        dispatch->total = bound;
    if (dispatch->issued > before)
        corewise_board_publish(board, dispatch->issued);
}

static uint64_t count_finished(const struct board *board, uint64_t *failed)
{
    uint64_t finished = 0;
    *failed = 0;
    for (uint32_t i = 0; i < board->worker_count; i++) {
        finished += atomic_load_explicit(&board->workers[i].finished, memory_order_acquire);
        *failed += atomic_load_explicit(&board->workers[i].failed, memory_order_relaxed);
    }
    return finished;
}

static void tell_progress(struct dispatch *dispatch, bool last)
{
    const struct board *board = dispatch->board;
    if (!board->options.progress)
        return;
    uint64_t now = corewise_now_ns();
    if (!last && now < dispatch->next_progress_ns)
        return;
    dispatch->next_progress_ns = now + (uint64_t)(board->options.progress_seconds * 1e9);
    struct corewise_progress progress = {.total = dispatch->total == UINT64_MAX ? 0 : dispatch->total,
                                         .seconds = (double)(now - dispatch->began_ns) / 1e9};
    progress.finished = count_finished(board, &progress.failed);
    board->options.progress(&progress, board->job->data);
}

static bool is_cancelled(struct dispatch *dispatch)
{
    struct board *board = dispatch->board;
    const struct corewise_cancellation *cancellation = board->options.cancellation;
    if (cancellation && __atomic_load_n(&cancellation->requested, __ATOMIC_ACQUIRE) &&
        !atomic_load(&board->cancelled))
        corewise_board_cancel(board);
    return atomic_load(&board->cancelled);
}

bool corewise_dispatch_is_eager(const struct dispatch *dispatch)
{
    const struct board *board = dispatch->board;
    return board->queued || board->options.progress || board->options.cancellation;
}

bool corewise_dispatch_turn(struct dispatch *dispatch)
{
    struct board *board = dispatch->board;
    uint64_t failed;
    if (board->queued)
        collect(dispatch);
    tell_progress(dispatch, false);
    if (is_cancelled(dispatch))
        return false;
    if (!board->queued)
        return count_finished(board, &failed) < dispatch->total;
    supply(dispatch);
    return dispatch->delivered < dispatch->total;
}

/* Whether a turn would do something. */
static bool has_news(struct dispatch *dispatch)
{
    struct board *board = dispatch->board;
    uint64_t failed;
    if (is_cancelled(dispatch))
        return true;
    if (!board->queued)
        return count_finished(board, &failed) >= dispatch->total;
    for (uint32_t i = 0; i < board->worker_count; i++)
        if (atomic_load(&board->workers[i].ring_tail) != atomic_load(&board->workers[i].ring_head))
            return true;
    return dispatch->issued != dispatch->total && dispatch->issued < dispatch->base + board->window;
}

void corewise_dispatch_sleep(struct dispatch *dispatch, struct pollfd *others, nfds_t count,
                             double most_seconds)
{
    struct board *board = dispatch->board;
    const struct corewise_options *options = &board->options;
    if (options->cancellation && (most_seconds < 0 || most_seconds > CANCELLATION_SECONDS))
        most_seconds = CANCELLATION_SECONDS;
    if (options->progress && (most_seconds < 0 || most_seconds > options->progress_seconds))
        most_seconds = options->progress_seconds;
    struct pollfd own = {.fd = board->caller_doorbell, .events = POLLIN};
    struct pollfd *all = count > 0 ? others : &own;
    if (count > 0)
        others[0] = own; /* their first place is kept for it */
    atomic_store(&board->caller_sleeping, 1);
    if (!has_news(dispatch)) {
        struct timespec timeout = {.tv_sec = (time_t)most_seconds};
        timeout.tv_nsec = (long)((most_seconds - (double)timeout.tv_sec) * 1e9);
        (void)ppoll(all, count > 0 ? count : 1, most_seconds < 0 ? NULL : &timeout, NULL);
    }
    atomic_store(&board->caller_sleeping, 0);
    corewise_doorbell_silence(board->caller_doorbell);
}

/* Of jobs without a queue the results are where they belong, or in memory shared with processes. */
static void take_in(struct dispatch *dispatch)
{
    struct board *board = dispatch->board;
    const struct corewise_job *job = board->job;
    uint64_t done = 0; /* most of them */
    for (uint64_t index = 0; index < job->task_count; index++) {
        uint8_t state = atomic_load_explicit(board_state(board, index), memory_order_acquire);
        enum corewise_status status = state == 0 ? COREWISE_CANCELLED : (enum corewise_status)(state - 1);
        if (status == COREWISE_DONE)
            done++;
        else
            dispatch->by_status[status]++;
        if (job->statuses)
            job->statuses[index] = status;
    }
    dispatch->by_status[COREWISE_DONE] = done;
    if (job->results && board->results && board->results != (char *)job->results)
        memcpy(job->results, board->results, job->task_count * job->result_bytes);
}

static void drop_the_rest(struct dispatch *dispatch)
{
    const struct corewise_job *job = dispatch->board->job;
    if (dispatch->total == UINT64_MAX)
        dispatch->total = dispatch->issued;
    for (uint64_t index = dispatch->base; job->statuses && index < job->task_count; index++) {
        bool arrived = index < dispatch->base + dispatch->board->window &&
                       dispatch->arrived[index % dispatch->board->window];
        if (!arrived || dispatch->board->options.in_order)
            job->statuses[index] = COREWISE_CANCELLED;
    }
    dispatch->by_status[COREWISE_CANCELLED] += dispatch->total - dispatch->delivered;
}

void corewise_dispatch_finish(struct dispatch *dispatch, struct corewise_outcome *outcome)
{
    struct board *board = dispatch->board;
    if (board->queued) {
        collect(dispatch);
        drop_the_rest(dispatch);
    } else {
        take_in(dispatch);
    }
    tell_progress(dispatch, true);
    struct latency_histogram latencies = {0}, own = {0};
    for (uint32_t i = 0; i < board->worker_count && board->measured; i++) {
        corewise_histogram_merge(&latencies, &board->workers[i].latencies);
        corewise_histogram_merge(&own, &board->workers[i].own_latencies);
    }
    const struct latency_histogram *told = own.total > 0 ? &own : &latencies;
    *outcome = (struct corewise_outcome){
        .model = board->options.model,
        .workers = board->worker_count,
        .tasks = dispatch->total,
        .failed = dispatch->by_status[COREWISE_FAILED],
        .crashed = dispatch->by_status[COREWISE_CRASHED],
        .timed_out = dispatch->by_status[COREWISE_TIMED_OUT],
        .cancelled = dispatch->by_status[COREWISE_CANCELLED],
        .seconds = (double)(corewise_now_ns() - dispatch->began_ns) / 1e9,
        .p50_seconds = corewise_histogram_quantile(told, 0.5),
        .p90_seconds = corewise_histogram_quantile(told, 0.9),
        .p99_seconds = corewise_histogram_quantile(told, 0.99),
        .max_seconds = (double)told->max_ns / 1e9,
    };
}
