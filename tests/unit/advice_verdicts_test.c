/* SPDX-License-Identifier: Apache-2.0 */
/* Expected numbers are worked out by hand from the formulas of docs/advice.md with the default costs: 20 µs
 * to make a thread, 300 µs to make a process, 2 µs per event, 8 µs to hand a job over, 20 ns per lock. */
#include "analyzer/advice_verdicts.h"

#include <math.h>
#include <string.h>

#include "analyzer/model_estimates.h"

#define SITE "work@w.c:10"

struct example {
    struct session *session;
    struct advice *advice;
};

/* An advice for the program about SITE on two cores, and a run of 10 s. */
static struct example example_new(enum execution_shape shape, enum execution_model current,
                                  enum execution_model suggested, struct task_work work)
{
    struct example example = {session_new(), advice_new()};
    struct host_costs costs;
    struct run *run = run_new();
    run->id = g_strdup("r1");
    run->seconds = 10;
    run->cores = 2;
    g_ptr_array_add(example.session->runs, run);
    host_costs_default(&costs);
    costs.cores = 2;
    costs.quota_cores = 0;
    example.session->host = host_costs_record(&costs, NULL);
    struct workload workload = workload_of(&work, current, example.advice->models);
    example.advice->id = g_strdup("program/model");
    example.advice->site = g_strdup(SITE);
    example.advice->shape = shape;
    example.advice->current_model = current;
    example.advice->suggested_model = suggested;
    example.advice->work = work;
    g_ptr_array_unref(example.advice->models);
    example.advice->models = model_estimates_new(&workload, &costs);
    g_ptr_array_add(example.session->advice, example.advice);
    return example;
}

static void measure(struct example *example, const char *metric, double value, guint64 samples)
{
    session_add_measurement(example->session, "r1", SUBJECT_REGION, SITE, metric, value, samples);
}

static void measure_program(struct example *example, const char *metric, double value)
{
    session_add_measurement(example->session, "r1", SUBJECT_PROGRAM, NULL, metric, value, 1000);
}

static const struct advice_verdict *judge(struct example *example, enum verdict_kind expected)
{
    advice_verdicts_set(example->session);
    g_assert_cmpuint(example->session->advice_verdicts->len, ==, 1);
    const struct advice_verdict *verdict = g_ptr_array_index(example->session->advice_verdicts, 0);
    g_test_message("%s", verdict->why);
    g_assert_cmpstr(verdict_kind_name(verdict->kind), ==, verdict_kind_name(expected));
    return verdict;
}

/* A loop over 100 items that was said to compute 1 ms for each, and computed 8 s in all. */
static struct example loop(double cpu_share, double parallelism)
{
    const struct task_work work = {.tasks = 100, .in_flight = 100, .cpu_seconds = 1e-3};
    struct example example = example_new(SHAPE_SEQUENTIAL, MODEL_SEQUENTIAL, MODEL_THREADS, work);
    measure(&example, "active_seconds", 8, 8000);
    measure(&example, "cpu_seconds", 8 * cpu_share, 8000);
    measure(&example, "cpu_share", cpu_share, 8000);
    measure(&example, "io_wait_share", 1 - cpu_share, 8000);
    measure_program(&example, "parallelism", parallelism);
    return example;
}

static void test_loop_gains_by_its_measured_time(void)
{
    struct example example = loop(1, 1);
    const struct advice_verdict *verdict = judge(&example, VERDICT_CONFIRMED);
    /* 0.1 s by one, 0.1 / 2 s + 2 · 20 µs by two threads; then 8 s and 8 / 2 s + 40 µs. */
    g_assert_cmpfloat_with_epsilon(verdict->predicted_gain, 0.1 / 0.05004, 1e-6);
    g_assert_cmpfloat_with_epsilon(verdict->measured_gain, 8 / 4.00004, 1e-6);
    g_assert_cmpfloat_with_epsilon(verdict->saved_seconds, 3.99996, 1e-6);
    g_assert_cmpfloat_with_epsilon(verdict->work.cpu_seconds, 0.08, 1e-9);
    g_assert_cmpuint(verdict->observations->len, ==, 3);
    session_free(example.session);
}

static void test_loop_that_waits_is_no_computing(void)
{
    struct example example = loop(0.2, 1);
    judge(&example, VERDICT_REFUTED);
    session_free(example.session);
}

static void test_loop_without_an_idle_core(void)
{
    struct example example = loop(1, 1.9);
    const struct advice_verdict *verdict = judge(&example, VERDICT_REFUTED);
    g_assert_nonnull(strstr(verdict->why, "1.90 cores at once"));
    session_free(example.session);
    /* Most of that in the queue: other programs had the cores. */
    example = loop(1, 1.9);
    measure_program(&example, "cpu_seconds", 4);
    measure_program(&example, "runnable_seconds", 4);
    judge(&example, VERDICT_CONFIRMED);
    session_free(example.session);
}

static void test_too_short_to_pay(void)
{
    struct example example = loop(1, 1);
    /* 40 µs: two threads cost as much as they save. */
    for (guint i = 0; i < example.session->measurements->len; i++) {
        struct measurement *each = g_ptr_array_index(example.session->measurements, i);
        if (g_str_has_suffix(each->metric, "_seconds"))
            each->value = 40e-6;
    }
    const struct advice_verdict *verdict = judge(&example, VERDICT_REFUTED);
    g_assert_cmpfloat_with_epsilon(verdict->measured_gain, 40.0 / 60, 1e-6);
    g_assert_cmpfloat(verdict->saved_seconds, ==, 0);
    session_free(example.session);
}

static void test_few_samples(void)
{
    struct example example = loop(1, 1);
    for (guint i = 0; i < example.session->measurements->len; i++)
        ((struct measurement *)g_ptr_array_index(example.session->measurements, i))->samples = 7;
    judge(&example, VERDICT_INCONCLUSIVE);
    session_free(example.session);
}

static void test_not_exercised(void)
{
    const struct task_work work = {.tasks = 100, .in_flight = 100, .cpu_seconds = 1e-3};
    struct example example = example_new(SHAPE_SEQUENTIAL, MODEL_SEQUENTIAL, MODEL_THREADS, work);
    const struct advice_verdict *verdict = judge(&example, VERDICT_NOT_EXERCISED);
    g_assert_true(isnan(verdict->measured_gain));
    g_assert_nonnull(strstr(verdict->why, SITE));
    session_free(example.session);
}

/* `threads` connections of 5 s each that only wait, for which an event loop was advised. */
static struct example connections(double threads)
{
    const struct task_work work = {
        .tasks = 1000, .in_flight = 1000, .cpu_seconds = 1e-5, .wait_seconds = 1e-2, .unbounded = TRUE};
    struct example example = example_new(SHAPE_THREAD_PER_CONNECTION, MODEL_THREADS, MODEL_ASYNC, work);
    measure(&example, "active_seconds", 5 * threads, 4000);
    measure(&example, "wall_seconds", 5 * threads, 4000);
    measure(&example, "cpu_seconds", 0, 4000);
    measure(&example, "io_share", 1, 4000);
    measure(&example, "io_wait_share", 1, 4000);
    measure(&example, "threads", threads, (guint64)threads);
    measure_program(&example, "threads_peak", threads + 1);
    return example;
}

static void test_tasks_that_wait_at_once(void)
{
    struct example many = connections(40);
    /* 40 threads of 5 s in 10 s: 20 at a time; their stacks are 96 kB each, an event loop has one. */
    const struct advice_verdict *verdict = judge(&many, VERDICT_CONFIRMED);
    g_assert_cmpfloat_with_epsilon(verdict->work.tasks, 40, 1e-9);
    g_assert_cmpfloat_with_epsilon(verdict->work.wait_seconds, 5, 1e-9);
    session_free(many.session);
    struct example few = connections(2);
    verdict = judge(&few, VERDICT_REFUTED);
    g_assert_nonnull(strstr(verdict->why, "1 tasks waited at once"));
    session_free(few.session);
}

/* A callback that was said to block for 10 ms of each event, and blocked for 4 s in all, `longest` at once.
 */
static struct example callback(double longest)
{
    const struct task_work work = {
        .tasks = 1000, .in_flight = 1000, .wait_seconds = 1e-2, .stop_seconds = 1e-2, .unbounded = TRUE};
    struct example example = example_new(SHAPE_ONE_LOOP, MODEL_ASYNC, MODEL_ASYNC_THREADS, work);
    measure(&example, "active_seconds", 4, 400);
    measure(&example, "cpu_seconds", 0, 400);
    measure(&example, "io_wait_share", 1, 400);
    measure(&example, "blocked_seconds.disk", 4, 400);
    measure(&example, "longest_block_seconds", longest, 400);
    return example;
}

static void test_callback_that_stops_its_loop(void)
{
    struct example blocking = callback(0.02);
    const struct advice_verdict *verdict = judge(&blocking, VERDICT_CONFIRMED);
    /* Today 4 s of stops, the wait of the peers (10 ms · 1000 / 1000) and 2.34 µs per event; with a pool of
     * 16 a sixteenth of the stops, 16 threads and 8 µs per event more. */
    g_assert_cmpfloat_with_epsilon(verdict->measured_gain,
                                   (4 + 0.01 + 0.00234) / (0.25 + 0.01 + 0.01034 + 0.00032), 1e-3);
    /* How many events come is not known: nothing is said of a total. */
    g_assert_true(isnan(verdict->saved_seconds));
    g_assert_nonnull(strstr(g_ptr_array_index(verdict->observations, verdict->observations->len - 1),
                            "tasks per second can grow"));
    session_free(blocking.session);
    struct example brief = callback(1e-4);
    judge(&brief, VERDICT_REFUTED);
    session_free(brief.session);
}

/* Threads under one lock: of 6 s of computing, 1.0 or 1.9 threads at a time. */
static struct example big_lock(double lock_share, double parallelism)
{
    const struct task_work work = {
        .tasks = 400, .in_flight = 400, .cpu_seconds = 1e-3, .serial_seconds = 1e-3};
    struct example example = example_new(SHAPE_THREAD_POOL, MODEL_THREADS, MODEL_THREADS, work);
    measure(&example, "active_seconds", 6 / (1 - lock_share), 6000);
    measure(&example, "cpu_seconds", 6, 6000);
    measure(&example, "cpu_share", 1 - lock_share, 6000);
    measure(&example, "lock_share", lock_share, 6000);
    measure(&example, "threads", 4, 4);
    measure_program(&example, "parallelism", parallelism);
    return example;
}

static void test_lock_that_lets_one_through(void)
{
    struct example serial = big_lock(0.7, 1.2);
    const struct advice_verdict *verdict = judge(&serial, VERDICT_CONFIRMED);
    /* 6 / 1.2 s now, and 6 / 2 s without the lock; making two threads and taking it 400 times (0.2 µs) is
     * little. */
    g_assert_cmpfloat_with_epsilon(verdict->measured_gain, 5.00012 / 3.00004, 1e-4);
    session_free(serial.session);
    struct example free_of_it = big_lock(0.05, 1.9);
    judge(&free_of_it, VERDICT_REFUTED);
    session_free(free_of_it.session);
}

static void test_kept(void)
{
    const struct task_work work = {.tasks = 100, .in_flight = 100, .cpu_seconds = 1e-3};
    struct example right = example_new(SHAPE_THREAD_POOL, MODEL_THREADS, MODEL_THREADS, work);
    measure(&right, "active_seconds", 8, 8000);
    measure(&right, "cpu_seconds", 8, 8000);
    measure(&right, "threads", 4, 4);
    measure_program(&right, "parallelism", 4);
    const struct advice_verdict *verdict = judge(&right, VERDICT_CONFIRMED);
    g_assert_nonnull(strstr(g_ptr_array_index(verdict->observations, 0), "2.0 runnable threads per core"));
    session_free(right.session);
    struct example wrong = example_new(SHAPE_SEQUENTIAL, MODEL_SEQUENTIAL, MODEL_SEQUENTIAL, work);
    measure(&wrong, "active_seconds", 8, 8000);
    measure(&wrong, "cpu_seconds", 8, 8000);
    verdict = judge(&wrong, VERDICT_REFUTED);
    g_assert_nonnull(strstr(verdict->why, "threads would be worth a factor of 2.00"));
    session_free(wrong.session);
}

/* Two threads with event loops: the one that went round more often counts. */
static void measure_rounds(struct example *example, double tail, double longest)
{
    struct session *session = example->session;
    session_add_measurement(session, "r1", SUBJECT_THREAD, "r1/7", "callback_seconds_p99", 5, 2);
    session_add_measurement(session, "r1", SUBJECT_THREAD, "r1/7", "longest_callback_seconds", 5, 2);
    session_add_measurement(session, "r1", SUBJECT_THREAD, "r1/8", "callback_seconds_p99", tail, 900);
    session_add_measurement(session, "r1", SUBJECT_THREAD, "r1/8", "longest_callback_seconds", longest, 900);
}

static void test_rounds_of_callbacks(void)
{
    struct example blocking = callback(0.02);
    measure_rounds(&blocking, 1e-4, 2e-2);
    judge(&blocking, VERDICT_CONFIRMED);
    session_free(blocking.session);
    struct example brief = callback(0.02);
    measure_rounds(&brief, 1e-4, 5e-4);
    const struct advice_verdict *verdict = judge(&brief, VERDICT_REFUTED);
    g_assert_cmpstr(verdict->why, ==,
                    "of 900 rounds of callbacks 99 % took 0.0001 s at most, the longest 0.0005 s");
    session_free(brief.session);
}

/* A loop that is kept, of 1 s of computing in 10 s. */
static void test_kept_loop(void)
{
    const struct task_work work = {.tasks = 1000, .in_flight = 1000, .cpu_seconds = 1e-5, .unbounded = TRUE};
    const double tails[] = {9e-3, 11e-3};
    for (guint i = 0; i < G_N_ELEMENTS(tails); i++) {
        struct example kept = example_new(SHAPE_ONE_LOOP, MODEL_ASYNC, MODEL_ASYNC, work);
        measure(&kept, "active_seconds", 1, 1000);
        measure_program(&kept, "active_seconds", 1);
        measure_program(&kept, "cpu_seconds", 1);
        measure_program(&kept, "threads_peak", 1);
        measure_program(&kept, "io_wait_share", 0);
        measure_rounds(&kept, tails[i], 0.5);
        judge(&kept, tails[i] < 1e-2 ? VERDICT_CONFIRMED : VERDICT_INCONCLUSIVE);
        session_free(kept.session);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/advice/loop", test_loop_gains_by_its_measured_time);
    g_test_add_func("/advice/loop-waits", test_loop_that_waits_is_no_computing);
    g_test_add_func("/advice/no-idle-core", test_loop_without_an_idle_core);
    g_test_add_func("/advice/too-short", test_too_short_to_pay);
    g_test_add_func("/advice/few-samples", test_few_samples);
    g_test_add_func("/advice/not-exercised", test_not_exercised);
    g_test_add_func("/advice/waiting-at-once", test_tasks_that_wait_at_once);
    g_test_add_func("/advice/callback", test_callback_that_stops_its_loop);
    g_test_add_func("/advice/rounds", test_rounds_of_callbacks);
    g_test_add_func("/advice/kept-loop", test_kept_loop);
    g_test_add_func("/advice/big-lock", test_lock_that_lets_one_through);
    g_test_add_func("/advice/kept", test_kept);
    return g_test_run();
}
