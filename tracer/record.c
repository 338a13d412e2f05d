/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/record.h"

#include "tracer/attribute.h"
#include "tracer/lock_holder.h"
#include "tracer/lock_name.h"
#include "tracer/measure.h"
#include "tracer/record_gaps.h"
#include "tracer/record_stacks.h"
#include "tracer/record_timeline.h"

struct recorder {
    struct session *session;
    const struct run *run;
    struct attribution *attribution;
    const struct lock_holders *holders;
    GHashTable *thread_ids; /* serial → id, which belongs to the session */
    GHashTable *edges;      /* text that tells two edges apart → struct wait_edge of the session */
    GHashTable *locks;      /* lock id → struct lock_tally */
};

static void record_threads(struct recorder *recorder, const struct collection *collection)
{
    g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < collection->thread_list->len; i++) {
        const struct traced_thread *traced = g_ptr_array_index(collection->thread_list, i);
        struct thread *thread = thread_new();
        thread->id = g_strdup_printf("%s/%d", recorder->run->id, traced->tid);
        for (guint suffix = 2; !g_hash_table_add(taken, thread->id); suffix++) {
            /* GLib keeps the key it has: the new string was not stored. */
            g_free(thread->id);
            thread->id = g_strdup_printf("%s/%d#%u", recorder->run->id, traced->tid, suffix);
        }
        thread->run = g_strdup(recorder->run->id);
        thread->pid = traced->tgid;
        thread->tid = traced->tid;
        thread->name = g_strdup(traced->name);
        thread->seconds = (double)(traced->ended_ns - traced->started_ns) / 1e9;
        g_ptr_array_add(recorder->session->threads, thread);
        g_hash_table_insert(recorder->thread_ids, GUINT_TO_POINTER(traced->serial), thread);
    }
}

static void record_bodies(struct recorder *recorder, const struct collection *collection)
{
    for (guint i = 0; i < collection->thread_list->len; i++) {
        const struct traced_thread *traced = g_ptr_array_index(collection->thread_list, i);
        struct thread *thread = g_hash_table_lookup(recorder->thread_ids, GUINT_TO_POINTER(traced->serial));
        const struct thread_result *result = attribution_thread(recorder->attribution, traced->serial);
        if (!result || result->body == NO_REGION)
            continue;
        const struct region *body = g_ptr_array_index(recorder->session->regions, result->body);
        thread->region = g_strdup(body->id);
    }
}

static const char *thread_id(const struct recorder *recorder, const struct traced_thread *traced)
{
    const struct thread *thread =
        traced ? g_hash_table_lookup(recorder->thread_ids, GUINT_TO_POINTER(traced->serial)) : NULL;
    return thread ? thread->id : NULL;
}

static struct wait_edge *edge_new(const struct recorder *recorder, const struct attributed_wait *wait,
                                  const char *holder, const char *lock, const char *reason)
{
    struct wait_edge *edge = wait_edge_new();
    const struct symbol *place = wait->meaning->place;
    edge->run = g_strdup(recorder->run->id);
    edge->waiter = g_strdup(thread_id(recorder, wait->thread));
    edge->holder = g_strdup(holder);
    edge->lock = g_strdup(lock);
    edge->cause = wait->cause;
    edge->idle = wait->idle;
    edge->unknown_holder = g_strdup(reason);
    if (place) {
        if (place->file)
            edge->file = g_strdup(region_map_relative(recorder->attribution->map, place->file));
        edge->line = place->line;
        edge->function = place->function ? symbol_base_name(place->function) : NULL;
    }
    return edge;
}

static struct lock_tally *lock_tally_of(struct recorder *recorder, const char *lock)
{
    struct lock_tally *tally = g_hash_table_lookup(recorder->locks, lock);
    if (!tally) {
        tally = g_new0(struct lock_tally, 1);
        g_hash_table_insert(recorder->locks, g_strdup(lock), tally);
    }
    return tally;
}

static void tally_wait(struct lock_tally *tally, const struct attributed_wait *wait)
{
    gboolean by_thread = wait->key->peer_kind == PEER_OWNER || wait->key->peer_kind == PEER_WAKER;
    tally->seconds += wait->blocked;
    tally->woken += wait->woken;
    tally->longest = MAX(tally->longest, wait->longest);
    tally->waits += wait->count;
    tally->handoffs += by_thread ? wait->count : 0;
}

static enum lock_kind kind_of(const struct lock_use *use)
{
    switch ((enum watch_lock_kind)use->kind) {
    case WATCH_LOCK_RWLOCK:
        return LOCK_RWLOCK;
    case WATCH_LOCK_SPIN:
        return LOCK_SPINLOCK;
    default:
        return LOCK_MUTEX;
    }
}

static void record_lock_use(const struct lock_key *key, const struct lock_use *use, gpointer data)
{
    struct recorder *recorder = data;
    const struct traced_thread *thread =
        collection_find_thread(recorder->attribution->collection, use->thread);
    if (!thread || !use->count)
        return;
    struct wait_key place = {.stack = use->stack, .object = key->address, .thread = use->thread};
    struct attributed_wait taken = {
        .key = &place, .thread = thread, .meaning = attribution_meaning(recorder->attribution, use->stack)};
    const char *lock = lock_name_of_use(recorder->session, recorder->attribution, &taken, kind_of(use));
    struct lock_tally *tally = lock_tally_of(recorder, lock);
    tally->acquisitions += use->count;
    tally->hold += (double)use->hold_ns / 1e9;
    tally->longest_hold = MAX(tally->longest_hold, (double)use->longest_ns / 1e9);
}

static void record_wait(const struct attributed_wait *wait, gpointer data)
{
    struct recorder *recorder = data;
    g_autofree char *reason = NULL;
    const struct traced_thread *holder =
        lock_holders_find(recorder->holders, wait->thread, wait->key, wait->cause, &reason);
    const char *lock = lock_name_find(recorder->session, recorder->attribution, wait);
    const struct symbol *place = wait->meaning->place;
    if (lock && !wait->idle)
        tally_wait(lock_tally_of(recorder, lock), wait);
    char *key = g_strdup_printf("%u\1%u\1%s\1%d\1%d\1%s\1%d\1%s\1%s", wait->thread->serial,
                                holder ? holder->serial : 0, lock ? lock : "", wait->cause, wait->idle,
                                place && place->file ? place->file : "", place ? place->line : 0,
                                place && place->function ? place->function : "", reason ? reason : "");
    struct wait_edge *edge = g_hash_table_lookup(recorder->edges, key);
    if (!edge) {
        edge = edge_new(recorder, wait, thread_id(recorder, holder), lock, reason);
        g_ptr_array_add(recorder->session->waits, edge);
        g_hash_table_insert(recorder->edges, key, edge);
    } else {
        g_free(key);
    }
    edge->seconds += wait->blocked;
    edge->longest_seconds = MAX(edge->longest_seconds, wait->longest);
    edge->wakeup_seconds = (edge->wakeup_seconds * (double)edge->count + wait->woken) /
                           (double)MAX(1, edge->count + wait->count);
    edge->count += wait->count;
}

void record_run(struct session *session, const struct run *run, const struct watch *watch,
                const struct collection *collection)
{
    g_autoptr(Attribution) attribution = attribution_new(collection, session);
    g_autoptr(LockHolders) holders = lock_holders_new(collection);
    g_autoptr(GHashTable) thread_ids = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) edges = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) locks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    struct recorder recorder = {session, run, attribution, holders, thread_ids, edges, locks};

    record_threads(&recorder, collection);
    attribution_run(attribution, watch, record_wait, &recorder);
    watch_each_lock(watch, record_lock_use, &recorder);
    record_bodies(&recorder, collection);
    measure_regions(session, run, attribution);
    measure_threads(session, run, attribution, thread_ids);
    measure_locks(session, run, locks);
    measure_holds(session, run, attribution, watch);
    record_timeline(session, run, attribution, watch_totals(watch)->started_ns, thread_ids);
    measure_bodies(session, run, attribution);
    measure_tasks(session, run, attribution, thread_ids);
    measure_callbacks(session, run, attribution, watch, thread_ids);
    measure_calls(session, run, collection, watch, thread_ids);
    measure_stacks(session, run, attribution, watch);
    measure_program(session, run, attribution, watch);
    record_stacks(session, run, attribution, watch, thread_ids);
    record_gaps(session, run, attribution, watch, thread_ids);
    measure_markers(session, run, attribution, watch);
}
