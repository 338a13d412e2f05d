/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/latency_histogram.h"

#include <stddef.h>

enum { PART_BITS = 5 };
_Static_assert(1 << PART_BITS == LATENCY_PARTS, "parts are bits of the duration");

/* Durations below LATENCY_PARTS have a part of their own; above, the octave is the position of the first bit
 * and the part the PART_BITS after it. */
static size_t part_of(uint64_t duration_ns)
{
    if (duration_ns < LATENCY_PARTS)
        return (size_t)duration_ns;
    unsigned shift = 63 - (unsigned)__builtin_clzll(duration_ns) - PART_BITS;
    size_t part = (size_t)(shift + 1) * LATENCY_PARTS + ((duration_ns >> shift) & (LATENCY_PARTS - 1));
    size_t last = (size_t)LATENCY_OCTAVES * LATENCY_PARTS - 1;
    return part < last ? part : last;
}

static double middle_ns(size_t part)
{
    if (part < LATENCY_PARTS)
        return (double)part;
    unsigned shift = (unsigned)(part / LATENCY_PARTS) - 1;
    uint64_t low = (uint64_t)(LATENCY_PARTS + part % LATENCY_PARTS) << shift;
    return (double)low + (double)((uint64_t)1 << shift) / 2;
}

void corewise_histogram_add(struct latency_histogram *histogram, uint64_t duration_ns)
{
    histogram->counts[part_of(duration_ns)]++;
    histogram->total++;
    if (duration_ns > histogram->max_ns)
        histogram->max_ns = duration_ns;
}

void corewise_histogram_merge(struct latency_histogram *histogram, const struct latency_histogram *other)
{
    for (size_t i = 0; i < sizeof(histogram->counts) / sizeof(histogram->counts[0]); i++)
        histogram->counts[i] += other->counts[i];
    histogram->total += other->total;
    if (other->max_ns > histogram->max_ns)
        histogram->max_ns = other->max_ns;
}

double corewise_histogram_quantile(const struct latency_histogram *histogram, double share)
{
    uint64_t below = 0;
    double wanted = share * (double)histogram->total;
    for (size_t i = 0; i < sizeof(histogram->counts) / sizeof(histogram->counts[0]); i++) {
        below += histogram->counts[i];
        if (below > 0 && (double)below >= wanted) {
            double middle = middle_ns(i), max = (double)histogram->max_ns;
            return (middle < max ? middle : max) / 1e9;
        }
    }
    return (double)histogram->max_ns / 1e9;
}
