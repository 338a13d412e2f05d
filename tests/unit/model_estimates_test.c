/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/model_estimates.h"

static struct host_costs host_of(int cores)
{
    struct host_costs host;
    host_costs_default(&host);
    host.cores = cores;
    return host;
}

static enum execution_model choose(const struct workload *workload, int cores)
{
    struct host_costs host = host_of(cores);
    g_autoptr(GPtrArray) estimates = model_estimates_new(workload, &host);
    g_assert_cmpuint(estimates->len, ==, EXECUTION_MODEL_COUNT);
    return model_estimates_choose(estimates, workload);
}

static double seconds(const struct workload *workload, enum execution_model model, int cores)
{
    struct host_costs host = host_of(cores);
    g_autoptr(GPtrArray) estimates = model_estimates_new(workload, &host);
    return ((const struct model_estimate *)g_ptr_array_index(estimates, model))->predicted_seconds;
}

static void test_computing(void)
{
    struct workload work = {.tasks = 100, .in_flight = 100, .cpu_seconds = 0.01, .current = MODEL_SEQUENTIAL};
    g_assert_cmpfloat_with_epsilon(seconds(&work, MODEL_SEQUENTIAL, 4), 1, 1e-9);
    g_assert_cmpfloat_with_epsilon(seconds(&work, MODEL_THREADS, 4), 0.25, 0.01);
    g_assert_cmpfloat_with_epsilon(seconds(&work, MODEL_ASYNC, 4), 1, 0.01);
    g_assert_cmpint(choose(&work, 4), ==, MODEL_THREADS);
    g_assert_cmpint(choose(&work, 1), ==, MODEL_SEQUENTIAL);
    work.ruled_out[MODEL_THREADS] = g_strdup("not thread-safe");
    g_assert_cmpint(choose(&work, 4), ==, MODEL_PROCESSES);
    workload_clear(&work);
}

static void test_too_short(void)
{
    struct workload work = {.tasks = 10, .in_flight = 10, .cpu_seconds = 1e-6, .current = MODEL_SEQUENTIAL};
    g_assert_cmpint(choose(&work, 4), ==, MODEL_SEQUENTIAL);
}

static void test_few_waits(void)
{
    struct workload work = {.tasks = 8, .in_flight = 8, .cpu_seconds = 1e-5, .wait_seconds = 0.1};
    g_assert_cmpint(choose(&work, 2), ==, MODEL_THREADS);
    work.current = MODEL_ASYNC;
    g_assert_cmpint(choose(&work, 2), ==, MODEL_ASYNC);
}

static void test_connections(void)
{
    struct workload work = {.tasks = 1000,
                            .in_flight = 1000,
                            .cpu_seconds = 1e-5,
                            .wait_seconds = 0.1,
                            .unbounded = TRUE,
                            .current = MODEL_THREADS};
    g_assert_cmpint(choose(&work, 2), ==, MODEL_ASYNC);
    work.stop_seconds = 0.01;
    g_assert_cmpint(choose(&work, 2), ==, MODEL_ASYNC_THREADS);
}

/* A lock held for all of the work leaves nothing to gain, but for who does not share what it protects. */
static void test_big_lock(void)
{
    struct workload work = {.tasks = 100,
                            .in_flight = 100,
                            .cpu_seconds = 0.01,
                            .serial_seconds = 0.01,
                            .current = MODEL_THREADS};
    g_assert_cmpfloat(seconds(&work, MODEL_THREADS, 4), >=, 1);
    g_assert_cmpint(choose(&work, 4), ==, MODEL_THREADS);
}

static void test_small_gain(void)
{
    struct workload work = {.tasks = 32, .in_flight = 32, .cpu_seconds = 0.1, .current = MODEL_PROCESSES};
    g_assert_cmpint(choose(&work, 2), ==, MODEL_PROCESSES);
    work.cpu_seconds = 1e-4;
    g_assert_cmpint(choose(&work, 2), !=, MODEL_PROCESSES);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/model-estimates/computing", test_computing);
    g_test_add_func("/model-estimates/too-short", test_too_short);
    g_test_add_func("/model-estimates/few-waits", test_few_waits);
    g_test_add_func("/model-estimates/connections", test_connections);
    g_test_add_func("/model-estimates/big-lock", test_big_lock);
    g_test_add_func("/model-estimates/small-gain", test_small_gain);
    return g_test_run();
}
