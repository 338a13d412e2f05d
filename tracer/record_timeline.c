/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/record_timeline.h"

#include "tracer/wait_cause.h"

static gint compare_intervals(gconstpointer first, gconstpointer second)
{
    const struct interval_event *one = first, *other = second;
    if (one->start_ns != other->start_ns)
        return one->start_ns < other->start_ns ? -1 : 1;
    return one->thread < other->thread ? -1 : one->thread > other->thread;
}

static enum activity activity_of(const struct interval_event *event)
{
    switch ((enum watch_thread_state)event->state) {
    case THREAD_RUNNING:
        return ACTIVITY_RUNNING;
    case THREAD_BLOCKED:
        return ACTIVITY_BLOCKED;
    default:
        return ACTIVITY_RUNNABLE;
    }
}

static void describe_wait(struct interval *interval, struct attribution *attribution,
                          const struct wait_key *key)
{
    const struct stack_meaning *meaning = attribution_meaning(attribution, key->stack);
    enum wait_cause cause = wait_cause_classify(key, (const char *const *)meaning->functions);
    interval->cause = g_strdup(wait_cause_name(cause));
    if (meaning->place && meaning->place->function)
        interval->function = symbol_base_name(meaning->place->function);
}

void record_timeline(struct session *session, const struct run *run, struct attribution *attribution,
                     guint64 started_ns, GHashTable *threads)
{
    GArray *events = attribution->collection->intervals;
    g_array_sort(events, compare_intervals);
    for (guint i = 0; i < events->len; i++) {
        const struct interval_event *event = &g_array_index(events, struct interval_event, i);
        const struct thread *thread = g_hash_table_lookup(threads, GUINT_TO_POINTER(event->thread));
        if (!thread || event->end_ns <= event->start_ns || event->end_ns <= started_ns)
            continue;
        struct interval *interval = interval_new();
        interval->run = g_strdup(run->id);
        interval->thread = g_strdup(thread->id);
        interval->start_seconds = ((double)event->start_ns - (double)started_ns) / 1e9;
        interval->seconds = (double)(event->end_ns - event->start_ns) / 1e9;
        interval->activity = activity_of(event);
        if (interval->activity == ACTIVITY_BLOCKED)
            describe_wait(interval, attribution, &event->key);
        g_ptr_array_add(session->timeline, interval);
    }
}
