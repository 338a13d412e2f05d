/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/rules/lock_orders.h"

#include <string.h>

#define EDGES_PER_FUNCTION 64 /* of which callers are told */
#define DEPTH_MAX          4  /* callers that are told */
#define RECORDED_MAX       500

struct collector {
    const struct lint *lint;
    GPtrArray *edges;
    guint *count; /* by function index: told by callees */
};

gboolean lock_is_named(const struct graph_function *function, const struct held_lock *lock)
{
    const char *name = g_quark_to_string(lock->name);
    const char *colon = name ? strchr(name, ':') : NULL;
    return name && !(colon && graph_function_parameter(function, name) != NO_ARGUMENT);
}

/* --- what each function does
 * -------------------------------------------------------------------------------- */

/* The same lock twice is another hazard; two elements of one array stand for two locks. */
static gboolean is_order(const struct held_lock *first, const struct held_lock *second)
{
    if ((!first->name && !first->place) || (!second->name && !second->place))
        return FALSE;
    return first->name != second->name || first->place != second->place || !place_is_exact(first->place) ||
           !first->name;
}

static void edge_add(struct collector *collector, const struct graph_function *function,
                     const struct held_lock *first, const struct held_lock *second,
                     const struct call_site *call, const struct lock_use *use)
{
    if (!is_order(first, second) || (first->site == call && first->name == second->name))
        return;
    struct order_edge *edge = g_new0(struct order_edge, 1);
    *edge = (struct order_edge){*first, *second, function, call, use, NULL};
    g_ptr_array_add(collector->edges, edge);
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

static void collect_inner(struct collector *collector, const struct call_site *call,
                          const struct held_lock *first)
{
    const struct held_locks *locks = collector->lint->locks;
    for (guint i = 0; call->resolution != CALL_BY_SIGNATURE && i < call->targets->len; i++) {
        const struct graph_function *callee = g_ptr_array_index(call->targets, i);
        const GPtrArray *uses = locks->functions[callee->index].uses;
        gboolean varies = function_locks_vary(&locks->functions[callee->index]);
        for (guint j = 0; !varies && j < uses->len; j++) {
            const struct lock_use *use = g_ptr_array_index(uses, j);
            struct held_lock second = lock_seen_by_caller(callee, &use->lock, call);
            if (!use->tries && !given_before(callee, use, first, call))
                edge_add(collector, call->caller, first, &second, call, use);
        }
    }
}

static void collect(struct collector *collector, const struct graph_function *function)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const GArray *held = held_locks_may(collector->lint->locks, function, call->event_index);
        for (guint j = 0; held && j < held->len; j++) {
            const struct held_lock *first = &g_array_index(held, struct held_lock, j);
            if (call_acts_on_lock(call, LOCK_TAKE)) {
                struct held_lock second = lock_of_argument(call, call->effect->lock_argument);
                edge_add(collector, function, first, &second, call, NULL);
            } else {
                collect_inner(collector, call, first);
            }
        }
    }
}

/* --- told to callers
 * ---------------------------------------------------------------------------------------- */

/* Callers know more of a lock that was given, and which objects of one name are meant. */
static gboolean callers_know(const struct order_edge *edge)
{
    gboolean named =
        lock_is_named(edge->function, &edge->first) && lock_is_named(edge->function, &edge->second);
    gboolean given = place_parameter(edge->function, edge->first.place) != NO_ARGUMENT ||
                     place_parameter(edge->function, edge->second.place) != NO_ARGUMENT;
    return !named || (given && edge->first.name == edge->second.name);
}

static void tell_callers(struct collector *collector, const struct order_edge *edge, int depth)
{
    const struct graph_function *callee = edge->function;
    if (depth == 0 || !callers_know(edge) ||
        function_locks_vary(&collector->lint->locks->functions[callee->index]))
        return;
    for (guint i = 0; i < callee->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(callee->callers, i);
        if (call->resolution != CALL_DIRECT || !call->caller->reachable ||
            collector->count[call->caller->index] >= EDGES_PER_FUNCTION)
            continue;
        struct held_lock first = lock_seen_by_caller(callee, &edge->first, call);
        struct held_lock second = lock_seen_by_caller(callee, &edge->second, call);
        if (!is_order(&first, &second))
            continue;
        struct order_edge *told = g_new0(struct order_edge, 1);
        *told = (struct order_edge){first, second, call->caller, call, NULL, edge};
        g_ptr_array_add(collector->edges, told);
        collector->count[call->caller->index]++;
        tell_callers(collector, told, depth - 1);
    }
}

GPtrArray *lock_orders_find(const struct lint *lint)
{
    g_autofree guint *count = g_new0(guint, lint->graph->functions->len + 1);
    struct collector collector = {lint, g_ptr_array_new_with_free_func(g_free), count};
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        if (function->reachable)
            collect(&collector, function);
    }
    guint own = collector.edges->len;
    for (guint i = 0; i < own; i++)
        tell_callers(&collector, g_ptr_array_index(collector.edges, i), DEPTH_MAX);
    return collector.edges;
}

/* --- which threads
 * ------------------------------------------------------------------------------------------ */

/* A lock that was given may be another one each time. */
static void append_named(GArray *held, const GArray *more, const struct graph_function *function,
                         const GQuark *avoid, guint count)
{
    for (guint i = 0; more && i < more->len; i++) {
        const struct held_lock *lock = &g_array_index(more, struct held_lock, i);
        gboolean avoided = FALSE;
        for (guint j = 0; j < count && !avoided; j++)
            avoided = avoid[j] == lock->name;
        if (!avoided && lock_is_named(function, lock))
            g_array_append_val(held, *lock);
    }
}

/* What surely is held when the second lock is taken, the ordered locks left out. */
static GArray *gates(const struct lint *lint, const struct program_flows *program,
                     const struct thread_flow *flow, const struct order_edge *edge, const GQuark *avoid,
                     guint count)
{
    g_autoptr(GArray) outer =
        locks_held_at(lint->entry, program, flow, edge->function, edge->call->event_index);
    GArray *held = g_array_new(FALSE, FALSE, sizeof(struct held_lock));
    append_named(held, outer, edge->function, avoid, count);
    for (; edge; edge = edge->inner) {
        append_named(held, held_locks_must(lint->locks, edge->function, edge->call->event_index),
                     edge->function, avoid, count);
        for (const struct lock_use *use = edge->use; use; use = use->inner)
            append_named(held, held_locks_must(lint->locks, use->call->caller, use->call->event_index),
                         use->call->caller, avoid, count);
    }
    return held;
}

static gboolean are_apart(const struct lint *lint, const struct program_flows *program,
                          const struct thread_flow *flow, const struct order_edge *edge,
                          const struct thread_flow *other, const struct order_edge *other_edge,
                          const GQuark *avoid, guint count)
{
    g_autoptr(GArray) some = gates(lint, program, flow, edge, avoid, count);
    g_autoptr(GArray) others = gates(lint, program, other, other_edge, avoid, count);
    return locks_exclude(some, others);
}

gboolean order_threads(const struct lint *lint, const struct order_edge *edge, const struct order_edge *other,
                       const GQuark *avoid, guint count, gboolean at_once, const struct thread_flow **flow,
                       const struct thread_flow **other_flow)
{
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(lint->reach->programs, i);
        for (guint j = 0; j < program->flows->len; j++) {
            *flow = g_ptr_array_index(program->flows, j);
            for (guint k = 0; (*flow)->reaches[edge->function->index] && k < program->flows->len; k++) {
                *other_flow = g_ptr_array_index(program->flows, k);
                if ((*other_flow)->reaches[other->function->index] &&
                    (!at_once || flows_parallel(program, *flow, edge->function, edge->call->event_index,
                                                *other_flow, other->function, other->call->event_index)) &&
                    !are_apart(lint, program, *flow, edge, *other_flow, other, avoid, count))
                    return TRUE;
            }
        }
    }
    return FALSE;
}

/* --- what is told of them
 * ------------------------------------------------------------------------------------- */

static void add_uses(const struct lint *lint, struct finding *finding, const struct lock_use *use,
                     const char *second)
{
    for (; use; use = use->inner) {
        g_autofree char *callee = call_display(use->call);
        finding_step(lint, finding, use->call->caller, use->call->event,
                     use->inner ? g_strdup_printf("calls %s", callee)
                                : g_strdup_printf("%s takes %s", callee, second));
    }
}

void order_add_path(const struct lint *lint, struct finding *finding, const struct thread_flow *flow,
                    const struct order_edge *edge, const char *first, const char *second)
{
    g_autofree char *who = flow_display(flow);
    guint from = finding->path->len;
    finding_add_way(lint, finding, flow, edge->function);
    for (; edge->inner; edge = edge->inner) {
        g_autofree char *callee = call_display(edge->call);
        finding_step(lint, finding, edge->function, edge->call->event,
                     g_strdup_printf("calls %s with %s and %s", callee, first, second));
    }
    g_autofree char *callee = call_display(edge->call);
    finding_step(lint, finding, edge->function, edge->first.site->event,
                 g_strdup_printf("%s takes %s", who, first));
    finding_step(lint, finding, edge->function, edge->call->event,
                 edge->use ? g_strdup_printf("calls %s while it holds %s", callee, first)
                           : g_strdup_printf("takes %s while it holds %s", second, first));
    add_uses(lint, finding, edge->use, second);
    finding_set_thread(finding, from, flow);
}

char *order_lock_display(const struct held_lock *lock, const struct held_lock *other)
{
    gboolean alike = lock->name == other->name && lock->place != other->place;
    return alike && place_is_exact(lock->place) ? place_display(g_quark_to_string(lock->place))
                                                : lock_display(lock);
}

static const struct thread_flow *any_thread(const struct lint *lint, const struct order_edge *edge)
{
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(lint->reach->programs, i);
        for (guint j = 0; j < program->flows->len; j++) {
            const struct thread_flow *flow = g_ptr_array_index(program->flows, j);
            if (flow->reaches[edge->function->index])
                return flow;
        }
    }
    return NULL;
}

static int compare_orders(gconstpointer a, gconstpointer b)
{
    const struct lock_order *left = *(const struct lock_order *const *)a;
    const struct lock_order *right = *(const struct lock_order *const *)b;
    int firsts = strcmp(left->first, right->first);
    return firsts ? firsts : strcmp(left->second, right->second);
}

static void record(const struct lint *lint, const struct order_edge *edge, const char *finding, char *first,
                   char *second)
{
    const struct thread_flow *flow = any_thread(lint, edge);
    struct lock_order *order = lock_order_new();
    order->first = first;
    order->second = second;
    order->function = g_strdup(edge->function->facts->name);
    order->file = program_graph_event_file(lint->graph, edge->function, edge->call->event);
    order->line = edge->call->event->line;
    order->finding = g_strdup(finding);
    if (flow) {
        struct finding *way = finding_new();
        order->thread = flow_display(flow);
        order_add_path(lint, way, flow, edge, first, second);
        g_ptr_array_extend_and_steal(order->path, g_steal_pointer(&way->path));
        way->path = g_ptr_array_new();
        finding_free(way);
    }
    g_ptr_array_add(lint->session->lock_orders, order);
}

/* Those of inversions first, so that they stand for their pair of names. */
void orders_record(const struct lint *lint, const GPtrArray *edges, GHashTable *inversions)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int round = 0; round < 2; round++) {
        for (guint i = 0; i < edges->len && g_hash_table_size(known) < RECORDED_MAX; i++) {
            const struct order_edge *edge = g_ptr_array_index(edges, i);
            const char *finding = g_hash_table_lookup(inversions, edge);
            gboolean named =
                lock_is_named(edge->function, &edge->first) && lock_is_named(edge->function, &edge->second);
            gboolean ordered = edge->first.name != edge->second.name;
            if ((round == 0) != (finding != NULL) || !named || (!finding && !ordered))
                continue;
            char *first = order_lock_display(&edge->first, &edge->second);
            char *second = order_lock_display(&edge->second, &edge->first);
            if (g_hash_table_add(known, g_strdup_printf("%s\n%s", first, second))) {
                record(lint, edge, finding, first, second);
            } else {
                g_free(first);
                g_free(second);
            }
        }
    }
    g_ptr_array_sort(lint->session->lock_orders, compare_orders);
}
