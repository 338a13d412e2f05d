/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/shared_state.h"

#include <string.h>

#include "model/records.h"

#define NAMED        3       /* obstacles that a sentence names */
#define FELT_WAIT_NS 1000000 /* a wait that is never longer does not stop anybody */

struct search {
    const struct cost_model *model;
    GHashTable *private_variables; /* access paths that are thread-local, atomic, constant or locks */
    GHashTable *seen;              /* struct graph_function */
    GHashTable *texts;             /* of `places` */
    GPtrArray *places;
    /* The text of the obstacle that the event is, or NULL. */
    char *(*look_at)(const struct search *search, const struct graph_function *function,
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
                g_hash_table_add(set, (gpointer)variable->path);
        }
    }
    return set;
}

/* Takes the text over. */
static void add_place(struct search *search, const struct graph_function *function,
                      const struct fact_event *event, char *text)
{
    if (text && g_hash_table_add(search->texts, g_strdup(text))) {
        g_autofree char *file = program_graph_event_file(search->model->graph, function, event);
        g_ptr_array_add(search->places, place_new(file, event->line, text));
    }
    g_free(text);
}

static void search_function(struct search *search, const struct graph_function *function, int loop)
{
    guint next_call = 0;
    if (loop < 0 && !g_hash_table_add(search->seen, (gpointer)function))
        return;
    for (guint i = 0; search->places->len < OBSTACLE_LIMIT && i < function->facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(function->facts->events, i);
        const struct call_site *call = NULL;
        if (event->kind == EVENT_CALL)
            call = g_ptr_array_index(function->calls, next_call++);
        if (!loop_contains(function->facts, loop, event->loop))
            continue;
        add_place(search, function, event, search->look_at(search, function, event, call));
        for (guint j = 0; call && j < call->targets->len; j++) {
            const struct graph_function *target = g_ptr_array_index(call->targets, j);
            if (!search->model->endings->stops[target->index])
                search_function(search, target, -1);
        }
    }
}

static char *doing(const char *verb, const char *what)
{
    g_autofree char *name = path_display(what);
    return g_strdup_printf("%s %s", verb, name);
}

static char *global_write(const struct search *search, const struct graph_function *function,
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
    return doing("writes", event->path);
}

static char *shared_write(const struct search *search, const struct graph_function *function,
                          const struct fact_event *event, const struct call_site *call)
{
    if (event->kind != EVENT_WRITE && event->kind != EVENT_ATOMIC)
        return NULL;
    if (event->path && strchr(event->path, '.') && !strchr(event->path, ':'))
        return doing("writes", event->path);
    if (event->kind == EVENT_ATOMIC && event->path)
        return doing("changes", event->path);
    return global_write(search, function, event, call);
}

static char *unsafe_call(const struct search *search, const struct graph_function *function,
                         const struct fact_event *event, const struct call_site *call)
{
    (void)search, (void)function, (void)event;
    if (!call || !call->effect || !(call->effect->properties & EFFECT_NOT_THREAD_SAFE))
        return NULL;
    return g_strdup_printf("calls %s()", call_site_name(call));
}

static char *isolating_call(const struct search *search, const struct graph_function *function,
                            const struct fact_event *event, const struct call_site *call)
{
    static const char *const isolating[] = {
        "setrlimit", "setuid", "setgid", "setresuid", "setresgid", "chroot", "unshare",
        "seccomp",   "prctl",  "raise",  "abort",     "alarm",     "execv",  "execve",
        "execvp",    "execl",  "execlp", "setgroups", "chdir",     "dup2",   "initgroups"};
    (void)search, (void)function;
    for (gsize i = 0; call && event->callee && i < G_N_ELEMENTS(isolating); i++) {
        if (strcmp(event->callee, isolating[i]) != 0)
            continue;
        return g_strdup_printf("calls %s()", event->callee);
    }
    return NULL;
}

/* What the call waits for, when it waits for something outside the program long enough to be felt. */
static const struct blocking *outside_wait(const struct search *search, const struct call_site *call)
{
    const struct blocking *blocking = call ? g_hash_table_lookup(search->model->blocking, call) : NULL;
    if (!blocking || !blocking->blocks || wait_cause_is_lock(blocking->cause) ||
        wait_cause_is_idle(blocking->cause) || blocking->wait_ns[WAIT_HIGH] < FELT_WAIT_NS ||
        idle_sites_contain(search->model->idle, call))
        return NULL;
    return blocking;
}

static gboolean can_be_watched(const struct call_site *call, const struct blocking *blocking)
{
    return call->effect->descriptor_argument != NO_ARGUMENT && blocking->cause != CAUSE_DISK;
}

static char *stopping_call(const struct search *search, const struct graph_function *function,
                           const struct fact_event *event, const struct call_site *call)
{
    const struct blocking *blocking = outside_wait(search, call);
    (void)function;
    if (!blocking || can_be_watched(call, blocking))
        return NULL;
    return g_strdup_printf("%s() waits: %s", event->callee, wait_cause_name(blocking->cause));
}

static char *waiting_call(const struct search *search, const struct graph_function *function,
                          const struct fact_event *event, const struct call_site *call)
{
    const struct blocking *blocking = outside_wait(search, call);
    (void)function;
    if (!blocking || !can_be_watched(call, blocking))
        return NULL;
    return g_strdup_printf("%s() waits: %s", event->callee, wait_cause_name(blocking->cause));
}

GPtrArray *obstacles_find(const struct cost_model *model, const struct graph_function *function, int loop,
                          enum obstacle_kind kind)
{
    char *(*const look[])(const struct search *, const struct graph_function *, const struct fact_event *,
                          const struct call_site *) = {
        [OBSTACLE_GLOBAL_WRITE] = global_write, [OBSTACLE_SHARED_WRITE] = shared_write,
        [OBSTACLE_UNSAFE_CALL] = unsafe_call,   [OBSTACLE_ISOLATION] = isolating_call,
        [OBSTACLE_STOP] = stopping_call,        [OBSTACLE_WAIT] = waiting_call,
    };
    g_autoptr(GHashTable) variables = private_variables(model->graph);
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *places = g_ptr_array_new_with_free_func((GDestroyNotify)place_free);
    struct search search = {model, variables, seen, texts, places, look[kind]};
    search_function(&search, function, loop);
    return places;
}

char *obstacles_sentence(const GPtrArray *places)
{
    g_autoptr(GString) sentence = g_string_new(NULL);
    for (guint i = 0; i < MIN(places->len, NAMED); i++) {
        const struct place *place = g_ptr_array_index(places, i);
        g_string_append_printf(sentence, "%s%s at %s:%d", i == 0 ? "" : ", ", place->text, place->file,
                               place->line);
    }
    if (places->len > NAMED)
        g_string_append_printf(sentence, " and %u%s more", places->len - NAMED,
                               places->len >= OBSTACLE_LIMIT ? " or" : "");
    return places->len > 0 ? g_strdup(sentence->str) : NULL;
}

char *obstacle_sentence(const struct cost_model *model, const struct graph_function *function, int loop,
                        enum obstacle_kind kind)
{
    g_autoptr(GPtrArray) places = obstacles_find(model, function, loop, kind);
    return obstacles_sentence(places);
}
