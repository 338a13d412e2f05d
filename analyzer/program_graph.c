/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/program_graph.h"

#include <string.h>

#include "analyzer/call_order.h"
#include "analyzer/components.h"
#include "analyzer/descriptor_origins.h"
#include "analyzer/pointer_calls.h"

static void call_site_free(gpointer data)
{
    struct call_site *call = data;
    g_ptr_array_unref(call->targets);
    g_free(call);
}

static void graph_function_free(gpointer data)
{
    struct graph_function *function = data;
    g_free(function->file);
    g_ptr_array_unref(function->calls);
    g_ptr_array_unref(function->callers);
    g_free(function);
}

void program_graph_free(struct program_graph *graph)
{
    if (!graph)
        return;
    g_free(graph->root);
    g_ptr_array_unref(graph->functions);
    g_ptr_array_unref(graph->order);
    g_ptr_array_unref(graph->mains);
    g_hash_table_unref(graph->by_key);
    descriptor_origins_free(graph->origins);
    g_hash_table_unref(graph->values);
    g_hash_table_unref(graph->signatures);
    arena_free(graph->memory);
    g_free(graph);
}

char *program_graph_common_folder(GPtrArray *units)
{
    g_autofree char *common = NULL;
    for (guint i = 0; i < units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(units, i);
        g_autofree char *folder = g_path_get_dirname(unit->file);
        if (!common) {
            common = g_steal_pointer(&folder);
            continue;
        }
        while (common[0] && !(g_str_has_prefix(folder, common) && strchr("/", folder[strlen(common)])))
            *strrchr(common, '/') = '\0';
    }
    return common ? g_steal_pointer(&common) : g_strdup("");
}

char *program_graph_relative(const struct program_graph *graph, const char *file)
{
    gsize length = strlen(graph->root);
    if (strncmp(file, graph->root, length) == 0 && file[length] == '/')
        return g_strdup(file + length + 1);
    return g_strdup(file);
}

char *program_graph_event_file(const struct program_graph *graph, const struct graph_function *function,
                               const struct fact_event *event)
{
    const struct fact_list *files = function->unit->files;
    if (event->file >= 0 && (guint)event->file < files->len)
        return program_graph_relative(graph, g_ptr_array_index(files, (guint)event->file));
    return g_strdup(function->file);
}

const char *call_site_name(const struct call_site *call)
{
    return call->event->callee ? call->event->callee : call->effect ? call->effect->name : NULL;
}

const struct fact_argument *call_site_argument(const struct call_site *call, int index)
{
    const struct fact_list *arguments = call->event->arguments;
    return index >= 0 && (guint)index < arguments->len ? g_ptr_array_index(arguments, (guint)index) : NULL;
}

gboolean loop_contains(const struct fact_function *function, int outer, int inner)
{
    if (outer < 0)
        return TRUE;
    while (inner >= 0 && inner != outer)
        inner = ((const struct fact_loop *)g_ptr_array_index(function->loops, (guint)inner))->parent;
    return inner == outer;
}

static GPtrArray *list_in(GHashTable *table, const char *key)
{
    GPtrArray *list = g_hash_table_lookup(table, key);
    if (!list) {
        list = g_ptr_array_new();
        g_hash_table_insert(table, (gpointer)key, list);
    }
    return list;
}

/* A function from a header is in every unit that includes it, and a file may be compiled more than once. */
static gboolean is_known(GPtrArray *same_key, const struct fact_function *facts)
{
    for (guint i = 0; i < same_key->len; i++) {
        const struct graph_function *known = g_ptr_array_index(same_key, i);
        if (known->facts->line == facts->line && g_strcmp0(known->facts->file, facts->file) == 0)
            return TRUE;
    }
    return FALSE;
}

static void add_function(struct program_graph *graph, const struct fact_unit *unit,
                         const struct fact_function *facts)
{
    GPtrArray *same_key = list_in(graph->by_key, facts->key);
    if (is_known(same_key, facts))
        return;
    struct graph_function *function = g_new0(struct graph_function, 1);
    function->index = graph->functions->len;
    function->unit = unit;
    function->facts = facts;
    function->file = program_graph_relative(graph, facts->file);
    function->calls = g_ptr_array_new_with_free_func(call_site_free);
    function->callers = g_ptr_array_new();
    g_ptr_array_add(graph->functions, function);
    g_ptr_array_add(same_key, function);
    if (strcmp(facts->key, "main") == 0)
        g_ptr_array_add(graph->mains, function);
}

/* Of several definitions (several programs in one database), how likely `unit` is linked with this one: no
 * unit with another main is, units of the same folder often are. */
static int candidate_nearness(const struct program_graph *graph, const struct fact_unit *unit,
                              const struct graph_function *candidate)
{
    gboolean has_main = FALSE;
    for (guint i = 0; i < graph->mains->len; i++)
        has_main |= ((struct graph_function *)g_ptr_array_index(graph->mains, i))->unit == candidate->unit;
    g_autofree char *folder = g_path_get_dirname(unit->file);
    g_autofree char *other = g_path_get_dirname(candidate->unit->file);
    return (has_main ? 0 : 2) + (strcmp(folder, other) == 0);
}

struct graph_function *program_graph_find(const struct program_graph *graph, const struct fact_unit *unit,
                                          const char *key)
{
    GPtrArray *list = key ? g_hash_table_lookup(graph->by_key, key) : NULL;
    if (!list || list->len == 0)
        return NULL;
    for (guint i = 0; i < list->len; i++) {
        struct graph_function *function = g_ptr_array_index(list, i);
        if (function->unit == unit)
            return function;
    }
    struct graph_function *best = g_ptr_array_index(list, 0);
    int best_nearness = -1;
    for (guint i = 0; unit && list->len > 1 && i < list->len; i++) {
        int nearness = candidate_nearness(graph, unit, g_ptr_array_index(list, i));
        if (nearness > best_nearness)
            best = g_ptr_array_index(list, i);
        best_nearness = MAX(best_nearness, nearness);
    }
    return best;
}

static void add_unique(GPtrArray *array, gpointer item)
{
    if (item && !g_ptr_array_find(array, item, NULL))
        g_ptr_array_add(array, item);
}

/* What is stored may itself be a place (`launch#0`, the parameter that was stored): follow it, but not in
 * circles. */
static void collect_stored(const struct program_graph *graph, const struct fact_unit *unit, const char *path,
                           GPtrArray *found, GHashTable *seen)
{
    if (!g_hash_table_add(seen, (gpointer)path))
        return;
    GPtrArray *keys = g_hash_table_lookup(graph->values, path);
    for (guint i = 0; keys && i < keys->len; i++) {
        const char *key = g_ptr_array_index(keys, i);
        struct graph_function *function = program_graph_find(graph, unit, key);
        if (function)
            add_unique(found, function);
        else
            collect_stored(graph, unit, key, found, seen);
    }
}

GPtrArray *program_graph_stored(const struct program_graph *graph, const struct fact_unit *unit,
                                const char *path)
{
    GPtrArray *found = g_ptr_array_new();
    if (!path || !g_hash_table_contains(graph->values, path))
        return found;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    collect_stored(graph, unit, path, found, seen);
    return found;
}

int graph_function_parameter(const struct graph_function *function, const char *path)
{
    const char *colon = path ? strchr(path, ':') : NULL;
    const char *number = path ? strrchr(path, '#') : NULL;
    if (number && g_ascii_isdigit(number[1]))
        return (int)g_ascii_strtoll(number + 1, NULL, 10);
    if (!colon)
        return NO_ARGUMENT;
    gsize length = strcspn(colon + 1, "@[.");
    for (guint i = 0; i < function->facts->parameters->len; i++) {
        const char *name = g_ptr_array_index(function->facts->parameters, i);
        if (name && strlen(name) == length && strncmp(name, colon + 1, length) == 0)
            return (int)i;
    }
    return NO_ARGUMENT;
}

GPtrArray *program_graph_argument_functions(const struct program_graph *graph, const struct call_site *call,
                                            int index)
{
    const struct fact_argument *argument = call_site_argument(call, index);
    if (!argument || !argument->text || argument->kind == ARGUMENT_STRING)
        return g_ptr_array_new();
    if (argument->kind != ARGUMENT_FUNCTION) {
        int parameter = graph_function_parameter(call->caller, argument->text);
        if (parameter == NO_ARGUMENT)
            return program_graph_stored(graph, call->caller->unit, argument->text);
        g_autofree char *path = g_strdup_printf("%s#%d", call->caller->facts->key, parameter);
        return program_graph_stored(graph, call->caller->unit, path);
    }
    GPtrArray *found = g_ptr_array_new();
    add_unique(found, program_graph_find(graph, call->caller->unit, argument->text));
    return found;
}

/* Inline functions of library headers have keys with the header's name. */
static void resolve_library(const struct program_graph *graph, struct call_site *call)
{
    const char *name = call->event->callee;
    if (strchr(name, '@')) {
        g_autofree char *plain = path_display(name);
        name = g_intern_string(plain);
    }
    call->effect = effects_find(graph->effects, name);
}

/* The source of what runs jobs under any model has all of them: which one it takes is up to its caller. */
static gboolean runs_jobs(const struct program_graph *graph, const char *name)
{
    const struct effect *effect = strchr(name, '@') ? NULL : effects_find(graph->effects, name);
    return effect && effect->task_field;
}

static void add_call(struct program_graph *graph, const struct unseen_pointers *unseen,
                     struct graph_function *caller, guint event_index)
{
    struct call_site *call = g_new0(struct call_site, 1);
    call->event = g_ptr_array_index(caller->facts->events, event_index);
    call->event_index = event_index;
    call->caller = caller;
    call->targets = g_ptr_array_new();
    g_ptr_array_add(caller->calls, call);
    if (!call->event->callee) {
        pointer_call_resolve(graph, unseen, call);
    } else {
        struct graph_function *target = runs_jobs(graph, call->event->callee)
                                            ? NULL
                                            : program_graph_find(graph, caller->unit, call->event->callee);
        call->resolution = target ? CALL_DIRECT : CALL_LIBRARY;
        if (target)
            g_ptr_array_add(call->targets, target);
        else
            resolve_library(graph, call);
    }
    if (call->effect && call->effect->task_field) {
        g_autoptr(GPtrArray) tasks = program_graph_stored(graph, caller->unit, call->effect->task_field);
        g_ptr_array_extend(call->targets, tasks, NULL, NULL);
    }
    for (guint i = 0; i < call->targets->len; i++)
        g_ptr_array_add(((struct graph_function *)g_ptr_array_index(call->targets, i))->callers, call);
}

static void link_calls(struct program_graph *graph)
{
    g_autoptr(UnseenPointers) unseen = unseen_pointers_new(graph);
    for (guint i = 0; i < graph->functions->len; i++) {
        struct graph_function *function = g_ptr_array_index(graph->functions, i);
        const struct fact_list *events = function->facts->events;
        for (guint j = 0; j < events->len; j++) {
            if (((const struct fact_event *)g_ptr_array_index(events, j))->kind == EVENT_CALL)
                add_call(graph, unseen, function, j);
        }
    }
}

/* Functions stored where a library's event loop finds them (libev's `struct ev_io.cb`): nothing else calls
 * them. */
static void add_stored_callbacks(const struct program_graph *graph, GPtrArray *pending)
{
    GHashTableIter iterator;
    gpointer path;
    g_hash_table_iter_init(&iterator, graph->values);
    while (g_hash_table_iter_next(&iterator, &path, NULL)) {
        const struct effect *effect = effects_find(graph->effects, path);
        if (!effect || !(effect->properties & EFFECT_FIELD))
            continue;
        g_autoptr(GPtrArray) stored = program_graph_stored(graph, NULL, path);
        g_ptr_array_extend(pending, stored, NULL, NULL);
    }
}

static void mark_reachable(const struct program_graph *graph, GPtrArray *roots)
{
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    add_stored_callbacks(graph, pending);
    for (guint i = 0; i < roots->len; i++)
        g_ptr_array_add(pending, g_ptr_array_index(roots, i));
    while (pending->len > 0) {
        struct graph_function *function = g_ptr_array_steal_index(pending, pending->len - 1);
        if (function->reachable)
            continue;
        function->reachable = TRUE;
        for (guint i = 0; i < function->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(function->calls, i);
            g_ptr_array_extend(pending, call->targets, NULL, NULL);
            for (guint j = 0; j < call->event->arguments->len; j++) {
                if (!((const struct fact_argument *)call->event->arguments->pdata[j])->text)
                    continue;
                g_autoptr(GPtrArray) passed = program_graph_argument_functions(graph, call, (int)j);
                g_ptr_array_extend(pending, passed, NULL, NULL);
            }
        }
    }
}

/* `otherwise`: those that only count when nothing else is stored there, and so come last. */
static void collect_flows(struct program_graph *graph, gboolean otherwise)
{
    for (guint i = 0; i < graph->units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(graph->units, i);
        for (guint j = 0; j < unit->flows->len; j++) {
            const struct fact_function_flow *flow = g_ptr_array_index(unit->flows, j);
            if (flow->otherwise == otherwise &&
                !(otherwise && g_hash_table_contains(graph->values, flow->path)))
                g_ptr_array_add(list_in(graph->values, flow->path), (gpointer)flow->source);
        }
    }
}

static void collect_units(struct program_graph *graph)
{
    for (guint i = 0; i < graph->units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(graph->units, i);
        for (guint j = 0; j < unit->functions->len; j++)
            add_function(graph, unit, g_ptr_array_index(unit->functions, j));
        for (guint j = 0; j < unit->values->len; j++) {
            const struct fact_function_value *value = g_ptr_array_index(unit->values, j);
            g_ptr_array_add(list_in(graph->values, value->path), (gpointer)value->function);
            if (value->signature)
                g_hash_table_insert(graph->signatures, (gpointer)value->function, (gpointer)value->signature);
        }
    }
    collect_flows(graph, FALSE);
    collect_flows(graph, TRUE);
}

/* What is passed in a call through a pointer (`struct ConnectionType.set_read_handler#1`) reaches the
 * parameter of every function that the pointer may hold (`connSocketSetReadHandler#1`). */
static void pass_through_pointers(struct program_graph *graph)
{
    GHashTableIter iterator;
    gpointer key;
    g_autoptr(GPtrArray) passed = g_ptr_array_new();
    g_hash_table_iter_init(&iterator, graph->values);
    while (g_hash_table_iter_next(&iterator, &key, NULL)) {
        const char *number = strrchr(key, '#');
        if (number && g_ascii_isdigit(number[1]))
            g_ptr_array_add(passed, key);
    }
    for (guint i = 0; i < passed->len; i++) {
        char *source = g_ptr_array_index(passed, i);
        const char *number = strrchr(source, '#');
        g_autofree char *pointer = g_strndup(source, (gsize)(number - source));
        if (g_hash_table_contains(graph->by_key, pointer))
            continue;
        g_autoptr(GPtrArray) targets = program_graph_stored(graph, NULL, pointer);
        for (guint j = 0; j < targets->len; j++) {
            const struct graph_function *target = g_ptr_array_index(targets, j);
            g_autofree char *parameter = g_strconcat(target->facts->key, number, NULL);
            g_ptr_array_add(list_in(graph->values, g_intern_string(parameter)), source);
        }
    }
}

struct program_graph *program_graph_new(GPtrArray *units, const struct effects *effects, const char *root)
{
    struct program_graph *graph = g_new0(struct program_graph, 1);
    graph->units = units;
    graph->effects = effects;
    graph->root = root ? g_strdup(root) : program_graph_common_folder(units);
    while (g_str_has_suffix(graph->root, "/"))
        graph->root[strlen(graph->root) - 1] = '\0';
    graph->memory = arena_new();
    graph->functions = g_ptr_array_new_with_free_func(graph_function_free);
    graph->mains = g_ptr_array_new();
    graph->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    graph->values = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    graph->signatures = g_hash_table_new(g_str_hash, g_str_equal);
    collect_units(graph);
    pass_through_pointers(graph);
    unseen_pointers_join_twins(graph);
    link_calls(graph);
    graph->origins = descriptor_origins_new(graph);
    graph->order = components_find(graph->functions);
    call_order_set(graph, NULL);
    mark_reachable(graph, graph->mains->len > 0 ? graph->mains : graph->functions);
    return graph;
}

char *path_display(const char *path)
{
    return g_strndup(path, strcspn(path, "@"));
}
