/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/held_locks.h"

#include <string.h>

#include "analyzer/lock_paths.h"
#include "analyzer/lock_place.h"

#define USES_MAX       48 /* remembered per function */
#define INIT_DEPTH_MAX 4  /* callers of a function that initialises its parameter */

gboolean lock_kind_is_owned(enum lock_kind kind)
{
    return kind == LOCK_MUTEX || kind == LOCK_RWLOCK || kind == LOCK_SPINLOCK;
}

gboolean function_locks_vary(const struct function_locks *locks)
{
    for (guint i = 0; locks->acts && locks->outcomes->len > 1 && i < locks->outcomes->len; i++) {
        const struct lock_outcome *outcome = g_ptr_array_index(locks->outcomes, i);
        if (outcome->conditions->len > 0 || !outcome->has_result)
            return TRUE;
    }
    return FALSE;
}

static gboolean is_repeatable(const struct held_locks *locks, const struct graph_function *function,
                              const struct held_lock *lock, int depth)
{
    if (g_hash_table_contains(locks->repeatable, GUINT_TO_POINTER(lock->name)))
        return TRUE;
    if (depth == 0 || place_parameter(function, lock->place) == NO_ARGUMENT)
        return FALSE;
    for (guint i = 0; i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        struct held_lock seen = lock_seen_by_caller(function, lock, call);
        if (is_repeatable(locks, call->caller, &seen, depth - 1))
            return TRUE;
    }
    return FALSE;
}

gboolean lock_is_repeatable(const struct held_locks *locks, const struct graph_function *function,
                            const struct held_lock *lock)
{
    return is_repeatable(locks, function, lock, INIT_DEPTH_MAX);
}

gboolean call_varies(const struct held_locks *locks, const struct call_site *call)
{
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        if (function_locks_vary(&locks->functions[target->index]))
            return TRUE;
    }
    return call->resolution != CALL_DIRECT && call->targets->len > 0;
}

gboolean call_acts_on_lock(const struct call_site *call, enum effect_lock action)
{
    return call->effect && call->effect->lock == action && lock_kind_is_owned(call->effect->lock_kind);
}

static void lock_use_free(gpointer data)
{
    struct lock_use *use = data;
    g_array_unref(use->given);
    g_free(use);
}

static void function_locks_init(struct function_locks *locks)
{
    locks->outcomes = g_ptr_array_new_with_free_func(lock_outcome_free);
    locks->uses = g_ptr_array_new_with_free_func(lock_use_free);
    locks->problems = g_ptr_array_new_with_free_func(g_free);
    locks->sets = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
}

const struct graph_function *held_locks_target(const struct held_locks *locks, const struct call_site *call)
{
    const struct graph_function *found = NULL;
    if (call->resolution == CALL_BY_SIGNATURE)
        return NULL;
    if (call->resolution == CALL_DIRECT)
        return g_ptr_array_index(call->targets, 0);
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        if (!locks->functions[target->index].acts)
            continue;
        if (found)
            return NULL;
        found = target;
    }
    return found;
}

/* TRUE when the function, or what it calls directly, changes which locks are held. */
static gboolean is_concerned(const struct held_locks *locks, const struct graph_function *function)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->effect && call->effect->lock != LOCK_ACTION_NONE &&
            lock_kind_is_owned(call->effect->lock_kind))
            return TRUE;
        const struct graph_function *target = held_locks_target(locks, call);
        if (target && locks->functions[target->index].acts)
            return TRUE;
    }
    return FALSE;
}

/* --- uses
 * ------------------------------------------------------------------------------------------------- */
static void use_add(struct function_locks *locks, const struct held_lock *lock, const struct call_site *call,
                    const struct lock_use *inner, const GArray *given, gboolean tries, gboolean guessed)
{
    if ((!lock->name && !lock->place) || locks->uses->len >= USES_MAX)
        return;
    for (guint i = 0; i < locks->uses->len; i++) {
        const struct lock_use *known = g_ptr_array_index(locks->uses, i);
        if (known->lock.name == lock->name && known->lock.place == lock->place &&
            known->lock.shared == lock->shared && known->tries == tries && known->guessed <= guessed &&
            known->given->len == 0)
            return;
    }
    struct lock_use *use = g_new0(struct lock_use, 1);
    use->lock = *lock;
    use->call = call;
    use->inner = inner;
    use->tries = tries;
    use->guessed = guessed;
    use->given = given ? g_array_copy((GArray *)given) : g_array_new(FALSE, FALSE, sizeof(struct held_lock));
    g_ptr_array_add(locks->uses, use);
}

static void pass_up(struct held_locks *locks, struct function_locks *result, const struct call_site *call,
                    const struct graph_function *callee, const GArray *given)
{
    const GPtrArray *uses = locks->functions[callee->index].uses;
    for (guint i = 0; i < uses->len && result->uses->len < USES_MAX; i++) {
        const struct lock_use *inner = g_ptr_array_index(uses, i);
        struct held_lock lock = lock_seen_by_caller(callee, &inner->lock, call);
        g_autoptr(GArray) all =
            given ? g_array_copy((GArray *)given) : g_array_new(FALSE, FALSE, sizeof(struct held_lock));
        for (guint j = 0; j < inner->given->len; j++) {
            struct held_lock seen =
                lock_seen_by_caller(callee, &g_array_index(inner->given, struct held_lock, j), call);
            g_array_append_val(all, seen);
        }
        use_add(result, &lock, call, inner, all, inner->tries,
                inner->guessed || call->resolution != CALL_DIRECT);
    }
}

static void uses_find(struct held_locks *locks, const struct graph_function *function)
{
    struct function_locks *result = &locks->functions[function->index];
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const GArray *given = result->given ? result->given[call->event_index] : NULL;
        if (call_acts_on_lock(call, LOCK_TAKE) || call_acts_on_lock(call, LOCK_TRY)) {
            struct held_lock lock = lock_of_argument(call, call->effect->lock_argument);
            use_add(result, &lock, call, NULL, given, call->effect->lock == LOCK_TRY, FALSE);
        }
        for (guint j = 0; call->resolution != CALL_BY_SIGNATURE && j < call->targets->len; j++)
            pass_up(locks, result, call, g_ptr_array_index(call->targets, j), given);
    }
}

/* --- locks that one thread may take again
 * -------------------------------------------------------------------- */
static void repeatable_add(struct held_locks *locks, const struct graph_function *function, GQuark name,
                           int depth)
{
    const char *text = g_quark_to_string(name);
    int parameter = text && strchr(text, ':') ? graph_function_parameter(function, text) : NO_ARGUMENT;
    if (!text)
        return;
    g_hash_table_add(locks->repeatable, GUINT_TO_POINTER(name));
    for (guint i = 0; parameter != NO_ARGUMENT && depth > 0 && i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        const struct fact_argument *argument = call_site_argument(call, parameter);
        if (argument && argument->text)
            repeatable_add(locks, call->caller, g_quark_from_string(argument->text), depth - 1);
    }
}

static gboolean callee_is(const struct call_site *call, const char *name)
{
    return g_strcmp0(call->event->callee, name) == 0;
}

static gboolean is_number(const struct call_site *call, int index, gint64 number)
{
    const struct fact_argument *argument = call_site_argument(call, index);
    return argument && argument->kind == ARGUMENT_INTEGER && argument->integer == number;
}

/* A mutex with attributes, in a program that makes recursive or error-checking ones. */
static gboolean makes_repeatable(const struct call_site *call, gboolean some_type)
{
    if (callee_is(call, "pthread_mutex_init"))
        return some_type && !is_number(call, 1, 0);
    if (callee_is(call, "mtx_init"))
        return call_site_argument(call, 1) && (call_site_argument(call, 1)->integer & 1);
    return callee_is(call, "uv_mutex_init_recursive") || callee_is(call, "g_rec_mutex_init") ||
           callee_is(call, "g_rec_mutex_lock");
}

static void repeatable_find(struct held_locks *locks)
{
    gboolean some_type = FALSE;
    for (int pass = 0; pass < 2; pass++) {
        for (guint i = 0; i < locks->graph->functions->len; i++) {
            const struct graph_function *function = g_ptr_array_index(locks->graph->functions, i);
            for (guint j = 0; j < function->calls->len; j++) {
                const struct call_site *call = g_ptr_array_index(function->calls, j);
                some_type |= callee_is(call, "pthread_mutexattr_settype") && !is_number(call, 1, 0);
                if (pass == 1 && makes_repeatable(call, some_type))
                    repeatable_add(locks, function, lock_of_argument(call, 0).name, INIT_DEPTH_MAX);
            }
        }
    }
}

struct held_locks *held_locks_find(const struct program_graph *graph, const struct endings *endings)
{
    struct held_locks *locks = g_new0(struct held_locks, 1);
    locks->graph = graph;
    locks->endings = endings;
    locks->functions = g_new0(struct function_locks, graph->functions->len + 1);
    locks->repeatable = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < graph->functions->len; i++)
        function_locks_init(&locks->functions[i]);
    repeatable_find(locks);
    for (guint i = 0; i < graph->order->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->order, i);
        if (is_concerned(locks, function))
            lock_paths_find(locks, function);
        uses_find(locks, function);
    }
    return locks;
}

void held_locks_free(struct held_locks *locks)
{
    if (!locks)
        return;
    for (guint i = 0; i < locks->graph->functions->len; i++) {
        struct function_locks *function = &locks->functions[i];
        g_ptr_array_unref(function->outcomes);
        g_ptr_array_unref(function->uses);
        g_ptr_array_unref(function->problems);
        g_ptr_array_unref(function->sets);
        g_free(function->must);
        g_free(function->may);
        g_free(function->given);
        g_free(function->reached);
    }
    g_hash_table_unref(locks->repeatable);
    g_free(locks->functions);
    g_free(locks);
}

const GArray *held_locks_must(const struct held_locks *locks, const struct graph_function *function,
                              guint event)
{
    const struct function_locks *found = &locks->functions[function->index];
    return found->must ? found->must[event] : NULL;
}

const GArray *held_locks_may(const struct held_locks *locks, const struct graph_function *function,
                             guint event)
{
    const struct function_locks *found = &locks->functions[function->index];
    return found->may ? found->may[event] : NULL;
}

gboolean held_locks_gives_up(const struct held_locks *locks, const struct call_site *call,
                             const struct graph_function *target, const struct held_lock *lock)
{
    const GPtrArray *outcomes = locks->functions[target->index].outcomes;
    for (guint i = 0; i < outcomes->len; i++) {
        const GArray *given = ((const struct lock_outcome *)g_ptr_array_index(outcomes, i))->given;
        for (guint j = 0; j < given->len; j++) {
            struct held_lock seen =
                lock_seen_by_caller(target, &g_array_index(given, struct held_lock, j), call);
            if (seen.name == lock->name)
                return TRUE;
        }
    }
    return FALSE;
}
