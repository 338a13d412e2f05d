/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/flows.h"

#include "analyzer/lock_pressure.h"

#define LOOP_DEPTH      5 /* calls between a thread or process body and the event loop it runs */
#define LOOP_DEPTH_MAIN 8
#define PLAIN_DEPTH                                                                                          \
    3 /* the same for a loop that only poll or select tell of: further in it waits for a peer */
#define PLAIN_CALLBACKS 2 /* that such a loop must call, to be more than a wait with a time limit */

/* --- the world
 * ---------------------------------------------------------------------------------------------- */

/* The branch of a child that is made once, which is not followed. */
static gboolean starts_helper(const struct roots *roots, const struct call_site *call,
                              const struct graph_function *target)
{
    const struct root *root = call->resolution == CALL_DIRECT ? roots_find_function(roots, target) : NULL;
    return root_is_helper(root) && root->creation && root->creation->caller == call->caller;
}

static void push_reached(const struct cost_model *model, const struct graph_function *function,
                         GPtrArray *pending)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        for (guint j = 0; j < call->targets->len; j++) {
            struct graph_function *target = g_ptr_array_index(call->targets, j);
            if (target->in_program && !starts_helper(model->roots, call, target))
                g_ptr_array_add(pending, target);
        }
    }
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (root->creation && root->creation->caller == function && root->function->in_program &&
            !root_is_helper(root))
            g_ptr_array_add(pending, root->function);
    }
}

/* Everything that `pending` (struct graph_function) reaches, helpers left out. */
static void mark_reached(struct flows *flows, const struct cost_model *model, GPtrArray *pending)
{
    while (pending->len > 0) {
        const struct graph_function *function = g_ptr_array_steal_index(pending, pending->len - 1);
        if (flows->world[function->index])
            continue;
        flows->world[function->index] = TRUE;
        push_reached(model, function, pending);
    }
}

void flows_take_helpers(struct flows *flows, const struct cost_model *model)
{
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    for (guint i = 0; i < flows->helpers->len; i++)
        g_ptr_array_add(pending, ((const struct root *)g_ptr_array_index(flows->helpers, i))->function);
    mark_reached(flows, model, pending);
}

double root_seconds(const struct cost_model *model, const struct root *root)
{
    return cost_active(&model->functions[root->function->index].scenarios[SCENARIO_TYPICAL]);
}

/* --- flows
 * -------------------------------------------------------------------------------------------------- */

/* Calls from main to each function, made flows counted like calls; G_MAXUINT: not from there. */
static guint *distances_find(const struct cost_model *model)
{
    g_autoptr(GPtrArray) queue = g_ptr_array_new();
    guint *distances = g_new(guint, model->graph->functions->len + 1);
    for (guint i = 0; i < model->graph->functions->len; i++)
        distances[i] = model->graph->main_function ? G_MAXUINT : 0;
    if (model->graph->main_function) {
        distances[model->graph->main_function->index] = 0;
        g_ptr_array_add(queue, model->graph->main_function);
    }
    for (guint next = 0; next < queue->len; next++) {
        const struct graph_function *function = g_ptr_array_index(queue, next);
        g_autoptr(GPtrArray) reached = g_ptr_array_new();
        push_reached(model, function, reached);
        for (guint i = 0; i < reached->len; i++) {
            struct graph_function *target = g_ptr_array_index(reached, i);
            if (distances[target->index] != G_MAXUINT)
                continue;
            distances[target->index] = distances[function->index] + 1;
            g_ptr_array_add(queue, target);
        }
    }
    return distances;
}

static gboolean in_world(const struct flows *flows, const struct root *root)
{
    return root->function->in_program && (!root->creation || flows->world[root->creation->caller->index]);
}

static struct flow *flow_of(struct flows *flows, const struct root *root)
{
    for (guint i = 0; i < flows->all->len; i++) {
        struct flow *known = g_ptr_array_index(flows->all, i);
        if (known->root && known->root->kind == root->kind && known->root->function == root->function)
            return known;
    }
    struct flow *flow = g_new0(struct flow, 1);
    flow->root = root;
    flow->awaited = flow->optional = TRUE;
    flow->distance = G_MAXUINT;
    g_ptr_array_add(flows->all, flow);
    return flow;
}

static void add_root(struct flows *flows, const struct root *root)
{
    guint before = flows->all->len;
    struct flow *flow = flow_of(flows, root);
    gboolean pool =
        root->creation && root->creation->effect && (root->creation->effect->properties & EFFECT_POOL) != 0;
    flow->several |= flows->all->len == before || root->count != 1 || pool;
    flow->per_request |= root->per_request;
    flow->endless |= root->endless;
    flow->distance =
        MIN(flow->distance, root->creation ? flows->distances[root->creation->caller->index] : 0);
    flow->awaited &= root->awaited;
    flow->optional &= root->optional;
}

static double body_share(const struct cost_model *model, const struct root *root)
{
    const struct function_cost *body = &model->functions[root->function->index];
    double whole = cost_active(&model->program[SCENARIO_TYPICAL]);
    double part = cost_active(&body->scenarios[SCENARIO_TYPICAL]) * body->invocations[TRIPS_SOME];
    return whole > 0 ? MIN(1, part / whole) : 0;
}

/* --- event loops of a flow
 * ---------------------------------------------------------------------------------- */

gboolean event_loop_is_plain(const struct event_loop *loop)
{
    return !loop->is_table && loop->callbacks == 0;
}

static void mark_near(const struct roots *roots, const struct graph_function *function, int depth,
                      int *reached)
{
    if (reached[function->index] > depth)
        return;
    reached[function->index] = depth + 1;
    for (guint i = 0; depth > 0 && i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        struct graph_function *target = call->targets->len == 1 ? g_ptr_array_index(call->targets, 0) : NULL;
        if (target && call->resolution != CALL_BY_SIGNATURE && !starts_helper(roots, call, target))
            mark_near(roots, target, depth - 1, reached);
    }
}

static int loop_rank(const struct event_loop *loop)
{
    return loop->is_table ? 2 : !event_loop_is_plain(loop);
}

static const struct event_loop *near_loop(const struct cost_model *model,
                                          const struct graph_function *function, int depth)
{
    g_autofree int *reached = g_new0(int, model->graph->functions->len + 1);
    const struct event_loop *best = NULL;
    mark_near(model->roots, function, depth, reached);
    for (guint i = 0; i < model->roots->loops->len; i++) {
        const struct event_loop *loop = g_ptr_array_index(model->roots->loops, i);
        int left = reached[loop->function->index] - 1; /* calls that would still have been allowed */
        if (event_loop_is_plain(loop) && (left < depth - PLAIN_DEPTH || loop->named < PLAIN_CALLBACKS))
            continue;
        if (left >= 0 && (!best || loop_rank(loop) > loop_rank(best)))
            best = loop;
    }
    return best;
}

static void find_loop(const struct flows *flows, const struct cost_model *model, struct flow *flow)
{
    if (flow->root)
        flow->loop =
            near_loop(model, flow->root->function, flow == flows->main ? LOOP_DEPTH_MAIN : LOOP_DEPTH);
    /* The loop of a server may lie behind pointers; a poll found there is no architecture. */
    for (guint i = 0; flow == flows->main && !flow->loop && i < model->roots->loops->len; i++) {
        const struct event_loop *loop = g_ptr_array_index(model->roots->loops, i);
        if (flows->world[loop->function->index] && (loop->is_table || !flow->root))
            flow->loop = loop;
    }
}

void flows_init(struct flows *flows, const struct cost_model *model)
{
    const struct graph_function *main_function = model->graph->main_function;
    *flows = (struct flows){.world = g_new0(gboolean, model->graph->functions->len + 1),
                            .all = g_ptr_array_new_with_free_func(g_free),
                            .helpers = g_ptr_array_new()};
    flows->distances = distances_find(model);
    for (guint i = 0; i < model->graph->functions->len; i++)
        flows->world[i] = flows->distances[i] != G_MAXUINT;
    flows->main = g_new0(struct flow, 1);
    g_ptr_array_add(flows->all, flows->main);
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (root->kind == ROOT_MAIN && root->function == main_function)
            flows->main->root = root;
        else if (!in_world(flows, root) || (root->kind != ROOT_THREAD && root->kind != ROOT_PROCESS))
            continue;
        else if (root_is_helper(root))
            g_ptr_array_add(flows->helpers, (gpointer)root);
        else
            add_root(flows, root);
    }
    for (guint i = 0; i < flows->all->len; i++) {
        struct flow *flow = g_ptr_array_index(flows->all, i);
        flow->serves = flow->root && g_hash_table_contains(model->idle->by_root, flow->root->function);
        flow->share = flow->root ? body_share(model, flow->root) : 1;
        find_loop(flows, model, flow);
    }
}

void flows_clear(struct flows *flows)
{
    g_free(flows->world);
    g_free(flows->distances);
    g_clear_pointer(&flows->all, g_ptr_array_unref);
    g_clear_pointer(&flows->helpers, g_ptr_array_unref);
    flows->world = NULL;
    flows->distances = NULL;
}
