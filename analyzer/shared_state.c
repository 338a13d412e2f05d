/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/shared_state.h"

#include <string.h>

#include "model/records.h"

#define NAMED        3       /* obstacles that a sentence names */
#define FELT_WAIT_NS 1000000 /* a wait that is never longer does not stop anybody */

struct obstacle_index {
    GHashTable *private_variables; /* access paths that are thread-local, atomic, constant or locks */
    guint8 *own;                   /* by function index: 1 << kind for what is in the function itself */
    guint8 *below;                 /* also for what is in those that it calls */
};

struct search {
    const struct cost_model *model;
    const struct obstacle_index *index;
    enum obstacle_kind kind;
    GHashTable *seen;  /* struct graph_function */
    GHashTable *texts; /* of `places` */
    GPtrArray *places;
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

static char *doing(const char *verb, const char *what)
{
    g_autofree char *name = path_display(what);
    return g_strdup_printf("%s %s", verb, name);
}

static char *global_write(const struct search *search, const struct graph_function *function,
                          const struct fact_event *event)
{
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
    if (!is_global || g_hash_table_contains(search->index->private_variables, key))
        return NULL;
    return doing("writes", event->path);
}

static char *shared_write(const struct search *search, const struct graph_function *function,
                          const struct fact_event *event)
{
    if (event->kind != EVENT_WRITE && event->kind != EVENT_ATOMIC)
        return NULL;
    if (event->path && strchr(event->path, '.') && !strchr(event->path, ':'))
        return doing("writes", event->path);
    if (event->kind == EVENT_ATOMIC && event->path)
        return doing("changes", event->path);
    return global_write(search, function, event);
}

static char *unsafe_call(const struct call_site *call)
{
    if (!call || !call->effect || !(call->effect->properties & EFFECT_NOT_THREAD_SAFE))
        return NULL;
    return g_strdup_printf("calls %s()", call_site_name(call));
}

static char *isolating_call(const struct fact_event *event, const struct call_site *call)
{
    static const char *const isolating[] = {
        "setrlimit", "setuid", "setgid", "setresuid", "setresgid", "chroot", "unshare",
        "seccomp",   "prctl",  "raise",  "abort",     "alarm",     "execv",  "execve",
        "execvp",    "execl",  "execlp", "setgroups", "chdir",     "dup2",   "initgroups"};
    for (gsize i = 0; call && event->callee && i < G_N_ELEMENTS(isolating); i++) {
        if (strcmp(event->callee, isolating[i]) != 0)
            continue;
        return g_strdup_printf("calls %s()", event->callee);
    }
    return NULL;
}

static char *crashing_call(const struct call_site *call)
{
    if (!call || !call->effect || !(call->effect->properties & EFFECT_MAY_CRASH))
        return NULL;
    return g_strdup_printf("calls %s()", call_site_name(call));
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
    return (call->effect->properties & EFFECT_GIVES_WAY) ||
           (call->effect->descriptor_argument != NO_ARGUMENT && blocking->cause != CAUSE_DISK);
}

static char *stopping_call(const struct search *search, const struct fact_event *event,
                           const struct call_site *call)
{
    const struct blocking *blocking = outside_wait(search, call);
    if (!blocking || can_be_watched(call, blocking))
        return NULL;
    return g_strdup_printf("%s() waits: %s", event->callee, wait_cause_name(blocking->cause));
}

static char *waiting_call(const struct search *search, const struct fact_event *event,
                          const struct call_site *call)
{
    const struct blocking *blocking = outside_wait(search, call);
    if (!blocking || !can_be_watched(call, blocking))
        return NULL;
    return g_strdup_printf("%s() waits: %s", event->callee, wait_cause_name(blocking->cause));
}

/* The text of the obstacle that the event is, or NULL. */
static char *look_at(const struct search *search, const struct graph_function *function,
                     const struct fact_event *event, const struct call_site *call)
{
    switch (search->kind) {
    case OBSTACLE_GLOBAL_WRITE:
        return global_write(search, function, event);
    case OBSTACLE_SHARED_WRITE:
        return shared_write(search, function, event);
    case OBSTACLE_UNSAFE_CALL:
        return unsafe_call(call);
    case OBSTACLE_ISOLATION:
        return isolating_call(event, call);
    case OBSTACLE_CRASH:
        return crashing_call(call);
    case OBSTACLE_STOP:
        return stopping_call(search, event, call);
    case OBSTACLE_WAIT:
        return waiting_call(search, event, call);
    case OBSTACLE_KIND_COUNT:
        break;
    }
    return NULL;
}

static void search_function(struct search *search, const struct graph_function *function, int loop);

static void search_targets(struct search *search, const struct call_site *call)
{
    for (guint i = 0; search->places->len < OBSTACLE_LIMIT && i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        if (!search->model->endings->stops[target->index])
            search_function(search, target, -1);
    }
}

static void search_events(struct search *search, const struct graph_function *function, int loop)
{
    guint next_call = 0;
    for (guint i = 0; search->places->len < OBSTACLE_LIMIT && i < function->facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(function->facts->events, i);
        const struct call_site *call = NULL;
        if (event->kind == EVENT_CALL)
            call = g_ptr_array_index(function->calls, next_call++);
        if (!loop_contains(function->facts, loop, event->loop))
            continue;
        add_place(search, function, event, look_at(search, function, event, call));
        if (call)
            search_targets(search, call);
    }
}

static void search_function(struct search *search, const struct graph_function *function, int loop)
{
    guint8 kind = (guint8)(1 << search->kind);
    if (!(search->index->below[function->index] & kind) ||
        (loop < 0 && !g_hash_table_add(search->seen, (gpointer)function)))
        return;
    if (search->index->own[function->index] & kind) {
        search_events(search, function, loop);
        return;
    }
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (loop_contains(function->facts, loop, call->event->loop))
            search_targets(search, call);
    }
}

static guint8 own_kinds(struct search *search, const struct graph_function *function)
{
    guint8 kinds = 0;
    guint next_call = 0;
    for (guint i = 0; i < function->facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(function->facts->events, i);
        const struct call_site *call =
            event->kind == EVENT_CALL ? g_ptr_array_index(function->calls, next_call++) : NULL;
        if (!call && event->kind != EVENT_WRITE && event->kind != EVENT_ATOMIC)
            continue;
        for (int kind = 0; kind < OBSTACLE_KIND_COUNT; kind++) {
            search->kind = (enum obstacle_kind)kind;
            if (kinds & 1 << kind)
                continue;
            g_autofree char *text = look_at(search, function, event, call);
            kinds |= (guint8)((text != NULL) << kind);
        }
    }
    return kinds;
}

/* Adds what the callees have; FALSE when that is nothing new. */
static gboolean add_callees(const struct obstacle_index *index, const struct graph_function *function)
{
    guint8 kinds = index->below[function->index];
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        for (guint j = 0; j < call->targets->len; j++)
            kinds |=
                index->below[((const struct graph_function *)g_ptr_array_index(call->targets, j))->index];
    }
    gboolean changed = kinds != index->below[function->index];
    index->below[function->index] = kinds;
    return changed;
}

struct obstacle_index *obstacle_index_new(const struct cost_model *model)
{
    const struct program_graph *graph = model->graph;
    struct obstacle_index *index = g_new0(struct obstacle_index, 1);
    index->private_variables = private_variables(graph);
    index->own = g_new0(guint8, graph->functions->len + 1);
    index->below = g_new0(guint8, graph->functions->len + 1);
    struct search search = {.model = model, .index = index};
    for (guint i = 0; i < graph->functions->len; i++)
        index->own[i] = index->below[i] = own_kinds(&search, g_ptr_array_index(graph->functions, i));
    for (gboolean changed = TRUE; changed;) { /* callees come first: only circles need another turn */
        changed = FALSE;
        for (guint i = 0; i < graph->order->len; i++)
            changed |= add_callees(index, g_ptr_array_index(graph->order, i));
    }
    return index;
}

void obstacle_index_free(struct obstacle_index *index)
{
    if (!index)
        return;
    g_hash_table_unref(index->private_variables);
    g_free(index->own);
    g_free(index->below);
    g_free(index);
}

GPtrArray *obstacles_find(const struct cost_model *model, const struct graph_function *function, int loop,
                          enum obstacle_kind kind)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *places = g_ptr_array_new_with_free_func((GDestroyNotify)place_free);
    struct search search = {model, model->obstacles, kind, seen, texts, places};
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
