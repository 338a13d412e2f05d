/* SPDX-License-Identifier: Apache-2.0 */
/* Durations by size: octaves of nanoseconds, each split into equal parts, so that a quantile is off by at
 * most half of 1 / LATENCY_PARTS of itself and the histograms of several workers can be added up. Only
 * counters: it may lie in shared memory, written by one worker and read by the caller. */
#ifndef RUNTIME_LATENCY_HISTOGRAM_H
#define RUNTIME_LATENCY_HISTOGRAM_H

#include <stdint.h>

#define LATENCY_PARTS   32
#define LATENCY_OCTAVES 45 /* from 1 ns to some ten hours */

struct latency_histogram {
    uint64_t counts[LATENCY_OCTAVES * LATENCY_PARTS];
    uint64_t total, max_ns;
};

void corewise_histogram_add(struct latency_histogram *histogram, uint64_t duration_ns);
void corewise_histogram_merge(struct latency_histogram *histogram, const struct latency_histogram *other);
/* The duration that `share` (0 … 1) of all do not exceed, in seconds; 0 of an empty histogram. */
double corewise_histogram_quantile(const struct latency_histogram *histogram, double share);

#endif
