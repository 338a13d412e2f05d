/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/target_costs.h"

#include <string.h>

#include "analyzer/call_order.h"
#include "analyzer/loop_weights.h"

#define VAGUE_TARGETS 2  /* a pointer with more of them … */
#define VAGUE_CIRCLE  16 /* … in a larger circle of calls points to almost everything */
#define MANY_TARGETS  8  /* … as does one with so many wherever it stands */

/* --- which targets count ---------------------------------------------------------------------------------
 */

static const struct graph_function *enclosing_function(const struct program_graph *graph,
                                                       const struct fact_unit *unit,
                                                       const struct fact_function_value *value)
{
    if (value->file < 0 || (guint)value->file >= unit->files->len)
        return NULL;
    const char *file = g_ptr_array_index(unit->files, (guint)value->file);
    for (guint i = 0; i < unit->functions->len; i++) {
        const struct fact_function *function = g_ptr_array_index(unit->functions, i);
        if (function->line <= value->line && value->line <= function->end_line &&
            strcmp(function->file, file) == 0)
            return program_graph_find(graph, unit, function->key);
    }
    return NULL;
}

gboolean *registered_by_callbacks(const struct program_graph *graph, const struct roots *roots)
{
    g_autofree gboolean *below = g_new0(gboolean, graph->functions->len + 1);
    gboolean *registered = g_new0(gboolean, graph->functions->len + 1);
    for (guint i = 0; i < roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(roots->roots, i);
        if (root->kind == ROOT_CALLBACK)
            functions_mark_below(root->function, below, NULL);
    }
    for (guint i = 0; i < graph->units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(graph->units, i);
        for (guint j = 0; j < unit->values->len; j++) {
            const struct fact_function_value *value = g_ptr_array_index(unit->values, j);
            const struct graph_function *stored = program_graph_find(graph, unit, value->function);
            const struct graph_function *where = stored ? enclosing_function(graph, unit, value) : NULL;
            if (where && below[where->index])
                registered[stored->index] = TRUE;
        }
    }
    return registered;
}

static gboolean is_summed(const struct cost_model *model, const struct call_site *call,
                          const struct graph_function *target)
{
    return call_is_summed(call, target) && !cost_is_child_body(model, call, target);
}

/* Some of the callbacks belong to connections or requests: nearly all events are theirs. */
static gboolean serves_tasks(const struct cost_model *model, const struct call_site *call)
{
    gboolean found = FALSE, dispatches = g_hash_table_contains(model->dispatches, call);
    for (guint i = 0; dispatches && !found && i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        found = model->registered[target->index] && is_summed(model, call, target);
    }
    return found;
}

gboolean cost_counts_target(const struct cost_model *model, const struct call_site *call,
                            const struct graph_function *target)
{
    return is_summed(model, call, target) && (model->registered[target->index] || !serves_tasks(model, call));
}

/* --- their costs -------------------------------------------------------------------------------------------
 */

static int compare_targets(gconstpointer a, gconstpointer b)
{
    double first = cost_active(*(const struct cost *const *)a);
    double second = cost_active(*(const struct cost *const *)b);
    return first < second ? -1 : first > second;
}

/* Of a pointer in a large circle of calls that may point to almost everything (the destructor of a list's
 * values): the few targets that lead far would decide a mean. */
static struct cost median_cost(const struct cost_model *model, const struct call_site *call, int scenario)
{
    g_autoptr(GPtrArray) costs = g_ptr_array_new();
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        if (call_is_summed(call, target))
            g_ptr_array_add(costs, &model->functions[target->index].scenarios[scenario]);
    }
    g_ptr_array_sort(costs, compare_targets);
    struct cost none = {0};
    return costs->len ? *(struct cost *)g_ptr_array_index(costs, (costs->len - 1) / 2) : none;
}

static gboolean is_vague(const struct cost_model *model, const struct call_site *call)
{
    guint count = call->targets->len;
    return !call->event->callee &&
           (count > MANY_TARGETS || (count > VAGUE_TARGETS && call->caller->circle > VAGUE_CIRCLE)) &&
           !g_hash_table_contains(model->dispatches, call);
}

struct cost cost_of_targets(const struct cost_model *model, const struct call_site *call, int scenario)
{
    struct cost cost = {0};
    if (is_vague(model, call)) {
        struct cost median = median_cost(model, call, scenario);
        cost_add(&cost, &median, 1);
        return cost;
    }
    gboolean only_tasks = serves_tasks(model, call);
    guint left_out = 0;
    for (guint i = 0; only_tasks && i < call->targets->len; i++)
        left_out += !model->registered[((const struct graph_function *)call->targets->pdata[i])->index];
    double share = call->targets->len > 0 ? 1.0 / (call->targets->len - left_out) : 0;
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        if (is_summed(model, call, target) && (!only_tasks || model->registered[target->index]))
            cost_add_call(&cost, &model->functions[target->index].scenarios[scenario], share, share);
    }
    return cost;
}
