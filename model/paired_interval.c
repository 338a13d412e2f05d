/* SPDX-License-Identifier: Apache-2.0 */
#include "model/paired_interval.h"

#include <math.h>
#include <stdlib.h>

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* How many of the sorted Walsh averages lie outside of the interval on either side: the largest k for which a
 * signed-rank sum of at most k - 1 has a probability of at most PAIRED_ERROR / 2. */
static guint averages_outside(guint count)
{
    guint sums = count * (count + 1) / 2 + 1;
    g_autofree double *probability = g_new0(double, sums);
    probability[0] = 1;
    for (guint rank = 1; rank <= count; rank++) {
        for (guint sum = sums; sum-- > 0;)
            probability[sum] = (probability[sum] + (sum >= rank ? probability[sum - rank] : 0)) / 2;
    }
    double below = 0;
    guint outside = 0;
    while (outside < sums && below + probability[outside] <= PAIRED_ERROR / 2)
        below += probability[outside++];
    return outside;
}

struct paired_interval paired_interval_of(const double *differences, guint count)
{
    struct paired_interval interval = {.estimate = NAN, .low = -INFINITY, .high = INFINITY};
    if (count == 0)
        return interval;
    guint pairs = count * (count + 1) / 2;
    g_autofree double *averages = g_new(double, pairs);
    guint next = 0;
    for (guint i = 0; i < count; i++) {
        for (guint j = i; j < count; j++)
            averages[next++] = (differences[i] + differences[j]) / 2;
    }
    qsort(averages, pairs, sizeof *averages, compare_doubles);
    interval.estimate = (averages[(pairs - 1) / 2] + averages[pairs / 2]) / 2;
    guint outside = averages_outside(count);
    if (outside > 0) {
        interval.low = averages[outside - 1];
        interval.high = averages[pairs - outside];
    }
    return interval;
}
