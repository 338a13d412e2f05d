/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/unseen_pointers.h"

#include <string.h>

struct unseen_pointers {
    GHashTable *stored;      /* type → GPtrArray of struct graph_function: their address is taken */
    GHashTable *unaccounted; /* the same, those whose calls are not all seen */
};

/* Pointers that are called: access path → the type that a call casts to. */
static GHashTable *called_pointers(const struct program_graph *graph)
{
    GHashTable *called = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        for (guint j = 0; j < function->facts->events->len; j++) {
            const struct fact_event *event = g_ptr_array_index(function->facts->events, j);
            if (event->kind == EVENT_CALL && event->via)
                g_hash_table_insert(called, (gpointer)event->via, (gpointer)event->signature);
        }
    }
    return called;
}

static gboolean is_field(const char *path)
{
    return path && strchr(path, '.') && !strpbrk(path, "#:@[");
}

/* --- twins --------------------------------------------------------------------------------------------- */

static gboolean is_twin(const struct program_graph *graph, GHashTable *called, const char *filled,
                        const char *field)
{
    if (!is_field(filled) || g_hash_table_contains(called, filled) ||
        strcmp(strrchr(filled, '.'), strrchr(field, '.')) != 0)
        return FALSE;
    const char *signature = g_hash_table_lookup(called, field);
    g_autoptr(GPtrArray) stored = program_graph_stored(graph, NULL, filled);
    for (guint i = 0; i < stored->len; i++) {
        const struct graph_function *function = g_ptr_array_index(stored, i);
        if (g_strcmp0(function->facts->signature, signature) == 0)
            return TRUE;
    }
    return FALSE;
}

/* The fields that the source of `unit` fills, without duplicates. */
static GPtrArray *filled_fields(const struct fact_unit *unit)
{
    g_autoptr(GHashTable) fields = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < unit->values->len; i++)
        g_hash_table_add(fields,
                         (gpointer)((const struct fact_function_value *)unit->values->pdata[i])->path);
    for (guint i = 0; i < unit->flows->len; i++)
        g_hash_table_add(fields, (gpointer)((const struct fact_function_flow *)unit->flows->pdata[i])->path);
    GPtrArray *list = g_ptr_array_new();
    GHashTableIter iterator;
    gpointer path;
    g_hash_table_iter_init(&iterator, fields);
    while (g_hash_table_iter_next(&iterator, &path, NULL))
        g_ptr_array_add(list, path);
    return list;
}

static void join_in_unit(struct program_graph *graph, GHashTable *called, const struct fact_unit *unit,
                         GPtrArray *fields)
{
    g_autoptr(GPtrArray) filled = filled_fields(unit);
    for (guint i = 0; i < fields->len; i++) {
        GPtrArray *twins = NULL;
        for (guint j = 0; j < filled->len; j++) {
            if (!is_twin(graph, called, g_ptr_array_index(filled, j), g_ptr_array_index(fields, i)))
                continue;
            if (!twins)
                twins = g_ptr_array_new();
            g_ptr_array_add(twins, g_ptr_array_index(filled, j));
        }
        if (twins)
            g_hash_table_insert(graph->values, g_ptr_array_index(fields, i), twins);
    }
}

void unseen_pointers_join_twins(struct program_graph *graph)
{
    g_autoptr(GHashTable) called = called_pointers(graph);
    g_autoptr(GHashTable) by_unit = /* fields that a unit calls and nobody fills */
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        for (guint j = 0; j < function->facts->events->len; j++) {
            const struct fact_event *event = g_ptr_array_index(function->facts->events, j);
            if (event->kind != EVENT_CALL || !is_field(event->via) ||
                g_hash_table_contains(graph->values, event->via))
                continue;
            GPtrArray *fields = g_hash_table_lookup(by_unit, function->unit);
            if (!fields)
                g_hash_table_insert(by_unit, (gpointer)function->unit, fields = g_ptr_array_new());
            if (!g_ptr_array_find(fields, event->via, NULL))
                g_ptr_array_add(fields, (gpointer)event->via);
        }
    }
    GHashTableIter iterator;
    gpointer unit, fields;
    g_hash_table_iter_init(&iterator, by_unit);
    while (g_hash_table_iter_next(&iterator, &unit, &fields))
        join_in_unit(graph, called, unit, fields);
}

/* --- candidates ---------------------------------------------------------------------------------------- */

struct uses {
    GHashTable *called;  /* as above */
    GHashTable *copies;  /* access path → GPtrArray of the paths that it is copied to */
    GHashTable *visited; /* access paths on the way; a circle adds nothing */
};

static GHashTable *copies_of(const struct program_graph *graph)
{
    GHashTable *copies =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    GHashTableIter iterator;
    gpointer path, keys;
    g_hash_table_iter_init(&iterator, graph->values);
    while (g_hash_table_iter_next(&iterator, &path, &keys)) {
        for (guint i = 0; i < ((GPtrArray *)keys)->len; i++) {
            char *source = g_ptr_array_index((GPtrArray *)keys, i);
            if (g_hash_table_contains(graph->by_key, source))
                continue;
            GPtrArray *list = g_hash_table_lookup(copies, source);
            if (!list)
                g_hash_table_insert(copies, source, list = g_ptr_array_new());
            g_ptr_array_add(list, path);
        }
    }
    return copies;
}

/* TRUE when all that is stored at `path` is called from there, or from where it is copied to. */
static gboolean is_accounted(struct uses *uses, const char *path)
{
    if (!g_hash_table_add(uses->visited, (gpointer)path))
        return TRUE;
    GPtrArray *copies = g_hash_table_lookup(uses->copies, path);
    if (!copies)
        return g_hash_table_contains(uses->called, path);
    for (guint i = 0; i < copies->len; i++)
        if (!is_accounted(uses, g_ptr_array_index(copies, i)))
            return FALSE;
    return TRUE;
}

/* `table[3].run` is also known as the field that all elements share. */
static gboolean is_element(const char *path)
{
    const char *bracket = strchr(path, '[');
    return bracket && g_ascii_isdigit(bracket[1]);
}

/* Keys of stored functions; the value tells whether a place holds it of which not every call is seen. */
static GHashTable *stored_functions(const struct program_graph *graph)
{
    g_autoptr(GHashTable) called = called_pointers(graph);
    g_autoptr(GHashTable) copies = copies_of(graph);
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal); /* path → accounted */
    GHashTable *functions = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < graph->units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(graph->units, i);
        for (guint j = 0; j < unit->values->len; j++) {
            const struct fact_function_value *value = g_ptr_array_index(unit->values, j);
            gpointer accounted = GINT_TO_POINTER(TRUE);
            if (!is_element(value->path) &&
                !g_hash_table_lookup_extended(known, value->path, NULL, &accounted)) {
                g_autoptr(GHashTable) visited = g_hash_table_new(g_str_hash, g_str_equal);
                struct uses uses = {called, copies, visited};
                accounted = GINT_TO_POINTER(is_accounted(&uses, value->path));
                g_hash_table_insert(known, (gpointer)value->path, accounted);
            }
            gpointer elsewhere = g_hash_table_lookup(functions, value->function);
            g_hash_table_insert(functions, (gpointer)value->function,
                                GINT_TO_POINTER(!accounted || elsewhere));
        }
    }
    return functions;
}

static void add_alike(GHashTable *by_type, struct graph_function *function)
{
    GPtrArray *alike = g_hash_table_lookup(by_type, function->facts->signature);
    if (!alike)
        g_hash_table_insert(by_type, (gpointer)function->facts->signature, alike = g_ptr_array_new());
    g_ptr_array_add(alike, function);
}

struct unseen_pointers *unseen_pointers_new(const struct program_graph *graph)
{
    g_autoptr(GHashTable) stored = stored_functions(graph);
    struct unseen_pointers *unseen = g_new0(struct unseen_pointers, 1);
    unseen->stored = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    unseen->unaccounted =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < graph->functions->len; i++) {
        struct graph_function *function = g_ptr_array_index(graph->functions, i);
        gpointer unaccounted = NULL;
        if (!function->facts->signature ||
            !g_hash_table_lookup_extended(stored, function->facts->key, NULL, &unaccounted))
            continue;
        add_alike(unseen->stored, function);
        if (unaccounted)
            add_alike(unseen->unaccounted, function);
    }
    return unseen;
}

void unseen_pointers_free(struct unseen_pointers *unseen)
{
    if (!unseen)
        return;
    g_hash_table_unref(unseen->stored);
    g_hash_table_unref(unseen->unaccounted);
    g_free(unseen);
}

void unseen_pointers_collect(const struct unseen_pointers *unseen, const char *path, const char *signature,
                             GPtrArray *found)
{
    GPtrArray *alike =
        signature ? g_hash_table_lookup(is_field(path) ? unseen->unaccounted : unseen->stored, signature)
                  : NULL;
    for (guint i = 0; alike && i < alike->len; i++)
        g_ptr_array_add(found, g_ptr_array_index(alike, i));
}
