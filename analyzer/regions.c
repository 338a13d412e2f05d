/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/regions.h"

#include <string.h>

#define LOOP_SHARE_OF_FUNCTION 0.9  /* a loop that is nearly all of its function is not said twice */
#define LOOP_SHARE_OF_PROGRAM  0.05 /* lighter loops are not worth a line */

char *function_region_id(const struct graph_function *function)
{
    return g_strdup_printf("%s@%s:%d", function->facts->name, function->file, function->facts->line);
}

char *loop_region_id(const struct graph_function *function, int loop)
{
    const struct fact_loop *facts = g_ptr_array_index(function->facts->loops, (guint)loop);
    return g_strdup_printf("%s/loop@%s:%d", function->facts->name, function->file, facts->line);
}

static void set_classification(struct region *region, struct classification classification)
{
    region->class = classification.class;
    region->confidence = classification.confidence;
}

static void add_estimate(struct region *region, const char *part, const double *seconds)
{
    double low = seconds[0], high = seconds[0];
    for (int scenario = 1; scenario < SCENARIO_COUNT; scenario++) {
        low = MIN(low, seconds[scenario]);
        high = MAX(high, seconds[scenario]);
    }
    if (high <= 0)
        return;
    struct time_estimate *estimate = time_estimate_new(part);
    estimate->low = low;
    estimate->typical = seconds[SCENARIO_TYPICAL];
    estimate->high = high;
    g_ptr_array_add(region->seconds, estimate);
}

/* The bounds over all scenarios, part by part. */
static void set_seconds(struct region *region, const struct cost costs[SCENARIO_COUNT])
{
    double cpu[SCENARIO_COUNT], part[SCENARIO_COUNT];
    for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++) {
        part[scenario] = costs[scenario].split.io_work;
        cpu[scenario] = costs[scenario].split.on_cpu + part[scenario];
    }
    add_estimate(region, "cpu", cpu);
    add_estimate(region, "io_work", part);
    for (int cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++)
            part[scenario] = costs[scenario].waits[cause];
        add_estimate(region, wait_cause_name((enum wait_cause)cause), part);
    }
}

/* All iterations, per call of the function; -1: the whole function. */
static void set_loop_seconds(struct region *region, const struct cost_model *model,
                             const struct graph_function *function, int loop)
{
    struct cost costs[SCENARIO_COUNT];
    for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++)
        costs[scenario] = cost_of_loop(model, function, loop, scenario);
    set_seconds(region, costs);
}

static void set_evidence(struct region *region, GPtrArray *evidence)
{
    g_ptr_array_unref(region->evidence);
    region->evidence = evidence;
}

static struct region *region_at(const struct graph_function *function, enum region_kind kind, char *id,
                                int line, int end_line)
{
    struct region *region = region_new();
    region->id = id;
    region->kind = kind;
    region->function = g_strdup(function->facts->name);
    region->file = g_strdup(function->file);
    region->line = line;
    region->end_line = MAX(line, end_line);
    return region;
}

static enum region_kind kind_of(const struct cost_model *model, const struct graph_function *function)
{
    const struct root *root = roots_find_function(model->roots, function);
    if (!root || root->kind == ROOT_MAIN || root->kind == ROOT_PARALLEL)
        return REGION_FUNCTION;
    if (root->kind == ROOT_THREAD)
        return REGION_THREAD_BODY;
    /* A fork without a body of its own: the child goes on in the function that forked. */
    if (root->kind == ROOT_PROCESS)
        return root->creation->caller == function ? REGION_FUNCTION : REGION_PROCESS_BODY;
    return REGION_CALLBACK;
}

static void add_idle_sites(struct region *region, const struct cost_model *model,
                           const struct graph_function *function)
{
    GPtrArray *calls = g_hash_table_lookup(model->idle->by_root, function);
    for (guint i = 0; calls && i < calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(calls, i);
        g_autofree char *file = program_graph_event_file(model->graph, call->caller, call->event);
        const char *callee =
            call_site_name(call) ? call_site_name(call) : "a function called through a pointer";
        g_autofree char *text = g_strdup_printf("waits for the next task in %s()", callee);
        struct place *place = place_new(file, call->event->line, text);
        place->end_line = MAX(call->event->line, call->event->end_line);
        g_ptr_array_add(region->idle_sites, place);
    }
}

static void add_function(struct session *session, const struct cost_model *model,
                         const struct graph_function *function)
{
    const struct fact_function *facts = function->facts;
    struct region *region = region_at(function, kind_of(model, function), function_region_id(function),
                                      facts->line, facts->end_line);
    struct classification classification = classify_function(model, function);
    set_classification(region, classification);
    set_evidence(region, evidence_find(model, function, -1, classification.class));
    set_seconds(region, model->functions[function->index].scenarios);
    add_idle_sites(region, model, function);
    g_ptr_array_add(session->regions, region);
}

const char *regions_add_loop(struct session *session, const struct cost_model *model,
                             const struct graph_function *function, int loop)
{
    g_autofree char *id = loop_region_id(function, loop);
    const struct region *known = session_find_region(session, id);
    if (known)
        return known->id;
    const struct fact_loop *facts = g_ptr_array_index(function->facts->loops, (guint)loop);
    struct region *region =
        region_at(function, REGION_LOOP, g_steal_pointer(&id), facts->line, facts->end_line);
    struct classification classification = classify_loop(model, function, loop);
    set_classification(region, classification);
    set_evidence(region, evidence_find(model, function, loop, classification.class));
    set_loop_seconds(region, model, function, loop);
    g_ptr_array_add(session->regions, region);
    return region->id;
}

/* Loops that stand out: a good part of the program, and clearly less than their function. */
static void add_loops(struct session *session, const struct cost_model *model,
                      const struct graph_function *function)
{
    double whole = cost_active(&model->functions[function->index].scenarios[SCENARIO_TYPICAL]);
    for (guint i = 0; i < function->facts->loops->len; i++) {
        const struct fact_loop *loop = g_ptr_array_index(function->facts->loops, i);
        if (loop->parent >= 0)
            continue;
        struct cost cost = cost_of_loop(model, function, (int)i, SCENARIO_TYPICAL);
        if (cost_active(&cost) < LOOP_SHARE_OF_FUNCTION * whole &&
            classify_loop(model, function, (int)i).share >= LOOP_SHARE_OF_PROGRAM)
            regions_add_loop(session, model, function, (int)i);
    }
}

static void add_section(struct session *session, const struct cost_model *model, GHashTable *seen,
                        const struct critical_section *section)
{
    g_autofree char *id = g_strdup_printf("%s/section@%s:%d", section->function->facts->name,
                                          section->function->file, section->line);
    if (!g_hash_table_add(seen, g_strdup(id)))
        return;
    struct region *region = region_at(section->function, REGION_CRITICAL_SECTION, g_steal_pointer(&id),
                                      section->line, section->end_line);
    region->lock = path_display(section->lock);
    set_classification(region, classify_section(model, section));
    struct cost costs[SCENARIO_COUNT];
    for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++)
        costs[scenario] = cost_of_section(model, section, scenario);
    set_seconds(region, costs);
    g_ptr_array_add(session->regions, region);
}

/* --- locks -------------------------------------------------------------------------------------------------
 */

static void add_lock(struct session *session, GHashTable *seen, const char *path, enum lock_kind kind,
                     const char *file, int line)
{
    g_autofree char *name = path_display(path);
    if (!g_hash_table_add(seen, g_strdup(name)))
        return;
    struct lock *lock = lock_new();
    lock->id = g_strdup(name);
    lock->name = g_strdup(name);
    lock->kind = kind;
    lock->file = g_strdup(file);
    lock->line = line;
    g_ptr_array_add(session->locks, lock);
}

static void add_locks(struct session *session, const struct program_graph *graph, GPtrArray *sections)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < graph->units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(graph->units, i);
        for (guint j = 0; j < unit->variables->len; j++) {
            const struct fact_variable *variable = g_ptr_array_index(unit->variables, j);
            gboolean named = variable->file >= 0 && (guint)variable->file < unit->files->len;
            if (!variable->is_lock || !named)
                continue;
            g_autofree char *file =
                program_graph_relative(graph, g_ptr_array_index(unit->files, (guint)variable->file));
            if (!g_path_is_absolute(file))
                add_lock(session, seen, variable->path, variable->lock, file, variable->line);
        }
    }
    for (guint i = 0; i < sections->len; i++) {
        const struct critical_section *section = g_ptr_array_index(sections, i);
        add_lock(session, seen, section->lock, section->kind, NULL, 0);
    }
}

/* `fill/parallel@file:line`, `walk/task@file:line`: what the pragma says. */
static char *parallel_region_id(const struct root *root)
{
    const struct fact_event *event = root->creation->event;
    gboolean known = event->callee && g_str_has_prefix(event->callee, "GOMP_");
    const char *word = known ? event->callee + strlen("GOMP_") : "parallel";
    return g_strdup_printf("%s/%.*s@%s:%d", root->function->facts->name, (int)strcspn(word, "_"), word,
                           root->function->file, event->line);
}

static void add_parallel_regions(struct session *session, const struct cost_model *model)
{
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (root->kind != ROOT_PARALLEL)
            continue;
        const struct fact_event *event = root->creation->event;
        int loop = parallel_loop(root);
        struct region *region = region_at(root->function, REGION_PARALLEL_REGION, parallel_region_id(root),
                                          event->line, event->end_line);
        struct classification classification =
            loop >= 0 ? classify_loop(model, root->function, loop) : classify_function(model, root->function);
        set_classification(region, classification);
        set_evidence(region, evidence_find(model, root->function, loop, classification.class));
        set_loop_seconds(region, model, root->function, loop);
        g_ptr_array_add(session->regions, region);
    }
}

void regions_add(struct session *session, const struct cost_model *model, GPtrArray *sections)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < model->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(model->graph->functions, i);
        g_autofree char *id = function_region_id(function);
        if (!function->reachable || g_path_is_absolute(function->file) ||
            !g_hash_table_add(seen, g_steal_pointer(&id)))
            continue;
        add_function(session, model, function);
        add_loops(session, model, function);
    }
    add_parallel_regions(session, model);
    for (guint i = 0; i < sections->len; i++)
        add_section(session, model, seen, g_ptr_array_index(sections, i));
    add_locks(session, model->graph, sections);
}
