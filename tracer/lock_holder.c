/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/lock_holder.h"

#include "model/work_class.h"

struct lock_holders {
    GHashTable *by_tid;           /* tid on the host → GPtrArray of const struct traced_thread */
    GHashTable *by_namespace_tid; /* tid as the target sees it → the same */
};

static void index_thread(GHashTable *index, int tid, const struct traced_thread *thread)
{
    GPtrArray *threads = g_hash_table_lookup(index, GINT_TO_POINTER(tid));
    if (!threads) {
        threads = g_ptr_array_new();
        g_hash_table_insert(index, GINT_TO_POINTER(tid), threads);
    }
    g_ptr_array_add(threads, (gpointer)thread);
}

struct lock_holders *lock_holders_new(const struct collection *collection)
{
    struct lock_holders *holders = g_new0(struct lock_holders, 1);
    holders->by_tid = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    holders->by_namespace_tid = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < collection->thread_list->len; i++) {
        const struct traced_thread *thread = g_ptr_array_index(collection->thread_list, i);
        index_thread(holders->by_tid, thread->tid, thread);
        index_thread(holders->by_namespace_tid, thread->namespace_tid, thread);
    }
    return holders;
}

void lock_holders_free(struct lock_holders *holders)
{
    if (!holders)
        return;
    g_hash_table_unref(holders->by_tid);
    g_hash_table_unref(holders->by_namespace_tid);
    g_free(holders);
}

static gboolean lived_together(const struct traced_thread *one, const struct traced_thread *other)
{
    return one->started_ns <= other->ended_ns && other->started_ns <= one->ended_ns;
}

/* A thread of the waiter's own process goes first: pid namespaces may use a number twice. */
static const struct traced_thread *find_thread(GHashTable *index, guint tid,
                                               const struct traced_thread *waiter)
{
    const GPtrArray *threads = g_hash_table_lookup(index, GINT_TO_POINTER((int)tid));
    const struct traced_thread *found = NULL;
    for (guint i = 0; threads && i < threads->len; i++) {
        const struct traced_thread *thread = g_ptr_array_index(threads, i);
        if (lived_together(thread, waiter) && (!found || thread->tgid == waiter->tgid))
            found = thread;
    }
    return found;
}

/* Primitives whose futex stands beside their owner's tid. What stands there in others only looks like one. */
static gboolean cause_has_owner(enum wait_cause cause)
{
    return cause == CAUSE_MUTEX || cause == CAUSE_RWLOCK || cause == CAUSE_JOIN || cause == CAUSE_FUTEX;
}

static const struct traced_thread *find_owner(const struct lock_holders *holders,
                                              const struct traced_thread *waiter, const struct wait_key *key,
                                              enum wait_cause cause, char **reason)
{
    if (!cause_has_owner(cause)) {
        *reason = g_strdup("nothing owns it, and who ended the wait was not noted");
        return NULL;
    }
    const struct traced_thread *owner = find_thread(holders->by_namespace_tid, key->peer, waiter);
    if (owner && owner != waiter)
        return owner;
    *reason = owner ? g_strdup("the lock named the waiting thread itself as its owner: already free")
                    : g_strdup_printf("the lock word named %u, which is no thread of the program", key->peer);
    return NULL;
}

const struct traced_thread *lock_holders_find(const struct lock_holders *holders,
                                              const struct traced_thread *waiter, const struct wait_key *key,
                                              enum wait_cause cause, char **reason)
{
    gboolean expected = wait_cause_is_lock(cause) || cause == CAUSE_JOIN;
    const struct traced_thread *found = NULL;
    *reason = NULL;
    switch ((enum watch_peer_kind)key->peer_kind) {
    case PEER_OWNER:
        return find_owner(holders, waiter, key, cause, reason);
    case PEER_WAKER:
        found = find_thread(holders->by_tid, key->peer, waiter);
        if (found == waiter)
            found = NULL;
        if (!found && expected)
            *reason = g_strdup_printf("woken by thread %u, which is not of the program", key->peer);
        return found;
    case PEER_INTERRUPT:
        if (expected)
            *reason = g_strdup("ended by a timeout, a signal or an interrupt");
        return NULL;
    case PEER_NONE:
        if (expected)
            *reason = g_strdup("still waiting when the watch ended, or its waking was not seen");
        return NULL;
    }
    return NULL;
}
