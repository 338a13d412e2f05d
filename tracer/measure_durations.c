/* SPDX-License-Identifier: Apache-2.0 */
#include "model/histogram.h"
#include "tracer/measure.h"

void measure_quantiles(struct session *session, const struct run *run, enum subject_kind kind,
                       const char *subject, const char *median, const char *tail,
                       const struct histogram *durations)
{
    session_add_measurement(session, run->id, kind, subject, median, histogram_quantile(durations, 0.50),
                            durations->total);
    session_add_measurement(session, run->id, kind, subject, tail, histogram_quantile(durations, 0.99),
                            durations->total);
}

struct life {
    guint64 started_ns, ended_ns;
};

static gint compare_lives(gconstpointer first, gconstpointer second)
{
    const struct life *one = first, *other = second;
    return one->started_ns < other->started_ns ? -1 : one->started_ns > other->started_ns;
}

/* How long at least one of them lived. */
static double seconds_of_any(GArray *lives)
{
    guint64 covered_ns = 0, until_ns = 0;
    g_array_sort(lives, compare_lives);
    for (guint i = 0; i < lives->len; i++) {
        const struct life *life = &g_array_index(lives, struct life, i);
        guint64 from_ns = MAX(life->started_ns, until_ns);
        if (life->ended_ns > from_ns)
            covered_ns += life->ended_ns - from_ns;
        until_ns = MAX(until_ns, life->ended_ns);
    }
    return (double)covered_ns / 1e9;
}

static void measure_body(struct session *session, const struct run *run,
                         const struct attribution *attribution, guint region)
{
    const GPtrArray *list = attribution->collection->thread_list;
    g_autoptr(GArray) lives = g_array_new(FALSE, FALSE, sizeof(struct life));
    struct histogram durations = {0};
    double running = 0;
    guint64 samples = 0;
    for (guint i = 0; i < list->len; i++) {
        const struct traced_thread *thread = g_ptr_array_index(list, i);
        const struct thread_result *result = attribution_thread(attribution, thread->serial);
        if (!result || result->body != region)
            continue;
        struct life life = {thread->started_ns, thread->ended_ns};
        g_array_append_val(lives, life);
        histogram_add(&durations, (double)(thread->ended_ns - thread->started_ns) / 1e9);
        running += result->tally.cpu + result->tally.split.runnable;
        samples += result->tally.samples;
    }
    double any = seconds_of_any(lives);
    const char *id = ((const struct region *)g_ptr_array_index(session->regions, region))->id;
    if (any <= 0)
        return;
    session_add_measurement(session, run->id, SUBJECT_REGION, id, "threads", lives->len, lives->len);
    session_add_measurement(session, run->id, SUBJECT_REGION, id, "running_threads", running / any, samples);
    measure_quantiles(session, run, SUBJECT_REGION, id, "life_seconds_p50", "life_seconds_p99", &durations);
}

void measure_bodies(struct session *session, const struct run *run, const struct attribution *attribution)
{
    for (guint i = 0; i < session->regions->len; i++) {
        enum region_kind kind = ((const struct region *)g_ptr_array_index(session->regions, i))->kind;
        if (kind == REGION_THREAD_BODY || kind == REGION_PROCESS_BODY)
            measure_body(session, run, attribution, i);
    }
}
