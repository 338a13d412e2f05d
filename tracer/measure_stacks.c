/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/measure.h"

struct stack_counts {
    const struct collection *collection;
    guint64 ends[UNWIND_END_COUNT], events;
};

static void count_event(struct stack_counts *counts, guint32 thread, guint64 stack, guint64 events)
{
    const struct traced_stack *known = collection_find_stack(counts->collection, stack);
    if (!known || !collection_find_thread(counts->collection, thread))
        return;
    counts->ends[known->end] += events;
    counts->events += events;
}

static void count_wait(const struct wait_key *key, const struct wait_total *total, gpointer data)
{
    count_event(data, key->thread, key->stack, total->count);
}

static void count_sample(const struct sample_key *key, const struct sample_total *total, gpointer data)
{
    count_event(data, key->thread, key->stack, total->count);
}

void measure_stacks(struct session *session, const struct run *run, const struct attribution *attribution,
                    const struct watch *watch)
{
    static const char *const metrics[UNWIND_END_COUNT] = {
        [UNWIND_COMPLETE] = "stacks.complete",
        [UNWIND_TRUNCATED] = "stacks.truncated",
        [UNWIND_NO_RULE] = "stacks.no_rule",
        [UNWIND_BAD_MEMORY] = "stacks.bad_memory",
    };
    const struct collection *collection = attribution->collection;
    struct stack_counts counts = {.collection = collection};
    watch_each_wait(watch, count_wait, &counts);
    watch_each_sample(watch, count_sample, &counts);
    for (guint end = 0; counts.events && end < UNWIND_END_COUNT; end++)
        session_add_measurement(session, run->id, SUBJECT_PROGRAM, NULL, metrics[end],
                                (double)counts.ends[end], counts.events);
    guint distinct = g_hash_table_size(collection->stacks);
    if (distinct)
        session_add_measurement(session, run->id, SUBJECT_PROGRAM, NULL, "stack_seconds",
                                (double)(collection->unwound_us + attribution->named_us) / 1e6, distinct);
    session_add_measurement(session, run->id, SUBJECT_PROGRAM, NULL, "unattributed_seconds",
                            attribution->unattributed, counts.events);
}
