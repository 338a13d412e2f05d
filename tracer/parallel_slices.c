/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/parallel_slices.h"

#include "model/effective_samples.h"

#define SLICE_NS     50000000
#define SLICES_LEAST 5

/* Sums since the run began. */
struct reading {
    guint64 time_ns;
    gint64 active_ns, running_ns;
};

struct parallel_slices {
    GArray *active,
        *running;        /* double: seconds of each slice with a running thread, and of running threads */
    struct reading last; /* time 0: none */
};

struct parallel_slices *parallel_slices_new(void)
{
    struct parallel_slices *slices = g_new0(struct parallel_slices, 1);
    slices->active = g_array_new(FALSE, FALSE, sizeof(double));
    slices->running = g_array_new(FALSE, FALSE, sizeof(double));
    return slices;
}

void parallel_slices_free(struct parallel_slices *slices)
{
    if (!slices)
        return;
    g_array_unref(slices->active);
    g_array_unref(slices->running);
    g_free(slices);
}

static struct reading read_sums(const volatile struct watch_totals *totals, guint64 running_ns,
                                guint64 now_ns)
{
    guint64 active_ns = span_sum_at(&totals->active, now_ns);
    return (struct reading){now_ns, (gint64)active_ns, (gint64)running_ns};
}

/* The sums are not written at one moment: what cannot be was read between two of them, or the run began anew.
 */
static gboolean is_possible(const struct reading *from, const struct reading *to, guint64 most_threads)
{
    gint64 active = to->active_ns - from->active_ns, running = to->running_ns - from->running_ns;
    guint64 length = to->time_ns - from->time_ns;
    return active >= 0 && (guint64)active <= length + length / 8 && running >= active - active / 8 &&
           (guint64)running <= (most_threads + 1) * length;
}

void parallel_slices_tick(struct parallel_slices *slices, const volatile struct watch_totals *totals,
                          guint64 running_ns, guint64 now_ns)
{
    if (slices->last.time_ns && now_ns < slices->last.time_ns + SLICE_NS)
        return;
    struct reading now = read_sums(totals, running_ns, now_ns), last = slices->last;
    slices->last = now;
    if (!last.time_ns)
        return;
    if (!is_possible(&last, &now, totals->peak_threads)) {
        slices->last.time_ns = 0;
        return;
    }
    double active = (double)(now.active_ns - last.active_ns) / 1e9;
    double running = (double)(now.running_ns - last.running_ns) / 1e9;
    g_array_append_val(slices->active, active);
    g_array_append_val(slices->running, running);
}

guint64 parallel_slices_worth(const struct parallel_slices *slices, guint64 samples)
{
    if (slices->active->len < SLICES_LEAST)
        return samples;
    double worth = effective_samples_of_slices((const double *)slices->active->data,
                                               (const double *)slices->running->data, slices->active->len);
    return worth < (double)samples ? (guint64)(worth + 0.5) : samples;
}
