/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/parallel_reach.h"

#include "analyzer/executables.h"
#include "analyzer/thread_lifetimes.h"

#define BITS        64
#define TARGETS_MAX 1 /* of an indirect call that are followed in threads */

static guint64 bit(guint index)
{
    return G_GUINT64_CONSTANT(1) << MIN(index, BITS - 1);
}

static void flow_free(gpointer data)
{
    struct thread_flow *flow = data;
    g_ptr_array_unref(flow->creations);
    g_free(flow->depth);
    g_free(flow->reaches);
    g_free(flow->alive_in);
    g_free(flow);
}

static void program_flows_free(gpointer data)
{
    struct program_flows *program = data;
    thread_lifetimes_free(program);
    g_clear_pointer(&program->units, g_hash_table_unref);
    g_ptr_array_unref(program->flows);
    g_array_unref(program->spawns);
    g_free(program->beside);
    g_free(program->children);
    g_free(program);
}

static struct thread_flow *flow_add(struct program_flows *program, struct graph_function *function)
{
    struct thread_flow *flow = g_new0(struct thread_flow, 1);
    guint count = program->graph->functions->len + 1;
    flow->index = program->flows->len;
    flow->function = function;
    flow->creations = g_ptr_array_new();
    flow->depth = g_new0(guint, count);
    flow->reaches = g_new0(gboolean, count);
    flow->alive_in = g_new0(guint64, count);
    g_ptr_array_add(program->flows, flow);
    return flow;
}

/* Functions that the call runs before it returns: its targets, and what a library calls back at once. A
 * pointer that may hold many functions holds others in each thread: one loop serves several threads, with
 * callbacks of their own. */
static void collect_callees(const struct program_graph *graph, const struct call_site *call, gboolean is_main,
                            GPtrArray *found)
{
    gboolean followed = is_main || call->resolution == CALL_DIRECT || call->targets->len <= TARGETS_MAX;
    if (call->resolution != CALL_BY_SIGNATURE && followed)
        g_ptr_array_extend(found, call->targets, NULL, NULL);
    if (call->effect && call->effect->calls_argument != NO_ARGUMENT) {
        g_autoptr(GPtrArray) called =
            program_graph_argument_functions(graph, call, call->effect->calls_argument);
        g_ptr_array_extend(found, called, NULL, NULL);
    }
}

gboolean program_links(const struct program_flows *program, const struct graph_function *function)
{
    return !program->units || g_hash_table_contains(program->units, function->unit);
}

static void reach(const struct program_flows *program, struct thread_flow *flow, struct graph_function *start,
                  GHashTable *processes)
{
    g_autoptr(GQueue) pending = g_queue_new();
    flow->reaches[start->index] = TRUE;
    g_queue_push_tail(pending, start);
    while (!g_queue_is_empty(pending)) {
        const struct graph_function *function = g_queue_pop_head(pending);
        g_autoptr(GPtrArray) callees = g_ptr_array_new();
        for (guint i = 0; i < function->calls->len; i++)
            collect_callees(program->graph, g_ptr_array_index(function->calls, i), flow->index == 0, callees);
        for (guint i = 0; i < callees->len; i++) {
            struct graph_function *callee = g_ptr_array_index(callees, i);
            if (flow->reaches[callee->index] || !program_links(program, callee) ||
                g_hash_table_contains(processes, callee))
                continue;
            flow->reaches[callee->index] = TRUE;
            flow->depth[callee->index] = flow->depth[function->index] + 1;
            g_queue_push_tail(pending, callee);
        }
    }
}

static gboolean program_reaches(const struct program_flows *program, const struct graph_function *function)
{
    for (guint i = 0; i < program->flows->len; i++) {
        const struct thread_flow *flow = g_ptr_array_index(program->flows, i);
        if (flow->reaches[function->index])
            return TRUE;
    }
    return FALSE;
}

static struct thread_flow *flow_of(const struct program_flows *program, const struct graph_function *function)
{
    for (guint i = 1; i < program->flows->len; i++) {
        struct thread_flow *flow = g_ptr_array_index(program->flows, i);
        if (flow->function == function)
            return flow;
    }
    return NULL;
}

static void spawn_add(struct program_flows *program, const struct call_site *call,
                      const struct thread_flow *flow)
{
    for (guint i = 0; i < program->spawns->len; i++) {
        struct spawn *spawn = &g_array_index(program->spawns, struct spawn, i);
        if (spawn->call == call || i == BITS - 1) {
            spawn->flows |= bit(flow->index);
            return;
        }
    }
    struct spawn spawn = {call, bit(flow->index)};
    g_array_append_val(program->spawns, spawn);
}

/* Threads of threads are found in further rounds. */
static void find_threads(struct program_flows *program, const struct roots *roots, GHashTable *processes)
{
    gboolean changed = TRUE;
    g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
    while (changed) {
        changed = FALSE;
        for (guint i = 0; i < roots->roots->len; i++) {
            struct root *root = g_ptr_array_index(roots->roots, i);
            if (root->kind != ROOT_THREAD || !root->creation || g_hash_table_contains(done, root) ||
                !program_links(program, root->function) || !program_reaches(program, root->creation->caller))
                continue;
            struct thread_flow *flow = flow_of(program, root->function);
            g_hash_table_add(done, root);
            changed = TRUE;
            if (!flow && program->flows->len >= BITS)
                continue;
            if (!flow) {
                flow = flow_add(program, root->function);
                reach(program, flow, root->function, processes);
            }
            g_ptr_array_add(flow->creations, (gpointer)root->creation);
            spawn_add(program, root->creation, flow);
        }
    }
}

/* Callbacks that only a library's loop calls run where that loop may be. */
static void find_callbacks(struct program_flows *program, const struct roots *roots, GHashTable *processes)
{
    for (guint i = 0; i < roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(roots->roots, i);
        gboolean runs_inside = root->kind == ROOT_CALLBACK || root->kind == ROOT_COROUTINE;
        if (!runs_inside || program_reaches(program, root->function))
            continue;
        for (guint j = 0; root->creation && j < program->flows->len; j++) {
            struct thread_flow *flow = g_ptr_array_index(program->flows, j);
            if (flow->reaches[root->creation->caller->index])
                reach(program, flow, root->function, processes);
        }
    }
}

/* Spawns alive at the start of every function that the flow reaches. */
static void pass_alive(const struct program_flows *program, struct thread_flow *flow)
{
    g_autoptr(GQueue) pending = g_queue_new();
    g_autofree gboolean *seen = g_new0(gboolean, program->graph->functions->len + 1);
    g_queue_push_tail(pending, flow->function);
    while (flow->function && !g_queue_is_empty(pending)) {
        const struct graph_function *function = g_queue_pop_head(pending);
        guint64 alive = flow->alive_in[function->index];
        seen[function->index] = TRUE;
        for (guint i = 0; i < function->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(function->calls, i);
            guint64 here = spawns_alive_at(program, function, call->event_index, alive);
            g_autoptr(GPtrArray) callees = g_ptr_array_new();
            collect_callees(program->graph, call, flow->index == 0, callees);
            for (guint j = 0; j < callees->len; j++) {
                struct graph_function *callee = g_ptr_array_index(callees, j);
                gboolean more = (here & ~flow->alive_in[callee->index]) != 0;
                flow->alive_in[callee->index] |= here;
                if (flow->reaches[callee->index] && (more || !seen[callee->index])) {
                    seen[callee->index] = TRUE;
                    g_queue_push_tail(pending, callee);
                }
            }
        }
    }
    /* what a library's loop calls: anything may be alive */
    for (guint i = 0; i < program->graph->functions->len; i++) {
        if (flow->reaches[i] && !seen[i])
            flow->alive_in[i] = G_MAXUINT64;
    }
}

static guint64 flows_of_spawns(const struct program_flows *program, guint64 alive)
{
    guint64 flows = 0;
    for (guint i = 0; i < program->spawns->len; i++)
        flows |= alive & bit(i) ? g_array_index(program->spawns, struct spawn, i).flows : 0;
    return flows;
}

static void relate(struct program_flows *program, guint64 some, guint64 others)
{
    for (guint i = 0; i < program->flows->len; i++) {
        if (some & bit(i))
            program->beside[i] |= others;
        if (others & bit(i))
            program->beside[i] |= some;
    }
}

static void find_beside(struct program_flows *program)
{
    for (int round = 0; round < 3; round++) {
        for (guint i = 0; i < program->spawns->len; i++) {
            const struct spawn *spawn = &g_array_index(program->spawns, struct spawn, i);
            const struct graph_function *creator = spawn->call->caller;
            for (guint j = 0; j < program->flows->len; j++) {
                const struct thread_flow *flow = g_ptr_array_index(program->flows, j);
                if (!flow->reaches[creator->index])
                    continue;
                guint64 alive = spawns_alive_at(program, creator, spawn->call->event_index,
                                                flow->alive_in[creator->index]);
                relate(program, spawn->flows, flows_of_spawns(program, alive) | bit(j));
                if (j > 0)
                    relate(program, spawn->flows, program->beside[j] & ~bit(j));
                if (flow->many)
                    relate(program, spawn->flows, spawn->flows);
            }
        }
        for (guint i = 0; i < program->flows->len; i++) {
            struct thread_flow *flow = g_ptr_array_index(program->flows, i);
            flow->many = (program->beside[i] & bit(i)) != 0;
        }
    }
}

/* TRUE when only `flow` itself makes threads of the kind `other`. */
static gboolean is_own_child(const struct program_flows *program, const struct thread_flow *flow,
                             const struct thread_flow *other)
{
    for (guint i = 0; i < other->creations->len; i++) {
        const struct call_site *creation = g_ptr_array_index(other->creations, i);
        for (guint j = 0; j < program->flows->len; j++) {
            const struct thread_flow *creator = g_ptr_array_index(program->flows, j);
            if (creator != flow && creator->reaches[creation->caller->index])
                return FALSE;
        }
    }
    return other->creations->len > 0 && !flow->many;
}

static struct program_flows *program_flows_new(const struct program_graph *graph, const struct roots *roots,
                                               struct graph_function *main_function, GHashTable *units,
                                               GHashTable *processes)
{
    struct program_flows *program = g_new0(struct program_flows, 1);
    program->graph = graph;
    program->main = main_function;
    program->units = units ? g_hash_table_ref(units) : NULL;
    program->flows = g_ptr_array_new_with_free_func(flow_free);
    program->spawns = g_array_new(FALSE, FALSE, sizeof(struct spawn));
    struct thread_flow *first = flow_add(program, main_function);
    if (main_function)
        reach(program, first, main_function, processes);
    for (guint i = 0; !main_function && i < graph->functions->len; i++)
        first->reaches[i] = TRUE;
    find_callbacks(program, roots, processes);
    find_threads(program, roots, processes);
    find_callbacks(program, roots, processes);
    program->beside = g_new0(guint64, program->flows->len);
    thread_lifetimes_find(program);
    for (guint i = 0; i < program->flows->len; i++)
        pass_alive(program, g_ptr_array_index(program->flows, i));
    find_beside(program);
    program->children = g_new0(guint64, program->flows->len);
    for (guint i = 0; i < program->flows->len; i++) {
        for (guint j = 0; j < program->flows->len; j++) {
            if (is_own_child(program, g_ptr_array_index(program->flows, i),
                             g_ptr_array_index(program->flows, j)))
                program->children[i] |= bit(j);
        }
    }
    return program;
}

struct parallel_reach *parallel_reach_find(const struct program_graph *graph, const struct roots *roots)
{
    struct parallel_reach *reach = g_new0(struct parallel_reach, 1);
    g_autoptr(GHashTable) processes = g_hash_table_new(NULL, NULL);
    reach->programs = g_ptr_array_new_with_free_func(program_flows_free);
    for (guint i = 0; i < roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(roots->roots, i);
        if (root->kind == ROOT_PROCESS)
            g_hash_table_add(processes, root->function);
    }
    g_autoptr(GPtrArray) units = executables_units(graph);
    for (guint i = 0; i < graph->mains->len; i++)
        g_ptr_array_add(reach->programs, program_flows_new(graph, roots, g_ptr_array_index(graph->mains, i),
                                                           g_ptr_array_index(units, i), processes));
    if (graph->mains->len == 0)
        g_ptr_array_add(reach->programs, program_flows_new(graph, roots, NULL, NULL, processes));
    return reach;
}

void parallel_reach_free(struct parallel_reach *reach)
{
    if (!reach)
        return;
    g_ptr_array_unref(reach->programs);
    g_free(reach);
}

gboolean flow_beside_at(const struct program_flows *program, const struct thread_flow *flow,
                        const struct graph_function *function, guint event, const struct thread_flow *other)
{
    if (flow == other)
        return flow->many;
    if (!(program->beside[flow->index] & bit(other->index)))
        return FALSE;
    if (!(program->children[flow->index] & bit(other->index)))
        return TRUE;
    guint64 alive = spawns_alive_at(program, function, event, flow->alive_in[function->index]);
    return (flows_of_spawns(program, alive) & bit(other->index)) != 0;
}

gboolean flows_parallel(const struct program_flows *program, const struct thread_flow *flow,
                        const struct graph_function *function, guint event, const struct thread_flow *other,
                        const struct graph_function *other_function, guint other_event)
{
    return flow_beside_at(program, flow, function, event, other) &&
           flow_beside_at(program, other, other_function, other_event, flow);
}

gboolean event_is_concurrent(const struct parallel_reach *reach, const struct graph_function *function,
                             guint event)
{
    for (guint i = 0; i < reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(reach->programs, i);
        for (guint j = 0; j < program->flows->len; j++) {
            const struct thread_flow *flow = g_ptr_array_index(program->flows, j);
            for (guint k = 0; flow->reaches[function->index] && k < program->flows->len; k++) {
                if (flow_beside_at(program, flow, function, event, g_ptr_array_index(program->flows, k)))
                    return TRUE;
            }
        }
    }
    return FALSE;
}

char *flow_display(const struct thread_flow *flow)
{
    if (flow->index == 0)
        return g_strdup(flow->function ? "the main thread" : "the calling thread");
    return g_strdup_printf("thread %s", flow->function->facts->name);
}
