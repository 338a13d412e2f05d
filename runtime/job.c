/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/failure.h"
#include "runtime/host_limits.h"
#include "runtime/job_report.h"
#include "runtime/places.h"

#include <errno.h>
#include <string.h>

/* Tasks are numbered with 40 bits on the board. */
#define TASKS_LIMIT ((uint64_t)1 << 40)

static bool check_job(const struct corewise_job *job, struct corewise_error *error)
{
    const char *what = NULL;
    if (!job->run)
        what = "it has no function `run`";
    else if (job->inputs && job->next_input)
        what = "it has both `inputs` and `next_input`";
    else if (job->inputs && (job->input_bytes == 0 || job->task_count == 0))
        what = "its `inputs` have no `input_bytes` or no `task_count`";
    else if (!job->next_input && job->input_bytes > 0 && !job->inputs)
        what = "it has `input_bytes` but neither `inputs` nor `next_input`";
    else if (job->task_count == 0 && (job->results || job->statuses))
        what = "the size of `results` and `statuses` is `task_count`, which is 0";
    else if (job->results && job->result_bytes == 0)
        what = "its `results` have no `result_bytes`";
    else if (job->merge && job->result_bytes == 0)
        what = "it has `merge` but no `result_bytes`";
    else if (job->outputs && !job->finished)
        what = "it has `outputs` but no function `finished` that takes them";
    else if (job->task_count >= TASKS_LIMIT)
        what = "it has too many tasks";
    return !what || corewise_fail(error, EINVAL, "cannot run the job: %s", what);
}

static bool complete_options(struct corewise_options *options, const struct corewise_job *job,
                             struct corewise_error *error)
{
    const struct execution_model *model = corewise_execution_model(options->model);
    if (!model)
        return corewise_fail(error, EINVAL, "cannot run the job: %d is no model", (int)options->model);
    if (options->workers > COREWISE_WORKERS_LIMIT)
        return corewise_fail(error, EINVAL, "cannot run the job: %u workers; the most are %d",
                             options->workers, COREWISE_WORKERS_LIMIT);
    if (!model->many)
        options->workers = 1;
    else if (options->workers == 0)
        options->workers = job->task_count > 0 && job->task_count < corewise_usable_workers()
                               ? (uint32_t)job->task_count
                               : corewise_usable_workers();
    if (model->many && !model->loops && options->workers < job->together)
        options->workers = job->together;
    if (options->tasks_at_once == 0)
        options->tasks_at_once = COREWISE_TASKS_AT_ONCE;
    if (model->loops && options->tasks_at_once < job->together)
        options->tasks_at_once = job->together;
    if (options->queue_limit == 0)
        options->queue_limit = COREWISE_QUEUE_LIMIT;
    if (options->queue_limit < job->together)
        options->queue_limit = job->together;
    if (options->stack_bytes == 0)
        options->stack_bytes = COREWISE_STACK_BYTES;
    if (options->progress_seconds <= 0)
        options->progress_seconds = COREWISE_PROGRESS_SECONDS;
    return true;
}

static bool run_on_board(struct board *board, const struct execution_model *model,
                         struct corewise_outcome *outcome, struct corewise_error *error)
{
    struct dispatch dispatch;
    if (!corewise_dispatch_init(&dispatch, board, error))
        return false;
    bool ran = model->place(&dispatch, model->work, error);
    if (ran)
        corewise_dispatch_finish(&dispatch, outcome);
    corewise_dispatch_clear(&dispatch);
    return ran;
}

bool corewise_job_run(const struct corewise_job *job, const struct corewise_options *options,
                      struct corewise_outcome *outcome, struct corewise_error *error)
{
    struct corewise_options own;
    corewise_options_init(&own);
    if (options)
        own = *options;
    else if (!corewise_options_environment(&own, error))
        return false;
    if (!check_job(job, error) || !complete_options(&own, job, error))
        return false;
    const struct execution_model *model = corewise_execution_model(own.model);
    struct board *board = corewise_board_new(job, &own, model->shared, model->loops, error);
    if (!board)
        return false;
    board->measured = outcome || own.report_path;
    struct corewise_outcome result = {0};
    bool ran = run_on_board(board, model, &result, error);
    bool cancelled = atomic_load(&board->cancelled);
    int failure = atomic_load(&board->failure);
    corewise_board_free(board);
    if (!ran)
        return false;
    if (failure)
        return corewise_fail(
            error, failure,
            "cannot run the job: a worker could not start its event loop (%s); raise ulimit -n "
            "or use fewer workers",
            strerror(failure));
    if (outcome)
        *outcome = result;
    if (own.report_path && !corewise_job_report_append(own.report_path, job, &result, error))
        return false;
    return !cancelled ||
           corewise_fail(
               error, ECANCELED, "the job was cancelled with %llu of %llu tasks not done",
               (unsigned long long)(result.failed + result.crashed + result.timed_out + result.cancelled),
               (unsigned long long)result.tasks);
}
