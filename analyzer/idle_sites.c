/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/idle_sites.h"

#define CALLEE_DEPTH       6    /* functions between a body and its task loop */
#define NOTICEABLE_WAIT_NS 1000 /* shorter typical waits (a buffered write) do not end the search */

enum first_wait { FIRST_WAIT_NONE, FIRST_WAIT_TASK, FIRST_WAIT_OTHER };

struct search {
    const struct program_graph *graph;
    const struct host_costs *costs;
    const struct roots *roots;
    char *known; /* per function: 1 + enum first_wait, 0 not yet known */
    struct idle_sites *sites;
};

static enum first_wait library_wait(const struct search *search, const struct call_site *call)
{
    struct blocking blocking = blocking_of(search->graph, search->costs, call);
    if (!blocking.blocks || cause_is_exclusion(blocking.cause))
        return FIRST_WAIT_NONE;
    if (call->effect->properties & EFFECT_WAITS_FOR_TASK)
        return FIRST_WAIT_TASK;
    /* A worker that reads its orders from a pipe or an eventfd of this program. */
    if (call->effect->block == BLOCK_DESCRIPTOR && blocking.known &&
        (blocking.cause == CAUSE_PIPE || blocking.cause == CAUSE_POLL) &&
        g_str_has_prefix(call_site_name(call), "read"))
        return FIRST_WAIT_TASK;
    return blocking.wait_ns[WAIT_TYPICAL] >= NOTICEABLE_WAIT_NS ? FIRST_WAIT_OTHER : FIRST_WAIT_NONE;
}

static enum first_wait function_wait(struct search *search, const struct graph_function *function);

static enum first_wait call_wait(struct search *search, const struct call_site *call)
{
    if (call->effect)
        return library_wait(search, call);
    enum first_wait first = FIRST_WAIT_NONE;
    for (guint i = 0; first == FIRST_WAIT_NONE && i < call->targets->len; i++)
        first = function_wait(search, g_ptr_array_index(call->targets, i));
    return first;
}

static enum first_wait function_wait(struct search *search, const struct graph_function *function)
{
    if (search->known[function->index])
        return (enum first_wait)(search->known[function->index] - 1);
    search->known[function->index] = 1 + FIRST_WAIT_NONE; /* recursion adds nothing */
    enum first_wait first = FIRST_WAIT_NONE;
    for (guint i = 0; first == FIRST_WAIT_NONE && i < function->calls->len; i++)
        first = call_wait(search, g_ptr_array_index(function->calls, i));
    search->known[function->index] = (char)(1 + first);
    return first;
}

static void add_site(struct search *search, struct graph_function *body, const struct call_site *call)
{
    GPtrArray *list = g_hash_table_lookup(search->sites->by_root, body);
    if (!list) {
        list = g_ptr_array_new();
        g_hash_table_insert(search->sites->by_root, body, list);
    }
    if (!g_ptr_array_find(list, call, NULL))
        g_ptr_array_add(list, (gpointer)call);
    g_hash_table_add(search->sites->calls, (gpointer)call);
}

/* `while (!ready) pthread_cond_wait(…)` waits for one thing, not for one task after the other. */
static gboolean is_retry(const struct graph_function *function, int loop)
{
    gboolean waits = FALSE;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (!loop_contains(function->facts, loop, call->event->loop))
            continue;
        if (!call->effect || call->effect->lock != LOCK_WAIT)
            return FALSE;
        waits = TRUE;
    }
    return waits;
}

/* TRUE when a wait for the next task was found first in one of the outermost loops. */
static gboolean search_loops(struct search *search, struct graph_function *body,
                             const struct graph_function *function)
{
    for (guint loop = 0; loop < function->facts->loops->len; loop++) {
        if (((const struct fact_loop *)g_ptr_array_index(function->facts->loops, loop))->parent >= 0 ||
            is_retry(function, (int)loop))
            continue;
        for (guint i = 0; i < function->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(function->calls, i);
            if (!loop_contains(function->facts, (int)loop, call->event->loop))
                continue;
            enum first_wait first = call_wait(search, call);
            if (first == FIRST_WAIT_TASK) {
                add_site(search, body, call);
                return TRUE;
            }
            if (first == FIRST_WAIT_OTHER)
                break;
        }
    }
    return FALSE;
}

static gboolean search_body(struct search *search, struct graph_function *body,
                            const struct graph_function *function, int depth)
{
    if (search_loops(search, body, function))
        return TRUE;
    for (guint i = 0; depth > 0 && i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        for (guint j = 0; j < call->targets->len; j++) {
            if (search_body(search, body, g_ptr_array_index(call->targets, j), depth - 1))
                return TRUE;
        }
    }
    return FALSE;
}

/* main waits for results where a worker waits for work: only descriptors and connections count there. */
static void search_main(struct search *search)
{
    for (guint i = 0; i < search->graph->functions->len; i++) {
        struct graph_function *function = g_ptr_array_index(search->graph->functions, i);
        for (guint j = 0; function->reachable && j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            if (call->event->loop >= 0 && call->effect && call->effect->block == BLOCK_CAUSE &&
                call->effect->cause == CAUSE_ACCEPT)
                add_site(search, function, call);
        }
    }
}

struct idle_sites *idle_sites_find(const struct program_graph *graph, const struct host_costs *costs,
                                   const struct roots *roots)
{
    struct idle_sites *sites = g_new0(struct idle_sites, 1);
    sites->calls = g_hash_table_new(NULL, NULL);
    sites->by_root = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    g_autofree char *known = g_new0(char, graph->functions->len + 1);
    struct search search = {graph, costs, roots, known, sites};
    for (guint i = 0; i < roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(roots->roots, i);
        if (root->kind == ROOT_THREAD || root->kind == ROOT_PROCESS)
            search_body(&search, root->function, root->function, CALLEE_DEPTH);
    }
    for (guint i = 0; i < roots->loops->len; i++) {
        const struct event_loop *loop = g_ptr_array_index(roots->loops, i);
        /* Not loop->wait: below that, callbacks may run too (aeProcessEvents). */
        add_site(&search, loop->function, loop->poll);
    }
    search_main(&search);
    return sites;
}

void idle_sites_free(struct idle_sites *sites)
{
    if (!sites)
        return;
    g_hash_table_unref(sites->calls);
    g_hash_table_unref(sites->by_root);
    g_free(sites);
}

gboolean idle_sites_contain(const struct idle_sites *sites, const struct call_site *call)
{
    return g_hash_table_contains(sites->calls, call);
}
