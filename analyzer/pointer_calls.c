/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/pointer_calls.h"

#include <string.h>

#include "analyzer/arena.h"

/* Adds the library functions that may be stored at `path`, as in `my_free = free`. */
static void collect_library(const struct program_graph *graph, const char *path, GHashTable *seen,
                            GPtrArray *found)
{
    GPtrArray *keys =
        path && g_hash_table_add(seen, (gpointer)path) ? g_hash_table_lookup(graph->values, path) : NULL;
    for (guint i = 0; keys && i < keys->len; i++) {
        const char *key = g_ptr_array_index(keys, i);
        if (g_hash_table_contains(graph->by_key, key))
            continue;
        if (g_hash_table_contains(graph->values, key) || strpbrk(key, ".#:[@"))
            collect_library(graph, key, seen, found);
        else if (!g_ptr_array_find_with_equal_func(found, key, g_str_equal, NULL))
            g_ptr_array_add(found, (gpointer)key);
    }
}

static gboolean has_signature(const struct program_graph *graph, const char *key, const char *signature)
{
    const char *own = g_hash_table_lookup(graph->signatures, key);
    return own && signature && strcmp(own, signature) == 0;
}

/* A table of system calls (`struct { char *name; void (*call)(void); }`) holds functions of many types: the
 * type that the call casts to tells which are meant. */
static void keep_signature(const struct program_graph *graph, const char *signature, GPtrArray *functions,
                           GPtrArray *library)
{
    guint matching = 0;
    for (guint i = 0; i < functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(functions, i);
        matching += g_strcmp0(function->facts->signature, signature) == 0;
    }
    for (guint i = 0; i < library->len; i++)
        matching += has_signature(graph, g_ptr_array_index(library, i), signature);
    if (matching == 0 || matching == functions->len + library->len)
        return;
    for (guint i = functions->len; i-- > 0;) {
        const struct graph_function *function = g_ptr_array_index(functions, i);
        if (g_strcmp0(function->facts->signature, signature) != 0)
            g_ptr_array_remove_index(functions, i);
    }
    for (guint i = library->len; i-- > 0;)
        if (!has_signature(graph, g_ptr_array_index(library, i), signature))
            g_ptr_array_remove_index(library, i);
}

/* Of several library functions the first that blocks tells most. */
static void set_library_effect(const struct program_graph *graph, struct call_site *call, GPtrArray *library)
{
    call->resolution = CALL_LIBRARY;
    for (guint i = 0; i < library->len; i++) {
        const struct effect *effect = effects_find(graph->effects, g_ptr_array_index(library, i));
        if (effect && (!call->effect || (call->effect->block == BLOCK_NEVER && effect->block != BLOCK_NEVER)))
            call->effect = effect;
    }
}

/* A pointer that can only hold this function of a library is a call of it. */
static void call_library(struct program_graph *graph, struct call_site *call, const char *name)
{
    call->effect = effects_find(graph->effects, name);
    if (!call->effect)
        return;
    struct fact_event *event = arena_take(graph->memory, sizeof(*event));
    *event = *call->event;
    event->callee = name;
    event->via = NULL;
    call->event = event;
    call->resolution = CALL_LIBRARY;
}

void pointer_call_resolve(struct program_graph *graph, const struct unseen_pointers *unseen,
                          struct call_site *call)
{
    g_autoptr(GPtrArray) stored = program_graph_stored(graph, call->caller->unit, call->event->via);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) library = g_ptr_array_new();
    collect_library(graph, call->event->via, seen, library);
    keep_signature(graph, call->event->signature, stored, library);
    call->resolution = CALL_BY_VALUE;
    if (stored->len == 0 && library->len > 0) {
        if (library->len == 1)
            call_library(graph, call, g_ptr_array_index(library, 0));
        else
            set_library_effect(graph, call, library);
        return;
    }
    if (stored->len == 0) {
        unseen_pointers_collect(unseen, call->event->via, call->event->signature, stored);
        call->resolution = CALL_BY_SIGNATURE;
    }
    if (stored->len == 0)
        call->resolution = CALL_UNRESOLVED;
    for (guint i = 0; i < stored->len; i++)
        g_ptr_array_add(call->targets, g_ptr_array_index(stored, i));
}
