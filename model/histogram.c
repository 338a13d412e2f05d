/* SPDX-License-Identifier: Apache-2.0 */
#include "model/histogram.h"

#include <math.h>

#define SMALLEST_SECONDS 1e-9
#define PARTS_TOTAL      (HISTOGRAM_OCTAVES * HISTOGRAM_PARTS)

static guint part_of(double seconds)
{
    int exponent;
    double units = seconds / SMALLEST_SECONDS;
    if (!(units >= 1))
        return 0;
    double mantissa = frexp(units, &exponent); /* 0.5 … 1 */
    guint part = (guint)(exponent - 1) * HISTOGRAM_PARTS + (guint)((mantissa - 0.5) * 2 * HISTOGRAM_PARTS);
    return MIN(part, PARTS_TOTAL - 1);
}

void histogram_add(struct histogram *histogram, double seconds)
{
    histogram->counts[part_of(seconds)]++;
    histogram->total++;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
    for (guint i = 0; i < PARTS_TOTAL; i++)
        histogram->counts[i] += other->counts[i];
    histogram->total += other->total;
}

double histogram_quantile(const struct histogram *histogram, double share)
{
    guint64 wanted = (guint64)MAX(1, ceil(share * (double)histogram->total)), seen = 0;
    for (guint i = 0; i < PARTS_TOTAL; i++) {
        seen += histogram->counts[i];
        if (seen >= wanted)
            return SMALLEST_SECONDS * ldexp(1 + ((double)(i % HISTOGRAM_PARTS) + 0.5) / HISTOGRAM_PARTS,
                                            (int)(i / HISTOGRAM_PARTS));
    }
    return NAN;
}
