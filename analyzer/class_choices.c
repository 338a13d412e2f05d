/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/class_choices.h"

#include <string.h>

#include "analyzer/target_costs.h"

#define NOTABLE_PART  0.2  /* of the function's time: what makes less decides no class */
#define ONLY_LOOKS    1e-7 /* seconds: a function that takes less does nothing that has a class */
#define SETTING_SHARE 0.5  /* of the runs have a setting on, as far as anybody knows */

static void subtract(struct cost *sum, const struct cost *cost)
{
    cost_add(sum, cost, -1);
    double *parts[] = {&sum->split.on_cpu, &sum->split.io_work, &sum->split.io_wait, &sum->split.lock_wait};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        *parts[i] = MAX(*parts[i], 0);
}

/* How many of the call's targets leave the class as it is when they alone are called; 1 when no target has
 * anything to say. */
static double agreeing_part(const struct cost_model *model, const struct call_site *call,
                            const struct cost *rest, enum work_class class)
{
    double times = cost_weight(model, call, SCENARIO_TYPICAL);
    guint agreeing = 0, all = 0;
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        if (!cost_counts_target(model, call, target))
            continue;
        struct cost with = *rest;
        cost_add_call(&with, &model->functions[target->index].scenarios[SCENARIO_TYPICAL], times,
                      cost_share(model, call));
        double active = cost_active(&with);
        all += active > ONLY_LOOKS;
        agreeing += active > ONLY_LOOKS && time_split_class(&with.split, active) == class;
    }
    return all > 0 ? (double)agreeing / all : 1;
}

/* Of the one function that the call leads to. */
static double callee_agreement(const struct cost_model *model, const struct call_site *call)
{
    const struct graph_function *target =
        call->targets->len == 1 ? g_ptr_array_index(call->targets, 0) : NULL;
    return target && cost_counts_target(model, call, target) ? model->functions[target->index].agreement : 1;
}

/* An answer ends the loop that the block belongs to. */
static gboolean ends_loop(const struct fact_function *facts, const struct fact_block *block)
{
    gboolean ends = FALSE;
    for (guint i = 0; i < block->successors->len; i++) {
        int next = g_array_index(block->successors, int, i);
        ends |=
            !loop_contains(facts, block->loop,
                           ((const struct fact_block *)g_ptr_array_index(facts->blocks, (guint)next))->loop);
    }
    return ends;
}

/* A variable or field that outlives the call is asked whether it is zero, and nothing tells which answer is
 * the exception: a setting, or a state that is the same for many calls. Elements of arrays and what a moving
 * pointer points to (`[` and `~` in places, see place.c) are data. */
static gboolean asks_for_setting(const struct fact_function *facts, const struct fact_block *block)
{
    const char *subject = block->test.subject;
    gboolean outlives = subject && subject[0] != '#' && strpbrk(subject, "%.") && !strpbrk(subject, "[~");
    return outlives && !ends_loop(facts, block) && block->unlikely < 0 && !block->cases &&
           block->test.constant == 0 &&
           (block->test.relation == RELATION_EQUAL || block->test.relation == RELATION_DIFFERENT);
}

/* The only block from which control comes to `index`, -1 when there are several or none. */
static int only_predecessor(const struct fact_function *facts, int index)
{
    int found = -1;
    for (guint i = 0; i < facts->blocks->len; i++) {
        const struct fact_block *block = g_ptr_array_index(facts->blocks, i);
        for (guint j = 0; j < block->successors->len; j++) {
            if (g_array_index(block->successors, int, j) != index)
                continue;
            if (found >= 0)
                return -1;
            found = (int)i;
        }
    }
    return found;
}

static gboolean hangs_on_setting(const struct call_site *call)
{
    const struct fact_function *facts = call->caller->facts;
    guint left = facts->blocks->len;
    int index = call->event->block;
    while (index > 0 && (guint)index < facts->blocks->len && left-- > 0) {
        index = only_predecessor(facts, index);
        const struct fact_block *block = index >= 0 ? g_ptr_array_index(facts->blocks, (guint)index) : NULL;
        if (block && block->successors->len > 1 && asks_for_setting(facts, block))
            return TRUE;
    }
    return FALSE;
}

/* The part of the choices with which what is left without the call would have the same class. */
static double agreement_without(const struct cost_model *model, const struct call_site *call,
                                const struct cost *rest, enum work_class class)
{
    double active = cost_active(rest);
    if (time_split_class(&rest->split, active) == class)
        return 1;
    gboolean optional = active > ONLY_LOOKS && hangs_on_setting(call);
    return callee_agreement(model, call) * (optional ? SETTING_SHARE : 1);
}

double class_agreement(const struct cost_model *model, const struct graph_function *function, int loop)
{
    struct cost own = cost_of_loop(model, function, loop, SCENARIO_TYPICAL);
    double active = cost_active(&own), least = 1;
    enum work_class class = time_split_class(&own.split, active);
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (!loop_contains(function->facts, loop, call->event->loop))
            continue;
        struct cost site = {0}, rest = own;
        cost_add_site(model, &site, call, SCENARIO_TYPICAL);
        if (cost_active(&site) < NOTABLE_PART * active)
            continue;
        subtract(&rest, &site);
        if (!call->event->callee && !call->effect && call->targets->len > 1)
            least = MIN(least, agreeing_part(model, call, &rest, class));
        least = MIN(least, agreement_without(model, call, &rest, class));
    }
    return least;
}
