/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/measure.h"

G_STATIC_ASSERT(1 << DURATION_PART_BITS == HISTOGRAM_PARTS);

struct callback_pass {
    struct attribution *attribution;
    GHashTable *threads; /* thread serial → struct histogram */
    GHashTable *regions; /* index + 1 → struct histogram; NULL: not wanted */
};

/* Waits for descriptors that are not for the next task, those inside callbacks among them, end no round. */
static void spread_rounds(const struct callback_key *key, guint64 count, gpointer data)
{
    struct callback_pass *pass = data;
    const struct traced_thread *thread = collection_find_thread(pass->attribution->collection, key->thread);
    if (!thread)
        return;
    const struct stack_meaning *meaning = attribution_meaning(pass->attribution, key->stack);
    if (!attribution_wait_is_idle(pass->attribution, thread, CAUSE_POLL, meaning))
        return;
    histogram_add_part(histogram_of(pass->threads, key->thread), key->part, count);
    for (guint i = 0; pass->regions && i < meaning->regions->len; i++)
        histogram_add_part(histogram_of(pass->regions, g_array_index(meaning->regions, guint, i) + 1),
                           key->part, count);
}

static void add_rounds(struct session *session, const struct run *run, enum subject_kind kind,
                       const char *subject, const struct histogram *durations)
{
    measure_quantiles(session, run, kind, subject, "callback_seconds_p50", "callback_seconds_p99", durations);
    session_add_measurement(session, run->id, kind, subject, "longest_callback_seconds",
                            histogram_quantile(durations, 1), durations->total);
}

GHashTable *callback_rounds_new(struct attribution *attribution, const struct watch *watch)
{
    struct callback_pass pass = {attribution, g_hash_table_new_full(NULL, NULL, NULL, g_free), NULL};
    watch_each_callback(watch, spread_rounds, &pass);
    return pass.threads;
}

void measure_callbacks(struct session *session, const struct run *run, struct attribution *attribution,
                       const struct watch *watch, GHashTable *threads)
{
    g_autoptr(GHashTable) by_thread = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_autoptr(GHashTable) by_region = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    struct callback_pass pass = {attribution, by_thread, by_region};
    watch_each_callback(watch, spread_rounds, &pass);
    GHashTableIter iterator;
    gpointer key, durations;
    g_hash_table_iter_init(&iterator, by_thread);
    while (g_hash_table_iter_next(&iterator, &key, &durations)) {
        const struct thread *thread = g_hash_table_lookup(threads, key);
        if (thread)
            add_rounds(session, run, SUBJECT_THREAD, thread->id, durations);
    }
    g_hash_table_iter_init(&iterator, by_region);
    while (g_hash_table_iter_next(&iterator, &key, &durations)) {
        const struct region *region = g_ptr_array_index(session->regions, GPOINTER_TO_UINT(key) - 1);
        add_rounds(session, run, SUBJECT_REGION, region->id, durations);
    }
}
