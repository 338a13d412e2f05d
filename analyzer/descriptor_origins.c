/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/descriptor_origins.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define SEARCH_LIMIT 500 /* places behind one descriptor; what lies beyond is unknown */
#define RETURNED     "#return"

/* How a descriptor gets to a place: made there, or copied from `from`. */
struct source {
    char *from; /* NULL: made */
    enum wait_cause cause;
    gboolean nonblocking;
};

struct descriptor_origins {
    const struct program_graph *graph;
    GHashTable *globals;     /* names of global variables, borrowed */
    GHashTable *sources;     /* place → GPtrArray of struct source */
    GHashTable *nonblocking; /* place: the set of those that are made non-blocking where they are */
    GHashTable *known;       /* place → struct descriptor_origin */
};

static void source_free(gpointer data)
{
    struct source *source = data;
    g_free(source->from);
    g_free(source);
}

/* An array and its elements are one place; the file of a static one stays. */
static char *without_elements(const char *path)
{
    GString *place = g_string_new(path);
    for (char *found; (found = strstr(place->str, "[]"));)
        g_string_erase(place, found - place->str, 2);
    return g_string_free(place, FALSE);
}

static gboolean is_standard_stream(const char *place)
{
    return strcmp(place, "stdin") == 0 || strcmp(place, "stdout") == 0 || strcmp(place, "stderr") == 0;
}

/* The place that `text` means inside `function`: results of calls name locals by their name alone. */
static char *place_of(const struct descriptor_origins *origins, const struct graph_function *function,
                      const char *text)
{
    if (strpbrk(text, ".:#@") || is_standard_stream(text) || g_hash_table_contains(origins->globals, text))
        return without_elements(text);
    g_autofree char *name = without_elements(text);
    const char *file = strchr(function->facts->key, '@');
    return g_strconcat(function->facts->name, ":", name, file, NULL);
}

/* The functions (GPtrArray of struct graph_function, borrowed) whose local or parameter `place` is, and its
 * name; NULL for other places. */
static GPtrArray *functions_of(const struct program_graph *graph, const char *place)
{
    const char *colon = strchr(place, ':');
    if (!colon)
        return NULL;
    const char *file = strchr(colon, '@');
    g_autofree char *name = g_strndup(place, (gsize)(colon - place));
    g_autofree char *key = g_strconcat(name, file, NULL);
    return g_hash_table_lookup(graph->by_key, key);
}

static void add_source(struct descriptor_origins *origins, const char *place, struct source *source)
{
    GPtrArray *list = g_hash_table_lookup(origins->sources, place);
    if (!list) {
        list = g_ptr_array_new_with_free_func(source_free);
        g_hash_table_insert(origins->sources, g_strdup(place), list);
    }
    g_ptr_array_add(list, source);
}

static void add_copy(struct descriptor_origins *origins, const char *place, const char *from)
{
    struct source *source = g_new0(struct source, 1);
    source->from = without_elements(from);
    add_source(origins, place, source);
}

/* --- what calls do -----------------------------------------------------------------------------------------
 */

static gboolean has_bits(const struct call_site *call, gint64 bits)
{
    for (guint i = 0; i < call->event->arguments->len; i++) {
        const struct fact_argument *argument = g_ptr_array_index(call->event->arguments, i);
        if ((argument->kind == ARGUMENT_INTEGER || argument->kind == ARGUMENT_OTHER) &&
            argument->integer > 0 && (argument->integer & bits) == bits)
            return TRUE;
    }
    return FALSE;
}

static gboolean opens_nonblocking(const struct call_site *call)
{
    G_STATIC_ASSERT(SOCK_NONBLOCK == O_NONBLOCK); /* and EFD_NONBLOCK, TFD_NONBLOCK, IN_NONBLOCK */
    return has_bits(call, O_NONBLOCK);
}

/* `fcntl(fd, F_SETFL, flags | O_NONBLOCK)`, `ioctl(fd, FIONBIO, &on)`. Flags that the call does not show are
 * taken for non-blocking too: there is little else to set. */
static gboolean sets_nonblocking(const struct call_site *call)
{
    const char *name = call_site_name(call);
    const struct fact_argument *request = call_site_argument(call, 1), *flags = call_site_argument(call, 2);
    if (!name || !request || request->kind != ARGUMENT_INTEGER)
        return FALSE;
    if (strcmp(name, "ioctl") == 0)
        return request->integer == FIONBIO;
    gboolean clears = flags && flags->kind == ARGUMENT_INTEGER && !(flags->integer & O_NONBLOCK);
    return strcmp(name, "fcntl") == 0 && request->integer == F_SETFL && !clears;
}

static void note_opening(struct descriptor_origins *origins, const struct call_site *call)
{
    const struct effect *effect = call->effect;
    const struct fact_argument *argument = call_site_argument(call, effect->opens_argument);
    const char *text = argument ? argument->text : call->event->result;
    if (!text)
        return;
    g_autofree char *place = place_of(origins, call->caller, text);
    struct source *source = g_new0(struct source, 1);
    source->cause = effect->opens_cause;
    source->nonblocking = opens_nonblocking(call);
    add_source(origins, place, source);
}

/* `stream = fdopen(fd, "r")`, `other = dup(fd)` */
static void note_copy(struct descriptor_origins *origins, const struct call_site *call)
{
    const struct fact_argument *argument = call_site_argument(call, call->effect->copies_argument);
    if (!argument || !argument->text || !call->event->result)
        return;
    g_autofree char *place = place_of(origins, call->caller, call->event->result);
    g_autofree char *from = place_of(origins, call->caller, argument->text);
    add_copy(origins, place, from);
}

static void note_results(struct descriptor_origins *origins, const struct call_site *call)
{
    g_autofree char *place = NULL;
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        g_autofree char *returned = g_strconcat(target->facts->key, RETURNED, NULL);
        if (!g_hash_table_contains(origins->sources, returned))
            continue;
        if (!place)
            place = place_of(origins, call->caller, call->event->result);
        add_copy(origins, place, returned);
    }
}

/* A parameter that is made non-blocking makes what callers pass non-blocking: each in turn. */
static void note_nonblocking(struct descriptor_origins *origins, const struct call_site *call, int index)
{
    const struct fact_argument *argument = call_site_argument(call, index);
    if (!argument || !argument->text)
        return;
    char *place = place_of(origins, call->caller, argument->text);
    int parameter = graph_function_parameter(call->caller, place);
    if (!g_hash_table_add(origins->nonblocking, place) || parameter == NO_ARGUMENT)
        return;
    for (guint i = 0; i < call->caller->callers->len; i++)
        note_nonblocking(origins, g_ptr_array_index(call->caller->callers, i), parameter);
}

static void note_calls(struct descriptor_origins *origins, const struct graph_function *function)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->effect && call->effect->opens)
            note_opening(origins, call);
        else if (call->effect && call->effect->copies_argument != NO_ARGUMENT)
            note_copy(origins, call);
        else if (call->event->result)
            note_results(origins, call);
        if (call->effect && sets_nonblocking(call))
            note_nonblocking(origins, call, 0);
    }
}

struct descriptor_origins *descriptor_origins_new(const struct program_graph *graph)
{
    struct descriptor_origins *origins = g_new0(struct descriptor_origins, 1);
    origins->graph = graph;
    origins->globals = g_hash_table_new(g_str_hash, g_str_equal);
    origins->sources =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    origins->nonblocking = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    origins->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < graph->units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(graph->units, i);
        for (guint j = 0; j < unit->variables->len; j++)
            g_hash_table_add(origins->globals,
                             (gpointer)((const struct fact_variable *)unit->variables->pdata[j])->path);
        for (guint j = 0; j < unit->descriptors->len; j++) {
            const struct fact_function_flow *flow = g_ptr_array_index(unit->descriptors, j);
            g_autofree char *place = without_elements(flow->path);
            add_copy(origins, place, flow->source);
        }
    }
    for (guint i = 0; i < graph->functions->len; i++)
        note_calls(origins, g_ptr_array_index(graph->functions, i));
    return origins;
}

void descriptor_origins_free(struct descriptor_origins *origins)
{
    if (!origins)
        return;
    g_hash_table_unref(origins->globals);
    g_hash_table_unref(origins->sources);
    g_hash_table_unref(origins->nonblocking);
    g_hash_table_unref(origins->known);
    g_free(origins);
}

/* --- the search --------------------------------------------------------------------------------------------
 */

struct search {
    struct descriptor_origins *origins;
    struct descriptor_origin found;
    GHashTable *seen;   /* place */
    GPtrArray *pending; /* char *, borrowed from `seen` */
};

static void search_place(struct search *search, char *place)
{
    if (g_hash_table_size(search->seen) >= SEARCH_LIMIT) {
        search->found.unknown = TRUE;
        g_free(place);
    } else if (g_hash_table_contains(search->seen, place)) {
        g_free(place); /* adding it would free the key that may still be pending */
    } else {
        g_hash_table_add(search->seen, place);
        g_ptr_array_add(search->pending, place);
    }
}

/* The same for an argument; numbers of standard streams are terminals as far as the source tells. */
static void search_argument(struct search *search, const struct call_site *call, int index)
{
    const struct fact_argument *argument = call_site_argument(call, index);
    if (argument && argument->kind == ARGUMENT_INTEGER) {
        if (argument->integer >= 0 && argument->integer <= 2)
            search->found.causes |= 1U << CAUSE_TERMINAL;
    } else if (argument && argument->kind == ARGUMENT_PATH && argument->text) {
        search_place(search, place_of(search->origins, call->caller, argument->text));
    } else {
        search->found.unknown = TRUE;
    }
}

/* FALSE when `place` is no parameter that somebody passes. */
static gboolean search_callers(struct search *search, const char *place)
{
    GPtrArray *functions = functions_of(search->origins->graph, place);
    gboolean passed = FALSE;
    for (guint i = 0; functions && i < functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(functions, i);
        int parameter = graph_function_parameter(function, place);
        for (guint j = 0; parameter != NO_ARGUMENT && j < function->callers->len; j++) {
            search_argument(search, g_ptr_array_index(function->callers, j), parameter);
            passed = TRUE;
        }
    }
    return passed;
}

/* `open#return` */
static gboolean search_library(struct search *search, const char *place)
{
    if (!g_str_has_suffix(place, RETURNED))
        return FALSE;
    g_autofree char *name = g_strndup(place, strlen(place) - strlen(RETURNED));
    const struct effect *effect = effects_find(search->origins->graph->effects, name);
    if (!effect || !effect->opens)
        return FALSE;
    search->found.causes |= 1U << effect->opens_cause;
    return TRUE;
}

static void visit(struct search *search, const char *place)
{
    if (g_hash_table_contains(search->origins->nonblocking, place))
        search->found.nonblocking = TRUE;
    if (is_standard_stream(place)) {
        search->found.causes |= 1U << CAUSE_TERMINAL;
        return;
    }
    const GPtrArray *sources = g_hash_table_lookup(search->origins->sources, place);
    for (guint i = 0; sources && i < sources->len; i++) {
        const struct source *source = g_ptr_array_index(sources, i);
        search->found.nonblocking |= source->nonblocking;
        if (source->from)
            search_place(search, g_strdup(source->from));
        else
            search->found.causes |= 1U << source->cause;
    }
    gboolean passed = search_callers(search, place);
    if (!sources && !passed && !search_library(search, place))
        search->found.unknown = TRUE;
}

static struct descriptor_origin search_run(struct search *search)
{
    while (search->pending->len > 0)
        visit(search, g_ptr_array_steal_index(search->pending, search->pending->len - 1));
    return search->found;
}

struct descriptor_origin descriptor_origin_find(struct descriptor_origins *origins,
                                                const struct call_site *call, int index)
{
    const struct fact_argument *argument = call_site_argument(call, index);
    g_autofree char *place = argument && argument->kind == ARGUMENT_PATH && argument->text
                                 ? place_of(origins, call->caller, argument->text)
                                 : NULL;
    const struct descriptor_origin *known = place ? g_hash_table_lookup(origins->known, place) : NULL;
    if (known)
        return *known;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    struct search search = {.origins = origins, .seen = seen, .pending = pending};
    search_argument(&search, call, index);
    struct descriptor_origin found = search_run(&search);
    if (place)
        g_hash_table_insert(origins->known, g_steal_pointer(&place), g_memdup2(&found, sizeof(found)));
    return found;
}
