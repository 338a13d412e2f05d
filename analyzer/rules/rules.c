/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/rules/rules.h"

#include "analyzer/gate/suppressions.h"
#include "analyzer/rules/flag_loops.h"

const struct rule *const rules[] = {
    &lock_order_inversion_rule,
    &self_deadlock_rule,
    &lock_not_released_rule,
    &unlock_not_held_rule,
    &data_race_rule,
    &lock_held_across_blocking_call_rule,
    &blocking_call_in_event_loop_rule,
    &condition_wait_without_loop_rule,
    &fork_in_threaded_program_rule,
    &signal_unsafe_call_rule,
    &async_cancellation_rule,
    &big_lock_rule,
    &busy_wait_rule,
    &cpu_heavy_callback_rule,
    &false_sharing_rule,
    &gil_held_across_blocking_call_rule,
    &gil_held_across_computation_rule,
    &non_thread_safe_call_rule,
    &nonblocking_missing_rule,
    &oversubscription_rule,
    &pool_starvation_rule,
    &sleep_as_synchronization_rule,
    &thread_never_joined_rule,
    &unbounded_thread_creation_rule,
    &unreaped_child_rule,
    &volatile_as_synchronization_rule,
    &unused_suppression_rule,
    &invalid_suppression_rule,
    NULL,
};

const struct rule *rule_find(const char *name)
{
    for (const struct rule *const *rule = rules; *rule; rule++) {
        if (g_strcmp0((*rule)->name, name) == 0)
            return *rule;
    }
    return NULL;
}

const char **rule_names(void)
{
    const char **names = g_new0(const char *, G_N_ELEMENTS(rules));
    for (guint i = 0; rules[i]; i++)
        names[i] = rules[i]->name;
    return names;
}

static int compare_findings(gconstpointer a, gconstpointer b)
{
    const struct finding *left = *(const struct finding *const *)a;
    const struct finding *right = *(const struct finding *const *)b;
    int files = g_strcmp0(left->file, right->file);
    if (files)
        return files;
    if (left->line != right->line)
        return left->line - right->line;
    if (left->column != right->column)
        return left->column - right->column;
    return g_strcmp0(left->message, right->message);
}

static gboolean is_wanted(const char *name, const char *const *names)
{
    return !names || g_strv_contains(names, name);
}

void rules_run(struct session *session, const struct cost_model *model, GPtrArray *pressures,
               const char *const *names, gboolean whole)
{
    const struct program_graph *graph = model->graph;
    struct held_locks *locks = held_locks_find(graph, model->endings);
    struct parallel_reach *reach = parallel_reach_find(graph, model->roots);
    struct entry_locks *entry = entry_locks_find(locks, reach);
    struct blocking_reach *blocking = blocking_reach_find(graph, model->host, locks, model->endings);
    g_autoptr(GHashTable) fingerprints = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct lint lint = {.graph = graph,
                        .endings = model->endings,
                        .roots = model->roots,
                        .host = model->host,
                        .idle = model->idle,
                        .locks = locks,
                        .reach = reach,
                        .entry = entry,
                        .blocking = blocking,
                        .model = model,
                        .pressures = pressures,
                        .session = session,
                        .fingerprints = fingerprints};
    g_autoptr(GPtrArray) flag_loops = flag_loops_find(&lint);
    lint.flag_loops = flag_loops;
    for (const struct rule *const *rule = rules; *rule; rule++) {
        if ((*rule)->check && is_wanted((*rule)->name, names))
            (*rule)->check(&lint);
    }
    suppressions_apply(session, graph, names, whole);
    g_ptr_array_sort(session->findings, compare_findings);
    blocking_reach_free(blocking);
    entry_locks_free(entry);
    parallel_reach_free(reach);
    held_locks_free(locks);
}
