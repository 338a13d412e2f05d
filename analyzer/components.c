/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/components.h"

#include "analyzer/program_graph.h"

/* A function on the way down, with its place in the list of its call targets. */
struct visit {
    struct graph_function *function;
    guint call, target;
};

struct search {
    guint *number, *low; /* 0: not seen */
    gboolean *on_stack;
    GPtrArray *stack, *order;
    GArray *visits; /* struct visit */
    guint next_number, next_component;
};

static void enter(struct search *search, struct graph_function *function)
{
    struct visit visit = {function, 0, 0};
    search->number[function->index] = search->low[function->index] = ++search->next_number;
    search->on_stack[function->index] = TRUE;
    g_ptr_array_add(search->stack, function);
    g_array_append_val(search->visits, visit);
}

static struct graph_function *next_target(struct visit *visit)
{
    GPtrArray *calls = visit->function->calls;
    while (visit->call < calls->len) {
        const struct call_site *call = g_ptr_array_index(calls, visit->call);
        if (visit->target < call->targets->len)
            return g_ptr_array_index(call->targets, visit->target++);
        visit->call++;
        visit->target = 0;
    }
    return NULL;
}

static void close_component(struct search *search, const struct graph_function *head)
{
    struct graph_function *member;
    guint count = 0;
    do {
        member = g_ptr_array_steal_index(search->stack, search->stack->len - 1);
        search->on_stack[member->index] = FALSE;
        member->component = search->next_component;
        g_ptr_array_add(search->order, member);
        count++;
    } while (member != head);
    for (guint i = search->order->len - count; count > 1 && i < search->order->len; i++)
        ((struct graph_function *)g_ptr_array_index(search->order, i))->recursive = TRUE;
    search->next_component++;
}

static void leave(struct search *search)
{
    struct graph_function *done =
        g_array_index(search->visits, struct visit, search->visits->len - 1).function;
    g_array_set_size(search->visits, search->visits->len - 1);
    if (search->low[done->index] == search->number[done->index])
        close_component(search, done);
    if (search->visits->len > 0) {
        struct graph_function *caller =
            g_array_index(search->visits, struct visit, search->visits->len - 1).function;
        search->low[caller->index] = MIN(search->low[caller->index], search->low[done->index]);
    }
}

static void search_from(struct search *search, struct graph_function *start)
{
    enter(search, start);
    while (search->visits->len > 0) {
        struct visit *visit = &g_array_index(search->visits, struct visit, search->visits->len - 1);
        struct graph_function *function = visit->function;
        struct graph_function *target = next_target(visit);
        if (!target) {
            leave(search);
        } else if (!search->number[target->index]) {
            enter(search, target);
        } else if (search->on_stack[target->index]) {
            search->low[function->index] = MIN(search->low[function->index], search->number[target->index]);
            function->recursive |= target == function;
        }
    }
}

GPtrArray *components_find(GPtrArray *functions)
{
    struct search search = {
        .number = g_new0(guint, functions->len),
        .low = g_new0(guint, functions->len),
        .on_stack = g_new0(gboolean, functions->len),
        .stack = g_ptr_array_new(),
        .order = g_ptr_array_new(),
        .visits = g_array_new(FALSE, FALSE, sizeof(struct visit)),
    };
    for (guint i = 0; i < functions->len; i++) {
        struct graph_function *function = g_ptr_array_index(functions, i);
        if (!search.number[function->index])
            search_from(&search, function);
    }
    g_free(search.number);
    g_free(search.low);
    g_free(search.on_stack);
    g_ptr_array_unref(search.stack);
    g_array_unref(search.visits);
    return search.order;
}
