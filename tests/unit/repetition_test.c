/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/calibration/repetition.h"

#include <errno.h>
#include <time.h>

static const struct effort brief = {
    .batch_seconds = 1e-3, .limit_seconds = 0.3, .repetitions = 21, .disturbed_factor = 2};

static void test_quartiles(void)
{
    double values[] = {5, 1, 4, 2, 3};
    struct repetition result;
    repetition_of(values, G_N_ELEMENTS(values), &result);
    g_assert_cmpfloat(result.median, ==, 3);
    g_assert_cmpfloat(result.low, ==, 2);
    g_assert_cmpfloat(result.high, ==, 4);
    g_assert_cmpuint(result.samples, ==, 5);
    repetition_scale(&result, 10, -5);
    g_assert_cmpfloat(result.median, ==, 25);
    g_assert_cmpfloat(result.low, ==, 15);
}

static guint64 sleep_some(guint64 count, gpointer data)
{
    const struct timespec *length = data;
    for (guint64 i = 0; i < count; i++)
        nanosleep(length, NULL);
    return count;
}

static void test_known_length(void)
{
    struct timespec length = {.tv_nsec = 2000000};
    struct repetition result;
    g_assert_true(repetition_measure(&brief, sleep_some, &length, &result));
    g_assert_cmpfloat(result.median, >=, 0.002);
    g_assert_cmpfloat(result.median, <, 0.02);
    g_assert_cmpfloat(result.low, <=, result.median);
    g_assert_cmpfloat(result.high, >=, result.median);
    g_assert_cmpuint(result.samples, >=, REPETITIONS_MINIMUM);
}

/* Every third time something else runs for long: that is not the work's cost. */
static guint64 sleep_disturbed(guint64 count, gpointer data)
{
    guint *round = data;
    struct timespec length = {.tv_nsec = (*round)++ % 3 == 2 ? 30000000 : 2000000};
    nanosleep(&length, NULL);
    return count;
}

static void test_disturbance(void)
{
    struct repetition result;
    guint round = 0;
    g_assert_true(repetition_measure(&brief, sleep_disturbed, &round, &result));
    g_assert_cmpfloat(result.high, <, 0.03);
    g_assert_cmpuint(result.samples, <, round);
}

static guint64 fail(guint64 count, gpointer data)
{
    (void)count;
    errno = *(int *)data;
    return 0;
}

static void test_failure(void)
{
    struct repetition result;
    int reason = EMFILE;
    g_assert_false(repetition_measure(&brief, fail, &reason, &result));
    g_assert_cmpint(errno, ==, EMFILE);
    g_assert_cmpuint(result.samples, ==, 0);
    reason = REPETITION_AGAIN; /* for ever: it must end all the same */
    g_assert_false(repetition_measure(&brief, fail, &reason, &result));
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/repetition/quartiles", test_quartiles);
    g_test_add_func("/repetition/known-length", test_known_length);
    g_test_add_func("/repetition/disturbance", test_disturbance);
    g_test_add_func("/repetition/failure", test_failure);
    return g_test_run();
}
