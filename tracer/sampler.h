/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks that sample what runs, one per core, and their rate: full while there is news of what runs, a
 * seventh once most samples have fallen for a second where there were many already, and a third of that, and
 * sooner, while threads queue for locks all the time. A sample counts by the time it stands for, so the rate
 * changes how sure a share is, and not the share. */
#ifndef TRACER_SAMPLER_H
#define TRACER_SAMPLER_H

#include <glib.h>

#define SAMPLE_HZ_DEFAULT 997

struct watch_bpf;
struct sampler;

/* Samples every core of the host `hz` times per second, and when hz is 0, at most SAMPLE_HZ_DEFAULT times.
 * NULL with TRACER_ERROR_KERNEL or TRACER_ERROR_PRIVILEGE. The skeleton must outlive it. */
struct sampler *sampler_new(struct watch_bpf *skeleton, guint hz, GError **error);
/* Sets the rate anew from what was sampled since the last time; to be called often. `now_ns` is of
 * CLOCK_MONOTONIC. */
void sampler_tick(struct sampler *sampler, guint64 now_ns);
/* Stops sampling. NULL is nothing. */
void sampler_free(struct sampler *sampler);

#endif
