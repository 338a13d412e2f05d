/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/lock_walk.h"

#include <string.h>

#include "analyzer/lock_paths.h"
#include "analyzer/lock_place.h"

#define TIMES_MAX 3 /* that a lock is counted which may be taken again */

void lock_outcome_free(gpointer data)
{
    struct lock_outcome *outcome = data;
    g_array_unref(outcome->held);
    g_array_unref(outcome->given);
    g_array_unref(outcome->conditions);
    g_free(outcome);
}

static GQuark result_subject(const struct call_site *call)
{
    g_autofree char *subject = g_strdup_printf("#%u", call->event_index);
    return g_quark_from_string(subject);
}

/* What `call` returns on this path, also for the variable that gets it. */
static void set_result(struct lock_state *state, const struct call_site *call,
                       const struct known_value *value)
{
    lock_state_set(state, result_subject(call), value);
    if (call->event->result)
        lock_state_set(state, g_quark_from_string(call->event->result), value);
}

static void set_result_range(struct lock_state *state, const struct call_site *call, gboolean is_zero)
{
    struct known_value value = {.low = is_zero ? 0 : G_MININT64, .high = is_zero ? 0 : G_MAXINT64};
    value.excluded_count = !is_zero; /* 0 itself */
    set_result(state, call, &value);
}

static void problem_add(struct lock_walk *walk, enum lock_problem_kind kind, const struct held_lock *lock,
                        const struct call_site *call, const struct lock_use *inner, gboolean exclusive)
{
    if (!walk->recording)
        return;
    for (guint i = 0; i < walk->result->problems->len; i++) {
        const struct lock_problem *known = g_ptr_array_index(walk->result->problems, i);
        if (known->kind == kind && known->call == call && known->lock.name == lock->name)
            return;
    }
    struct lock_problem *problem = g_new0(struct lock_problem, 1);
    *problem = (struct lock_problem){kind, *lock, call, inner, exclusive};
    g_ptr_array_add(walk->result->problems, problem);
}

static gboolean same_exact(const struct held_lock *a, const struct held_lock *b)
{
    return a->place && a->place == b->place && place_is_exact(a->place);
}

static void check_taken_twice(struct lock_walk *walk, const struct lock_state *state,
                              const struct held_lock *lock, const struct lock_use *inner)
{
    for (guint i = 0; walk->recording && i < state->held->len; i++) {
        const struct held_lock *held = &g_array_index(state->held, struct held_lock, i);
        gboolean repeatable = g_hash_table_contains(walk->locks->repeatable, GUINT_TO_POINTER(lock->name));
        if (same_exact(held, lock) && !repeatable)
            problem_add(walk, LOCK_TAKEN_TWICE, held, lock->site, inner, !(held->shared && lock->shared));
    }
}

static void take(struct lock_walk *walk, struct lock_state *state, const struct held_lock *lock)
{
    if (!lock->name && !lock->place) {
        walk->result->unsure = TRUE;
        return;
    }
    for (guint i = 0; i < state->given->len; i++) {
        if (held_lock_same(&g_array_index(state->given, struct held_lock, i), lock)) {
            g_array_remove_index(state->given, i);
            return; /* the caller's lock is back */
        }
    }
    guint times = 0;
    struct held_lock *before = NULL;
    gboolean again =
        lock->shared || g_hash_table_contains(walk->locks->repeatable, GUINT_TO_POINTER(lock->name));
    for (guint i = 0; i < state->held->len; i++) {
        struct held_lock *held = &g_array_index(state->held, struct held_lock, i);
        gboolean same = held->place == lock->place && held->name == lock->name;
        times += same;
        before = same ? held : before;
    }
    if (times < (again ? TIMES_MAX : 1))
        g_array_append_val(state->held, *lock);
    else if (!again && same_exact(before, lock))
        before->site = lock->site; /* what is given up later is what was taken last */
    /* else a loop over elements */
}

/* A local variable that points to some lock, and is no parameter. */
static gboolean is_local_pointer(const struct lock_walk *walk, const struct held_lock *lock)
{
    const char *place = g_quark_to_string(lock->place);
    return place && *place == '%' && strchr(place, '*') &&
           place_parameter(walk->function, lock->place) == NO_ARGUMENT;
}

static void give_up(struct lock_walk *walk, struct lock_state *state, const struct held_lock *lock)
{
    if (!lock->name && !lock->place) {
        walk->result->unsure = TRUE;
        return;
    }
    int index = held_lock_find(state->held, lock);
    if (index >= 0) {
        g_array_remove_index(state->held, (guint)index);
        return;
    }
    for (guint i = 0; i < state->given->len; i++) {
        const struct held_lock *given = &g_array_index(state->given, struct held_lock, i);
        if (given->place == lock->place && given->name == lock->name) {
            problem_add(walk, LOCK_NOT_HELD, given, lock->site, NULL, TRUE);
            return;
        }
    }
    if (is_local_pointer(walk, lock)) {
        walk->result->unsure = TRUE; /* a lock that a call returned: any but the global ones */
        for (guint i = state->held->len; i > 0; i--) {
            const char *place = g_quark_to_string(g_array_index(state->held, struct held_lock, i - 1).place);
            if (!place || strpbrk(place, "%*[~"))
                g_array_remove_index(state->held, i - 1);
        }
        return;
    }
    g_array_append_val(state->given, *lock);
}

static void state_add(GPtrArray *states, struct lock_state *state)
{
    g_ptr_array_add(states, state);
}

/* A take whose result is looked at, or a try: two ways on. */
static void take_or_not(struct lock_walk *walk, GPtrArray *states, const struct call_site *call,
                        const struct held_lock *lock)
{
    gboolean true_on_success = (call->effect->properties & EFFECT_TRUE_ON_SUCCESS) != 0;
    guint count = states->len;
    for (guint i = 0; i < count; i++) {
        struct lock_state *taken = g_ptr_array_index(states, i);
        struct lock_state *failed = lock_state_copy(taken);
        set_result_range(taken, call, !true_on_success);
        set_result_range(failed, call, true_on_success);
        take(walk, taken, lock);
        state_add(states, failed);
    }
}

static void apply_effect(struct lock_walk *walk, GPtrArray *states, const struct call_site *call)
{
    const struct effect *effect = call->effect;
    struct held_lock lock = lock_of_argument(call, effect->lock_argument);
    for (guint i = 0; i < states->len; i++)
        set_result(g_ptr_array_index(states, i), call, NULL);
    if (!lock_kind_is_owned(effect->lock_kind))
        return;
    if (effect->lock == LOCK_TRY || (effect->lock == LOCK_TAKE && call->event->checked)) {
        for (guint i = 0; effect->lock == LOCK_TAKE && i < states->len; i++)
            check_taken_twice(walk, g_ptr_array_index(states, i), &lock, NULL);
        take_or_not(walk, states, call, &lock);
        return;
    }
    for (guint i = 0; i < states->len; i++) {
        struct lock_state *state = g_ptr_array_index(states, i);
        if (effect->lock == LOCK_TAKE) {
            check_taken_twice(walk, state, &lock, NULL);
            take(walk, state, &lock);
        } else if (effect->lock == LOCK_RELEASE) {
            give_up(walk, state, &lock);
        }
    }
}

/* What the value of an argument is called in conditions of the caller; 0 when it has no name. */
static GQuark argument_subject(const struct lock_walk *walk, const struct fact_argument *argument)
{
    gsize length = argument->place ? strlen(argument->place) : 0;
    const char *name = walk->function->facts->name;
    if (length < 2 || argument->place[length - 1] != '*')
        return 0;
    g_autofree char *pointer = g_strndup(argument->place, length - 1);
    gsize prefix = strlen(name) + 2;
    if (*pointer != '%')
        return g_quark_from_string(pointer);
    gsize end = strlen(pointer) > prefix ? strcspn(pointer + prefix, "@.*[~") : 0;
    gboolean plain = end > 0 && (!pointer[prefix + end] || pointer[prefix + end] == '@') &&
                     !strchr(pointer + prefix, '*') && !strchr(pointer + prefix, '[');
    const char *at = plain ? strchr(pointer, '@') : NULL;
    if (at && (g_str_has_suffix(at, ".c") || g_str_has_suffix(at, ".h")))
        plain = TRUE;
    else if (at)
        plain = FALSE;
    if (plain)
        pointer[prefix + end] = '\0';
    return g_quark_from_string(plain ? pointer + prefix : pointer);
}

/* FALSE when the argument cannot have one of the values. */
static gboolean argument_allows(const struct lock_walk *walk, struct lock_state *state,
                                const struct fact_argument *argument, const struct known_value *values)
{
    if (argument->kind == ARGUMENT_INTEGER)
        return known_value_contains(values, argument->integer);
    if (argument->place && !g_str_has_suffix(argument->place, "*")) /* an address is never 0 */
        return values->low != 0 || values->high != 0;
    GQuark subject = argument_subject(walk, argument);
    return !subject || lock_state_restrict(state, subject, values);
}

/* FALSE when the callee cannot come back this way for these arguments. */
static gboolean arguments_allow(const struct lock_walk *walk, struct lock_state *state,
                                const struct call_site *call, const struct graph_function *callee,
                                const struct lock_outcome *outcome)
{
    for (guint i = 0; i < outcome->conditions->len; i++) {
        const struct known_value *values = &g_array_index(outcome->conditions, struct known_value, i);
        const char *name = g_quark_to_string(values->subject);
        GQuark seen = strpbrk(name, "*.@") ? place_seen_by_caller(callee, values->subject, call) : 0;
        if (seen && !lock_state_restrict(state, seen, values))
            return FALSE;
        int position = seen ? NO_ARGUMENT : place_named_parameter(callee, name);
        const struct fact_argument *argument =
            position == NO_ARGUMENT ? NULL : call_site_argument(call, position);
        if (argument && !argument_allows(walk, state, argument, values))
            return FALSE;
    }
    return TRUE;
}

/* The locks of one outcome of the callee, in the caller's terms. */
static void apply_outcome(struct lock_walk *walk, struct lock_state *state, const struct call_site *call,
                          const struct graph_function *callee, const struct lock_outcome *outcome)
{
    for (guint i = 0; i < outcome->given->len; i++) {
        struct held_lock lock =
            lock_seen_by_caller(callee, &g_array_index(outcome->given, struct held_lock, i), call);
        give_up(walk, state, &lock);
    }
    for (guint i = 0; i < outcome->held->len; i++) {
        struct held_lock lock =
            lock_seen_by_caller(callee, &g_array_index(outcome->held, struct held_lock, i), call);
        take(walk, state, &lock);
    }
    set_result(state, call, outcome->has_result ? &outcome->result : NULL);
}

/* The caller's locks that the callee has given up when it takes another one. */
static gboolean given_before(const struct graph_function *callee, const struct lock_use *use,
                             const struct held_lock *held, const struct call_site *call)
{
    for (guint i = 0; i < use->given->len; i++) {
        struct held_lock given =
            lock_seen_by_caller(callee, &g_array_index(use->given, struct held_lock, i), call);
        if (given.name == held->name || (given.place && given.place == held->place))
            return TRUE;
    }
    return FALSE;
}

static void check_uses(struct lock_walk *walk, const struct lock_state *state, const struct call_site *call,
                       const struct graph_function *callee)
{
    const GPtrArray *uses = walk->locks->functions[callee->index].uses;
    gboolean varies = function_locks_vary(&walk->locks->functions[callee->index]);
    for (guint i = 0; walk->recording && uses && state->held->len > 0 && i < uses->len; i++) {
        const struct lock_use *use = g_ptr_array_index(uses, i);
        struct held_lock lock = lock_seen_by_caller(callee, &use->lock, call);
        gboolean surely = !varies && !use->tries && !use->guessed && call->resolution == CALL_DIRECT;
        for (guint j = 0; surely && j < state->held->len; j++) {
            const struct held_lock *held = &g_array_index(state->held, struct held_lock, j);
            gboolean repeatable = g_hash_table_contains(walk->locks->repeatable, GUINT_TO_POINTER(lock.name));
            if (same_exact(held, &lock) && !repeatable && !given_before(callee, use, held, call))
                problem_add(walk, LOCK_TAKEN_TWICE, held, call, use, !(held->shared && lock.shared));
        }
    }
}

static void apply_callee(struct lock_walk *walk, GPtrArray *states, const struct call_site *call,
                         const struct graph_function *callee)
{
    const struct function_locks *summary = &walk->locks->functions[callee->index];
    guint count = states->len;
    for (guint i = 0; i < count; i++)
        check_uses(walk, g_ptr_array_index(states, i), call, callee);
    if (!summary->acts || summary->outcomes->len == 0) {
        for (guint i = 0; i < count; i++)
            set_result(g_ptr_array_index(states, i), call, NULL);
        return;
    }
    g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func(lock_state_free);
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(before, lock_state_copy(g_ptr_array_index(states, i)));
    g_ptr_array_set_size(states, 0);
    for (guint i = 0; i < before->len; i++) {
        for (guint j = 0; j < summary->outcomes->len; j++) {
            struct lock_state *state = lock_state_copy(g_ptr_array_index(before, i));
            const struct lock_outcome *outcome = g_ptr_array_index(summary->outcomes, j);
            if (!arguments_allow(walk, state, call, callee, outcome)) {
                lock_state_free(state);
                continue;
            }
            apply_outcome(walk, state, call, callee, outcome);
            state_add(states, state);
        }
    }
}

void lock_walk_call(struct lock_walk *walk, GPtrArray *states, const struct call_site *call)
{
    const struct graph_function *target = held_locks_target(walk->locks, call);
    if (call->effect && call->effect->lock != LOCK_ACTION_NONE)
        apply_effect(walk, states, call);
    else if (target)
        apply_callee(walk, states, call, target);
    else
        for (guint i = 0; i < states->len; i++)
            set_result(g_ptr_array_index(states, i), call, NULL);
}
