/* SPDX-License-Identifier: Apache-2.0 */
/* A function gives a lock up on some paths and keeps it on others, or takes it and nobody gives it up. */
#include <string.h>

#include "analyzer/rules/rules.h"

#define ASKED_MAX 300 /* functions above that may expect the lock */

static gboolean gives_up(const struct lint *lint, const struct call_site *call, const struct held_lock *lock)
{
    if (call_acts_on_lock(call, LOCK_RELEASE)) {
        struct held_lock released = lock_of_argument(call, call->effect->lock_argument);
        return released.name == lock->name || !released.name;
    }
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        if (held_locks_gives_up(lint->locks, call, target, lock))
            return TRUE;
    }
    return FALSE;
}

/* The call in `function` that gives the lock up, or NULL. */
static const struct call_site *release_in(const struct lint *lint, const struct graph_function *function,
                                          const struct held_lock *lock)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (gives_up(lint, call, lock))
            return call;
    }
    return NULL;
}

static const struct held_lock *taken_by(const GArray *held, const struct call_site *call, GQuark name)
{
    for (guint i = 0; held && i < held->len; i++) {
        const struct held_lock *lock = &g_array_index(held, struct held_lock, i);
        if (lock->site == call && (lock->name == name || !name))
            return lock;
    }
    return NULL;
}

static gboolean callers_release(const struct lint *lint, const struct graph_function *function,
                                const struct held_lock *lock, GHashTable *seen);

/* TRUE when the caller gives up the lock that this call brought it, or passes it on to one who does. */
static gboolean caller_expects(const struct lint *lint, const struct call_site *call,
                               const struct held_lock *lock, GHashTable *seen)
{
    const struct graph_function *caller = call->caller;
    const struct function_locks *locks = &lint->locks->functions[caller->index];
    for (guint i = 0; i < caller->calls->len; i++) {
        const struct call_site *release = g_ptr_array_index(caller->calls, i);
        if (gives_up(lint, release, lock) &&
            taken_by(held_locks_may(lint->locks, caller, release->event_index), call, lock->name))
            return TRUE;
    }
    for (guint i = 0; i < locks->outcomes->len; i++) {
        const struct lock_outcome *outcome = g_ptr_array_index(locks->outcomes, i);
        if (taken_by(outcome->held, call, lock->name) &&
            ((locks->unsure && release_in(lint, caller, lock)) || callers_release(lint, caller, lock, seen)))
            return TRUE;
    }
    return FALSE;
}

/* TRUE when somebody above expects to get the lock and gives it up, or too many would have to be asked;
 * `seen`: functions that were. */
static gboolean callers_release(const struct lint *lint, const struct graph_function *function,
                                const struct held_lock *lock, GHashTable *seen)
{
    if (!g_hash_table_add(seen, (gpointer)function))
        return FALSE;
    if (g_hash_table_size(seen) > ASKED_MAX)
        return TRUE;
    for (guint i = 0; i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        struct held_lock caught = lock_seen_by_caller(function, lock, call);
        if (!caught.name || caller_expects(lint, call, &caught, seen))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_kept(const GArray *held, const struct held_lock *lock)
{
    for (guint i = 0; i < held->len; i++) {
        if (held_lock_same(&g_array_index(held, struct held_lock, i), lock))
            return TRUE;
    }
    return FALSE;
}

static gboolean some_path_releases(const struct function_locks *locks, const struct held_lock *lock)
{
    for (guint i = 0; i < locks->outcomes->len; i++) {
        const struct lock_outcome *outcome = g_ptr_array_index(locks->outcomes, i);
        if (!is_kept(outcome->held, lock))
            return TRUE;
    }
    return FALSE;
}

static void report(struct lint *lint, const struct graph_function *function, const struct held_lock *lock,
                   const struct lock_outcome *outcome, const struct call_site *release, gboolean is_body)
{
    const struct fact_event *event = outcome->event ? outcome->event : lock->site->event;
    g_autofree char *name = lock_display(lock);
    g_autofree char *taken = event_place(lint, function, lock->site->event);
    char *message;
    if (release) {
        g_autofree char *released = event_place(lint, function, release->event);
        message =
            g_strdup_printf("%s returns here with %s still held, taken at %s; the path at %s gives it up: "
                            "whoever takes it next waits for ever; give it up before this return",
                            function->facts->name, name, taken, released);
    } else if (!is_body) {
        message = g_strdup_printf("%s returns with %s still held, taken at %s, and neither it nor any of its "
                                  "callers gives it up: whoever takes it next waits for ever; give it up",
                                  function->facts->name, name, taken);
    } else {
        message =
            g_strdup_printf("thread %s ends with %s still held, taken at %s: whoever takes it next waits "
                            "for ever; give it up before the end",
                            function->facts->name, name, taken);
    }
    gboolean varies = call_varies(lint->locks, lock->site) || (release && call_varies(lint->locks, release));
    gboolean ends_process = strcmp(function->facts->name, "main") == 0;
    enum severity severity = varies || ends_process ? SEVERITY_NOTE : SEVERITY_WARNING;
    struct finding *finding =
        finding_report(lint, &lock_not_released_rule, severity, function, event, name, message);
    finding_step(lint, finding, function, lock->site->event, g_strdup_printf("takes %s", name));
    finding_step(lint, finding, function, event, g_strdup("returns without giving it up"));
}

/* Takes or tries the lock, itself or in what it calls. */
static gboolean uses_place(const struct function_locks *locks, GQuark place)
{
    for (guint i = 0; i < locks->uses->len; i++) {
        if (((const struct lock_use *)g_ptr_array_index(locks->uses, i))->lock.place == place)
            return TRUE;
    }
    return FALSE;
}

/* One variable, and taken here: what a callee keeps is reported there, unless its caller chose the lock. */
static gboolean is_taken_here(const struct lint *lint, const struct held_lock *lock)
{
    for (guint i = 0; i < lock->site->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(lock->site->targets, i);
        if (uses_place(&lint->locks->functions[target->index], lock->place))
            return FALSE;
    }
    return lock->place && place_is_exact(lock->place) && !place_is_local(lock->place);
}

/* Somebody above it may be code that is not seen: a library's user, or a registry of callbacks. */
static gboolean is_called_from_outside(const struct lint *lint, const struct graph_function *function)
{
    const struct root *root = roots_find_function(lint->roots, function);
    return function->callers->len == 0 && !(root && (root->kind == ROOT_MAIN || root->kind == ROOT_THREAD));
}

/* Others take the lock and give it up in one function, and nobody gives it up without having taken it: then a
 * function that only takes it, with nobody above (`asked`) who gives it up, is no wrapper. */
static gboolean is_missed(const struct lint *lint, const struct held_lock *lock, GHashTable *asked)
{
    GHashTableIter iterator;
    gpointer function;
    g_hash_table_iter_init(&iterator, asked);
    while (g_hash_table_iter_next(&iterator, &function, NULL)) {
        if (is_called_from_outside(lint, function))
            return FALSE;
    }
    gboolean paired = FALSE;
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *other = g_ptr_array_index(lint->graph->functions, i);
        gboolean takes = uses_place(&lint->locks->functions[i], lock->place), gives = FALSE;
        for (guint j = 0; j < other->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(other->calls, j);
            gives |= call_acts_on_lock(call, LOCK_RELEASE) &&
                     lock_of_argument(call, call->effect->lock_argument).place == lock->place;
        }
        if (gives && !takes)
            return FALSE;
        paired |= gives;
    }
    return paired;
}

/* One finding per lock: the first return that keeps it. */
static void check_function(struct lint *lint, const struct graph_function *function, gboolean is_body)
{
    const struct function_locks *locks = &lint->locks->functions[function->index];
    g_autoptr(GHashTable) reported = g_hash_table_new(NULL, NULL);
    for (guint i = 0; !locks->unsure && i < locks->outcomes->len; i++) {
        const struct lock_outcome *outcome = g_ptr_array_index(locks->outcomes, i);
        for (guint j = 0; j < outcome->held->len; j++) {
            const struct held_lock *lock = &g_array_index(outcome->held, struct held_lock, j);
            const struct call_site *release = lock->name ? release_in(lint, function, lock) : NULL;
            gboolean mixed = release && some_path_releases(locks, lock);
            const char *place = g_quark_to_string(lock->place);
            if (place && strstr(place, "[]"))
                continue; /* which element cannot be told */
            gboolean forgotten = lock->name && !release && (is_body || is_taken_here(lint, lock));
            g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
            if ((!mixed && !forgotten) || callers_release(lint, function, lock, seen) ||
                (!mixed && !is_body && !is_missed(lint, lock, seen)) ||
                !g_hash_table_add(reported, (gpointer)lock->site))
                continue;
            report(lint, function, lock, outcome, mixed ? release : NULL, is_body);
        }
    }
}

static gboolean is_thread_body(const struct lint *lint, const struct graph_function *function)
{
    const struct root *root = roots_find_function(lint->roots, function);
    return root && root->kind == ROOT_THREAD && function->callers->len == 0;
}

static void check(struct lint *lint)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        if (function->reachable)
            check_function(lint, function, is_thread_body(lint, function));
    }
}

const struct rule lock_not_released_rule = {
    .name = "lock-not-released",
    .summary = "a function gives a lock up on some paths and keeps it on others",
    .check = check,
};
