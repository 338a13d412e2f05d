/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/measure.h"
#include "tracer/watch_markers.h"

struct event_counts {
    const struct collection *collection;
    guint64 waits, samples, without_stack, calls, uses, rounds, marked;
};

static gboolean is_counted(const struct event_counts *counts, guint32 thread)
{
    return collection_find_thread(counts->collection, thread) != NULL;
}

/* A snapshot that found its buffer full is sent at the next wait under the same stack: only what no snapshot
 * ever came for is lost. */
static void count_stack(struct event_counts *counts, guint64 stack, guint64 events)
{
    if (!collection_find_stack(counts->collection, stack))
        counts->without_stack += events;
}

static void count_wait(const struct wait_key *key, const struct wait_total *total, gpointer data)
{
    struct event_counts *counts = data;
    if (!is_counted(counts, key->thread))
        return;
    counts->waits += total->count;
    count_stack(counts, key->stack, total->count);
}

static void count_sample(const struct sample_key *key, const struct sample_total *total, gpointer data)
{
    struct event_counts *counts = data;
    if (!is_counted(counts, key->thread))
        return;
    counts->samples += total->count;
    count_stack(counts, key->stack, total->count);
}

static void count_call(const struct call_key *key, const struct call_total *total, gpointer data)
{
    struct event_counts *counts = data;
    if (is_counted(counts, key->thread))
        counts->calls += total->count;
}

static void count_use(const struct lock_key *key, const struct lock_use *use, gpointer data)
{
    (void)key;
    ((struct event_counts *)data)->uses += use->count;
}

static void count_round(const struct callback_key *key, guint64 count, gpointer data)
{
    struct event_counts *counts = data;
    if (is_counted(counts, key->thread))
        counts->rounds += count;
}

static void count_marker(const struct watched_marker *marker, gpointer data)
{
    ((struct event_counts *)data)->marked += marker->total.calls;
}

static void add_loss(struct session *session, struct run *run, const char *metric, guint64 lost, guint64 seen)
{
    run->lost_events += lost;
    if (lost)
        session_add_measurement(session, run->id, SUBJECT_PROGRAM, NULL, metric, (double)lost, seen + lost);
}

void measure_losses(struct session *session, struct run *run, const struct collection *collection,
                    const struct watch *watch)
{
    const struct watch_totals *totals = watch_totals(watch);
    struct event_counts counts = {.collection = collection};
    watch_each_wait(watch, count_wait, &counts);
    watch_each_sample(watch, count_sample, &counts);
    watch_each_call(watch, count_call, &counts);
    watch_each_lock(watch, count_use, &counts);
    watch_each_callback(watch, count_round, &counts);
    watch_each_marker(watch, count_marker, &counts);
    add_loss(session, run, "lost_events.waits", totals->lost_waits, counts.waits);
    add_loss(session, run, "lost_events.samples", totals->lost_samples, counts.samples);
    add_loss(session, run, "lost_events.stacks", counts.without_stack,
             counts.waits + counts.samples - counts.without_stack);
    add_loss(session, run, "lost_events.threads", totals->lost_threads,
             2 * (guint64)collection->thread_list->len);
    add_loss(session, run, "lost_events.calls", totals->lost_calls, counts.calls);
    add_loss(session, run, "lost_events.lock_uses", totals->lost_locks, counts.uses);
    add_loss(session, run, "lost_events.callbacks", totals->lost_callbacks, counts.rounds);
    add_loss(session, run, "lost_events.markers", totals->lost_markers, counts.marked);
    if (collection->found_threads)
        session_add_measurement(session, run->id, SUBJECT_PROGRAM, NULL, "threads_found",
                                (double)collection->found_threads, collection->found_threads);
}
