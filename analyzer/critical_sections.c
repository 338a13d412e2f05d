/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/critical_sections.h"

/* What a function does to locks of others: the first lock it takes without giving it up, or the reverse. */
struct wrapper {
    const struct call_site *takes, *releases;
};

struct finder {
    const struct program_graph *graph;
    struct wrapper *wrappers; /* by function index */
    GPtrArray *sections;
};

static void section_free(gpointer data)
{
    struct critical_section *section = data;
    g_free(section->lock);
    g_free(section->instance);
    g_ptr_array_unref(section->calls);
    g_free(section);
}

const char *call_lock_name(const struct call_site *call, int index)
{
    const struct fact_argument *argument = call_site_argument(call, index);
    return argument ? argument->text : NULL;
}

static gboolean acts(const struct call_site *call, enum effect_lock action)
{
    return call->effect && call->effect->lock == action;
}

/* The lock call inside the program's own wrapper that `call` stands for, or `call` itself; NULL for others.
 */
static const struct call_site *lock_call(const struct finder *finder, const struct call_site *call,
                                         enum effect_lock action)
{
    if (acts(call, action))
        return call;
    if (call->resolution != CALL_DIRECT)
        return NULL;
    const struct graph_function *target = g_ptr_array_index(call->targets, 0);
    const struct wrapper *wrapper = &finder->wrappers[target->index];
    return action == LOCK_TAKE ? wrapper->takes : wrapper->releases;
}

static const char *lock_of(const struct call_site *inner)
{
    return call_lock_name(inner, inner->effect->lock_argument);
}

/* Callees first, so that a wrapper around a wrapper is one too. */
static void find_wrappers(struct finder *finder)
{
    for (guint i = 0; i < finder->graph->order->len; i++) {
        const struct graph_function *function = g_ptr_array_index(finder->graph->order, i);
        const struct call_site *takes = NULL, *releases = NULL;
        for (guint j = 0; j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            const struct call_site *take = lock_call(finder, call, LOCK_TAKE);
            const struct call_site *release = lock_call(finder, call, LOCK_RELEASE);
            takes = takes ? takes : take;
            releases = releases ? releases : release;
        }
        struct wrapper *wrapper = &finder->wrappers[function->index];
        if (takes && !releases)
            wrapper->takes = takes;
        else if (releases && !takes)
            wrapper->releases = releases;
    }
}

/* The lock by its canonical name; a wrapper whose lock is its parameter has that of its argument. */
static const char *lock_name(const struct call_site *call, const struct call_site *inner)
{
    const char *name = lock_of(inner);
    int parameter = call == inner ? NO_ARGUMENT : graph_function_parameter(inner->caller, name);
    const char *passed = call_lock_name(call, parameter);
    return passed ? passed : name;
}

/* Which object: the wrapper's argument is nearer to it than the type-based name of the lock inside. */
static const char *instance_of(const struct call_site *call, const struct call_site *inner)
{
    if (call == inner)
        return lock_of(inner);
    for (int i = 0; i < (int)call->event->arguments->len; i++) {
        const struct fact_argument *argument = call_site_argument(call, i);
        if (argument->kind == ARGUMENT_PATH && argument->text)
            return argument->text;
    }
    return lock_of(inner);
}

static gboolean releases_same(const struct finder *finder, const struct call_site *call, const char *lock,
                              const char *instance)
{
    const struct call_site *inner = lock_call(finder, call, LOCK_RELEASE);
    if (!inner)
        return FALSE;
    if (g_strcmp0(lock_name(call, inner), lock) != 0)
        return FALSE;
    const char *released = instance_of(call, inner);
    return !released || !instance || g_strcmp0(released, instance) == 0;
}

/* The section ends where the lock is given up in the loop that took it; what is given up after leaving that
 * loop early would stretch the lines over code that runs without the lock. */
static void extend_lines(struct critical_section *section, const struct call_site *release)
{
    const struct fact_event *take = section->take->event;
    if (release->event->file == take->file && release->event->line >= take->line &&
        loop_contains(section->function->facts, take->loop, release->event->loop))
        section->end_line = MAX(section->end_line, release->event->end_line);
}

/* Adds the calls of one block from `first` on; TRUE when the lock is given up in it. */
static gboolean scan_block(const struct finder *finder, struct critical_section *section, int block,
                           guint first)
{
    GPtrArray *calls = section->function->calls;
    for (guint i = first; i < calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(calls, i);
        if (call->event->block != block && section->function->facts->blocks->len > 0)
            continue;
        g_ptr_array_add(section->calls, (gpointer)call);
        if (releases_same(finder, call, section->lock, section->instance)) {
            extend_lines(section, call);
            return TRUE;
        }
    }
    return FALSE;
}

static void scan_section(const struct finder *finder, struct critical_section *section, guint take_position)
{
    const struct fact_function *facts = section->function->facts;
    int start = section->take->event->block;
    gboolean released = scan_block(finder, section, start, take_position + 1);
    if (released || facts->blocks->len == 0 || start < 0)
        return;
    g_autofree gboolean *seen = g_new0(gboolean, facts->blocks->len);
    g_autoptr(GArray) pending = g_array_new(FALSE, FALSE, sizeof(int));
    seen[start] = TRUE;
    g_array_append_val(pending, start);
    while (pending->len > 0) {
        int index = g_array_index(pending, int, pending->len - 1);
        g_array_set_size(pending, pending->len - 1);
        if (index != start && scan_block(finder, section, index, 0))
            continue;
        const struct fact_block *block = g_ptr_array_index(facts->blocks, (guint)index);
        for (guint i = 0; i < block->successors->len; i++) {
            int next = g_array_index(block->successors, int, i);
            if (!seen[next])
                g_array_append_val(pending, next);
            seen[next] = TRUE;
        }
    }
}

static void add_section(struct finder *finder, struct graph_function *function, const struct call_site *take,
                        guint position)
{
    const struct call_site *inner = lock_call(finder, take, LOCK_TAKE);
    if (!inner || !lock_of(inner))
        return;
    struct critical_section *section = g_new0(struct critical_section, 1);
    section->function = function;
    section->take = take;
    section->lock = g_strdup(lock_name(take, inner));
    section->instance = g_strdup(instance_of(take, inner));
    section->kind = inner->effect->lock_kind;
    section->line = take->event->line;
    section->end_line = take->event->end_line;
    section->calls = g_ptr_array_new();
    scan_section(finder, section, position);
    g_ptr_array_add(finder->sections, section);
}

GPtrArray *critical_sections_find(const struct program_graph *graph)
{
    g_autofree struct wrapper *wrappers = g_new0(struct wrapper, graph->functions->len + 1);
    struct finder finder = {graph, wrappers, g_ptr_array_new_with_free_func(section_free)};
    find_wrappers(&finder);
    for (guint i = 0; i < graph->functions->len; i++) {
        struct graph_function *function = g_ptr_array_index(graph->functions, i);
        /* The wrapper's own body is no section: its callers' are. */
        if (!function->reachable || wrappers[i].takes)
            continue;
        for (guint j = 0; j < function->calls->len; j++)
            add_section(&finder, function, g_ptr_array_index(function->calls, j), j);
    }
    return finder.sections;
}
