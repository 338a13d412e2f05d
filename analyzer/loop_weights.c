/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/loop_weights.h"

#include "analyzer/call_order.h"

#define NESTING_LIMIT 6 /* deeper nests are not told apart */
#define CALL_NESTING  1 /* further levels for a nest that a call leads into */
#define NOTABLE_SHARE                                                                                        \
    0.05                    /* of the runs of a block: what is called less often does not make a nest deeper \
                             */
#define SURE_RECURSION 0.4  /* calls of itself: with fewer it soon ends */
#define REPORT_SHARE   1e-3 /* of what is reported, as far as levels let it through */
#define CREATION_LIMIT 16   /* flows made by a loop over data: as many as there are workers, not items */

const double cost_trip_counts[TRIP_LEVEL_COUNT] = {8, 256, 8192};

/* The innermost loop goes over bytes or elements, those around it over ever larger things, of which there are
 * fewer; more so when a call lies between. Index is the nesting inside, the innermost 0. */
static const double nested_trip_counts[TRIP_LEVEL_COUNT][NESTING_LIMIT] = {
    {8, 8, 4, 4, 2, 2}, {256, 128, 32, 16, 8, 4}, {8192, 4096, 1024, 256, 64, 16}};

static gboolean is_open(const struct fact_loop *loop)
{
    return loop->trip_count < 0 || loop->trip_count == G_MAXINT64;
}

double cost_trip_count(const struct cost_model *model, const struct fact_loop *loop, int scenario)
{
    if (g_hash_table_contains(model->retry_loops, loop))
        return 1;
    return is_open(loop) ? cost_trip_counts[scenario / WAIT_LEVEL_COUNT] : (double)MAX(loop->trip_count, 1);
}

double cost_nested_trip_count(const struct cost_model *model, const struct graph_function *function,
                              int index, int scenario)
{
    const struct fact_loop *loop = g_ptr_array_index(function->facts->loops, (guint)index);
    if (model->straight && is_open(loop))
        return 1;
    if (!is_open(loop) || g_hash_table_contains(model->retry_loops, loop))
        return cost_trip_count(model, loop, scenario);
    /* A flow of its own is made for a lot of work: its outermost loop is not held to be short. */
    if (loop->parent < 0 && model->bodies[function->index])
        return cost_trip_counts[scenario / WAIT_LEVEL_COUNT];
    guint8 nesting = model->nesting[function->index][index];
    return nested_trip_counts[scenario / WAIT_LEVEL_COUNT][CLAMP(nesting, 1, NESTING_LIMIT) - 1];
}

double cost_recursion_count(const struct cost_model *model, const struct graph_function *function,
                            int scenario)
{
    double again = 0;
    if (model->straight)
        return 1;
    for (guint i = 0; function->repeats && i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        if (call->resolution == CALL_DIRECT && call->caller->component == function->component &&
            call->caller->rank >= function->rank)
            again += cost_weight(model, call, scenario);
    }
    if (again < SURE_RECURSION)
        return 1 / (1 - again);
    guint8 nesting = model->nesting[function->index][function->facts->loops->len];
    return nested_trip_counts[scenario / WAIT_LEVEL_COUNT][CLAMP(nesting, 1, NESTING_LIMIT) - 1];
}

static double loop_product(const struct cost_model *model, const struct graph_function *function, int loop,
                           int scenario)
{
    double product = 1;
    for (; loop >= 0; loop = ((const struct fact_loop *)function->facts->loops->pdata[loop])->parent)
        product *= cost_nested_trip_count(model, function, loop, scenario);
    return product;
}

double cost_share(const struct cost_model *model, const struct call_site *call)
{
    const double *frequency = model->frequencies[call->caller->index];
    double share = frequency && call->event->block >= 0 ? frequency[call->event->block] : 1;
    return call->reports && !model->endings->reports[call->caller->index] ? share * REPORT_SHARE : share;
}

double cost_weight(const struct cost_model *model, const struct call_site *call, int scenario)
{
    const int *repeating = model->repeating[call->caller->index];
    int loop = repeating && call->event->block >= 0 ? repeating[call->event->block] : call->event->loop;
    double times = loop_product(model, call->caller, loop, scenario);
    if (call->effect && call->effect->creates != CREATE_NOTHING)
        times = MIN(times, CREATION_LIMIT);
    return cost_share(model, call) * times;
}

/* Per loop: how likely control comes to its blocks. NULL without loops or blocks; the caller frees it. */
static double *loop_shares_new(const struct graph_function *function, const double *frequency)
{
    double *shares = frequency ? g_new0(double, function->facts->loops->len) : NULL;
    for (guint i = 0; shares && i < function->facts->blocks->len; i++) {
        const struct fact_block *block = g_ptr_array_index(function->facts->blocks, i);
        if (block->loop >= 0)
            shares[block->loop] = MAX(shares[block->loop], frequency[i]);
    }
    return shares;
}

void block_shares_set(struct cost_model *model)
{
    struct return_values *values = return_values_new(model->graph);
    struct flag_fields *flags = flag_fields_find(model->graph);
    const struct branch_knowledge known = {model->endings, values, flags};
    for (guint i = 0; i < model->graph->order->len; i++) {
        const struct graph_function *function = g_ptr_array_index(model->graph->order, i);
        double *frequencies = block_frequencies(function, &known);
        model->frequencies[function->index] = frequencies;
        model->loop_shares[function->index] = loop_shares_new(function, frequencies);
        model->repeating[function->index] = blocks_repeating_loops(function, model->endings);
        model->stopping[function->index] = blocks_that_stop(function, model->endings->stops);
        return_values_note(values, function, frequencies);
    }
    return_values_free(values);
    flag_fields_free(flags);
}

gboolean cost_transfers(const struct cost_model *model, const struct call_site *call)
{
    if (call->effect)
        return (call->effect->properties & EFFECT_SYSTEM_CALL) && call->effect->block != BLOCK_NEVER &&
               call->effect->size_argument != NO_ARGUMENT;
    return call->resolution == CALL_DIRECT &&
           model->functions[((const struct graph_function *)call->targets->pdata[0])->index].transfers;
}

void retry_loop_note(struct cost_model *model, const struct call_site *wait)
{
    const struct graph_function *function = wait->caller;
    gboolean transfer = cost_transfers(model, wait);
    gboolean awaits = wait->effect && wait->effect->lock == LOCK_WAIT;
    if (wait->event->loop < 0 || (!awaits && !transfer))
        return;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call == wait || !loop_contains(function->facts, wait->event->loop, call->event->loop))
            continue;
        gboolean heavy =
            !call->effect ||
            (transfer && (call->effect->cpu_ns_per_byte > 0 || call->effect->block != BLOCK_NEVER));
        if (heavy && !cost_only_on_failure(model, call))
            return;
    }
    g_hash_table_add(model->retry_loops, g_ptr_array_index(function->facts->loops, (guint)wait->event->loop));
}

double cost_loop_weight(const struct cost_model *model, const struct graph_function *function, int loop,
                        int scenario)
{
    const double *shares = model->loop_shares[function->index];
    double share = shares ? shares[loop] : 1;
    return share * loop_product(model, function, loop, scenario);
}

/* --- nesting -----------------------------------------------------------------------------------------------
 */

/* The deepest nest of a callee that is called often enough to matter. */
static guint8 callee_nesting(const struct cost_model *model, guint8 *const *nesting,
                             const struct call_site *call)
{
    guint8 deepest = 0;
    double share = cost_share(model, call);
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        if (share / call->targets->len >= NOTABLE_SHARE && call_is_summed(call, target))
            deepest = MAX(deepest, nesting[target->index][target->facts->loops->len]);
    }
    return deepest > 0 && call->event->loop >= 0 ? (guint8)(deepest + CALL_NESTING) : deepest;
}

/* A loop is as deep as what it holds, and one more when data decides how often it runs. */
static void function_nesting(const struct cost_model *model, guint8 *const *nesting,
                             const struct graph_function *function)
{
    guint8 *own = nesting[function->index];
    const struct fact_list *loops = function->facts->loops;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        guint8 *around = &own[call->event->loop >= 0 ? (guint)call->event->loop : loops->len];
        *around = MAX(*around, callee_nesting(model, nesting, call));
    }
    for (guint i = loops->len; i-- > 0;) { /* inner loops come after outer ones */
        const struct fact_loop *loop = g_ptr_array_index(loops, i);
        own[i] = (guint8)MIN(own[i] + (is_open(loop) ? 1 : 0), NESTING_LIMIT);
        guint8 *around = &own[loop->parent >= 0 ? (guint)loop->parent : loops->len];
        *around = MAX(*around, own[i]);
    }
    if (function->repeats)
        own[loops->len] = (guint8)MIN(own[loops->len] + 1, NESTING_LIMIT);
}

guint8 **loop_nesting_new(const struct cost_model *model)
{
    const struct program_graph *graph = model->graph;
    guint8 **nesting = g_new0(guint8 *, graph->functions->len + 1);
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        nesting[i] = g_new0(guint8, function->facts->loops->len + 1);
    }
    for (guint i = 0; i < graph->order->len; i++)
        function_nesting(model, nesting, g_ptr_array_index(graph->order, i));
    return nesting;
}

void loop_nesting_free(guint8 **nesting, guint functions)
{
    for (guint i = 0; i < functions; i++)
        g_free(nesting[i]);
    g_free(nesting);
}
