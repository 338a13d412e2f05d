/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/lock_pressure.h"

#include "analyzer/call_order.h"

#define NOTEWORTHY_SHARE 0.5
#define LAZY_SHARE       0.1 /* how likely an exceptional branch is at most */

/* Seconds that one call of a function holds one lock, and the section that holds it longest. */
struct hold {
    double seconds;
    double longest;
    const struct critical_section *section;
};

struct holds {
    struct cost_model *model;
    GPtrArray *sections;
    GHashTable **by_function; /* instance name → struct hold; NULL: none */
    int scenario;
};

static void hold_add(struct holds *holds, guint function, const char *instance,
                     const struct critical_section *section, double seconds)
{
    if (!holds->by_function[function])
        holds->by_function[function] = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    struct hold *hold = g_hash_table_lookup(holds->by_function[function], instance);
    if (!hold) {
        hold = g_new0(struct hold, 1);
        g_hash_table_insert(holds->by_function[function], (gpointer)instance, hold);
    }
    hold->seconds += seconds;
    if (seconds > hold->longest || !hold->section) {
        hold->longest = seconds;
        hold->section = section;
    }
}

/* While a condition is waited for, the lock is free. */
static double hold_seconds(const struct cost_model *model, const struct critical_section *section,
                           int scenario)
{
    struct cost cost = cost_of_section(model, section, scenario);
    return cost.split.on_cpu + cost.split.io_work + cost.split.io_wait;
}

static void add_callee(struct holds *holds, const struct call_site *call, const struct graph_function *target)
{
    GHashTable *below = holds->by_function[target->index];
    if (!below || !call_is_summed(call, target))
        return;
    GHashTableIter iterator;
    gpointer instance, value;
    g_hash_table_iter_init(&iterator, below);
    double weight = cost_weight(holds->model, call, holds->scenario) / call->targets->len;
    while (g_hash_table_iter_next(&iterator, &instance, &value)) {
        const struct hold *hold = value;
        hold_add(holds, call->caller->index, instance, hold->section, hold->seconds * weight);
    }
}

static void collect_holds(struct holds *holds)
{
    const struct program_graph *graph = holds->model->graph;
    g_autoptr(GHashTable) by_function =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < holds->sections->len; i++) {
        const struct critical_section *section = g_ptr_array_index(holds->sections, i);
        GPtrArray *list = g_hash_table_lookup(by_function, section->function);
        if (!list) {
            list = g_ptr_array_new();
            g_hash_table_insert(by_function, section->function, list);
        }
        g_ptr_array_add(list, (gpointer)section);
    }
    for (guint i = 0; i < graph->order->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->order, i);
        GPtrArray *own = g_hash_table_lookup(by_function, function);
        for (guint j = 0; own && j < own->len; j++) {
            const struct critical_section *section = g_ptr_array_index(own, j);
            double once = hold_seconds(holds->model, section, holds->scenario);
            hold_add(holds, function->index, section->instance, section,
                     once * cost_weight(holds->model, section->take, holds->scenario));
        }
        for (guint j = 0; j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            for (guint k = 0; k < call->targets->len; k++)
                add_callee(holds, call, g_ptr_array_index(call->targets, k));
        }
    }
}

/* `if (worker == NULL) worker = launch(…)`: data decides when, and only once. */
static gboolean is_lazy(const struct cost_model *model, const struct root *root)
{
    return root->creation && root->creation->event->loop < 0 &&
           cost_share(model, root->creation) <= LAZY_SHARE;
}

double root_threads(const struct cost_model *model, const struct root *body)
{
    double threads = 0;
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (root->function == body->function && root->kind == body->kind)
            threads += root->count >= 0       ? (double)root->count
                       : is_lazy(model, root) ? 1
                                              : MAX(model->host->cores, 2);
    }
    return threads;
}

/* Waits of every section on this lock, each in proportion to its own length. */
static void add_waits(struct holds *holds, const char *instance, double others)
{
    for (guint i = 0; i < holds->sections->len; i++) {
        const struct critical_section *section = g_ptr_array_index(holds->sections, i);
        if (g_strcmp0(section->instance, instance) != 0 ||
            g_hash_table_contains(holds->model->lock_waits, section->take))
            continue;
        double *waits = g_new0(double, SCENARIO_COUNT);
        for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++)
            waits[scenario] = hold_seconds(holds->model, section, scenario) * others;
        g_hash_table_insert(holds->model->lock_waits, (gpointer)section->take, waits);
    }
}

static void body_pressure(struct holds *holds, const struct root *body, GPtrArray *found)
{
    const struct cost_model *model = holds->model;
    const struct cost *cost = &model->functions[body->function->index].scenarios[holds->scenario];
    double active = cost->split.on_cpu + cost->split.io_work + cost->split.io_wait;
    double threads = root_threads(model, body);
    GHashTable *table = holds->by_function[body->function->index];
    if (!table || threads < 2 || active <= 0)
        return;
    GHashTableIter iterator;
    gpointer instance, value;
    g_hash_table_iter_init(&iterator, table);
    while (g_hash_table_iter_next(&iterator, &instance, &value)) {
        const struct hold *hold = value;
        double share = MIN(1.0, hold->seconds / active);
        if (share < NOTEWORTHY_SHARE && share * threads <= 1)
            continue;
        struct lock_pressure *pressure = g_new0(struct lock_pressure, 1);
        *pressure = (struct lock_pressure){body, hold->section, share, threads};
        g_ptr_array_add(found, pressure);
    }
}

/* Of tasks that are given to a library: nobody knows yet on how many threads they will run. */
static void note_task_holds(struct holds *holds, const struct call_site *call)
{
    for (guint i = 0; call->effect && call->effect->task_field && i < call->targets->len; i++) {
        struct graph_function *task = g_ptr_array_index(call->targets, i);
        GHashTable *table = holds->by_function[task->index];
        double longest = 0;
        GHashTableIter iterator;
        gpointer value;
        if (!table)
            continue;
        g_hash_table_iter_init(&iterator, table);
        while (g_hash_table_iter_next(&iterator, NULL, &value))
            longest = MAX(longest, ((const struct hold *)value)->seconds);
        g_hash_table_insert(holds->model->task_holds, task, g_memdup2(&longest, sizeof longest));
    }
}

static void note_all_task_holds(struct holds *holds)
{
    const GPtrArray *functions = holds->model->graph->functions;
    for (guint i = 0; i < functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(functions, i);
        for (guint j = 0; j < function->calls->len; j++)
            note_task_holds(holds, g_ptr_array_index(function->calls, j));
    }
}

GPtrArray *lock_pressure_find(struct cost_model *model, GPtrArray *sections)
{
    guint count = model->graph->functions->len;
    struct holds holds = {model, sections, g_new0(GHashTable *, count + 1), SCENARIO_TYPICAL};
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    collect_holds(&holds);
    note_all_task_holds(&holds);
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (root->kind == ROOT_THREAD && roots_find_function(model->roots, root->function) == root)
            body_pressure(&holds, root, found);
    }
    for (guint i = 0; i < found->len; i++) {
        const struct lock_pressure *pressure = g_ptr_array_index(found, i);
        if (pressure->held_share * pressure->threads > 1)
            add_waits(&holds, pressure->section->instance, pressure->threads - 1 / pressure->held_share);
    }
    if (g_hash_table_size(model->lock_waits) > 0)
        cost_model_update(model);
    for (guint i = 0; i < count; i++) {
        if (holds.by_function[i])
            g_hash_table_unref(holds.by_function[i]);
    }
    g_free(holds.by_function);
    return found;
}
