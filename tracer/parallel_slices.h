/* SPDX-License-Identifier: Apache-2.0 */
/* How evenly a program ran in parallel: its sums, read again and again while it runs, cut the run into
 * slices. Their differences tell how far the average of one run can be trusted. */
#ifndef TRACER_PARALLEL_SLICES_H
#define TRACER_PARALLEL_SLICES_H

#include <glib.h>

#include "tracer/bpf/watch_shared.h"

struct parallel_slices;

struct parallel_slices *parallel_slices_new(void);
void parallel_slices_free(struct parallel_slices *slices);

/* To be called often; reads the sums when a slice is over. `running_ns` is the time that all
 * threads were active so far, `now_ns` the monotonic time until which it was added up. */
void parallel_slices_tick(struct parallel_slices *slices, const volatile struct watch_totals *totals,
                          guint64 running_ns, guint64 now_ns);

/* The observations that the parallelism of the run is worth; at most `samples`, which it is when the run was
 * too short to be cut. */
guint64 parallel_slices_worth(const struct parallel_slices *slices, guint64 samples);

#endif
