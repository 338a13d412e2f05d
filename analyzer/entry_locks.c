/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/entry_locks.h"

#include <string.h>

#include "analyzer/lock_place.h"

struct entry_locks {
    const struct held_locks *locks;
    GHashTable
        *flows; /* struct thread_flow → GArray *[] by function index; NULL: not called, or nothing is held */
};

static void arrays_free(gpointer data)
{
    GPtrArray *arrays = data;
    g_ptr_array_unref(arrays);
}

static void array_free(gpointer array)
{
    if (array)
        g_array_unref(array);
}

/* `lock` of the caller as the callee reaches it through its parameters. */
static struct held_lock seen_by_callee(const struct held_lock *lock, const struct call_site *call,
                                       const struct graph_function *callee)
{
    struct held_lock seen = *lock;
    const char *place = g_quark_to_string(lock->place);
    if (!place_is_local(lock->place))
        return seen;
    seen.place = 0;
    for (guint i = 0; i < callee->facts->parameters->len; i++) {
        const struct fact_argument *argument = call_site_argument(call, (int)i);
        const char *name = g_ptr_array_index(callee->facts->parameters, i);
        gsize length = argument && argument->place ? strlen(argument->place) : 0;
        if (!length || !name || strncmp(place, argument->place, length) != 0 ||
            (place[length] && !strchr(".*[", place[length])))
            continue;
        const struct fact_function *facts = callee->facts;
        g_autofree char *inner =
            facts->is_static
                ? g_strconcat("%", facts->name, ":", name, "@", facts->file, "*", place + length, NULL)
                : g_strconcat("%", facts->name, ":", name, "*", place + length, NULL);
        seen.place = g_quark_from_string(inner);
        break;
    }
    return seen;
}

static GArray *union_of(const GArray *a, const GArray *b)
{
    GArray *all = a ? g_array_copy((GArray *)a) : g_array_new(FALSE, FALSE, sizeof(struct held_lock));
    if (b)
        g_array_append_vals(all, b->data, b->len);
    return all;
}

/* Removes from `known` what `held` lacks; TRUE when that changed anything. */
static gboolean intersect(GArray *known, const GArray *held)
{
    gboolean changed = FALSE;
    for (guint i = known->len; i > 0; i--) {
        struct held_lock *lock = &g_array_index(known, struct held_lock, i - 1);
        gboolean found = FALSE;
        for (guint j = 0; j < held->len && !found; j++) {
            const struct held_lock *other = &g_array_index(held, struct held_lock, j);
            found = lock->name == other->name && lock->name &&
                    (lock->place == other->place || !lock->place || !other->place);
            if (found && lock->place != other->place && lock->place) {
                lock->place = 0;
                changed = TRUE;
            }
            if (found && other->shared && !lock->shared)
                lock->shared = changed = TRUE;
        }
        if (!found) {
            g_array_remove_index(known, i - 1);
            changed = TRUE;
        }
    }
    return changed;
}

/* The locks that the caller holds at the call, as the callee sees them. */
static GArray *passed(const struct held_locks *locks, const GArray *entry, const struct call_site *call,
                      const struct graph_function *callee)
{
    GArray *held = union_of(entry, held_locks_must(locks, call->caller, call->event_index));
    const struct function_locks *caller = &locks->functions[call->caller->index];
    const GArray *given = caller->given ? caller->given[call->event_index] : NULL;
    for (guint i = held->len; i > 0; i--) {
        struct held_lock *lock = &g_array_index(held, struct held_lock, i - 1);
        gboolean gone = FALSE;
        for (guint j = 0; given && j < given->len && !gone; j++)
            gone = g_array_index(given, struct held_lock, j).name == lock->name;
        if (gone)
            g_array_remove_index(held, i - 1);
        else
            *lock = seen_by_callee(lock, call, callee);
    }
    return held;
}

static GPtrArray *find_for(const struct held_locks *locks, const struct program_flows *program,
                           const struct thread_flow *flow)
{
    guint count = program->graph->functions->len;
    GPtrArray *entries = g_ptr_array_new_full(count + 1, array_free);
    g_ptr_array_set_size(entries, (gint)count + 1);
    g_autoptr(GQueue) pending = g_queue_new();
    if (!flow->function)
        return entries;
    entries->pdata[flow->function->index] = g_array_new(FALSE, FALSE, sizeof(struct held_lock));
    g_queue_push_tail(pending, flow->function);
    while (!g_queue_is_empty(pending)) {
        const struct graph_function *function = g_queue_pop_head(pending);
        for (guint i = 0; i < function->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(function->calls, i);
            for (guint j = 0; call->resolution != CALL_BY_SIGNATURE && j < call->targets->len; j++) {
                const struct graph_function *callee = g_ptr_array_index(call->targets, j);
                if (!flow->reaches[callee->index])
                    continue;
                GArray *held = passed(locks, entries->pdata[function->index], call, callee);
                GArray *known = entries->pdata[callee->index];
                gboolean changed = !known || intersect(known, held);
                if (!known)
                    entries->pdata[callee->index] = g_steal_pointer(&held);
                if (held)
                    g_array_unref(held);
                if (changed)
                    g_queue_push_tail(pending, (gpointer)callee);
            }
        }
    }
    return entries;
}

struct entry_locks *entry_locks_find(const struct held_locks *locks, const struct parallel_reach *reach)
{
    struct entry_locks *entry = g_new0(struct entry_locks, 1);
    entry->locks = locks;
    entry->flows = g_hash_table_new_full(NULL, NULL, NULL, arrays_free);
    for (guint i = 0; i < reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(reach->programs, i);
        for (guint j = 0; j < program->flows->len; j++) {
            struct thread_flow *flow = g_ptr_array_index(program->flows, j);
            g_hash_table_insert(entry->flows, flow, find_for(locks, program, flow));
        }
    }
    return entry;
}

void entry_locks_free(struct entry_locks *entry)
{
    if (!entry)
        return;
    g_hash_table_unref(entry->flows);
    g_free(entry);
}

GArray *locks_held_at(const struct entry_locks *entry, const struct program_flows *program,
                      const struct thread_flow *flow, const struct graph_function *function, guint event)
{
    (void)program;
    const GPtrArray *entries = g_hash_table_lookup(entry->flows, flow);
    const struct function_locks *own = &entry->locks->functions[function->index];
    GArray *held = union_of(entries ? entries->pdata[function->index] : NULL,
                            held_locks_must(entry->locks, function, event));
    const GArray *given = own->given ? own->given[event] : NULL;
    for (guint i = held->len; given && i > 0; i--) {
        const struct held_lock *lock = &g_array_index(held, struct held_lock, i - 1);
        for (guint j = 0; j < given->len; j++) {
            if (g_array_index(given, struct held_lock, j).name == lock->name) {
                g_array_remove_index(held, i - 1);
                break;
            }
        }
    }
    return held;
}

gboolean locks_surely_differ(const struct held_lock *a, const struct held_lock *b)
{
    return a->place != b->place && place_is_exact(a->place) && place_is_exact(b->place) &&
           !place_is_local(a->place) && !place_is_local(b->place) &&
           !strchr(g_quark_to_string(a->place), '*') && !strchr(g_quark_to_string(b->place), '*');
}

gboolean locks_exclude(const GArray *some, const GArray *others)
{
    for (guint i = 0; i < some->len; i++) {
        const struct held_lock *lock = &g_array_index(some, struct held_lock, i);
        for (guint j = 0; j < others->len; j++) {
            const struct held_lock *other = &g_array_index(others, struct held_lock, j);
            gboolean same =
                (lock->name && lock->name == other->name) || (lock->place && lock->place == other->place);
            if (same && !(lock->shared && other->shared) && !locks_surely_differ(lock, other))
                return TRUE;
        }
    }
    return FALSE;
}
