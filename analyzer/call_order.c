/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/call_order.h"

#define SEARCH_LIMIT    20000000 /* calls looked at; then calls through pointers inside circles are left out */
#define RECURSION_LIMIT 16       /* functions; a larger circle is not taken for a recursion */

struct visit {
    struct graph_function *function;
    GPtrArray *next; /* struct graph_function still to be visited, the last one first */
};

struct search {
    const struct program_graph *graph;
    GHashTable *kept;
    guint *depth; /* calls from the nearest main, by function index */
    guint *above; /* by function index: the last round in which it was found to lead to a function */
    guint round;
    gboolean *dispatches; /* by function index: has a kept call */
    gboolean *seen;
    GArray *visits; /* struct visit */
    GPtrArray *order;
    guint looked_at;
};

gboolean call_is_summed(const struct call_site *call, const struct graph_function *target)
{
    /* A pointer in a library of several programs may hold what only another one stores there. */
    return target->rank < call->caller->rank && (target->in_program || !call->caller->in_program);
}

static gboolean is_kept(const struct search *search, const struct call_site *call)
{
    return search->kept && g_hash_table_contains(search->kept, call);
}

static void mark_dispatches(struct search *search)
{
    GHashTableIter iterator;
    gpointer call;
    if (!search->kept)
        return;
    g_hash_table_iter_init(&iterator, search->kept);
    while (g_hash_table_iter_next(&iterator, &call, NULL))
        search->dispatches[((const struct call_site *)call)->caller->index] = TRUE;
}

/* Marks the functions of the same component that lead to `function` by plain calls with a new round. */
static void mark_above(struct search *search, struct graph_function *function)
{
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    search->round++;
    g_ptr_array_add(pending, function);
    while (pending->len > 0) {
        const struct graph_function *next = g_ptr_array_steal_index(pending, pending->len - 1);
        for (guint i = 0; i < next->callers->len; i++) {
            const struct call_site *call = g_ptr_array_index(next->callers, i);
            search->looked_at++;
            if (call->resolution != CALL_DIRECT || call->caller->component != function->component ||
                search->above[call->caller->index] == search->round)
                continue;
            search->above[call->caller->index] = search->round;
            g_ptr_array_add(pending, call->caller);
        }
    }
}

static gboolean has_pointer_call(const struct graph_function *function)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (!call->event->callee && call->targets->len > 0)
            return TRUE;
    }
    return FALSE;
}

/* What `function` calls inside its component, plain calls to be visited first. */
static GPtrArray *callees(struct search *search, struct graph_function *function)
{
    GPtrArray *plain = g_ptr_array_new(), *all = g_ptr_array_new();
    gboolean searched = search->looked_at < SEARCH_LIMIT && has_pointer_call(function);
    if (searched)
        mark_above(search, function);
    for (guint i = function->calls->len; i-- > 0;) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        gboolean firm = call->resolution == CALL_DIRECT || is_kept(search, call);
        for (guint j = 0; j < call->targets->len; j++) {
            struct graph_function *target = g_ptr_array_index(call->targets, j);
            if (target->component != function->component)
                continue;
            if (firm)
                g_ptr_array_add(plain, target);
            else if (searched && call->resolution == CALL_BY_VALUE && target != function &&
                     search->above[target->index] != search->round)
                g_ptr_array_add(all, target);
        }
    }
    g_ptr_array_extend_and_steal(all, plain);
    return all;
}

static void enter(struct search *search, struct graph_function *function)
{
    struct visit visit = {function, callees(search, function)};
    search->seen[function->index] = TRUE;
    g_array_append_val(search->visits, visit);
}

static void search_from(struct search *search, struct graph_function *start)
{
    enter(search, start);
    while (search->visits->len > 0) {
        struct visit *visit = &g_array_index(search->visits, struct visit, search->visits->len - 1);
        if (visit->next->len > 0) {
            struct graph_function *next = g_ptr_array_steal_index(visit->next, visit->next->len - 1);
            if (!search->seen[next->index])
                enter(search, next);
            continue;
        }
        g_ptr_array_add(search->order, visit->function);
        g_ptr_array_unref(visit->next);
        g_array_set_size(search->visits, search->visits->len - 1);
    }
}

static int compare_starts(gconstpointer a, gconstpointer b, gpointer data)
{
    const struct search *search = data;
    const struct graph_function *first = *(struct graph_function *const *)a;
    const struct graph_function *second = *(struct graph_function *const *)b;
    int difference = search->dispatches[second->index] - search->dispatches[first->index];
    if (difference == 0 && search->depth[first->index] != search->depth[second->index])
        difference = search->depth[first->index] < search->depth[second->index] ? -1 : 1;
    return difference ? difference : first->index < second->index ? -1 : first->index > second->index;
}

static void order_component(struct search *search, GPtrArray *members)
{
    g_ptr_array_sort_with_data(members, compare_starts, search);
    for (guint i = 0; i < members->len; i++) {
        struct graph_function *function = g_ptr_array_index(members, i);
        function->circle = members->len;
        if (!search->seen[function->index])
            search_from(search, function);
    }
}

static void measure_depth(struct search *search)
{
    const struct program_graph *graph = search->graph;
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    for (guint i = 0; i < graph->functions->len; i++)
        search->depth[i] = G_MAXUINT;
    for (guint i = 0; i < graph->mains->len; i++) {
        struct graph_function *function = g_ptr_array_index(graph->mains, i);
        search->depth[function->index] = 0;
        g_ptr_array_add(pending, function);
    }
    for (guint next = 0; next < pending->len; next++) {
        const struct graph_function *function = g_ptr_array_index(pending, next);
        for (guint i = 0; i < function->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(function->calls, i);
            for (guint j = 0; j < call->targets->len; j++) {
                struct graph_function *target = g_ptr_array_index(call->targets, j);
                if (search->depth[target->index] != G_MAXUINT)
                    continue;
                search->depth[target->index] = search->depth[function->index] + 1;
                g_ptr_array_add(pending, target);
            }
        }
    }
}

/* Recursions begin where a plain call closes a circle of few functions. */
static void mark_recursions(const struct program_graph *graph)
{
    for (guint i = 0; i < graph->order->len; i++) {
        struct graph_function *function = g_ptr_array_index(graph->order, i);
        function->rank = i;
        function->repeats = FALSE;
    }
    for (guint i = 0; i < graph->order->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->order, i);
        for (guint j = 0; j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            struct graph_function *target =
                call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
            if (target && target->component == function->component && target->rank >= i &&
                target->rank - i < RECURSION_LIMIT)
                target->repeats = TRUE;
        }
    }
}

void call_order_set(struct program_graph *graph, GHashTable *kept)
{
    guint count = graph->functions->len;
    g_autofree guint *depth = g_new0(guint, count + 1);
    g_autofree guint *above = g_new0(guint, count + 1);
    g_autofree gboolean *dispatches = g_new0(gboolean, count + 1);
    g_autofree gboolean *seen = g_new0(gboolean, count + 1);
    g_autoptr(GArray) visits = g_array_new(FALSE, FALSE, sizeof(struct visit));
    g_autoptr(GPtrArray) members = g_ptr_array_new();
    struct search search = {.graph = graph,
                            .kept = kept,
                            .depth = depth,
                            .above = above,
                            .dispatches = dispatches,
                            .seen = seen,
                            .visits = visits,
                            .order = g_ptr_array_new()};
    mark_dispatches(&search);
    measure_depth(&search);
    for (guint i = 0; i < count; i++) {
        struct graph_function *function = g_ptr_array_index(graph->order, i);
        const struct graph_function *previous = members->len ? g_ptr_array_index(members, 0) : NULL;
        if (previous && previous->component != function->component) {
            order_component(&search, members);
            g_ptr_array_set_size(members, 0);
        }
        g_ptr_array_add(members, function);
    }
    order_component(&search, members);
    g_ptr_array_unref(graph->order);
    graph->order = search.order;
    mark_recursions(graph);
}
