/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/library_callbacks.h"

static void note_call(const struct program_graph *graph, const struct call_site *call, GHashTable *callbacks)
{
    if (!call->effect || call->effect->calls_argument == NO_ARGUMENT)
        return;
    GPtrArray *called = program_graph_argument_functions(graph, call, call->effect->calls_argument);
    if (called->len > 0)
        g_hash_table_insert(callbacks, (gpointer)call, called);
    else
        g_ptr_array_unref(called);
}

GHashTable *library_callbacks_find(const struct program_graph *graph)
{
    GHashTable *callbacks = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        for (guint j = 0; j < function->calls->len; j++)
            note_call(graph, g_ptr_array_index(function->calls, j), callbacks);
    }
    return callbacks;
}

static void mark_below(GPtrArray *pending, GHashTable *callbacks, gboolean *marks)
{
    while (pending->len > 0) {
        const struct graph_function *function = g_ptr_array_steal_index(pending, pending->len - 1);
        if (marks[function->index])
            continue;
        marks[function->index] = TRUE;
        for (guint i = 0; i < function->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(function->calls, i);
            GPtrArray *called = g_hash_table_lookup(callbacks, call);
            g_ptr_array_extend(pending, call->targets, NULL, NULL);
            if (called)
                g_ptr_array_extend(pending, called, NULL, NULL);
        }
    }
}

gboolean *library_callbacks_later(const struct program_graph *graph, GHashTable *callbacks)
{
    gboolean *later = g_new0(gboolean, graph->functions->len + 1);
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    GHashTableIter iterator;
    gpointer call, called;
    g_hash_table_iter_init(&iterator, callbacks);
    while (g_hash_table_iter_next(&iterator, &call, &called)) {
        const GPtrArray *functions = called;
        for (guint i = 0; i < functions->len; i++) {
            struct graph_function *function = g_ptr_array_index(functions, i);
            if (function->rank >= ((const struct call_site *)call)->caller->rank)
                g_ptr_array_add(pending, function);
        }
    }
    mark_below(pending, callbacks, later);
    return later;
}
