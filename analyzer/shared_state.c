/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/shared_state.h"

#include <string.h>

struct search {
    const struct program_graph *graph;
    const struct endings *endings;
    GHashTable *private_variables; /* access paths that are thread-local, atomic, constant or locks */
    GHashTable *seen;              /* struct graph_function */
    char *(*look_at)(struct search *search, const struct graph_function *function,
                     const struct fact_event *event, const struct call_site *call);
};

static GHashTable *private_variables(const struct program_graph *graph)
{
    GHashTable *set = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < graph->units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(graph->units, i);
        for (guint j = 0; j < unit->variables->len; j++) {
            const struct fact_variable *variable = g_ptr_array_index(unit->variables, j);
            if (variable->is_thread_local || variable->is_atomic || variable->is_const || variable->is_lock)
                g_hash_table_add(set, variable->path);
        }
    }
    return set;
}

static char *search_function(struct search *search, const struct graph_function *function, int loop)
{
    char *found = NULL;
    guint next_call = 0;
    if (loop < 0 && !g_hash_table_add(search->seen, (gpointer)function))
        return NULL;
    for (guint i = 0; !found && i < function->facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(function->facts->events, i);
        const struct call_site *call = NULL;
        if (event->kind == EVENT_CALL)
            call = g_ptr_array_index(function->calls, next_call++);
        if (!loop_contains(function->facts, loop, event->loop))
            continue;
        found = search->look_at(search, function, event, call);
        for (guint j = 0; !found && call && j < call->targets->len; j++) {
            const struct graph_function *target = g_ptr_array_index(call->targets, j);
            if (!search->endings->stops[target->index])
                found = search_function(search, target, -1);
        }
    }
    return found;
}

static char *at_place(const struct search *search, const char *verb, const char *what,
                      const struct graph_function *function, const struct fact_event *event)
{
    g_autofree char *file = program_graph_event_file(search->graph, function, event);
    g_autofree char *name = path_display(what);
    return g_strdup_printf("%s %s at %s:%d", verb, name, file, event->line);
}

static char *global_write(struct search *search, const struct graph_function *function,
                          const struct fact_event *event, const struct call_site *call)
{
    (void)call;
    if (event->kind != EVENT_WRITE || !event->path || strchr(event->path, ':') ||
        g_str_has_prefix(event->path, "struct ") || strchr(event->path, '#'))
        return NULL;
    /* `worker.total` of a typedef'd structure is a field, not a global: only whole variables and elements
     * count. */
    g_autofree char *variable = g_strndup(event->path, strcspn(event->path, ".[@"));
    const char *at = strchr(event->path, '@');
    g_autofree char *key = g_strconcat(variable, at ? at : "", NULL);
    gboolean is_global = FALSE;
    for (guint i = 0; !is_global && i < function->unit->variables->len; i++)
        is_global =
            strcmp(((struct fact_variable *)g_ptr_array_index(function->unit->variables, i))->path, key) == 0;
    if (!is_global || g_hash_table_contains(search->private_variables, key))
        return NULL;
    return at_place(search, "writes", event->path, function, event);
}

static char *field_write(struct search *search, const struct graph_function *function,
                         const struct fact_event *event, const struct call_site *call)
{
    if (event->kind != EVENT_WRITE && event->kind != EVENT_ATOMIC)
        return NULL;
    if (event->path && strchr(event->path, '.') && !strchr(event->path, ':'))
        return at_place(search, "writes", event->path, function, event);
    if (event->kind == EVENT_ATOMIC && event->path)
        return at_place(search, "changes", event->path, function, event);
    return global_write(search, function, event, call);
}

static char *unsafe_call(struct search *search, const struct graph_function *function,
                         const struct fact_event *event, const struct call_site *call)
{
    if (!call || !call->effect || !(call->effect->properties & EFFECT_NOT_THREAD_SAFE))
        return NULL;
    g_autofree char *name = g_strconcat(call_site_name(call), "()", NULL);
    return at_place(search, "calls", name, function, event);
}

static char *isolating_call(struct search *search, const struct graph_function *function,
                            const struct fact_event *event, const struct call_site *call)
{
    static const char *const isolating[] = {
        "setrlimit", "setuid", "setgid", "setresuid", "setresgid", "chroot", "unshare",
        "seccomp",   "prctl",  "raise",  "abort",     "alarm",     "execv",  "execve",
        "execvp",    "execl",  "execlp", "setgroups", "chdir",     "dup2",   "initgroups"};
    for (gsize i = 0; call && event->callee && i < G_N_ELEMENTS(isolating); i++) {
        if (strcmp(event->callee, isolating[i]) != 0)
            continue;
        g_autofree char *name = g_strconcat(event->callee, "()", NULL);
        return at_place(search, "calls", name, function, event);
    }
    return NULL;
}

static char *find(const struct program_graph *graph, const struct endings *endings,
                  const struct graph_function *function, int loop,
                  char *(*look_at)(struct search *, const struct graph_function *, const struct fact_event *,
                                   const struct call_site *))
{
    g_autoptr(GHashTable) variables = private_variables(graph);
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    struct search search = {graph, endings, variables, seen, look_at};
    return search_function(&search, function, loop);
}

char *shared_write_find(const struct program_graph *graph, const struct endings *endings,
                        const struct graph_function *function, int loop)
{
    return find(graph, endings, function, loop, global_write);
}

char *field_write_find(const struct program_graph *graph, const struct endings *endings,
                       const struct graph_function *function, int loop)
{
    return find(graph, endings, function, loop, field_write);
}

char *unsafe_call_find(const struct program_graph *graph, const struct endings *endings,
                       const struct graph_function *function, int loop)
{
    return find(graph, endings, function, loop, unsafe_call);
}

char *isolation_find(const struct program_graph *graph, const struct endings *endings,
                     const struct graph_function *function)
{
    return find(graph, endings, function, -1, isolating_call);
}
