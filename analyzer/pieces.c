/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/pieces.h"

#include "analyzer/call_order.h"
#include "analyzer/loop_weights.h"

#define NS          1e-9
#define MOST_PIECES 1024 /* of one call: IOV_MAX of Linux */

/* -1: none. */
static int loop_of_pieces(const struct call_site *call)
{
    const struct fact_list *loops = call->caller->facts->loops;
    gboolean after = call->effect && (call->effect->properties & EFFECT_POLLS);
    int nearest = -1;
    for (guint i = 0; i < loops->len; i++) {
        const struct fact_loop *loop = g_ptr_array_index(loops, i);
        if (loop->parent != call->event->loop || loop->file != call->event->file)
            continue;
        if (after && nearest < 0 && loop->line >= call->event->end_line)
            nearest = (int)i;
        if (!after && loop->end_line <= call->event->line)
            nearest = (int)i;
    }
    return nearest;
}

static double count_pieces(const struct cost_model *model, const struct call_site *call, int position,
                           int scenario)
{
    const struct fact_argument *count = call_site_argument(call, position);
    if (!count)
        return 0;
    double most = count->kind == ARGUMENT_INTEGER ? (double)CLAMP(count->integer, 1, MOST_PIECES) : 0;
    int loop = loop_of_pieces(call);
    if (loop < 0)
        return MAX(most, 1);
    return MIN(cost_nested_trip_count(model, call->caller, loop, scenario), most > 0 ? most : MOST_PIECES);
}

double pieces_seconds(const struct cost_model *model, const struct call_site *call, int scenario)
{
    if (call->effect)
        return call->effect->cpu_ns_per_piece * NS *
               count_pieces(model, call, call->effect->pieces_argument, scenario);
    double seconds = 0;
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        const struct function_cost *below = &model->functions[target->index];
        if (below->piece_seconds <= 0 || !call_is_summed(call, target))
            continue;
        double pieces = count_pieces(model, call, below->pieces_parameter, scenario);
        seconds += MAX(0, pieces - 1) * below->piece_seconds / call->targets->len;
    }
    return seconds;
}

static void hand_on(struct cost_model *model, const struct call_site *call, int position, double seconds)
{
    const struct fact_argument *count = call_site_argument(call, position);
    int parameter = count && count->text && loop_of_pieces(call) < 0
                        ? graph_function_parameter(call->caller, count->text)
                        : NO_ARGUMENT;
    struct function_cost *own = &model->functions[call->caller->index];
    if (parameter == NO_ARGUMENT || (own->piece_seconds > 0 && own->pieces_parameter != parameter))
        return;
    own->pieces_parameter = parameter;
    own->piece_seconds += seconds * cost_share(model, call);
}

void pieces_note(struct cost_model *model, const struct call_site *call)
{
    if (call->effect && call->effect->cpu_ns_per_piece > 0)
        hand_on(model, call, call->effect->pieces_argument, call->effect->cpu_ns_per_piece * NS);
    for (guint i = 0; !call->effect && i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        const struct function_cost *below = &model->functions[target->index];
        if (below->piece_seconds > 0 && call_is_summed(call, target))
            hand_on(model, call, below->pieces_parameter, below->piece_seconds / call->targets->len);
    }
}
