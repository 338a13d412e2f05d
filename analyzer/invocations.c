/* SPDX-License-Identifier: Apache-2.0 */
/* How often each function is called in one run of the program: from main and the bodies of flows down. */
#include <string.h>

#include "analyzer/call_order.h"
#include "analyzer/loop_weights.h"

static const double believable_calls[TRIP_LEVEL_COUNT] = {1e4, 1e6, 1e8};

/* A callback that the loop of a library calls, or by a call that is not summed: its work is not in that of
 * main. */
gboolean cost_runs_apart(const struct root *root)
{
    return !root->creation || root->creation->effect || !call_is_summed(root->creation, root->function);
}

static void seed_invocations(struct cost_model *model)
{
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        double count = root->count >= 0 ? (double)root->count : model->host->cores;
        if (root->kind == ROOT_PARALLEL)
            continue;
        if (root->kind == ROOT_CALLBACK || root->kind == ROOT_METHOD) {
            if (cost_runs_apart(root))
                memcpy(model->functions[root->function->index].invocations, cost_trip_counts,
                       sizeof(cost_trip_counts));
            continue;
        }
        for (int level = 0; level < TRIP_LEVEL_COUNT; level++)
            model->functions[root->function->index].invocations[level] +=
                root->per_request && root->count < 0 ? cost_trip_counts[level] : count;
    }
    /* A library without main, or a function that only something unseen calls. */
    for (guint i = 0; i < model->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(model->graph->functions, i);
        double *invocations = model->functions[i].invocations;
        if (function->reachable && function->callers->len == 0 && invocations[0] == 0)
            memcpy(invocations, cost_trip_counts, sizeof(cost_trip_counts));
    }
}

static void pass_invocations(struct cost_model *model, const struct call_site *call,
                             const struct graph_function *target, double share)
{
    gboolean repeated = call->caller->repeats && target->component == call->caller->component;
    for (int level = 0; level < TRIP_LEVEL_COUNT; level++) {
        int scenario = level * WAIT_LEVEL_COUNT;
        model->functions[target->index].invocations[level] +=
            model->functions[call->caller->index].invocations[level] * cost_weight(model, call, scenario) *
            share * (repeated ? cost_recursion_count(model, call->caller, scenario) : 1);
    }
}

static void pass_to_callees(struct cost_model *model, const struct graph_function *function)
{
    for (guint j = 0; j < function->calls->len; j++) {
        const struct call_site *call = g_ptr_array_index(function->calls, j);
        for (guint k = 0; k < call->targets->len; k++) {
            const struct graph_function *target = g_ptr_array_index(call->targets, k);
            if (call_is_summed(call, target) && !cost_is_child_body(model, call, target))
                pass_invocations(model, call, target,
                                 cost_tasks(model, call, SCENARIO_TYPICAL) / call->targets->len);
        }
        if (!call->effect)
            continue;
        g_autoptr(GPtrArray) called =
            program_graph_argument_functions(model->graph, call, call->effect->calls_argument);
        for (guint k = 0; k < called->len; k++)
            pass_invocations(model, call, g_ptr_array_index(called, k),
                             (call->effect->properties & EFFECT_BLOCKING_CALLEE) ? 1
                                                                                 : CALLBACKS_PER_ITERATION);
    }
}

/* `fail()` runs once, however many call it. */
static void settle_invocations(struct cost_model *model, const struct graph_function *function)
{
    double *invocations = model->functions[function->index].invocations;
    gboolean once = model->endings->stops[function->index] && !roots_find_function(model->roots, function);
    for (int level = 0; level < TRIP_LEVEL_COUNT; level++)
        invocations[level] =
            once ? MIN(1, invocations[level]) : cost_believable(invocations[level], believable_calls[level]);
}

void invocations_set(struct cost_model *model)
{
    GPtrArray *order = model->graph->order;
    seed_invocations(model);
    for (guint i = order->len; i-- > 0;) {
        settle_invocations(model, g_ptr_array_index(order, i));
        pass_to_callees(model, g_ptr_array_index(order, i));
    }
}
