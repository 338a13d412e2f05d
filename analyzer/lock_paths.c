/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/lock_paths.h"

#include <string.h>

#include "analyzer/lock_place.h"
#include "analyzer/lock_walk.h"

#define STATES_MAX 16 /* groups of paths at one block */
#define ROUNDS_MAX 60 /* over all blocks of a function */

/* A step is followed from 0 only: once round a loop that stands for a scope, and never for ever. */
static gboolean assigned_value(const struct lock_state *state, const struct fact_event *event,
                               struct known_value *value)
{
    const struct fact_test *test = &event->test;
    *value = (struct known_value){.low = test->constant, .high = test->constant};
    if (event->has_value || !test->subject)
        return event->has_value;
    if (test->relation != RELATION_NONE) {
        int holds = lock_state_decides(state, test);
        value->low = value->high = holds;
        return holds >= 0;
    }
    GQuark subject = g_quark_try_string(test->subject);
    const struct known_value *source = subject ? lock_state_known(state, subject) : NULL;
    if (test->constant)
        return source && source->low == 0 && source->high == 0;
    if (source)
        *value = *source;
    return source != NULL;
}

static void assign(struct lock_state *state, const struct fact_event *event)
{
    struct known_value value;
    gboolean known = assigned_value(state, event, &value);
    lock_state_forget(state, event->path);
    if (known)
        lock_state_set(state, g_quark_from_string(event->path), &value);
}

/* Keeps the order of the first array. */
static GArray *intersection(GArray *sofar, const GArray *held)
{
    for (guint i = sofar->len; i > 0; i--) {
        const struct held_lock *lock = &g_array_index(sofar, struct held_lock, i - 1);
        gboolean found = FALSE;
        for (guint j = 0; j < held->len && !found; j++) {
            const struct held_lock *other = &g_array_index(held, struct held_lock, j);
            found = lock->place == other->place && lock->name == other->name && lock->shared == other->shared;
        }
        if (!found)
            g_array_remove_index(sofar, i - 1);
    }
    return sofar;
}

static void unite(GArray *sofar, const GArray *locks)
{
    for (guint i = 0; i < locks->len; i++) {
        const struct held_lock *lock = &g_array_index(locks, struct held_lock, i);
        gboolean known = FALSE;
        for (guint j = 0; j < sofar->len && !known; j++)
            known = held_lock_same(&g_array_index(sofar, struct held_lock, j), lock);
        if (!known)
            g_array_append_val(sofar, *lock);
    }
}

/* NULL for none; `sets` owns what is kept. */
static const GArray *kept(GPtrArray *sets, GArray *locks)
{
    if (locks && locks->len == 0)
        g_clear_pointer(&locks, g_array_unref);
    if (locks)
        g_ptr_array_add(sets, locks);
    return locks;
}

static void record(struct lock_walk *walk, guint event, const GPtrArray *states)
{
    struct function_locks *result = walk->result;
    GArray *must = NULL, *may = g_array_new(FALSE, FALSE, sizeof(struct held_lock));
    GArray *given = g_array_new(FALSE, FALSE, sizeof(struct held_lock));
    for (guint i = 0; i < states->len; i++) {
        const struct lock_state *state = g_ptr_array_index(states, i);
        must = must ? intersection(must, state->held) : g_array_copy(state->held);
        unite(may, state->held);
        unite(given, state->given);
    }
    result->reached[event] = states->len > 0;
    result->must[event] = kept(result->sets, must);
    result->may[event] = kept(result->sets, may);
    result->given[event] = kept(result->sets, given);
}

static void pass_event(struct lock_walk *walk, GPtrArray *states, guint index)
{
    const struct fact_event *event = g_ptr_array_index(walk->function->facts->events, index);
    if (walk->recording)
        record(walk, index, states);
    switch (event->kind) {
    case EVENT_CALL:
        if (walk->calls[index])
            lock_walk_call(walk, states, walk->calls[index]);
        break;
    case EVENT_WRITE:
        for (guint i = 0; event->place && i < states->len; i++)
            lock_state_forget(g_ptr_array_index(states, i), event->place);
        break;
    case EVENT_ASSIGN:
        for (guint i = 0; i < states->len; i++)
            assign(g_ptr_array_index(states, i), event);
        break;
    default:
        break;
    }
}

/* Groups what has the same locks; TRUE when the block has something new. */
static gboolean arrive(struct lock_walk *walk, int block, const struct lock_state *state)
{
    GPtrArray *there = walk->states[block];
    for (guint i = 0; i < there->len; i++) {
        struct lock_state *known = g_ptr_array_index(there, i);
        if (lock_state_same_locks(known, state))
            return lock_state_join(known, state);
    }
    if (there->len >= STATES_MAX) {
        walk->result->unsure = TRUE;
        return FALSE;
    }
    g_ptr_array_add(there, lock_state_copy(state));
    return TRUE;
}

/* A block with a label, or the default: none of them. */
static gboolean leave_switch(struct lock_walk *walk, const struct fact_block *block, int next,
                             const struct lock_state *state)
{
    const struct fact_case *label = NULL;
    for (guint i = 0; i < block->cases->len && !label; i++) {
        const struct fact_case *each = g_ptr_array_index(block->cases, i);
        label = each->block == next ? each : NULL;
    }
    struct lock_state *narrowed = lock_state_copy(state);
    gboolean possible = TRUE;
    GQuark subject = g_quark_from_string(block->test.subject);
    if (label)
        possible = lock_state_assume(narrowed, subject, RELATION_EQUAL, label->value);
    for (guint i = 0; !label && possible && i < block->cases->len; i++)
        possible = lock_state_assume(narrowed, subject, RELATION_DIFFERENT,
                                     ((const struct fact_case *)g_ptr_array_index(block->cases, i))->value);
    gboolean changed = possible && arrive(walk, next, narrowed);
    lock_state_free(narrowed);
    return changed;
}

static gboolean leave(struct lock_walk *walk, const struct fact_block *block, int next,
                      const struct lock_state *state)
{
    gboolean when_true = next == block->when_true, when_false = next == block->when_false;
    if (block->cases && block->test.subject)
        return leave_switch(walk, block, next, state);
    if (!block->test.subject || when_true == when_false)
        return arrive(walk, next, state);
    struct lock_state *narrowed = lock_state_copy(state);
    enum relation relation = when_true ? block->test.relation : relation_negated(block->test.relation);
    gboolean possible =
        lock_state_assume(narrowed, g_quark_from_string(block->test.subject), relation, block->test.constant);
    gboolean changed = possible && arrive(walk, next, narrowed);
    lock_state_free(narrowed);
    return changed;
}

static gboolean event_stops(const struct lock_walk *walk, guint event)
{
    const struct call_site *call = walk->calls[event];
    if (!call)
        return FALSE;
    if (call->effect)
        return (call->effect->properties & (EFFECT_DOES_NOT_RETURN | EFFECT_EXECUTES)) ==
               EFFECT_DOES_NOT_RETURN;
    if (call->resolution != CALL_DIRECT)
        return FALSE;
    const struct graph_function *target = g_ptr_array_index(call->targets, 0);
    return walk->locks->endings->never_returns[target->index] || walk->locks->endings->stops[target->index];
}

/* The states after the block; NULL when no path leaves it. The caller unrefs them. */
static GPtrArray *pass_block(struct lock_walk *walk, int index)
{
    const struct fact_block *block = g_ptr_array_index(walk->function->facts->blocks, (guint)index);
    GPtrArray *states = g_ptr_array_new_with_free_func(lock_state_free);
    for (guint i = 0; i < walk->states[index]->len; i++)
        g_ptr_array_add(states, lock_state_copy(g_ptr_array_index(walk->states[index], i)));
    gboolean stops = block->stops;
    for (guint i = 0; i < walk->events[index]->len; i++) {
        guint event = g_array_index(walk->events[index], guint, i);
        pass_event(walk, states, event);
        if (event_stops(walk, event)) {
            stops = TRUE;
            break;
        }
        if (states->len > 4 * STATES_MAX) {
            walk->result->unsure = TRUE;
            g_ptr_array_set_size(states, STATES_MAX);
        }
    }
    if (stops)
        g_clear_pointer(&states, g_ptr_array_unref);
    return states;
}

/* Blocks so that each comes after what leads to it, loops apart: reverse postorder of a walk in depth. */
static GArray *blocks_in_order(const struct lock_walk *walk)
{
    guint count = walk->function->facts->blocks->len;
    g_autofree guint *next = g_new0(guint, count);
    g_autofree gboolean *seen = g_new0(gboolean, count);
    g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(int));
    GArray *order = g_array_sized_new(FALSE, FALSE, sizeof(int), count);
    int start = 0;
    g_array_append_val(path, start);
    seen[0] = TRUE;
    while (path->len > 0) {
        int index = g_array_index(path, int, path->len - 1);
        const struct fact_block *block = g_ptr_array_index(walk->function->facts->blocks, (guint)index);
        if (next[index] >= block->successors->len) {
            g_array_append_val(order, index);
            g_array_set_size(path, path->len - 1);
            continue;
        }
        int successor = g_array_index(block->successors, int, next[index]++);
        if (!seen[successor])
            g_array_append_val(path, successor);
        seen[successor] = TRUE;
    }
    for (guint i = 0; i < order->len / 2; i++) {
        int swapped = g_array_index(order, int, i);
        g_array_index(order, int, i) = g_array_index(order, int, order->len - 1 - i);
        g_array_index(order, int, order->len - 1 - i) = swapped;
    }
    return order;
}

static void run(struct lock_walk *walk)
{
    guint count = walk->function->facts->blocks->len;
    g_autoptr(GArray) order = blocks_in_order(walk);
    g_autofree gboolean *waiting = g_new0(gboolean, count);
    struct lock_state *start = lock_state_new();
    gboolean again = arrive(walk, 0, start);
    lock_state_free(start);
    waiting[0] = TRUE;
    for (int round = 0; again; round++) {
        again = FALSE;
        walk->result->unsure |= round == ROUNDS_MAX;
        for (guint i = 0; round < ROUNDS_MAX && i < order->len; i++) {
            int index = g_array_index(order, int, i);
            const struct fact_block *block = g_ptr_array_index(walk->function->facts->blocks, (guint)index);
            if (!waiting[index])
                continue;
            waiting[index] = FALSE;
            g_autoptr(GPtrArray) states = pass_block(walk, index);
            for (guint k = 0; states && k < block->successors->len; k++) {
                int next = g_array_index(block->successors, int, k);
                gboolean changed = FALSE;
                for (guint j = 0; j < states->len; j++)
                    changed |= leave(walk, block, next, g_ptr_array_index(states, j));
                waiting[next] |= changed;
                again |= changed;
            }
        }
    }
}

/* The return statement that ends the block, else its last event. */
static const struct fact_event *return_event(const struct lock_walk *walk, int block)
{
    const struct fact_event *last = NULL;
    for (guint i = walk->events[block]->len; i > 0; i--) {
        const struct fact_event *event = g_ptr_array_index(walk->function->facts->events,
                                                           g_array_index(walk->events[block], guint, i - 1));
        if (event->kind == EVENT_ASSIGN && strcmp(event->path, "#return") == 0)
            return event;
        last = last ? last : event;
    }
    return last;
}

/* TRUE when the function itself changes what the subject means. */
static gboolean is_changed(const struct lock_walk *walk, const char *subject)
{
    for (guint i = 0; i < walk->function->facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(walk->function->facts->events, i);
        const char *target = event->kind == EVENT_ASSIGN  ? event->path
                             : event->kind == EVENT_CALL  ? event->result
                             : event->kind == EVENT_WRITE ? event->place
                                                          : NULL;
        if (target && strcmp(target, subject) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Values of parameters, of what they lead to and of globals, as far as the function does not change them. */
static GArray *known_conditions(const struct lock_walk *walk, const struct lock_state *state)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(struct known_value));
    for (guint i = 0; i < state->known->len; i++) {
        const struct known_value *known = &g_array_index(state->known, struct known_value, i);
        const char *subject = g_quark_to_string(known->subject);
        gboolean is_place = strpbrk(subject, "*.@") != NULL;
        gboolean is_parameter = place_named_parameter(walk->function, subject) != NO_ARGUMENT;
        gboolean is_visible =
            is_place && (*subject != '%' || place_parameter(walk->function, known->subject) != NO_ARGUMENT);
        if (*subject != '#' && (is_parameter || is_visible) && !is_changed(walk, subject))
            g_array_append_val(found, *known);
    }
    return found;
}

static void outcome_add(struct lock_walk *walk, const struct lock_state *state, int block)
{
    const struct known_value *result = lock_state_known(state, g_quark_from_static_string("#return"));
    GPtrArray *outcomes = walk->result->outcomes;
    struct lock_outcome *outcome = g_new0(struct lock_outcome, 1);
    outcome->held = g_array_copy(state->held);
    outcome->given = g_array_copy(state->given);
    outcome->conditions = known_conditions(walk, state);
    outcome->has_result = result != NULL;
    outcome->event = return_event(walk, block);
    if (result)
        outcome->result = *result;
    walk->result->acts |= outcome->held->len > 0 || outcome->given->len > 0;
    g_ptr_array_add(outcomes, outcome);
}

static gboolean conditions_exclude(const GArray *some, const GArray *others)
{
    for (guint i = 0; i < some->len; i++) {
        const struct known_value *value = &g_array_index(some, struct known_value, i);
        for (guint j = 0; j < others->len; j++) {
            const struct known_value *other = &g_array_index(others, struct known_value, j);
            if (value->subject == other->subject && known_values_exclude(value, other))
                return TRUE;
        }
    }
    return FALSE;
}

/* Different locks, and neither the result nor what was known before tells which. */
static gboolean is_undecided(const struct lock_outcome *some, const struct lock_outcome *other)
{
    if (held_locks_equal(some->held, other->held) && held_locks_equal(some->given, other->given))
        return FALSE;
    gboolean results = some->has_result && other->has_result;
    if (some->has_result != other->has_result)
        return FALSE; /* `return NULL` against `return lock`: callers test it */
    return !(results && known_values_exclude(&some->result, &other->result)) &&
           !conditions_exclude(some->conditions, other->conditions);
}

/* What cannot be told apart by the callers is said of the function itself, once, and not of all of them. */
static void settle_outcomes(struct function_locks *result)
{
    for (guint i = 0; result->acts && i < result->outcomes->len; i++) {
        for (guint j = 0; result->acts && j < i; j++)
            result->acts =
                !is_undecided(g_ptr_array_index(result->outcomes, i), g_ptr_array_index(result->outcomes, j));
    }
}

/* Once more over all blocks, whose states are now complete. */
static void record_all(struct lock_walk *walk)
{
    const struct fact_list *blocks = walk->function->facts->blocks;
    walk->recording = TRUE;
    for (guint i = 0; i < blocks->len; i++) {
        const struct fact_block *block = g_ptr_array_index(blocks, i);
        if (walk->states[i]->len == 0)
            continue;
        g_autoptr(GPtrArray) states = pass_block(walk, (int)i);
        for (guint j = 0; states && block->successors->len == 0 && j < states->len; j++)
            outcome_add(walk, g_ptr_array_index(states, j), (int)i);
    }
}

void lock_paths_find(struct held_locks *locks, const struct graph_function *function)
{
    guint blocks = function->facts->blocks->len, events = function->facts->events->len;
    struct lock_walk walk = {
        .locks = locks, .function = function, .result = &locks->functions[function->index]};
    if (blocks == 0) {
        walk.result->unsure = TRUE;
        return;
    }
    walk.calls = g_new0(const struct call_site *, events + 1);
    walk.states = g_new0(GPtrArray *, blocks);
    walk.events = g_new0(GArray *, blocks);
    walk.result->must = g_new0(const GArray *, events + 1);
    walk.result->reached = g_new0(gboolean, events + 1);
    walk.result->may = g_new0(const GArray *, events + 1);
    walk.result->given = g_new0(const GArray *, events + 1);
    for (guint i = 0; i < blocks; i++) {
        walk.states[i] = g_ptr_array_new_with_free_func(lock_state_free);
        walk.events[i] = g_array_new(FALSE, FALSE, sizeof(guint));
    }
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        walk.calls[call->event_index] = call;
    }
    for (guint i = 0; i < events; i++) {
        const struct fact_event *event = g_ptr_array_index(function->facts->events, i);
        g_array_append_val(walk.events[event->block], i);
    }
    run(&walk);
    record_all(&walk);
    settle_outcomes(walk.result);
    for (guint i = 0; i < blocks; i++) {
        g_ptr_array_unref(walk.states[i]);
        g_array_unref(walk.events[i]);
    }
    g_free(walk.calls);
    g_free(walk.states);
    g_free(walk.events);
}
