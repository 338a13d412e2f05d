/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every model: each task once, the same results, inputs no faster than they are taken. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "each_model.h"

enum { MANY = 100000, SOME = 200 };
#ifdef __SANITIZE_THREAD__
enum { WAITING = 5000 }; /* ThreadSanitizer knows 8128 threads and fibers at most */
#else
enum { WAITING = 10000 };
#endif

static gboolean has_loops(enum corewise_model model)
{
    return model >= COREWISE_ASYNC;
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
    struct corewise_options options = options_of(data);
    guint8 *runs = shared_bytes(MANY);
    struct corewise_job job = {.run = count_run, .data = runs, .task_count = MANY};
    struct corewise_outcome outcome = run_job(&job, &options);
    g_assert_cmpuint(outcome.tasks, ==, MANY);
    g_assert_cmpuint(outcome.failed + outcome.crashed + outcome.cancelled + outcome.timed_out, ==, 0);
    for (gsize i = 0; i < MANY; i++)
        g_assert_cmpuint(runs[i], ==, 1);
    munmap(runs, MANY);
}

static void test_results(gconstpointer data)
{
    struct corewise_options options = options_of(data);
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
    run_job(&job, &options);
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
    struct corewise_options options = options_of(data);
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
        struct corewise_outcome outcome = run_job(&job, &options);
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

static bool count_taken(const struct corewise_result *result, void *data)
{
    (void)result;
    ((struct stream *)data)->taken++;
    return true;
}

static void test_back_pressure(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    struct stream stream = {0};
    options.queue_limit = 8;
    options.in_order = true;
    struct corewise_job job = {
        .run = sleep_a_little, .data = &stream, .next_input = next_if_room, .finished = count_taken};
    g_assert_cmpuint(run_job(&job, &options).tasks, ==, SOME);
    g_assert_cmpuint(stream.taken, ==, SOME);
}

static int wait_half_a_second(const struct corewise_task *task)
{
    (void)task;
    return corewise_sleep(0.5);
}

/* Waits of half a second each, all at once. */
static void test_many_waits(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    struct corewise_job job = {.run = wait_half_a_second, .task_count = WAITING};
    struct corewise_outcome outcome = run_job(&job, &options);
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
    struct corewise_options options = options_of(data);
    struct stream stream = {0};
    options.progress = count_progress;
    options.progress_seconds = 0.005;
    struct corewise_job job = {.run = sleep_a_little, .data = &stream, .task_count = SOME};
    run_job(&job, &options);
    g_assert_cmpuint(stream.given, >=, 1);
    g_assert_cmpuint(stream.last, ==, SOME);
}

static int run_inner(const struct corewise_task *task)
{
    struct corewise_options options = options_of(GSIZE_TO_POINTER(task->index % MODELS));
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
    struct corewise_options options = options_of(data);
    struct corewise_job job = {.run = run_inner, .task_count = MODELS};
    g_assert_cmpuint(run_job(&job, &options).failed, ==, 0);
}

static void test_no_tasks(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    struct corewise_job job = {.run = sleep_a_little};
    g_assert_cmpuint(run_job(&job, &options).tasks, ==, 0);
}

static void test_wrong_jobs(void)
{
    struct corewise_error error = {0};
    struct corewise_options options = options_of(GINT_TO_POINTER(COREWISE_THREADS));
    guint64 number = 0;
    const struct corewise_job wrong[] = {
        {.task_count = 1},
        {.run = sleep_a_little, .task_count = 1, .inputs = &number},
        {.run = sleep_a_little, .task_count = 1, .input_bytes = 8},
        {.run = sleep_a_little, .results = &number, .result_bytes = 8},
        {.run = sleep_a_little, .task_count = 1, .results = &number},
        {.run = sleep_a_little, .task_count = 1, .merge = add_result},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        error.code = 0;
        g_assert_false(corewise_job_run(&wrong[i], &options, NULL, &error));
        g_assert_cmpint(error.code, ==, EINVAL);
        g_assert_true(g_str_has_prefix(error.message, "cannot run the job: "));
        g_assert_false(corewise_job_run(&wrong[i], &options, NULL, NULL));
    }
    options.workers = COREWISE_WORKERS_LIMIT + 1;
    struct corewise_job job = {.run = sleep_a_little, .task_count = 1};
    g_assert_false(corewise_job_run(&job, &options, NULL, &error));
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/job/wrong-jobs", test_wrong_jobs);
    for (int i = 0; i < MODELS; i++) {
        enum corewise_model model = (enum corewise_model)i;
        add_test("/job/once", model, test_once);
        add_test("/job/results", model, test_results);
        add_test("/job/stream", model, test_stream);
        add_test("/job/back-pressure", model, test_back_pressure);
        add_test("/job/progress", model, test_progress);
        add_test("/job/nested", model, test_nested);
        add_test("/job/no-tasks", model, test_no_tasks);
        if (has_loops(model))
            add_test("/job/many-waits", model, test_many_waits);
    }
    return g_test_run();
}
