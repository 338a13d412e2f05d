/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/model_estimates.h"

#include <math.h>

static struct host_costs host_of(int cores)
{
    struct host_costs host;
    host_costs_default(&host);
    host.cores = cores;
    host.quota_cores = 0;
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

/* A task blocks in one place at a time: a larger pool does not shorten its wait. */
static void test_pool_of_few_tasks(void)
{
    struct workload work = {.tasks = 2, .in_flight = 2, .cpu_seconds = 0.03, .stop_seconds = 0.08};
    g_assert_cmpfloat(seconds(&work, MODEL_ASYNC_THREADS, 2), >=, 0.03 + 0.08);
    work.current = MODEL_THREADS;
    g_assert_cmpint(choose(&work, 2), ==, MODEL_THREADS);
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

/* Each model is the best one for some work: none is there for show. */
static void test_every_model_wins(void)
{
    const struct workload computing = {.tasks = 100, .in_flight = 100, .cpu_seconds = 0.01};
    const struct workload waiting = {
        .tasks = 1000, .in_flight = 1000, .cpu_seconds = 1e-6, .wait_seconds = 0.1, .unbounded = TRUE};
    struct workload work = {.tasks = 10, .in_flight = 10, .cpu_seconds = 1e-6, .current = MODEL_THREADS};
    g_assert_cmpint(choose(&work, 4), ==, MODEL_SEQUENTIAL);
    work = computing;
    g_assert_cmpint(choose(&work, 4), ==, MODEL_THREADS);
    work.ruled_out[MODEL_THREADS] = work.ruled_out[MODEL_ASYNC_THREADS] = "not thread-safe";
    g_assert_cmpint(choose(&work, 4), ==, MODEL_PROCESSES);
    work = waiting;
    g_assert_cmpint(choose(&work, 4), ==, MODEL_ASYNC);
    work.cpu_seconds = 20e-6;
    work.wait_seconds = 1e-3;
    g_assert_cmpint(choose(&work, 4), ==, MODEL_ASYNC_PROCESSES);
    work = waiting;
    work.stop_seconds = 0.01;
    g_assert_cmpint(choose(&work, 4), ==, MODEL_ASYNC_THREADS);
}

static struct workload random_workload(GRand *random)
{
    struct workload work = {
        .tasks = floor(pow(10, g_rand_double_range(random, 0, 4))),
        .cpu_seconds = pow(10, g_rand_double_range(random, -7, -1)),
        .wait_seconds = g_rand_boolean(random) ? pow(10, g_rand_double_range(random, -6, 0)) : 0,
        .stop_seconds = g_rand_boolean(random) ? pow(10, g_rand_double_range(random, -6, 0)) : 0,
        .message_bytes = g_rand_boolean(random) ? pow(10, g_rand_double_range(random, 0, 7)) : 0,
        .resident_bytes = g_rand_boolean(random) ? pow(10, g_rand_double_range(random, 6, 10)) : 0,
        .unbounded = g_rand_boolean(random),
    };
    work.in_flight = work.tasks;
    work.serial_seconds = g_rand_boolean(random) ? work.cpu_seconds * g_rand_double(random) : 0;
    return work;
}

/* What costs more cannot make anything cheaper, whatever the work. */
static void test_monotone_in_costs(void)
{
    GRand *random = g_rand_new_with_seed(7);
    for (int round = 0; round < 300; round++) {
        struct workload work = random_workload(random);
        struct host_costs cheap = host_of(g_rand_int_range(random, 1, 9));
        g_autoptr(GPtrArray) before = model_estimates_new(&work, &cheap);
        for (int id = 0; id < HOST_COST_COUNT; id++) {
            struct host_costs dear = cheap;
            *(double *)((char *)&dear + host_cost_kinds[id].offset) *= 3;
            g_autoptr(GPtrArray) after = model_estimates_new(&work, &dear);
            for (guint i = 0; i < before->len; i++) {
                const struct model_estimate *low = before->pdata[i], *high = after->pdata[i];
                g_assert_cmpfloat(high->predicted_seconds, >=, low->predicted_seconds * (1 - 1e-12));
                g_assert_cmpfloat(high->predicted_bytes, >=, low->predicted_bytes);
            }
        }
    }
    g_rand_free(random);
}

/* Each measured cost changes some prediction; the operation's goes into the cost of functions instead. */
static void test_every_cost_counts(void)
{
    const struct workload kinds[] = {
        {.tasks = 100, .in_flight = 100, .cpu_seconds = 1e-5, .wait_seconds = 1e-5, .unbounded = TRUE},
        {.tasks = 100, .in_flight = 100, .cpu_seconds = 1e-5, .serial_seconds = 1e-7, .resident_bytes = 1e9},
        {.tasks = 100, .in_flight = 100, .cpu_seconds = 1e-5, .serial_seconds = 9e-6, .message_bytes = 3e3},
        {.tasks = 100, .in_flight = 100, .cpu_seconds = 1e-5, .message_bytes = 1e6},
    };
    for (int id = 0; id < HOST_COST_COUNT; id++) {
        gboolean counts = id == HOST_OPERATION;
        for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
            struct host_costs host = host_of(4), changed = host;
            *(double *)((char *)&changed + host_cost_kinds[id].offset) /= 10; /* the cheapest way is taken */
            g_autoptr(GPtrArray) before = model_estimates_new(&kinds[i], &host);
            g_autoptr(GPtrArray) after = model_estimates_new(&kinds[i], &changed);
            for (guint model = 0; model < before->len; model++) {
                const struct model_estimate *first = before->pdata[model], *second = after->pdata[model];
                counts = counts || first->predicted_seconds > second->predicted_seconds ||
                         first->predicted_bytes > second->predicted_bytes;
            }
        }
        if (!counts)
            g_test_message("%s changes nothing", host_cost_kinds[id].name);
        g_assert_true(counts);
    }
}

/* One core and a half: two workers, but not twice as fast as one. */
static void test_quota(void)
{
    struct workload work = {.tasks = 100, .in_flight = 100, .cpu_seconds = 0.01};
    struct host_costs host = host_of(2);
    host.quota_cores = 1.5;
    g_autoptr(GPtrArray) estimates = model_estimates_new(&work, &host);
    const struct model_estimate *threads = estimates->pdata[MODEL_THREADS];
    g_assert_cmpfloat_with_epsilon(threads->predicted_seconds, 1 / 1.5, 0.01);
    g_assert_cmpfloat_with_epsilon(threads->predicted_bytes, 2 * host.thread_bytes, 1);
    host.cores = 1;
    host.quota_cores = 0.5;
    g_autoptr(GPtrArray) slow = model_estimates_new(&work, &host);
    const struct model_estimate *sequential = slow->pdata[MODEL_SEQUENTIAL];
    g_assert_cmpfloat_with_epsilon(sequential->predicted_seconds, 2, 0.01);
}

static void test_message_sizes(void)
{
    struct host_costs host = host_of(2);
    enum message_channel channel = CHANNEL_SOCKET;
    double last = 0;
    for (double bytes = 1; bytes < 1e9; bytes *= 1.7) {
        double seconds = host_costs_message(&host, bytes, &channel);
        g_assert_cmpfloat(seconds, >=, last);
        last = seconds;
    }
    g_assert_cmpint(channel, ==, CHANNEL_SHARED_MEMORY);
    for (int size = 0; size < MESSAGE_SIZE_COUNT; size++)
        g_assert_cmpfloat_with_epsilon(
            host_costs_message(&host, message_size_bytes[size], NULL),
            MIN(host.message_seconds[CHANNEL_PIPE][size], host.message_seconds[CHANNEL_SHARED_MEMORY][size]),
            1e-12);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/model-estimates/computing", test_computing);
    g_test_add_func("/model-estimates/too-short", test_too_short);
    g_test_add_func("/model-estimates/few-waits", test_few_waits);
    g_test_add_func("/model-estimates/connections", test_connections);
    g_test_add_func("/model-estimates/pool-of-few-tasks", test_pool_of_few_tasks);
    g_test_add_func("/model-estimates/big-lock", test_big_lock);
    g_test_add_func("/model-estimates/small-gain", test_small_gain);
    g_test_add_func("/model-estimates/every-model-wins", test_every_model_wins);
    g_test_add_func("/model-estimates/monotone-in-costs", test_monotone_in_costs);
    g_test_add_func("/model-estimates/every-cost-counts", test_every_cost_counts);
    g_test_add_func("/model-estimates/quota", test_quota);
    g_test_add_func("/model-estimates/message-sizes", test_message_sizes);
    return g_test_run();
}
