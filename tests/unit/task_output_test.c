/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs of any size arrive whole under every model, and those of lost tasks do not. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "each_model.h"

enum { TASKS = 300, CRASHES = 7, SILENT = 11, TWICE = 13 };

struct arrivals {
    guint whole, none, crashed;
    guint64 next; /* in order */
};

static gsize output_size(guint64 index)
{
    return 1 + (gsize)(index * index * 7 % 100003);
}

static int hand_over(const struct corewise_task *task)
{
    const gboolean *may_crash = task->data;
    gsize size = output_size(task->index);
    if (task->index % SILENT == 0)
        return 0;
    if (*may_crash && task->index % CRASHES == 0)
        raise(SIGKILL);
    g_autofree char *bytes = g_malloc(size);
    memset(bytes, (int)(task->index & 0xff), size);
    if (task->index % TWICE == 0 && corewise_task_output(task, "replaced", 9) != 0)
        return 1;
    corewise_yield();
    return corewise_task_output(task, bytes, size) == 0 ? 0 : 1;
}

static struct arrivals arrivals;

static bool take(const struct corewise_result *result, void *data)
{
    (void)data;
    const char *bytes = result->output;
    g_assert_cmpuint(result->index, ==, arrivals.next++);
    if (!bytes) {
        g_assert_cmpuint(result->output_bytes, ==, 0);
        arrivals.none++;
        arrivals.crashed += result->status == COREWISE_CRASHED;
        return true;
    }
    g_assert_cmpint(result->status, ==, COREWISE_DONE);
    g_assert_cmpuint(result->output_bytes, ==, output_size(result->index));
    for (gsize i = 0; i < result->output_bytes; i++)
        g_assert_cmpint((guint8)bytes[i], ==, result->index & 0xff);
    arrivals.whole++;
    return true;
}

static void test_outputs(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    gboolean may_crash = GPOINTER_TO_INT(data) == COREWISE_PROCESSES;
    struct corewise_job job = {
        .run = hand_over, .data = &may_crash, .task_count = TASKS, .finished = take, .outputs = true};
    guint silent = (TASKS - 1) / SILENT + 1;
    guint crashed = may_crash ? (TASKS - 1) / CRASHES - (TASKS - 1) / (CRASHES * SILENT) : 0;
    memset(&arrivals, 0, sizeof(arrivals));
    options.queue_limit = 32; /* slots and their outputs are used again */
    options.claim_limit = 1;
    options.in_order = true;
    run_job(&job, &options);
    g_assert_cmpuint(arrivals.crashed, ==, crashed);
    g_assert_cmpuint(arrivals.none, ==, silent + crashed);
    g_assert_cmpuint(arrivals.whole, ==, TASKS - silent - crashed);
}

static int refuse(const struct corewise_task *task)
{
    return corewise_task_output(task, "x", 1) == -1 && errno == EINVAL ? 0 : 1;
}

static void test_wrong_use(void)
{
    struct corewise_options options;
    struct corewise_outcome outcome;
    struct corewise_error error = {0};
    struct corewise_job job = {.run = refuse, .task_count = 1};
    corewise_options_init(&options);
    g_assert_true(corewise_job_run(&job, &options, &outcome, &error));
    g_assert_cmpuint(outcome.failed, ==, 0);
    job.outputs = true; /* nobody takes them */
    g_assert_false(corewise_job_run(&job, &options, NULL, &error));
    g_assert_cmpint(error.code, ==, EINVAL);
    g_assert_nonnull(strstr(error.message, "finished"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (int model = 0; model < MODELS; model++)
        add_test("/task-output", (enum corewise_model)model, test_outputs);
    g_test_add_func("/task-output/wrong-use", test_wrong_use);
    return g_test_run();
}
