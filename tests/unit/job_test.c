/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every model: each task once, the same results, failures where they belong. */
#include "runtime/corewise.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MODELS = COREWISE_ASYNC_THREADS + 1, MANY = 100000, SOME = 200 };
#ifdef __SANITIZE_THREAD__
enum { WAITING = 5000 }; /* ThreadSanitizer knows 8128 threads and fibers at most */
#else
enum { WAITING = 10000 };
#endif

static gboolean has_processes(enum corewise_model model)
{
    return model == COREWISE_PROCESSES || model == COREWISE_ASYNC_PROCESSES;
}

static gboolean has_loops(enum corewise_model model)
{
    return model >= COREWISE_ASYNC;
}

static struct corewise_options options_of(enum corewise_model model)
{
    struct corewise_options options;
    corewise_options_init(&options);
    options.model = model;
    options.workers = 3;
    return options;
}

static struct corewise_outcome run(const struct corewise_job *job, const struct corewise_options *options)
{
    struct corewise_outcome outcome = {0};
    struct corewise_error error = {0};
    gboolean ran = corewise_job_run(job, options, &outcome, &error);
    if (!ran)
        g_error("%s: %s", corewise_model_name(options->model), error.message);
    return outcome;
}

/* Mixes the index well, so that no result is right by chance. */
static guint64 mix(guint64 value)
{
    value = (value ^ value >> 33) * G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
    return value ^ value >> 29;
}

static int mix_input(const struct corewise_task *task)
{
    guint64 *result = task->result;
    *result += mix(*(const guint64 *)task->input + task->index); /* += finds results that were not zero */
    return 0;
}

/* Every task runs exactly once: the runs are counted in memory that all processes share. */
static int count_run(const struct corewise_task *task)
{
    __atomic_add_fetch((guint8 *)task->data + task->index, 1, __ATOMIC_RELAXED);
    if (task->index % 64 == 0)
        corewise_yield();
    return 0;
}

static guint8 *shared_bytes(gsize bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert_true(memory != MAP_FAILED);
    return memory;
}

static void test_once(gconstpointer data)
{
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
    guint8 *runs = shared_bytes(MANY);
    struct corewise_job job = {.run = count_run, .data = runs, .task_count = MANY};
    struct corewise_outcome outcome = run(&job, &options);
    g_assert_cmpuint(outcome.tasks, ==, MANY);
    g_assert_cmpuint(outcome.failed + outcome.crashed + outcome.cancelled + outcome.timed_out, ==, 0);
    for (gsize i = 0; i < MANY; i++)
        g_assert_cmpuint(runs[i], ==, 1);
    munmap(runs, MANY);
}

static void test_results(gconstpointer data)
{
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
    g_autofree guint64 *inputs = g_new(guint64, MANY), *results = g_new0(guint64, MANY);
    for (guint64 i = 0; i < MANY; i++)
        inputs[i] = 7 * i;
    struct corewise_job job = {.run = mix_input,
                               .task_count = MANY,
                               .inputs = inputs,
                               .input_bytes = 8,
                               .result_bytes = 8,
                               .results = results};
    memset(results, 0xff, MANY * sizeof(*results));
    run(&job, &options);
    for (guint64 i = 0; i < MANY; i++)
        g_assert_cmpuint(results[i], ==, mix(8 * i));
}

struct stream {
    guint64 given, taken, last, sum;
    gboolean in_order;
};

static bool next_input(uint64_t index, void *input, void *data)
{
    struct stream *stream = data;
    g_assert_cmpuint(index, ==, stream->given);
    if (index == MANY / 4)
        return false;
    *(guint64 *)input = 7 * index;
    stream->given++;
    return true;
}

static bool take_result(const struct corewise_result *result, void *data)
{
    struct stream *stream = data;
    g_assert_cmpint(result->status, ==, COREWISE_DONE);
    g_assert_cmpuint(*(const guint64 *)result->result, ==, mix(8 * result->index));
    if (stream->in_order)
        g_assert_cmpuint(result->index, ==, stream->taken);
    stream->taken++;
    return true;
}

static void add_result(void *total, const void *result, void *data)
{
    (void)data;
    *(guint64 *)total += *(const guint64 *)result;
}

static void test_stream(gconstpointer data)
{
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
    guint64 total = 0, expected = 0;
    for (guint64 i = 0; i < MANY / 4; i++)
        expected += mix(8 * i);
    for (int in_order = 0; in_order < 2; in_order++) {
        struct stream stream = {.in_order = in_order};
        options.in_order = in_order;
        options.queue_limit = 100;
        total = 0;
        struct corewise_job job = {.run = mix_input,
                                   .data = &stream,
                                   .next_input = next_input,
                                   .input_bytes = 8,
                                   .result_bytes = 8,
                                   .finished = take_result,
                                   .merge = add_result,
                                   .total = &total};
        struct corewise_outcome outcome = run(&job, &options);
        g_assert_cmpuint(outcome.tasks, ==, MANY / 4);
        g_assert_cmpuint(stream.taken, ==, MANY / 4);
        g_assert_cmpuint(total, ==, expected);
    }
}

/* Back-pressure: no more inputs are asked for than the queue holds. */
static bool next_if_room(uint64_t index, void *input, void *data)
{
    struct stream *stream = data;
    (void)input;
    stream->given++;
    g_assert_cmpuint(stream->given - stream->taken, <=, 8);
    return index < SOME;
}

static int sleep_a_little(const struct corewise_task *task)
{
    return corewise_sleep(task->index % 5 == 0 ? 0.001 : 0);
}

static bool count_taken(const struct corewise_result *result, void *data)
{
    (void)result;
    ((struct stream *)data)->taken++;
    return true;
}

static void test_back_pressure(gconstpointer data)
{
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
    struct stream stream = {0};
    options.queue_limit = 8;
    options.in_order = true;
    struct corewise_job job = {
        .run = sleep_a_little, .data = &stream, .next_input = next_if_room, .finished = count_taken};
    g_assert_cmpuint(run(&job, &options).tasks, ==, SOME);
    g_assert_cmpuint(stream.taken, ==, SOME);
}

static int fail_some(const struct corewise_task *task)
{
    return task->index % 10 == 3 ? 42 : 0;
}

static void test_failures(gconstpointer data)
{
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
    enum corewise_status statuses[SOME];
    struct corewise_job job = {.run = fail_some, .task_count = SOME, .statuses = statuses};
    g_assert_cmpuint(run(&job, &options).failed, ==, SOME / 10);
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
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
    guint seen[SOME] = {0};
    guint64 results[SOME];
    enum corewise_status statuses[SOME];
    struct corewise_job job = {
        .run = crash_some, .data = seen, .task_count = SOME, .result_bytes = 8, .finished = check_crash};
    struct corewise_outcome outcome = run(&job, &options);
    g_assert_cmpuint(outcome.crashed, ==, SOME / 50);
    g_assert_cmpuint(outcome.failed, ==, SOME / 50);
    for (int i = 0; i < SOME; i++)
        g_assert_cmpuint(seen[i], ==, 1);
    job.finished = NULL;
    job.results = results;
    job.statuses = statuses;
    outcome = run(&job, &options);
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
    enum corewise_model model = (enum corewise_model)GPOINTER_TO_INT(data);
    struct corewise_options options = options_of(model);
    enum corewise_status statuses[20];
    int polite = 1;
    options.task_timeout_seconds = 0.05;
    /* Only a process can be stopped that does not ask whether it should. */
    struct corewise_job job = {.run = hang_some,
                               .task_count = 20,
                               .statuses = statuses,
                               .data = has_processes(model) ? NULL : &polite};
    struct corewise_outcome outcome = run(&job, &options);
    g_assert_cmpfloat(outcome.seconds, <, 10);
    g_assert_cmpint(statuses[5], ==, COREWISE_TIMED_OUT);
    g_assert_cmpint(statuses[11], ==, COREWISE_TIMED_OUT);
    if (!has_loops(model)) /* on a loop the one that computes makes others late */
        g_assert_cmpuint(outcome.timed_out, ==, 2);
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
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
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
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
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

static int wait_half_a_second(const struct corewise_task *task)
{
    (void)task;
    return corewise_sleep(0.5);
}

/* Waits of half a second each, all at once. */
static void test_many_waits(gconstpointer data)
{
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
    struct corewise_job job = {.run = wait_half_a_second, .task_count = WAITING};
    struct corewise_outcome outcome = run(&job, &options);
    g_assert_cmpuint(outcome.failed, ==, 0);
    g_assert_cmpfloat(outcome.p50_seconds, >=, 0.48);
    g_assert_cmpfloat(outcome.seconds, <, 60); /* one after the other: 5000 */
    g_test_message("%s: %.3f s", corewise_model_name(options.model), outcome.seconds);
}

static void count_progress(const struct corewise_progress *progress, void *data)
{
    struct stream *stream = data;
    stream->given++;
    stream->last = progress->finished;
    g_assert_cmpuint(progress->total, ==, SOME);
    g_assert_cmpuint(progress->failed, <=, progress->finished);
}

static void test_progress(gconstpointer data)
{
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
    struct stream stream = {0};
    options.progress = count_progress;
    options.progress_seconds = 0.005;
    struct corewise_job job = {.run = sleep_a_little, .data = &stream, .task_count = SOME};
    run(&job, &options);
    g_assert_cmpuint(stream.given, >=, 1);
    g_assert_cmpuint(stream.last, ==, SOME);
}

static int run_inner(const struct corewise_task *task)
{
    struct corewise_options options = options_of((enum corewise_model)(task->index % MODELS));
    guint64 inputs[20], results[20];
    for (guint64 i = 0; i < G_N_ELEMENTS(inputs); i++)
        inputs[i] = 7 * i;
    struct corewise_job job = {.run = mix_input,
                               .task_count = G_N_ELEMENTS(inputs),
                               .inputs = inputs,
                               .input_bytes = 8,
                               .result_bytes = 8,
                               .results = results};
    if (!corewise_job_run(&job, &options, NULL, NULL))
        return 1;
    for (guint64 i = 0; i < G_N_ELEMENTS(inputs); i++)
        if (results[i] != mix(8 * i))
            return 2;
    return corewise_sleep(0.001);
}

/* A task runs a job, under each model in each model. */
static void test_nested(gconstpointer data)
{
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
    struct corewise_job job = {.run = run_inner, .task_count = MODELS};
    g_assert_cmpuint(run(&job, &options).failed, ==, 0);
}

static void test_no_tasks(gconstpointer data)
{
    struct corewise_options options = options_of((enum corewise_model)GPOINTER_TO_INT(data));
    struct corewise_job job = {.run = fail_some};
    g_assert_cmpuint(run(&job, &options).tasks, ==, 0);
}

static void test_wrong_jobs(void)
{
    struct corewise_error error = {0};
    struct corewise_options options = options_of(COREWISE_THREADS);
    guint64 number = 0;
    const struct corewise_job wrong[] = {
        {.task_count = 1},
        {.run = fail_some, .task_count = 1, .inputs = &number},
        {.run = fail_some, .task_count = 1, .input_bytes = 8},
        {.run = fail_some, .results = &number, .result_bytes = 8},
        {.run = fail_some, .task_count = 1, .results = &number},
        {.run = fail_some, .task_count = 1, .merge = add_result},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        error.code = 0;
        g_assert_false(corewise_job_run(&wrong[i], &options, NULL, &error));
        g_assert_cmpint(error.code, ==, EINVAL);
        g_assert_true(g_str_has_prefix(error.message, "cannot run the job: "));
        g_assert_false(corewise_job_run(&wrong[i], &options, NULL, NULL));
    }
    options.workers = COREWISE_WORKERS_LIMIT + 1;
    struct corewise_job job = {.run = fail_some, .task_count = 1};
    g_assert_false(corewise_job_run(&job, &options, NULL, &error));
}

static void test_environment(void)
{
    struct corewise_options options;
    struct corewise_error error;
    corewise_options_init(&options);
    g_setenv("COREWISE_MODEL", "async+processes", TRUE);
    g_setenv("COREWISE_WORKERS", "7", TRUE);
    g_assert_true(corewise_options_environment(&options, &error));
    g_assert_cmpint(options.model, ==, COREWISE_ASYNC_PROCESSES);
    g_assert_cmpuint(options.workers, ==, 7);
    static const char *const wrong[] = {"0", "-1", "x", "3x", "99999"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_setenv("COREWISE_WORKERS", wrong[i], TRUE);
        g_assert_false(corewise_options_environment(&options, &error));
        g_assert_nonnull(strstr(error.message, wrong[i]));
    }
    g_unsetenv("COREWISE_WORKERS");
    g_setenv("COREWISE_MODEL", "fibers", TRUE);
    g_assert_false(corewise_options_environment(&options, &error));
    g_assert_nonnull(strstr(error.message, "fibers"));
    g_unsetenv("COREWISE_MODEL");
    for (int model = 0; model < MODELS; model++) {
        enum corewise_model found = COREWISE_SEQUENTIAL;
        g_assert_true(corewise_model_find(corewise_model_name((enum corewise_model)model), &found));
        g_assert_cmpint(found, ==, model);
    }
}

static void add(const char *subject, enum corewise_model model, GTestDataFunc function)
{
    g_autofree char *path = g_strdup_printf("/job/%s/%s", subject, corewise_model_name(model));
    g_test_add_data_func(path, GINT_TO_POINTER(model), function);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/job/wrong-jobs", test_wrong_jobs);
    g_test_add_func("/job/environment", test_environment);
    for (int i = 0; i < MODELS; i++) {
        enum corewise_model model = (enum corewise_model)i;
        add("once", model, test_once);
        add("results", model, test_results);
        add("stream", model, test_stream);
        add("back-pressure", model, test_back_pressure);
        add("failures", model, test_failures);
        add("timeouts", model, test_timeouts);
        add("cancellation", model, test_cancellation);
        add("cancelled-by-callback", model, test_cancelled_by_callback);
        add("progress", model, test_progress);
        add("nested", model, test_nested);
        add("no-tasks", model, test_no_tasks);
        if (model == COREWISE_PROCESSES)
            add("crashes", model, test_crashes);
        if (has_loops(model))
            add("many-waits", model, test_many_waits);
    }
    return g_test_run();
}
