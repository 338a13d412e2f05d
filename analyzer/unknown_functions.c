/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/unknown_functions.h"

#include <string.h>

static void note_call(const struct program_graph *graph, const struct call_site *call, GHashTable *by_name,
                      GPtrArray *functions)
{
    g_autofree char *name = path_display(call->event->callee);
    struct unknown_function *function = g_hash_table_lookup(by_name, name);
    if (!function) {
        function = unknown_function_new();
        function->name = g_steal_pointer(&name);
        function->file = program_graph_event_file(graph, call->caller, call->event);
        function->line = call->event->line;
        g_hash_table_insert(by_name, function->name, function);
        g_ptr_array_add(functions, function);
    }
    function->calls++;
}

static int compare_calls(gconstpointer a, gconstpointer b)
{
    const struct unknown_function *first = *(struct unknown_function *const *)a;
    const struct unknown_function *second = *(struct unknown_function *const *)b;
    if (first->calls != second->calls)
        return first->calls > second->calls ? -1 : 1;
    return strcmp(first->name, second->name);
}

void unknown_functions_add(struct session *session, const struct program_graph *graph)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        for (guint j = 0; function->in_program && function->reachable && j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            if (call->resolution == CALL_LIBRARY && !call->effect && call->event->callee)
                note_call(graph, call, by_name, session->unknown_functions);
        }
    }
    g_ptr_array_sort(session->unknown_functions, compare_calls);
}
