/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/analyzer.h"

#include "analyzer/advice.h"
#include "analyzer/call_order.h"
#include "analyzer/executables.h"
#include "analyzer/extension_advice.h"
#include "analyzer/facts.h"
#include "analyzer/predictions.h"
#include "analyzer/regions.h"
#include "analyzer/rules/rules.h"
#include "analyzer/shared_state.h"
#include "analyzer/unknown_functions.h"

char *analyze_summary(const struct session *session)
{
    guint failed = 0;
    for (guint i = 0; i < session->units->len; i++)
        failed += ((const struct unit *)g_ptr_array_index(session->units, i))->error != NULL;
    return g_strdup_printf("%u of %u units analysed", session->units->len - failed, session->units->len);
}

/* FALSE with the first failure when units failed and that is not accepted. */
static gboolean check_units(const struct session *session, gboolean keep_going, GError **error)
{
    guint failed = 0;
    const struct unit *first = NULL;
    for (guint i = 0; i < session->units->len; i++) {
        const struct unit *unit = g_ptr_array_index(session->units, i);
        if (!unit->error)
            continue;
        failed++;
        first = first ? first : unit;
    }
    if (failed == 0 || (keep_going && failed < session->units->len))
        return TRUE;
    g_autofree char *summary = analyze_summary(session);
    g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_UNITS, "%s: %s: %s%s", summary, first->file,
                first->error, failed < session->units->len ? "; --keep-going analyses the rest" : "");
    return FALSE;
}

static void add_advice(struct session *session, struct cost_model *model, GPtrArray *sections,
                       GPtrArray *pressures, const char *program_name)
{
    const struct program_graph *graph = model->graph;
    struct program_shape shape;
    program_shape_init(&shape, model);
    g_autoptr(GPtrArray) sites = sites_find(model, &shape, pressures);
    unknown_functions_add(session, graph);
    regions_add(session, model, sections);
    struct interpreter_lock *interpreter = interpreter_lock_find(model);
    if (interpreter)
        extension_regions_add(session, model, interpreter);
    if (interpreter && !graph->main_function)
        extension_advice_add(session, model, interpreter, program_name);
    else
        advice_add(session, model, &shape, sites, program_name);
    interpreter_lock_free(interpreter);
    predictions_add_classes(session, model, &shape);
    program_shape_clear(&shape);
}

/* Whether the session holds all units of the program. */
static gboolean is_complete(const struct session *session, const struct analyze_options *options)
{
    if (options->paths && !options->flags)
        return FALSE;
    for (guint i = 0; i < session->units->len; i++) {
        if (((const struct unit *)g_ptr_array_index(session->units, i))->error)
            return FALSE;
    }
    return TRUE;
}

static void analyze_graph(struct session *session, struct program_graph *graph,
                          const struct analyze_options *options, const char *program_name)
{
    struct host_costs host;
    executables_choose(graph, program_name);
    if (options->host)
        host_costs_apply(&host, options->host);
    else
        host_costs_default(&host);
    host_free(session->host);
    session->host = host_costs_record(&host, options->host);
    struct endings *endings = endings_find(graph);
    struct roots *roots = roots_find(graph, endings);
    g_autoptr(GHashTable) dispatches = roots_dispatches(roots);
    call_order_set(graph, dispatches);
    struct idle_sites *idle = idle_sites_find(graph, &host, roots);
    g_autoptr(GPtrArray) sections = critical_sections_find(graph);
    struct cost_model *model = cost_model_new(graph, &host, endings, roots, idle);
    model->obstacles = obstacle_index_new(model);
    g_autoptr(GPtrArray) pressures = lock_pressure_find(model, sections);
    if (!options->only_findings)
        add_advice(session, model, sections, pressures, program_name);
    if (options->only_findings || options->findings_too)
        rules_run(session, model, pressures, options->rules, is_complete(session, options));
    obstacle_index_free(model->obstacles);
    cost_model_free(model);
    idle_sites_free(idle);
    roots_free(roots);
    endings_free(endings);
}

gboolean analyze(const struct analyze_options *options, struct session *session, GError **error)
{
    struct effects *effects = effects_load(options->effects, error);
    if (!effects)
        return FALSE;
    g_autoptr(GPtrArray) units = facts_collect(options, session, error);
    gboolean analysed = units && check_units(session, options->keep_going, error);
    if (analysed) {
        g_autoptr(ProgramGraph) graph = program_graph_new(units, effects, session->root);
        g_autofree char *common = options->root ? NULL : program_graph_common_folder(units);
        g_autofree char *folder = g_path_get_basename(common ? common : graph->root);
        g_free(session->root);
        session->root = g_strdup(graph->root);
        analyze_graph(session, graph, options, options->program_name ? options->program_name : folder);
    }
    effects_free(effects);
    return analysed;
}
