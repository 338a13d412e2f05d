/* SPDX-License-Identifier: Apache-2.0 */
/* How tasks end otherwise than done, under every model: failed, crashed, timed out, cancelled. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "each_model.h"

enum { MANY = 100000, SOME = 200 };

static gboolean has_processes(gconstpointer model)
{
    return GPOINTER_TO_INT(model) == COREWISE_PROCESSES || GPOINTER_TO_INT(model) == COREWISE_ASYNC_PROCESSES;
}

static int fail_some(const struct corewise_task *task)
{
    return task->index % 10 == 3 ? 42 : 0;
}

static void test_failures(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    enum corewise_status statuses[SOME];
    struct corewise_job job = {.run = fail_some, .task_count = SOME, .statuses = statuses};
    g_assert_cmpuint(run_job(&job, &options).failed, ==, SOME / 10);
    for (int i = 0; i < SOME; i++)
        g_assert_cmpint(statuses[i], ==, i % 10 == 3 ? COREWISE_FAILED : COREWISE_DONE);
    options.stop_on_failure = true;
    struct corewise_error error;
    g_assert_false(corewise_job_run(&job, &options, NULL, &error));
    g_assert_cmpint(error.code, ==, ECANCELED);
}

/* One that crashes, one that kills itself, one that leaves. */
static int crash_some(const struct corewise_task *task)
{
    guint64 *result = task->result;
    if (task->index % 50 == 7)
        raise(SIGKILL);
    if (task->index % 50 == 21)
        _exit(9);
    *result = mix(task->index);
    return 0;
}

static bool check_crash(const struct corewise_result *result, void *data)
{
    guint *seen = data;
    seen[result->index]++;
    if (result->index % 50 == 7) {
        g_assert_cmpint(result->status, ==, COREWISE_CRASHED);
        g_assert_cmpint(result->code, ==, SIGKILL);
    } else if (result->index % 50 == 21) {
        g_assert_cmpint(result->status, ==, COREWISE_FAILED);
        g_assert_cmpint(result->code, ==, 9);
    } else {
        g_assert_cmpint(result->status, ==, COREWISE_DONE);
        g_assert_cmpuint(*(const guint64 *)result->result, ==, mix(result->index));
    }
    return true;
}

static void test_crashes(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    guint seen[SOME] = {0};
    guint64 results[SOME];
    enum corewise_status statuses[SOME];
    struct corewise_job job = {
        .run = crash_some, .data = seen, .task_count = SOME, .result_bytes = 8, .finished = check_crash};
    struct corewise_outcome outcome = run_job(&job, &options);
    g_assert_cmpuint(outcome.crashed, ==, SOME / 50);
    g_assert_cmpuint(outcome.failed, ==, SOME / 50);
    for (int i = 0; i < SOME; i++)
        g_assert_cmpuint(seen[i], ==, 1);
    job.finished = NULL;
    job.results = results;
    job.statuses = statuses;
    outcome = run_job(&job, &options);
    g_assert_cmpuint(outcome.crashed, ==, SOME / 50);
    g_assert_cmpuint(outcome.failed, ==, SOME / 50);
    for (int i = 0; i < SOME; i++)
        if (statuses[i] == COREWISE_DONE)
            g_assert_cmpuint(results[i], ==, mix((guint64)i));
}

static volatile gboolean forever = TRUE;

/* 5 waits too long, 11 computes for ever. */
static int hang_some(const struct corewise_task *task)
{
    if (task->index == 5)
        return corewise_sleep(60) == 0 ? 0 : errno;
    while (task->index == 11 && forever && !(task->data && corewise_task_stopped()))
        continue;
    return 0;
}

static void test_timeouts(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    enum corewise_status statuses[20];
    int polite = 1;
    options.task_timeout_seconds = 0.05;
    /* Only a process can be stopped that does not ask whether it should. */
    struct corewise_job job = {.run = hang_some,
                               .task_count = 20,
                               .statuses = statuses,
                               .data = has_processes(data) ? NULL : &polite};
    struct corewise_outcome outcome = run_job(&job, &options);
    g_assert_cmpfloat(outcome.seconds, <, 10);
    g_assert_cmpint(statuses[5], ==, COREWISE_TIMED_OUT);
    g_assert_cmpint(statuses[11], ==, COREWISE_TIMED_OUT);
    g_assert_cmpuint(outcome.timed_out, >=, 2); /* more where one that computes makes others late */
}

static int wait_for_cancellation(const struct corewise_task *task)
{
    (void)task;
    return corewise_sleep(60) == 0 ? 0 : errno;
}

static void *cancel_soon(void *data)
{
    g_usleep(30000);
    corewise_cancel(data);
    return NULL;
}

static void test_cancellation(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    struct corewise_cancellation cancellation = {0};
    struct corewise_outcome outcome;
    struct corewise_error error;
    options.cancellation = &cancellation;
    struct corewise_job job = {.run = wait_for_cancellation, .task_count = SOME};
    GThread *thread = g_thread_new("cancel", cancel_soon, &cancellation);
    g_assert_false(corewise_job_run(&job, &options, &outcome, &error));
    g_thread_join(thread);
    g_assert_cmpint(error.code, ==, ECANCELED);
    g_assert_cmpuint(outcome.cancelled, ==, SOME);
    g_assert_cmpfloat(outcome.seconds, <, 10);
}

/* Tasks that are in progress then still come, some of them done and some cancelled. */
static bool cancel_at_ten(const struct corewise_result *result, void *data)
{
    int *taken = data;
    *taken += result->status != COREWISE_CANCELLED;
    return *taken < 10;
}

static void test_cancelled_by_callback(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    int taken = 0;
    struct corewise_outcome outcome;
    struct corewise_error error;
    struct corewise_job job = {
        .run = sleep_a_little, .data = &taken, .task_count = MANY, .finished = cancel_at_ten};
    g_assert_false(corewise_job_run(&job, &options, &outcome, &error));
    g_assert_cmpint(error.code, ==, ECANCELED);
    g_assert_cmpuint(outcome.cancelled, >, 0);
    g_assert_cmpuint(outcome.cancelled + (guint)taken, ==, MANY);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    for (int i = 0; i < MODELS; i++) {
        enum corewise_model model = (enum corewise_model)i;
        add_test("/job-endings/failures", model, test_failures);
        add_test("/job-endings/timeouts", model, test_timeouts);
        add_test("/job-endings/cancellation", model, test_cancellation);
        add_test("/job-endings/cancelled-by-callback", model, test_cancelled_by_callback);
        if (model == COREWISE_PROCESSES)
            add_test("/job-endings/crashes", model, test_crashes);
    }
    return g_test_run();
}
