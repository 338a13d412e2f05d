/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/executables.h"

#include <string.h>

/* The keys of functions that each unit names: in calls, as arguments, in stored values. */
struct links {
    const struct program_graph *graph;
    GHashTable *names; /* struct fact_unit → GPtrArray of char * (keys, borrowed) */
    GHashTable *sizes; /* struct fact_unit → number of functions */
    GHashTable *mains; /* struct fact_unit that has a main */
};

static void add_names(struct links *links, const struct graph_function *function)
{
    GPtrArray *names = g_hash_table_lookup(links->names, function->unit);
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->resolution == CALL_DIRECT)
            g_ptr_array_add(names, (gpointer)call->event->callee);
        for (guint j = 0; j < call->event->arguments->len; j++) {
            const struct fact_argument *argument = g_ptr_array_index(call->event->arguments, j);
            if (argument->kind == ARGUMENT_FUNCTION && argument->text)
                g_ptr_array_add(names, (gpointer)argument->text);
        }
    }
}

static void links_init(struct links *links, const struct program_graph *graph)
{
    links->graph = graph;
    links->names = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    links->sizes = g_hash_table_new(NULL, NULL);
    links->mains = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < graph->units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(graph->units, i);
        GPtrArray *names = g_ptr_array_new();
        g_hash_table_insert(links->names, (gpointer)unit, names);
        for (guint j = 0; j < unit->values->len; j++)
            g_ptr_array_add(names,
                            (gpointer)((const struct fact_function_value *)unit->values->pdata[j])->function);
    }
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        guint size = GPOINTER_TO_UINT(g_hash_table_lookup(links->sizes, function->unit));
        g_hash_table_insert(links->sizes, (gpointer)function->unit, GUINT_TO_POINTER(size + 1));
        add_names(links, function);
    }
    for (guint i = 0; i < graph->mains->len; i++)
        g_hash_table_add(links->mains,
                         (gpointer)((struct graph_function *)g_ptr_array_index(graph->mains, i))->unit);
}

static void links_clear(struct links *links)
{
    g_hash_table_unref(links->names);
    g_hash_table_unref(links->sizes);
    g_hash_table_unref(links->mains);
}

static void take_unit(GHashTable *taken, GPtrArray *pending, const struct fact_unit *unit)
{
    if (g_hash_table_add(taken, (gpointer)unit))
        g_ptr_array_add(pending, (gpointer)unit);
}

/* The definitions of `key` that can be linked: one program has one main. NULL when the choice is already
 * made, or when there is none. */
static GPtrArray *open_definitions(const struct links *links, GHashTable *taken, const char *key)
{
    GPtrArray *list = g_hash_table_lookup(links->graph->by_key, key);
    g_autoptr(GPtrArray) open = g_ptr_array_new();
    for (guint i = 0; list && i < list->len; i++) {
        const struct graph_function *function = g_ptr_array_index(list, i);
        if (g_hash_table_contains(taken, function->unit))
            return NULL;
        if (!g_hash_table_contains(links->mains, function->unit))
            g_ptr_array_add(open, (gpointer)function->unit);
    }
    return open->len > 0 ? g_steal_pointer(&open) : NULL;
}

static void take_named(const struct links *links, GHashTable *taken, GPtrArray *pending, GPtrArray *doubtful)
{
    while (pending->len > 0) {
        const struct fact_unit *unit = g_ptr_array_steal_index(pending, pending->len - 1);
        GPtrArray *names = g_hash_table_lookup(links->names, unit);
        for (guint i = 0; names && i < names->len; i++) {
            g_autoptr(GPtrArray) open = open_definitions(links, taken, g_ptr_array_index(names, i));
            if (open && open->len == 1)
                take_unit(taken, pending, g_ptr_array_index(open, 0));
            else if (open)
                g_ptr_array_add(doubtful, g_ptr_array_index(names, i));
        }
    }
}

/* The units (struct fact_unit) that make the program of `main_function`. Of a function that several units
 * define, the one that is needed anyway is taken, else the smallest: replacements (redisassert.c) are. */
static GHashTable *linked_units(const struct links *links, const struct graph_function *main_function)
{
    GHashTable *taken = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    g_autoptr(GPtrArray) doubtful = g_ptr_array_new();
    take_unit(taken, pending, main_function->unit);
    take_named(links, taken, pending, doubtful);
    while (doubtful->len > 0) {
        const char *key = g_ptr_array_steal_index(doubtful, doubtful->len - 1);
        g_autoptr(GPtrArray) open = open_definitions(links, taken, key);
        const struct fact_unit *smallest = NULL;
        for (guint i = 0; open && i < open->len; i++) {
            const struct fact_unit *unit = g_ptr_array_index(open, i);
            if (!smallest || GPOINTER_TO_UINT(g_hash_table_lookup(links->sizes, unit)) <
                                 GPOINTER_TO_UINT(g_hash_table_lookup(links->sizes, smallest)))
                smallest = unit;
        }
        if (smallest)
            take_unit(taken, pending, smallest);
        take_named(links, taken, pending, doubtful);
    }
    return taken;
}

static guint count_functions(const struct links *links, GHashTable *units)
{
    GHashTableIter iterator;
    gpointer unit;
    guint count = 0;
    g_hash_table_iter_init(&iterator, units);
    while (g_hash_table_iter_next(&iterator, &unit, NULL))
        count += GPOINTER_TO_UINT(g_hash_table_lookup(links->sizes, unit));
    return count;
}

/* `redis-server` is called like src/server.c. */
static gboolean is_called(const struct graph_function *main_function, const char *name)
{
    g_autofree char *stem = g_path_get_basename(main_function->file);
    if (strrchr(stem, '.'))
        *strrchr(stem, '.') = '\0';
    gsize length = strlen(stem), whole = name ? strlen(name) : 0;
    if (whole < length || length == 0 || strcmp(name + whole - length, stem) != 0)
        return FALSE;
    return whole == length || strchr("-_", name[whole - length - 1]);
}

static gboolean is_aside(const struct graph_function *main_function)
{
    static const char *const asides[] = {"test",      "tests",   "testing",  "testsuite", "bench",
                                         "benchmark", "example", "examples", "samples",   "fuzz",
                                         "demo",      "contrib", "t"};
    g_autofree char *name = g_path_get_basename(main_function->file);
    if (g_str_has_prefix(name, "test") || strstr(name, "_test.") || strstr(name, "-test."))
        return TRUE;
    g_auto(GStrv) folders = g_strsplit(main_function->file, "/", -1);
    for (gsize i = 0; i < G_N_ELEMENTS(asides); i++) {
        if (g_strv_contains((const char *const *)folders, asides[i]))
            return TRUE;
    }
    return FALSE;
}

/* A call by name that was linked with the definition of another program. */
static void settle_call(const struct program_graph *graph, struct call_site *call)
{
    struct graph_function *target = g_ptr_array_index(call->targets, 0);
    GPtrArray *list = target->in_program ? NULL : g_hash_table_lookup(graph->by_key, target->facts->key);
    for (guint i = 0; list && i < list->len; i++) {
        struct graph_function *other = g_ptr_array_index(list, i);
        if (!other->in_program)
            continue;
        g_ptr_array_remove(target->callers, call);
        g_ptr_array_add(other->callers, call);
        g_ptr_array_index(call->targets, 0) = other;
        other->reachable |= call->caller->reachable;
        return;
    }
}

static void settle_calls(const struct program_graph *graph)
{
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        for (guint j = 0; function->in_program && j < function->calls->len; j++) {
            struct call_site *call = g_ptr_array_index(function->calls, j);
            if (call->resolution == CALL_DIRECT)
                settle_call(graph, call);
        }
    }
}

static void claim(GHashTable *claimed, GHashTable *units)
{
    GHashTableIter iterator;
    gpointer unit;
    g_hash_table_iter_init(&iterator, units);
    while (g_hash_table_iter_next(&iterator, &unit, NULL))
        g_hash_table_add(claimed, unit);
}

void executables_choose(struct program_graph *graph, const char *program_name)
{
    struct links links;
    g_autoptr(GHashTable) best = NULL;
    g_autoptr(GHashTable) claimed = g_hash_table_new(NULL, NULL); /* struct fact_unit of any program */
    guint best_rank[3] = {0};
    links_init(&links, graph);
    for (guint i = 0; i < graph->mains->len; i++) {
        struct graph_function *candidate = g_ptr_array_index(graph->mains, i);
        g_autoptr(GHashTable) units = linked_units(&links, candidate);
        claim(claimed, units);
        guint rank[3] = {(guint)is_called(candidate, program_name), (guint)!is_aside(candidate),
                         count_functions(&links, units)};
        int differs = 0;
        while (differs < 2 && rank[differs] == best_rank[differs])
            differs++;
        if (best && rank[differs] <= best_rank[differs])
            continue;
        memcpy(best_rank, rank, sizeof(rank));
        g_clear_pointer(&best, g_hash_table_unref);
        best = g_steal_pointer(&units);
        graph->main_function = candidate;
    }
    for (guint i = 0; i < graph->functions->len; i++) {
        struct graph_function *function = g_ptr_array_index(graph->functions, i);
        /* What no program names is loaded by it at run time, or waits for a main of others. */
        function->in_program = !best || g_hash_table_contains(best, function->unit) ||
                               !g_hash_table_contains(claimed, function->unit);
    }
    settle_calls(graph);
    links_clear(&links);
}

GPtrArray *executables_units(const struct program_graph *graph)
{
    struct links links;
    GPtrArray *programs = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
    links_init(&links, graph);
    for (guint i = 0; i < graph->mains->len; i++)
        g_ptr_array_add(programs, linked_units(&links, g_ptr_array_index(graph->mains, i)));
    links_clear(&links);
    return programs;
}
