/* SPDX-License-Identifier: Apache-2.0 */
#include "model/histogram.h"

#include <math.h>

static void assert_close(double seen, double expected)
{
    g_assert_cmpfloat(fabs(seen - expected), <=, expected / HISTOGRAM_PARTS);
}

static void test_quantiles(void)
{
    struct histogram histogram = {0};
    for (int i = 1; i <= 1000; i++)
        histogram_add(&histogram, i * 1e-3);
    assert_close(histogram_quantile(&histogram, 0.50), 0.5);
    assert_close(histogram_quantile(&histogram, 0.99), 0.99);
    assert_close(histogram_quantile(&histogram, 1), 1);
    assert_close(histogram_quantile(&histogram, 0), 0.001);
}

static void test_merge(void)
{
    struct histogram one = {0}, other = {0}, both = {0};
    for (int i = 0; i < 2000; i++) {
        double seconds = 1e-6 * (1 + i * i % 977);
        histogram_add(i % 2 ? &one : &other, seconds);
        histogram_add(&both, seconds);
    }
    histogram_merge(&one, &other);
    g_assert_cmpmem(&one, sizeof(one), &both, sizeof(both));
}

static void test_extremes(void)
{
    struct histogram histogram = {0};
    g_assert_true(isnan(histogram_quantile(&histogram, 0.5)));
    histogram_add(&histogram, 0);
    histogram_add(&histogram, 1e12);
    g_assert_cmpfloat(histogram_quantile(&histogram, 0.5), <, 2e-9);
    g_assert_cmpfloat(histogram_quantile(&histogram, 1), >, 1e4);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/histogram/quantiles", test_quantiles);
    g_test_add_func("/histogram/merge", test_merge);
    g_test_add_func("/histogram/extremes", test_extremes);
    return g_test_run();
}
