/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads take the same locks in opposite orders; also rings of more than two. */
#include <string.h>

#include "analyzer/rules/rules.h"

#define RING_MAX  4  /* locks in a ring */
#define EDGES_MAX 16 /* remembered for one pair of locks */

/* `second` is taken while `first` is held. */
struct edge {
    struct held_lock first, second;
    const struct graph_function *function;
    const struct call_site *call; /* takes it, or leads to it */
    const struct lock_use *use;   /* in the callee of `call`, or NULL */
};

struct order {
    struct lint *lint;
    GHashTable *edges; /* first's name → GHashTable: second's name → GPtrArray of struct edge */
};

static void inner_table_free(gpointer table)
{
    g_hash_table_unref(table);
}

/* A parameter may be any lock: only its callers know. */
static gboolean is_named(const struct graph_function *function, const struct held_lock *lock)
{
    const char *name = g_quark_to_string(lock->name);
    const char *colon = name ? strchr(name, ':') : NULL;
    return name && !(colon && graph_function_parameter(function, name) != NO_ARGUMENT);
}

static void edge_add(struct order *order, const struct graph_function *function,
                     const struct held_lock *first, const struct held_lock *second,
                     const struct call_site *call, const struct lock_use *use)
{
    if (first->name == second->name || !is_named(function, first) || !is_named(function, second))
        return;
    GHashTable *seconds = g_hash_table_lookup(order->edges, GUINT_TO_POINTER(first->name));
    if (!seconds) {
        seconds = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
        g_hash_table_insert(order->edges, GUINT_TO_POINTER(first->name), seconds);
    }
    GPtrArray *edges = g_hash_table_lookup(seconds, GUINT_TO_POINTER(second->name));
    if (!edges) {
        edges = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(seconds, GUINT_TO_POINTER(second->name), edges);
    }
    if (edges->len >= EDGES_MAX)
        return;
    struct edge *edge = g_new0(struct edge, 1);
    *edge = (struct edge){*first, *second, function, call, use};
    g_ptr_array_add(edges, edge);
}

static gboolean given_before(const struct graph_function *callee, const struct lock_use *use,
                             const struct held_lock *held, const struct call_site *call)
{
    for (guint i = 0; i < use->given->len; i++) {
        struct held_lock given =
            lock_seen_by_caller(callee, &g_array_index(use->given, struct held_lock, i), call);
        if (given.name == held->name)
            return TRUE;
    }
    return FALSE;
}

static void collect_inner(struct order *order, const struct call_site *call, const struct held_lock *first)
{
    for (guint i = 0; call->resolution != CALL_BY_SIGNATURE && i < call->targets->len; i++) {
        const struct graph_function *callee = g_ptr_array_index(call->targets, i);
        const GPtrArray *uses = order->lint->locks->functions[callee->index].uses;
        gboolean varies = function_locks_vary(&order->lint->locks->functions[callee->index]);
        for (guint j = 0; !varies && j < uses->len; j++) {
            const struct lock_use *use = g_ptr_array_index(uses, j);
            struct held_lock second = lock_seen_by_caller(callee, &use->lock, call);
            if (!use->tries && !given_before(callee, use, first, call))
                edge_add(order, call->caller, first, &second, call, use);
        }
    }
}

static void collect(struct order *order, const struct graph_function *function)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const GArray *held = held_locks_may(order->lint->locks, function, call->event_index);
        for (guint j = 0; held && j < held->len; j++) {
            const struct held_lock *first = &g_array_index(held, struct held_lock, j);
            if (call_acts_on_lock(call, LOCK_TAKE)) {
                struct held_lock second = lock_of_argument(call, call->effect->lock_argument);
                edge_add(order, function, first, &second, call, NULL);
            } else {
                collect_inner(order, call, first);
            }
        }
    }
}

/* What surely is held when the second lock is taken, the locks of the ring left out. */
static GArray *gates(const struct order *order, const struct program_flows *program,
                     const struct thread_flow *flow, const struct edge *edge, const struct edge *const *ring,
                     guint length)
{
    GArray *held = locks_held_at(order->lint->entry, program, flow, edge->function, edge->call->event_index);
    for (const struct lock_use *use = edge->use; use; use = use->inner) {
        const GArray *inner = held_locks_must(order->lint->locks, use->call->caller, use->call->event_index);
        if (inner)
            g_array_append_vals(held, inner->data, inner->len);
    }
    for (guint i = held->len; i > 0; i--) {
        GQuark name = g_array_index(held, struct held_lock, i - 1).name;
        for (guint j = 0; j < length; j++) {
            if (ring[j]->first.name == name) {
                g_array_remove_index(held, i - 1);
                break;
            }
        }
    }
    return held;
}

static gboolean meet(const struct order *order, const struct program_flows *program,
                     const struct thread_flow *flow, const struct edge *edge, const struct thread_flow *other,
                     const struct edge *other_edge, const struct edge *const *ring, guint length)
{
    if (!other->reaches[other_edge->function->index] ||
        !flows_parallel(program, flow, edge->function, edge->call->event_index, other, other_edge->function,
                        other_edge->call->event_index))
        return FALSE;
    g_autoptr(GArray) some = gates(order, program, flow, edge, ring, length);
    g_autoptr(GArray) others = gates(order, program, other, other_edge, ring, length);
    return !locks_exclude(some, others);
}

/* Two threads that can hold the first two edges of the ring at once. */
static gboolean find_threads(const struct order *order, const struct edge *const *ring, guint length,
                             const struct thread_flow **flow, const struct thread_flow **other)
{
    const GPtrArray *programs = order->lint->reach->programs;
    for (guint i = 0; i < programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(programs, i);
        for (guint j = 0; j < program->flows->len; j++) {
            *flow = g_ptr_array_index(program->flows, j);
            for (guint k = 0; (*flow)->reaches[ring[0]->function->index] && k < program->flows->len; k++) {
                *other = g_ptr_array_index(program->flows, k);
                if (meet(order, program, *flow, ring[0], *other, ring[1], ring, length))
                    return TRUE;
            }
        }
    }
    return FALSE;
}

/* Two read locks do not wait for each other. */
static gboolean all_may_wait(const struct edge *const *ring, guint length)
{
    for (guint i = 0; i < length; i++) {
        if (ring[i]->second.shared && ring[(i + 1) % length]->first.shared)
            return FALSE;
    }
    return TRUE;
}

static void add_inner(const struct lint *lint, struct finding *finding, const struct edge *edge,
                      const char *second)
{
    for (const struct lock_use *use = edge->use; use; use = use->inner) {
        g_autofree char *callee = call_display(use->call);
        finding_step(lint, finding, use->call->caller, use->call->event,
                     use->inner ? g_strdup_printf("calls %s", callee)
                                : g_strdup_printf("%s takes %s", callee, second));
    }
}

static void add_edge(const struct lint *lint, struct finding *finding, const struct thread_flow *flow,
                     const struct edge *edge)
{
    g_autofree char *who = flow_display(flow);
    g_autofree char *first = lock_display(&edge->first);
    g_autofree char *second = lock_display(&edge->second);
    g_autofree char *callee = call_display(edge->call);
    guint from = finding->path->len;
    finding_add_way(lint, finding, flow, edge->function);
    finding_step(lint, finding, edge->function, edge->first.site->event,
                 g_strdup_printf("%s takes %s", who, first));
    finding_step(lint, finding, edge->function, edge->call->event,
                 edge->use ? g_strdup_printf("calls %s while it holds %s", callee, first)
                           : g_strdup_printf("takes %s while it holds %s", second, first));
    add_inner(lint, finding, edge, second);
    finding_set_thread(finding, from, flow);
}

/* Longer rings need more threads to meet, elements of arrays may differ, and locks that a function is not
 * sure to hold make no order. */
static gboolean is_doubtful(const struct order *order, const struct edge *const *ring, guint length)
{
    gboolean doubtful = length > 2;
    for (guint i = 0; i < length; i++) {
        const char *name = g_quark_to_string(ring[i]->first.name);
        doubtful |= strstr(name, "[]") != NULL || (ring[i]->use && ring[i]->use->guessed) ||
                    order->lint->locks->functions[ring[i]->function->index].unsure;
    }
    return doubtful;
}

static void report(const struct order *order, const struct edge *const *ring, guint length,
                   const struct thread_flow *flow, const struct thread_flow *other)
{
    struct lint *lint = order->lint;
    g_autoptr(GString) identity = g_string_new(NULL);
    g_autoptr(GString) steps = g_string_new(NULL);
    for (guint i = 0; i < length; i++) {
        g_autofree char *first = lock_display(&ring[i]->first);
        g_autofree char *second = lock_display(&ring[i]->second);
        g_autofree char *place = event_place(lint, ring[i]->function, ring[i]->call->event);
        g_autofree char *who = i < 2 ? flow_display(i == 0 ? flow : other) : g_strdup("a third");
        g_string_append_printf(identity, "%s ", first);
        g_string_append_printf(steps, "%s%s takes %s while it holds %s (%s)", i ? ", " : "", who, second,
                               first, place);
    }
    char *message =
        g_strdup_printf("locks are taken in opposite orders: %s; when they meet, each waits for the "
                        "other for ever; take them in one order everywhere",
                        steps->str);
    struct finding *finding = finding_report(
        lint, &lock_order_inversion_rule, is_doubtful(order, ring, length) ? SEVERITY_NOTE : SEVERITY_WARNING,
        ring[0]->function, ring[0]->call->event, identity->str, message);
    for (guint i = 0; i < MIN(length, 2); i++)
        add_edge(lint, finding, i == 0 ? flow : other, ring[i]);
}

static const GPtrArray *edges_of(const struct order *order, GQuark first, GQuark second)
{
    GHashTable *seconds = g_hash_table_lookup(order->edges, GUINT_TO_POINTER(first));
    return seconds ? g_hash_table_lookup(seconds, GUINT_TO_POINTER(second)) : NULL;
}

/* Tries the edges behind each pair of neighbours; the first combination that can meet is reported. */
static gboolean try_edges(const struct order *order, const GQuark *names, guint length,
                          const struct edge **ring, guint position)
{
    const struct thread_flow *flow = NULL, *other = NULL;
    if (position == length) {
        if (!all_may_wait(ring, length) || !find_threads(order, ring, length, &flow, &other))
            return FALSE;
        report(order, ring, length, flow, other);
        return TRUE;
    }
    const GPtrArray *edges = edges_of(order, names[position], names[(position + 1) % length]);
    for (guint i = 0; i < edges->len; i++) {
        ring[position] = g_ptr_array_index(edges, i);
        if (try_edges(order, names, length, ring, position + 1))
            return TRUE;
    }
    return FALSE;
}

/* Rings whose smallest name is the first: each is met once. */
static void search(const struct order *order, GQuark *names, guint length)
{
    GHashTableIter iterator;
    gpointer next;
    GHashTable *seconds = g_hash_table_lookup(order->edges, GUINT_TO_POINTER(names[length - 1]));
    if (!seconds)
        return;
    g_hash_table_iter_init(&iterator, seconds);
    while (g_hash_table_iter_next(&iterator, &next, NULL)) {
        GQuark name = GPOINTER_TO_UINT(next);
        const struct edge *ring[RING_MAX];
        gboolean known = FALSE;
        if (name == names[0] && length > 1)
            try_edges(order, names, length, ring, 0);
        for (guint i = 1; i < length; i++)
            known |= names[i] == name;
        if (known || name <= names[0] || length == RING_MAX)
            continue;
        names[length] = name;
        search(order, names, length + 1);
    }
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) edges = g_hash_table_new_full(NULL, NULL, NULL, inner_table_free);
    struct order order = {lint, edges};
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        if (function->reachable)
            collect(&order, function);
    }
    g_autoptr(GList) firsts = g_hash_table_get_keys(edges);
    for (GList *first = firsts; first; first = first->next) {
        GQuark names[RING_MAX] = {GPOINTER_TO_UINT(first->data)};
        search(&order, names, 1);
    }
}

const struct rule lock_order_inversion_rule = {
    .name = "lock-order-inversion",
    .summary = "threads take the same locks in opposite orders",
    .check = check,
};
