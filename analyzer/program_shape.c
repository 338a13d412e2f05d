/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/program_shape.h"

#include "analyzer/lock_pressure.h"

/* Everything below the main and the flows it makes, helpers left out. */
static void mark_world(struct program_shape *shape, const struct cost_model *model)
{
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    const struct roots *roots = model->roots;
    for (guint i = 0; i < roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(roots->roots, i);
        if (root->kind == ROOT_MAIN && root->function == model->graph->main_function)
            g_ptr_array_add(pending, root->function);
    }
    if (pending->len == 0)
        g_ptr_array_extend(pending, model->graph->functions, NULL, NULL);
    while (pending->len > 0) {
        const struct graph_function *function = g_ptr_array_steal_index(pending, pending->len - 1);
        if (shape->world[function->index])
            continue;
        shape->world[function->index] = TRUE;
        for (guint i = 0; i < function->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(function->calls, i);
            for (guint j = 0; j < call->targets->len; j++) {
                struct graph_function *target = g_ptr_array_index(call->targets, j);
                if (target->in_program && !root_is_helper(roots_find_function(roots, target)))
                    g_ptr_array_add(pending, target);
            }
        }
        for (guint i = 0; i < roots->roots->len; i++) {
            const struct root *root = g_ptr_array_index(roots->roots, i);
            if (root->creation && root->creation->caller == function && root->function->in_program &&
                !root_is_helper(root))
                g_ptr_array_add(pending, root->function);
        }
    }
}

static double root_work(const struct cost_model *model, const struct root *root)
{
    const struct function_cost *cost = &model->functions[root->function->index];
    return cost_active(&cost->scenarios[SCENARIO_TYPICAL]) * root_threads(model, root);
}

/* Of callbacks, how long one call can stop the loop matters, not how often it is called. */
static double callback_stop(const struct cost_model *model, const struct root *root)
{
    return cost_active(&model->functions[root->function->index].scenarios[SCENARIO_TYPICAL]);
}

static double parallel_work(const struct cost_model *model, const struct root *root)
{
    int loop = parallel_loop(root);
    struct cost cost = loop >= 0 ? cost_of_loop(model, root->function, loop, SCENARIO_TYPICAL)
                                 : model->functions[root->function->index].scenarios[SCENARIO_TYPICAL];
    return cost_active(&cost) * model->functions[root->function->index].invocations[TRIPS_SOME];
}

static void choose(const struct root **best, const struct root *candidate, double candidate_work,
                   double best_work)
{
    if (!*best || candidate_work > best_work)
        *best = candidate;
}

static void find_flows(struct program_shape *shape, const struct cost_model *model)
{
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (!root->creation || !shape->world[root->creation->caller->index] || !root->function->in_program ||
            root_is_helper(root))
            continue;
        if (root->kind == ROOT_THREAD)
            choose(&shape->thread, root, root_work(model, root),
                   shape->thread ? root_work(model, shape->thread) : 0);
        else if (root->kind == ROOT_PROCESS)
            choose(&shape->process, root, root_work(model, root),
                   shape->process ? root_work(model, shape->process) : 0);
        else if (root->kind == ROOT_CALLBACK)
            choose(&shape->callback, root, callback_stop(model, root),
                   shape->callback ? callback_stop(model, shape->callback) : 0);
        else if (root->kind == ROOT_PARALLEL)
            choose(&shape->parallel, root, parallel_work(model, root),
                   shape->parallel ? parallel_work(model, shape->parallel) : 0);
        else if (root->kind == ROOT_COROUTINE)
            choose(&shape->coroutine, root, callback_stop(model, root),
                   shape->coroutine ? callback_stop(model, shape->coroutine) : 0);
    }
    for (guint i = 0; !shape->loop && i < model->roots->loops->len; i++) {
        const struct event_loop *loop = g_ptr_array_index(model->roots->loops, i);
        if (shape->world[loop->function->index])
            shape->loop = loop;
    }
}

static void find_spawn(struct program_shape *shape, const struct roots *roots)
{
    for (guint i = 0; !shape->spawn && i < roots->spawned->len; i++) {
        const struct call_site *spawn = g_ptr_array_index(roots->spawned, i);
        if (shape->world[spawn->caller->index] && spawns_beside(spawn))
            shape->spawn = spawn;
    }
}

void program_shape_init(struct program_shape *shape, const struct cost_model *model)
{
    *shape = (struct program_shape){.world = g_new0(gboolean, model->graph->functions->len + 1)};
    mark_world(shape, model);
    find_flows(shape, model);
    find_spawn(shape, model->roots);
    if (shape->loop || shape->coroutine)
        shape->model = shape->thread || shape->parallel ? MODEL_ASYNC_THREADS
                       : shape->process                 ? MODEL_ASYNC_PROCESSES
                                                        : MODEL_ASYNC;
    else if (shape->thread && shape->process)
        shape->model = root_work(model, shape->process) > root_work(model, shape->thread) ? MODEL_PROCESSES
                                                                                          : MODEL_THREADS;
    else
        shape->model = shape->thread || shape->parallel ? MODEL_THREADS
                       : shape->process || shape->spawn ? MODEL_PROCESSES
                                                        : MODEL_SEQUENTIAL;
}

void program_shape_clear(struct program_shape *shape)
{
    g_free(shape->world);
    shape->world = NULL;
}
