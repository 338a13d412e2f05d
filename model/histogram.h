/* SPDX-License-Identifier: Apache-2.0 */
/* Durations by size: logarithmic buckets, each split into equal parts (the layout of HdrHistogram), so that a
 * quantile is off by at most 1 / HISTOGRAM_PARTS of itself and histograms of several runs can be added up. */
#ifndef MODEL_HISTOGRAM_H
#define MODEL_HISTOGRAM_H

#include <glib.h>

#define HISTOGRAM_PARTS   32
#define HISTOGRAM_OCTAVES 45 /* from 1 ns to some ten hours */

struct histogram {
    guint64 counts[HISTOGRAM_OCTAVES * HISTOGRAM_PARTS];
    guint64 total;
};

void histogram_add(struct histogram *histogram, double seconds);
/* What was counted elsewhere in parts of the same layout; those beyond the last count for the last. */
void histogram_add_part(struct histogram *histogram, guint part, guint64 count);
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/* The smallest duration that at least `share` (0 … 1) of all do not exceed, in seconds; the middle of its
 * part. NaN of an empty histogram. */
double histogram_quantile(const struct histogram *histogram, double share);

/* The histogram under this number, which is made when it is missing; the table frees its values by g_free. */
struct histogram *histogram_of(GHashTable *histograms, guint number);

#endif
