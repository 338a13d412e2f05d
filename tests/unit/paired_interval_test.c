/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "model/paired_interval.h"

/* Hollander and Wolfe's example of depression scores (table 3.1): of nine patients, the differences after
 * therapy. Estimate -0.46, interval at 96.1 % from -0.786 to -0.010. */
static void test_textbook(void)
{
    const double differences[] = {-0.952, 0.147, -1.022, -0.430, -0.620, -0.590, -0.490, 0.080, -0.010};
    struct paired_interval interval = paired_interval_of(differences, G_N_ELEMENTS(differences));
    g_assert_cmpfloat_with_epsilon(interval.estimate, -0.46, 1e-9);
    g_assert_cmpfloat_with_epsilon(interval.low, -0.786, 1e-9);
    g_assert_cmpfloat_with_epsilon(interval.high, -0.010, 1e-9);
}

static void test_few(void)
{
    const double differences[] = {1, 2, 3, 4, 5, 6};
    struct paired_interval none = paired_interval_of(NULL, 0);
    g_assert_true(isnan(none.estimate) && isinf(none.low) && isinf(none.high));
    struct paired_interval five = paired_interval_of(differences, 5);
    g_assert_cmpfloat(five.estimate, ==, 3);
    g_assert_true(isinf(five.low) && isinf(five.high));
    struct paired_interval six = paired_interval_of(differences, 6);
    g_assert_cmpfloat(six.low, ==, 1);
    g_assert_cmpfloat(six.high, ==, 6);
}

/* Of many samples of a skewless distribution around 0.1, about one interval in twenty misses it. */
static void test_coverage(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(20261121);
    const int repetitions = 2000;
    int missed = 0;
    for (int repetition = 0; repetition < repetitions; repetition++) {
        double differences[12];
        for (guint i = 0; i < G_N_ELEMENTS(differences); i++)
            differences[i] = 0.1 + g_rand_double_range(random, -1, 1) * g_rand_double(random);
        struct paired_interval interval = paired_interval_of(differences, G_N_ELEMENTS(differences));
        missed += interval.low > 0.1 || interval.high < 0.1;
    }
    g_assert_cmpint(missed, >, repetitions * 2 / 100);
    g_assert_cmpint(missed, <, repetitions * 7 / 100);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/paired_interval/textbook", test_textbook);
    g_test_add_func("/paired_interval/few", test_few);
    g_test_add_func("/paired_interval/coverage", test_coverage);
    return g_test_run();
}
