/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/classify.h"

#include <string.h>

#include "analyzer/target_costs.h"

#define PATH_HEAD 8 /* places of a long way that are shown from its beginning … */
#define PATH_TAIL 4 /* … and from its end: the hot loop, or the call that waits */

/* The part of a cost that a class is about. */
static double part_of(const struct cost *cost, enum work_class class)
{
    if (class == WORK_IO)
        return cost->split.io_wait + cost->split.io_work;
    if (class == WORK_LOCK)
        return cost->split.lock_wait;
    return cost->split.on_cpu;
}

static struct place *loop_place(const struct cost_model *model, const struct graph_function *function,
                                const struct fact_loop *loop)
{
    g_autofree char *times = loop->trip_count == G_MAXINT64 ? g_strdup("until it is left")
                             : loop->trip_count >= 0
                                 ? g_strdup_printf("%" G_GINT64_FORMAT " times", loop->trip_count)
                                 : g_strdup("as often as the data says");
    g_autofree char *text = g_strdup_printf("computes in a loop that runs %s", times);
    g_autofree char *file =
        loop->file >= 0 && (guint)loop->file < function->unit->files->len
            ? program_graph_relative(model->graph,
                                     g_ptr_array_index(function->unit->files, (guint)loop->file))
            : g_strdup(function->file);
    struct place *place = place_new(file, loop->line, text);
    place->end_line = MAX(loop->line, loop->end_line);
    return place;
}

static char *library_text(const struct cost_model *model, const struct call_site *call, enum work_class class)
{
    struct blocking blocking = blocking_of(model->graph, model->host, call);
    const char *name = call_site_name(call);
    if (class == WORK_CPU || (!blocking.blocks && !(call->effect->properties & EFFECT_SYSTEM_CALL)))
        return g_strdup_printf("%s() computes", name);
    if (!blocking.blocks)
        return g_strdup_printf("%s() works inside the kernel", name);
    if (!blocking.known && blocking.cause == CAUSE_OTHER)
        return g_strdup_printf("%s() waits for a descriptor of unknown origin", name);
    if (!blocking.known)
        return g_strdup_printf("%s() waits: %s, or another descriptor", name,
                               wait_cause_name(blocking.cause));
    if (class == WORK_LOCK) {
        const char *lock = call_lock_name(call, call->effect->lock_argument);
        return g_strdup_printf("%s() waits for %s%s%.*s", name, wait_cause_name(blocking.cause),
                               lock ? " " : "", lock ? (int)strcspn(lock, "@") : 0, lock ? lock : "");
    }
    return g_strdup_printf("%s() waits: %s", name, wait_cause_name(blocking.cause));
}

static gboolean is_contended(const struct cost_model *model, const struct call_site *call,
                             enum work_class class)
{
    return class == WORK_LOCK && !call->effect && g_hash_table_contains(model->lock_waits, call);
}

static char *call_text(const struct cost_model *model, const struct call_site *call, enum work_class class,
                       const struct graph_function *target)
{
    if (call->effect)
        return library_text(model, call, class);
    if (!target)
        return g_strdup("calls an unknown function");
    if (is_contended(model, call, class))
        return g_strdup_printf("waits for the lock that %s() takes", target->facts->name);
    return g_strdup_printf("%s %s()", call->event->callee ? "calls" : "may call", target->facts->name);
}

static struct place *call_place(const struct cost_model *model, const struct call_site *call,
                                enum work_class class, const struct graph_function *target)
{
    g_autofree char *file = program_graph_event_file(model->graph, call->caller, call->event);
    g_autofree char *text = call_text(model, call, class, target);
    struct place *place = place_new(file, call->event->line, text);
    place->end_line = MAX(call->event->line, call->event->end_line);
    return place;
}

static const struct graph_function *heaviest_target(const struct cost_model *model,
                                                    const struct call_site *call, enum work_class class)
{
    const struct graph_function *best = NULL;
    double most = -1;
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        double part = part_of(&model->functions[target->index].scenarios[SCENARIO_TYPICAL], class);
        if (cost_counts_target(model, call, target) && part > most) {
            most = part;
            best = target;
        }
    }
    return best;
}

/* The heaviest call of the function (or of its loop), with its part in *most. */
static const struct call_site *heaviest_call(const struct cost_model *model,
                                             const struct graph_function *function, int loop,
                                             enum work_class class, double *most)
{
    const struct call_site *best = NULL;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (!loop_contains(function->facts, loop, call->event->loop))
            continue;
        struct cost all = {0};
        cost_add_site(model, &all, call, SCENARIO_TYPICAL);
        double part = part_of(&all, class);
        if (part > *most) {
            *most = part;
            best = call;
        }
    }
    return best;
}

static int heaviest_loop(const struct cost_model *model, const struct graph_function *function, int within,
                         double *most)
{
    int best = -1;
    for (guint i = 0; i < function->facts->loops->len; i++) {
        const struct fact_loop *loop = g_ptr_array_index(function->facts->loops, i);
        double part = (loop->operations + 1) * model->host->operation_ns * 1e-9 *
                      cost_loop_weight(model, function, (int)i, SCENARIO_TYPICAL);
        if (loop_contains(function->facts, within, (int)i) && part > *most) {
            *most = part;
            best = (int)i;
        }
    }
    return best;
}

/* The next place on the way to what makes a function `class`. */
struct step {
    const struct graph_function *function;
    int loop;                            /* the hot loop, the end of the way; -1: the call */
    const struct call_site *call;        /* NULL: nothing leads on */
    const struct graph_function *target; /* of the call, NULL in the library */
};

static struct step find_step(const struct cost_model *model, const struct graph_function *function,
                             int within, enum work_class class)
{
    double in_calls = 0, in_loops = 0;
    struct step step = {function, -1, heaviest_call(model, function, within, class, &in_calls), NULL};
    int hot =
        class == WORK_CPU || class == WORK_MIXED ? heaviest_loop(model, function, within, &in_loops) : -1;
    if (hot >= 0 && in_loops >= in_calls)
        step.loop = hot;
    else if (step.call)
        step.target = heaviest_target(model, step.call, class);
    return step;
}

/* Remembered for whole functions: many ways lead through the same ones. */
static const struct step *step_of(const struct cost_model *model, const struct graph_function *function,
                                  enum work_class class)
{
    gpointer key = GUINT_TO_POINTER(function->index * WORK_CLASS_COUNT + class + 1);
    struct step *known = g_hash_table_lookup(model->evidence, key);
    if (!known) {
        struct step step = find_step(model, function, -1, class);
        known = g_memdup2(&step, sizeof(step));
        g_hash_table_insert(model->evidence, key, known);
    }
    return known;
}

static void add_step(const struct cost_model *model, GPtrArray *path, const struct step *step,
                     enum work_class class)
{
    if (step->loop >= 0)
        g_ptr_array_add(path, loop_place(model, step->function,
                                         g_ptr_array_index(step->function->facts->loops, (guint)step->loop)));
    else
        g_ptr_array_add(path, call_place(model, step->call, class, step->target));
}

GPtrArray *evidence_find(const struct cost_model *model, const struct graph_function *function, int loop,
                         enum work_class class)
{
    GPtrArray *path = g_ptr_array_new_with_free_func((GDestroyNotify)place_free);
    if (class == WORK_LIGHT)
        return path;
    struct step first = find_step(model, function, loop, class);
    g_autoptr(GPtrArray) steps = g_ptr_array_new();
    for (const struct step *step = &first; step && (step->loop >= 0 || step->call);) {
        g_ptr_array_add(steps, (gpointer)step);
        gboolean ends = step->loop >= 0 || !step->target || is_contended(model, step->call, class);
        step = ends ? NULL : step_of(model, step->target, class);
    }
    for (guint i = 0; i < steps->len; i++) {
        if (i < PATH_HEAD || i + PATH_TAIL >= steps->len)
            add_step(model, path, g_ptr_array_index(steps, i), class);
    }
    return path;
}
