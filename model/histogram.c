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
    return (guint)(exponent - 1) * HISTOGRAM_PARTS + (guint)((mantissa - 0.5) * 2 * HISTOGRAM_PARTS);
}

void histogram_add(struct histogram *histogram, double seconds)
{
    histogram_add_part(histogram, part_of(seconds), 1);
}

void histogram_add_part(struct histogram *histogram, guint part, guint64 count)
{
    histogram->counts[MIN(part, PARTS_TOTAL - 1)] += count;
    histogram->total += count;
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

struct histogram *histogram_of(GHashTable *histograms, guint number)
{
    struct histogram *histogram = g_hash_table_lookup(histograms, GUINT_TO_POINTER(number));
    if (!histogram) {
        histogram = g_new0(struct histogram, 1);
        g_hash_table_insert(histograms, GUINT_TO_POINTER(number), histogram);
    }
    return histogram;
}
