/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/rules/flow_order.h"

#include <string.h>

#include "analyzer/lock_place.h"

#define WRAPPER_DEPTH 2 /* functions around a wait or a signal */

struct flow_order {
    const struct program_flows *program;
    GHashTable *acts;  /* flow and action → 1 when the flow does so, else 2 */
    GHashTable *pairs; /* pairs of flows → 1 when they share a semaphore, else 2 */
};

gboolean flow_is_one_of_several(const struct program_flows *program, const struct thread_flow *flow)
{
    guint shared = 0;
    for (guint i = 0; i < flow->creations->len; i++) {
        gpointer creation = g_ptr_array_index(flow->creations, i);
        gboolean others = FALSE;
        for (guint j = 1; j < program->flows->len; j++) {
            const struct thread_flow *other = g_ptr_array_index(program->flows, j);
            others |= other != flow && g_ptr_array_find(other->creations, creation, NULL);
        }
        shared += others;
    }
    return flow->creations->len > 0 && shared == flow->creations->len;
}

struct flow_order *flow_order_new(const struct program_flows *program)
{
    struct flow_order *order = g_new0(struct flow_order, 1);
    order->program = program;
    order->acts = g_hash_table_new(NULL, NULL);
    order->pairs = g_hash_table_new(NULL, NULL);
    return order;
}

void flow_order_free(struct flow_order *order)
{
    if (!order)
        return;
    g_hash_table_unref(order->acts);
    g_hash_table_unref(order->pairs);
    g_free(order);
}

static GQuark signal_name(const struct call_site *call, enum effect_lock action)
{
    if (!call->effect || call->effect->lock != action)
        return 0;
    struct held_lock object = lock_of_argument(call, call->effect->lock_argument);
    return object.name;
}

static gboolean is_barrier(const struct call_site *call)
{
    return call->effect && call->effect->lock == LOCK_WAIT && call->effect->lock_kind == LOCK_BARRIER;
}

/* `if (option) sem_wait(…)`: when the option is off, nothing is ordered. */
static gboolean is_optional(const struct call_site *call)
{
    const struct fact_list *blocks = call->caller->facts->blocks;
    for (guint i = 0; i < blocks->len; i++) {
        const struct fact_block *block = g_ptr_array_index(blocks, i);
        const char *subject = block->test.subject;
        gboolean guards = block->when_true >= 0 && block->when_true != block->when_false &&
                          (block->when_true == call->event->block || block->when_false == call->event->block);
        if (guards && subject && !strpbrk(subject, "%#*") && subject[strcspn(subject, "@.")] == '@')
            return TRUE;
    }
    return FALSE;
}

/* The call, or a wrapper of it, waits for or announces something. */
static gboolean call_orders(const struct call_site *call, enum effect_lock action, int depth)
{
    if (is_barrier(call) || signal_name(call, action))
        return !is_optional(call);
    const struct graph_function *target =
        depth > 0 && call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
    for (guint i = 0; target && i < target->calls->len; i++) {
        if (call_orders(g_ptr_array_index(target->calls, i), action, depth - 1))
            return TRUE;
    }
    return FALSE;
}

/* TRUE when the flow waits for (or announces) anything anywhere. Found once per flow. */
static gboolean flow_orders(struct flow_order *order, const struct thread_flow *flow, enum effect_lock action)
{
    gpointer key = GUINT_TO_POINTER(2 + 2 * flow->index + (action == LOCK_WAIT));
    gpointer known = g_hash_table_lookup(order->acts, key);
    for (guint i = 0; !known && i < order->program->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(order->program->graph->functions, i);
        for (guint j = 0; flow->reaches[i] && !known && j < function->calls->len; j++) {
            if (call_orders(g_ptr_array_index(function->calls, j), action, 0))
                known = GINT_TO_POINTER(1);
        }
    }
    known = known ? known : GINT_TO_POINTER(2);
    g_hash_table_insert(order->acts, key, known);
    return GPOINTER_TO_INT(known) == 1;
}

/* The function waits for something before the access, or announces something after it, and the other thread
 * does the opposite somewhere. */
static gboolean hands_over(struct flow_order *order, const struct flow_event *event,
                           const struct flow_event *other)
{
    for (guint i = 0; i < event->function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(event->function->calls, i);
        gboolean before = call->event_index < event->index;
        if (call_orders(call, before ? LOCK_WAIT : LOCK_SIGNAL, WRAPPER_DEPTH) &&
            flow_orders(order, other->flow, before ? LOCK_SIGNAL : LOCK_WAIT))
            return TRUE;
    }
    return FALSE;
}

static void collect_signals(struct flow_order *order, const struct thread_flow *flow, enum effect_lock action,
                            GHashTable *names)
{
    for (guint i = 0; i < order->program->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(order->program->graph->functions, i);
        for (guint j = 0; flow->reaches[i] && j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            GQuark name = signal_name(call, action);
            if (name && call->effect->lock_kind != LOCK_CONDITION && !is_optional(call))
                g_hash_table_add(names, GUINT_TO_POINTER(name));
        }
    }
}

static gboolean share_any(GHashTable *some, GHashTable *others)
{
    GHashTableIter iterator;
    gpointer name;
    g_hash_table_iter_init(&iterator, some);
    while (g_hash_table_iter_next(&iterator, &name, NULL)) {
        if (g_hash_table_contains(others, name))
            return TRUE;
    }
    return FALSE;
}

/* Semaphores that one thread posts and the other waits for may put everything in order. Found once per pair
 * of flows. */
static gboolean share_semaphore(struct flow_order *order, const struct flow_event *a,
                                const struct flow_event *b)
{
    gpointer key = GUINT_TO_POINTER(1 + a->flow->index * order->program->flows->len + b->flow->index);
    gpointer known = g_hash_table_lookup(order->pairs, key);
    if (!known) {
        g_autoptr(GHashTable) posted = g_hash_table_new(NULL, NULL);
        g_autoptr(GHashTable) waited = g_hash_table_new(NULL, NULL);
        collect_signals(order, a->flow, LOCK_SIGNAL, posted);
        collect_signals(order, b->flow, LOCK_SIGNAL, posted);
        collect_signals(order, a->flow, LOCK_WAIT, waited);
        collect_signals(order, b->flow, LOCK_WAIT, waited);
        known = GINT_TO_POINTER(share_any(posted, waited) ? 1 : 2);
        g_hash_table_insert(order->pairs, key, known);
    }
    return GPOINTER_TO_INT(known) == 1;
}

/* A thread that looks at atomic variables may be told by them when it may go on. */
static gboolean uses_atomics(const struct graph_function *function, int depth)
{
    for (guint i = 0; i < function->facts->events->len; i++) {
        if (((const struct fact_event *)g_ptr_array_index(function->facts->events, i))->kind == EVENT_ATOMIC)
            return TRUE;
    }
    for (guint i = 0; depth > 0 && i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->resolution == CALL_DIRECT && uses_atomics(g_ptr_array_index(call->targets, 0), depth - 1))
            return TRUE;
    }
    return FALSE;
}

static gboolean synchronises_by_atomics(const struct thread_flow *flow)
{
    return flow->index > 0 && uses_atomics(flow->function, 1);
}

gboolean flow_order_is_possible(struct flow_order *order, const struct flow_event *a,
                                const struct flow_event *b)
{
    return hands_over(order, a, b) || hands_over(order, b, a) || share_semaphore(order, a, b) ||
           synchronises_by_atomics(a->flow) || synchronises_by_atomics(b->flow);
}
