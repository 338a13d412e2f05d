/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/measure.h"

#include "model/effective_samples.h"
#include "model/metric.h"
#include "tracer/parallel_slices.h"

/* Whose measurements are being written. */
struct subject {
    struct session *session;
    const char *run;
    enum subject_kind kind;
    const char *id;
};

static void add(const struct subject *subject, const char *metric, double value, guint64 samples)
{
    session_add_measurement(subject->session, subject->run, subject->kind, subject->id, metric, value,
                            samples);
}

/* Both parts of a share with their squares. */
struct ratio {
    double part, part_squares, rest, rest_squares;
};

static double squares_active(const struct tally *tally)
{
    return time_split_active(&tally->squares);
}

static struct ratio ratio_of(const struct tally *tally, double part, double part_squares)
{
    return (struct ratio){part, part_squares, MAX(0, time_split_active(&tally->split) - part),
                          MAX(0, squares_active(tally) - part_squares)};
}

/* A share rests on as many observations as it is worth, and never on more than were made. */
static void add_ratio(const struct subject *subject, const char *metric, const struct tally *tally,
                      struct ratio ratio)
{
    double made = (double)(tally->samples + tally->waits);
    double worth = effective_samples(ratio.part, ratio.part_squares, ratio.rest, ratio.rest_squares);
    add(subject, metric, ratio.part / (ratio.part + ratio.rest),
        (guint64)(worth > 0 ? MIN(worth + 0.5, made) : made));
}

static void add_share(const struct subject *subject, const char *metric, const struct tally *tally,
                      double part, double part_squares)
{
    add_ratio(subject, metric, tally, ratio_of(tally, part, part_squares));
}

static void measure_shares(const struct subject *subject, const struct tally *tally,
                           const struct tally *program)
{
    const struct time_split *split = &tally->split, *squares = &tally->squares;
    double active = time_split_active(split), all = active + split->idle;
    double program_active = time_split_active(&program->split);
    if (all > 0)
        add_ratio(subject, "idle_share", tally,
                  (struct ratio){split->idle, squares->idle, active, squares_active(tally)});
    if (active <= 0)
        return;
    add_share(subject, "cpu_share", tally, split->on_cpu + split->runnable,
              squares->on_cpu + squares->runnable);
    add_share(subject, "io_share", tally, split->io_wait + split->io_work,
              squares->io_wait + squares->io_work);
    add_share(subject, "io_wait_share", tally, split->io_wait, squares->io_wait);
    add_share(subject, "io_work_share", tally, split->io_work, squares->io_work);
    add_share(subject, "lock_share", tally, split->lock_wait, squares->lock_wait);
    add_share(subject, "runqueue_share", tally, split->runnable, squares->runnable);
    if (program_active > 0)
        add_ratio(subject, "active_share", tally,
                  (struct ratio){active, squares_active(tally), MAX(0, program_active - active),
                                 MAX(0, squares_active(program) - squares_active(tally))});
}

static void measure_seconds(const struct subject *subject, const struct tally *tally)
{
    const struct time_split *split = &tally->split;
    guint64 samples = tally->samples + tally->waits;
    add(subject, "active_seconds", time_split_active(split), samples);
    add(subject, "cpu_seconds", tally->cpu, tally->samples);
    add(subject, "io_work_seconds", split->io_work, tally->samples);
    add(subject, "runnable_seconds", split->runnable, samples);
    add(subject, "idle_seconds", split->idle, tally->waits);
    for (enum wait_cause cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        if (tally->blocked[cause] > 0)
            add(subject, metric_blocked_seconds(cause), tally->blocked[cause], tally->waits);
    }
    add(subject, "longest_block_seconds", tally->longest_block, tally->waits);
    if (tally->cold_cache > 0)
        add(subject, "cold_cache_seconds", tally->cold_cache, tally->waits);
    if (tally->holder_queue > 0)
        add(subject, "holder_queue_seconds", tally->holder_queue, tally->waits);
}

static void measure_wall(const struct subject *subject, const struct tally *tally)
{
    add(subject, "wall_seconds", time_split_active(&tally->split) + tally->split.idle,
        tally->samples + tally->waits);
}

/* Of a region, without its callees. */
static void measure_own(const struct subject *subject, const struct tally *tally)
{
    add(subject, "self_cpu_seconds", tally->self.cpu, tally->samples);
    add(subject, "self_blocked_seconds", tally->self.blocked, tally->waits);
    if (tally->self.io_work > 0)
        add(subject, "self_io_work_seconds", tally->self.io_work, tally->samples);
    if (tally->self.runnable > 0)
        add(subject, "self_runnable_seconds", tally->self.runnable, tally->samples + tally->waits);
    if (tally->self.idle > 0)
        add(subject, "self_idle_seconds", tally->self.idle, tally->waits);
    for (enum wait_cause cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        if (tally->self.blocked_by[cause] <= 0)
            continue;
        g_autofree char *metric = g_strconcat("self_blocked_seconds.", wait_cause_name(cause), NULL);
        add(subject, metric, tally->self.blocked_by[cause], tally->waits);
    }
}

void measure_regions(struct session *session, const struct run *run, const struct attribution *attribution)
{
    for (guint i = 0; i < session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(session->regions, i);
        const struct tally *tally = &attribution->regions[i];
        struct subject subject = {session, run->id, SUBJECT_REGION, region->id};
        if (!tally->samples && !tally->waits && time_split_active(&tally->split) <= 0)
            continue;
        measure_shares(&subject, tally, &attribution->program);
        measure_seconds(&subject, tally);
        measure_wall(&subject, tally);
        measure_own(&subject, tally);
        if (tally->shared_weight > 0)
            add(&subject, "parallelism", tally->sample_weight / tally->shared_weight, tally->samples);
    }
}

static void measure_switches(const struct subject *subject, const struct thread_totals *totals)
{
    add(subject, "switches.voluntary", (double)totals->voluntary, totals->voluntary);
    add(subject, "switches.involuntary", (double)totals->involuntary, totals->involuntary);
    add(subject, "migrations", (double)totals->migrations, totals->migrations);
    if (totals->wakeups)
        add(subject, "wakeup_latency_seconds", (double)totals->woken_ns / 1e9 / (double)totals->wakeups,
            totals->wakeups);
}

void measure_threads(struct session *session, const struct run *run, const struct attribution *attribution,
                     GHashTable *threads)
{
    const GPtrArray *list = attribution->collection->thread_list;
    for (guint i = 0; i < list->len; i++) {
        const struct traced_thread *traced = g_ptr_array_index(list, i);
        const struct thread *thread = g_hash_table_lookup(threads, GUINT_TO_POINTER(traced->serial));
        const struct thread_result *result = attribution_thread(attribution, traced->serial);
        if (!thread || !result)
            continue;
        struct subject subject = {session, run->id, SUBJECT_THREAD, thread->id};
        measure_shares(&subject, &result->tally, &attribution->program);
        measure_seconds(&subject, &result->tally);
        measure_wall(&subject, &result->tally);
        measure_switches(&subject, &traced->totals);
    }
}

static void measure_lock_waits(const struct subject *subject, const struct lock_tally *tally)
{
    if (!tally->waits)
        return;
    add(subject, "lock_wait_seconds", tally->seconds, tally->waits);
    add(subject, "lock_longest_wait_seconds", tally->longest, tally->waits);
    add(subject, "lock_handoffs", (double)tally->handoffs, tally->handoffs);
    add(subject, "lock_wakeup_seconds", tally->woken / (double)tally->waits, tally->waits);
}

void measure_locks(struct session *session, const struct run *run, GHashTable *locks)
{
    for (guint i = 0; i < session->locks->len; i++) {
        const struct lock *lock = g_ptr_array_index(session->locks, i);
        const struct lock_tally *tally = g_hash_table_lookup(locks, lock->id);
        struct subject subject = {session, run->id, SUBJECT_LOCK, lock->id};
        if (!tally)
            continue;
        measure_lock_waits(&subject, tally);
        if (!tally->acquisitions)
            continue;
        add(&subject, "lock_acquisitions", (double)tally->acquisitions, tally->acquisitions);
        add(&subject, "lock_hold_seconds", tally->hold, tally->acquisitions);
        add(&subject, "lock_longest_hold_seconds", tally->longest_hold, tally->acquisitions);
    }
}

/* While the run goes on, the end of a span may be known before its begin, which makes the sum too small for a
 * moment. */
static double span_seconds(const struct span_sum *spans)
{
    gint64 sum_ns = (gint64)span_sum_at(spans, watch_now_ns());
    return (double)MAX(sum_ns, 0) / 1e9;
}

void measure_program(struct session *session, const struct run *run, const struct attribution *attribution,
                     const struct watch *watch)
{
    const struct watch_totals *totals = watch_totals(watch);
    struct subject subject = {session, run->id, SUBJECT_PROGRAM, NULL};
    const GPtrArray *list = attribution->collection->thread_list;
    struct thread_totals sum = {0};
    for (guint i = 0; i < list->len; i++) {
        const struct thread_totals *part =
            &((const struct traced_thread *)g_ptr_array_index(list, i))->totals;
        sum.on_cpu_ns += part->on_cpu_ns;
        sum.runnable_ns += part->runnable_ns;
        sum.woken_ns += part->woken_ns;
        sum.wakeups += part->wakeups;
        sum.voluntary += part->voluntary;
        sum.involuntary += part->involuntary;
        sum.migrations += part->migrations;
    }
    measure_shares(&subject, &attribution->program, &attribution->program);
    measure_seconds(&subject, &attribution->program);
    measure_switches(&subject, &sum);
    add(&subject, "wall_seconds", run->seconds, 1);
    double active = span_seconds(&totals->active);
    if (active > 0) {
        double running = (double)(sum.on_cpu_ns + sum.runnable_ns + sum.woken_ns) / 1e9;
        add(&subject, "parallelism", running / active,
            parallel_slices_worth(watch_slices(watch), attribution->program.samples));
    }
    if (!watch_is_plain(watch))
        add(&subject, "crowded_seconds", span_seconds(&totals->crowded), 1);
    if (totals->timeline_left_out)
        add(&subject, "timeline_left_out", (double)totals->timeline_left_out, totals->timeline_left_out);
    add(&subject, "threads_created", (double)totals->threads_created, totals->threads_created);
    add(&subject, "processes_created", (double)totals->processes_created, totals->processes_created);
    add(&subject, "threads_peak", (double)totals->peak_threads, totals->peak_threads);
}

static void measure_program_cost(const char *program, double seconds, guint64 runs, gpointer data)
{
    g_autofree char *metric = g_strdup_printf("tracer_program_seconds.%s", program);
    add(data, metric, seconds, runs);
}

void measure_cost(struct session *session, const struct run *run, const struct watch *watch,
                  double cpu_seconds)
{
    struct subject subject = {session, run->id, SUBJECT_PROGRAM, NULL};
    add(&subject, "tracer_cpu_seconds", cpu_seconds, 1);
    watch_each_cost(watch, run->seconds, measure_program_cost, &subject);
}
