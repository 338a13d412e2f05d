/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/roots.h"

#include <string.h>
#include <sys/wait.h>

#include "analyzer/event_loops.h"
#include "analyzer/forked_processes.h"

#define ACCEPT_DEPTH        2     /* functions between a creation and the accept before it, up and down */
#define ENDLESS_DEPTH       3     /* functions between a creation and the loop without end around it */
#define CLONE_SHARES_MEMORY 0x100 /* CLONE_VM: what is made is a thread in all but name */

void roots_free(struct roots *roots)
{
    if (!roots)
        return;
    g_ptr_array_unref(roots->roots);
    g_ptr_array_unref(roots->loops);
    g_ptr_array_unref(roots->spawned);
    g_hash_table_unref(roots->by_function);
    g_free(roots);
}

gboolean root_is_helper(const struct root *root)
{
    return root && root->kind == ROOT_PROCESS && root->count == 1 && !root->per_request;
}

const struct root *roots_find_function(const struct roots *roots, const struct graph_function *function)
{
    return g_hash_table_lookup(roots->by_function, function);
}

static gboolean reaches(const struct graph_function *from, unsigned property, GHashTable *seen)
{
    if (!g_hash_table_add(seen, (gpointer)from))
        return FALSE;
    for (guint i = 0; i < from->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(from->calls, i);
        if (call->effect && (call->effect->properties & property))
            return TRUE;
        for (guint j = 0; j < call->targets->len; j++) {
            if (reaches(g_ptr_array_index(call->targets, j), property, seen))
                return TRUE;
        }
    }
    return FALSE;
}

gboolean reaches_property(const struct graph_function *from, unsigned property)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    return reaches(from, property, seen);
}

/* How often the enclosing loops run; -1 when data decides. */
gint64 loop_repetitions(const struct fact_function *facts, int loop)
{
    gint64 count = 1;
    for (; loop >= 0;
         loop = ((const struct fact_loop *)g_ptr_array_index(facts->loops, (guint)loop))->parent) {
        const struct fact_loop *here = g_ptr_array_index(facts->loops, (guint)loop);
        if (here->trip_count < 0 || here->trip_count > 1000000)
            return -1;
        count *= here->trip_count;
    }
    return count;
}

static gboolean reaches_accept(const struct call_site *call, int depth)
{
    if (call->effect)
        return call->effect->block == BLOCK_CAUSE && call->effect->cause == CAUSE_ACCEPT;
    const struct graph_function *target =
        call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
    for (guint i = 0; depth > 0 && target && i < target->calls->len; i++) {
        if (reaches_accept(g_ptr_array_index(target->calls, i), depth - 1))
            return TRUE;
    }
    return FALSE;
}

/* TRUE when a loop around `call` also accepts a connection, or its function did before, or that of a caller.
 */
static gboolean follows_accept(const struct call_site *call, int depth)
{
    const struct fact_function *facts = call->caller->facts;
    gboolean is_main = strcmp(facts->name, "main") == 0; /* once in a run: the one client of a tool */
    for (guint i = 0; i < call->caller->calls->len; i++) {
        const struct call_site *other = g_ptr_array_index(call->caller->calls, i);
        gboolean before = !is_main && other->event_index < call->event_index &&
                          (call->event->loop < 0 || other->event->loop >= 0) &&
                          loop_contains(facts, other->event->loop, call->event->loop);
        gboolean beside = other->event_index < call->event_index && call->event->loop >= 0 &&
                          loop_contains(facts, call->event->loop, other->event->loop);
        if (other != call && (before || beside) && reaches_accept(other, ACCEPT_DEPTH))
            return TRUE;
    }
    for (guint i = 0; depth > 0 && call->event->loop < 0 && i < call->caller->callers->len; i++) {
        const struct call_site *caller = g_ptr_array_index(call->caller->callers, i);
        if (caller->resolution == CALL_DIRECT && follows_accept(caller, depth - 1))
            return TRUE;
    }
    return FALSE;
}

/* `waitpid(pid, …)`: for one child, not for whichever ends first, and not only to look. */
static gboolean waits_for_one(const struct call_site *call, int depth)
{
    const struct graph_function *target =
        call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
    for (guint i = 0; i < call->event->arguments->len; i++) {
        const struct fact_argument *argument = call_site_argument(call, (int)i);
        if (argument->kind == ARGUMENT_INTEGER && argument->integer < 0)
            return FALSE; /* any child */
    }
    for (guint i = 0; depth > 0 && target && i < target->calls->len; i++) {
        if (waits_for_one(g_ptr_array_index(target->calls, i), depth - 1))
            return TRUE;
    }
    if (!call->effect || call->effect->block != BLOCK_CAUSE || call->effect->cause != CAUSE_CHILD)
        return FALSE;
    const struct fact_argument *child = call_site_argument(call, 0), *flags = call_site_argument(call, 2);
    return call->event->arguments->len >= 3 && child->kind != ARGUMENT_INTEGER &&
           (flags->kind != ARGUMENT_INTEGER || !(flags->integer & WNOHANG));
}

/* TRUE when the maker of a process waits for its end before it makes another. */
static gboolean is_awaited(const struct call_site *creation)
{
    const struct graph_function *maker = creation->caller;
    for (guint i = 0; i < maker->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(maker->calls, i);
        if (call->event_index > creation->event_index &&
            loop_contains(maker->facts, creation->event->loop, call->event->loop) && waits_for_one(call, 1))
            return TRUE;
    }
    return FALSE;
}

static struct root *find_root(const struct roots *roots, enum root_kind kind,
                              const struct graph_function *function, const struct call_site *creation)
{
    for (guint i = 0; i < roots->roots->len; i++) {
        struct root *root = g_ptr_array_index(roots->roots, i);
        if (root->kind == kind && root->function == function && root->creation == creation)
            return root;
    }
    return NULL;
}

void roots_add(struct roots *roots, enum root_kind kind, struct graph_function *function,
               const struct call_site *creation)
{
    if (find_root(roots, kind, function, creation))
        return;
    struct root *root = g_new0(struct root, 1);
    *root = (struct root){.kind = kind, .function = function, .creation = creation, .count = 1};
    g_ptr_array_add(roots->roots, root);
    if (!g_hash_table_contains(roots->by_function, function))
        g_hash_table_insert(roots->by_function, function, root);
}

static gboolean in_endless_loop(const struct call_site *call, int depth)
{
    const struct fact_function *facts = call->caller->facts;
    for (int loop = call->event->loop; loop >= 0;) {
        const struct fact_loop *here = g_ptr_array_index(facts->loops, (guint)loop);
        if (here->trip_count == G_MAXINT64)
            return TRUE;
        loop = here->parent;
    }
    for (guint i = 0; depth > 0 && i < call->caller->callers->len; i++) {
        const struct call_site *caller = g_ptr_array_index(call->caller->callers, i);
        if (caller->resolution == CALL_DIRECT && in_endless_loop(caller, depth - 1))
            return TRUE;
    }
    return FALSE;
}

struct root *roots_add_created(struct roots *roots, enum root_kind kind, struct graph_function *function,
                               const struct call_site *creation)
{
    roots_add(roots, kind, function, creation);
    struct root *root = find_root(roots, kind, function, creation);
    root->count = loop_repetitions(creation->caller->facts, creation->event->loop);
    root->per_request = follows_accept(creation, ACCEPT_DEPTH);
    root->awaited = kind == ROOT_PROCESS && is_awaited(creation);
    root->endless = in_endless_loop(creation, ENDLESS_DEPTH);
    /* The creation may stand in a helper that is itself called in a loop. */
    for (guint i = 0; root->count == 1 && i < creation->caller->callers->len; i++) {
        const struct call_site *caller = g_ptr_array_index(creation->caller->callers, i);
        root->count = loop_repetitions(caller->caller->facts, caller->event->loop);
    }
    return root;
}

/* A start routine that only calls what it was given (`ignition` in pigz's yarn.c) hides the real thread
 * bodies. */
static gboolean is_trampoline(const struct graph_function *start)
{
    if (start->facts->loops->len > 0)
        return FALSE;
    for (guint i = 0; i < start->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(start->calls, i);
        if (!call->event->callee && call->targets->len > 0)
            return TRUE;
    }
    return FALSE;
}

/* Functions passed to the wrapper around the creation are the bodies, and the calls of the wrapper create
 * them. */
static gboolean add_wrapped(const struct program_graph *graph, struct roots *roots,
                            const struct call_site *creation)
{
    gboolean found = FALSE;
    const struct graph_function *wrapper = creation->caller;
    for (guint i = 0; i < wrapper->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(wrapper->callers, i);
        for (guint j = 0; j < call->event->arguments->len; j++) {
            if (call_site_argument(call, (int)j)->kind != ARGUMENT_FUNCTION)
                continue;
            g_autoptr(GPtrArray) bodies = program_graph_argument_functions(graph, call, (int)j);
            for (guint k = 0; k < bodies->len; k++) {
                roots_add_created(roots, ROOT_THREAD, g_ptr_array_index(bodies, k), call);
                found = TRUE;
            }
        }
    }
    return found;
}

static void add_thread(const struct program_graph *graph, struct roots *roots, const struct call_site *call)
{
    g_autoptr(GPtrArray) starts = program_graph_argument_functions(graph, call, call->effect->start_argument);
    gboolean direct = FALSE;
    for (guint i = 0; i < starts->len; i++) {
        struct graph_function *start = g_ptr_array_index(starts, i);
        if (is_trampoline(start) && add_wrapped(graph, roots, call)) {
            direct = TRUE;
            continue;
        }
        roots_add_created(roots, ROOT_THREAD, start, call);
        direct = TRUE;
    }
    if (!direct)
        add_wrapped(graph, roots, call);
}

static void add_started(const struct program_graph *graph, struct roots *roots, const struct call_site *call,
                        enum root_kind kind)
{
    g_autoptr(GPtrArray) starts = program_graph_argument_functions(graph, call, call->effect->start_argument);
    for (guint i = 0; i < starts->len; i++)
        roots_add_created(roots, kind, g_ptr_array_index(starts, i), call);
}

/* `clone(function, stack, flags, argument)` */
static void add_clone(const struct program_graph *graph, struct roots *roots, const struct call_site *call)
{
    gboolean shares = FALSE;
    for (int i = 0; i < (int)call->event->arguments->len; i++) {
        const struct fact_argument *argument = call_site_argument(call, i);
        shares |= argument->kind == ARGUMENT_INTEGER && (argument->integer & CLONE_SHARES_MEMORY);
    }
    add_started(graph, roots, call, shares ? ROOT_THREAD : ROOT_PROCESS);
}

static void add_handlers(const struct program_graph *graph, struct roots *roots, const struct call_site *call)
{
    for (int i = 0; i < (int)call->event->arguments->len; i++) {
        g_autoptr(GPtrArray) handlers = call->effect->registers_arguments >> i & 1U
                                            ? program_graph_argument_functions(graph, call, i)
                                            : g_ptr_array_new();
        for (guint j = 0; j < handlers->len; j++)
            roots_add(roots, ROOT_SIGNAL, g_ptr_array_index(handlers, j), call);
    }
}

/* Fields whose functions run without a loop that calls them: `action.sa_handler = on_signal`, and a thread of
 * the library's own for `event.sigev_notify_function = on_complete`, and the methods of an interpreter. */
static void add_stored_handlers(const struct program_graph *graph, struct roots *roots)
{
    GHashTableIter iterator;
    gpointer path;
    g_hash_table_iter_init(&iterator, graph->values);
    while (g_hash_table_iter_next(&iterator, &path, NULL)) {
        const struct effect *effect = strchr(path, '.') ? effects_find(graph->effects, path) : NULL;
        if (!effect || !(effect->properties & EFFECT_FIELD) || !effect_runs_alone(effect))
            continue;
        enum root_kind kind = effect->creates == CREATE_THREAD ? ROOT_THREAD
                              : effect->lock_name              ? ROOT_METHOD
                                                               : ROOT_SIGNAL;
        g_autoptr(GPtrArray) stored = program_graph_stored(graph, NULL, path);
        for (guint i = 0; i < stored->len; i++)
            roots_add(roots, kind, g_ptr_array_index(stored, i), NULL);
    }
}

static gboolean waits_for_child(const struct call_site *call)
{
    return call->effect && call->effect->block == BLOCK_CAUSE && call->effect->cause == CAUSE_CHILD;
}

gboolean spawns_beside(const struct call_site *spawn)
{
    if (loop_repetitions(spawn->caller->facts, spawn->event->loop) == 1 ||
        (spawn->effect && spawn->effect->block != BLOCK_NEVER))
        return FALSE;
    for (guint i = 0; i < spawn->caller->calls->len; i++) {
        const struct call_site *other = g_ptr_array_index(spawn->caller->calls, i);
        if (waits_for_child(other) &&
            loop_contains(spawn->caller->facts, spawn->event->loop, other->event->loop))
            return FALSE;
    }
    return TRUE;
}

gboolean is_reaper(const struct graph_function *function)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const struct fact_argument *child = call_site_argument(call, 0);
        gboolean any = call->event->arguments->len < 4 && call->event->callee &&
                       !g_str_has_prefix(call->event->callee, "waitid") &&
                       (call->event->arguments->len == 1 || g_str_has_prefix(call->event->callee, "wait3") ||
                        (child && child->kind == ARGUMENT_INTEGER && child->integer == -1));
        if (waits_for_child(call) && any)
            return TRUE;
    }
    return FALSE;
}

gboolean spawn_is_left(const struct call_site *spawn)
{
    gboolean is_process = !spawn->effect || spawn->effect->creates == CREATE_PROCESS;
    if (!is_process || (spawn->effect && (spawn->effect->opens || spawn->effect->block != BLOCK_NEVER)))
        return FALSE;
    for (guint i = 0; i < spawn->caller->calls->len; i++) {
        if (waits_for_child(g_ptr_array_index(spawn->caller->calls, i)))
            return FALSE;
    }
    return TRUE;
}

/* As many threads as the host has cores, this one among them. */
static void add_parallel(struct roots *roots, struct graph_function *function, const struct call_site *call)
{
    roots_add(roots, ROOT_PARALLEL, function, call);
    ((struct root *)g_ptr_array_index(roots->roots, roots->roots->len - 1))->count = -1;
}

int parallel_loop(const struct root *root)
{
    const struct fact_event *region = root->creation->event;
    for (guint i = 0; i < root->function->facts->loops->len; i++) {
        const struct fact_loop *loop = g_ptr_array_index(root->function->facts->loops, i);
        if (loop->file == region->file && loop->line >= region->line && loop->end_line <= region->end_line)
            return (int)i;
    }
    return -1;
}

static void find_in_function(const struct program_graph *graph, struct roots *roots,
                             const struct graph_function *function, const struct endings *endings,
                             GPtrArray *continuing)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const struct effect *effect = call->effect;
        if (!effect)
            continue;
        if (effect->creates == CREATE_THREAD && effect->start_argument == NO_ARGUMENT)
            add_parallel(roots, (struct graph_function *)function, call);
        else if (effect->creates == CREATE_THREAD)
            add_thread(graph, roots, call);
        else if (effect->properties & EFFECT_CREATES_FLOW)
            g_ptr_array_add(roots->spawned, (gpointer)call);
        else if (effect->creates == CREATE_PROCESS && effect->start_argument != NO_ARGUMENT)
            add_clone(graph, roots, call);
        else if (effect->creates == CREATE_PROCESS)
            roots_add_fork(graph, roots, call, endings, continuing);
        else if (effect->creates == CREATE_COROUTINE)
            add_started(graph, roots, call, ROOT_COROUTINE);
        if (effect->properties & EFFECT_IN_SIGNAL)
            add_handlers(graph, roots, call);
    }
}

struct roots *roots_find(const struct program_graph *graph, const struct endings *endings)
{
    struct roots *roots = g_new0(struct roots, 1);
    roots->roots = g_ptr_array_new_with_free_func(g_free);
    roots->loops = g_ptr_array_new_with_free_func(g_free);
    roots->spawned = g_ptr_array_new();
    g_autoptr(GPtrArray) continuing = g_ptr_array_new();
    roots->by_function = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < graph->mains->len; i++)
        roots_add(roots, ROOT_MAIN, g_ptr_array_index(graph->mains, i), NULL);
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        if (function->reachable)
            find_in_function(graph, roots, function, endings, continuing);
    }
    event_loops_find(graph, endings, roots);
    roots_add_continuing(roots, continuing, endings);
    add_stored_handlers(graph, roots);
    return roots;
}

void functions_mark_below(const struct graph_function *function, gboolean *marks, const gboolean *stop)
{
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    g_ptr_array_add(pending, (gpointer)function);
    while (pending->len > 0) {
        const struct graph_function *next = g_ptr_array_steal_index(pending, pending->len - 1);
        if (marks[next->index] || (stop && stop[next->index]))
            continue;
        marks[next->index] = TRUE;
        for (guint i = 0; i < next->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(next->calls, i);
            g_ptr_array_extend(pending, call->targets, NULL, NULL);
        }
    }
}

GHashTable *roots_dispatches(const struct roots *roots)
{
    GHashTable *dispatches = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(roots->roots, i);
        if (root->kind == ROOT_CALLBACK && root->creation)
            g_hash_table_add(dispatches, (gpointer)root->creation);
    }
    return dispatches;
}

gboolean *roots_dispatched(const struct program_graph *graph, const struct roots *roots)
{
    guint count = graph->functions->len;
    gboolean *dispatched = g_new0(gboolean, count + 1);
    g_autofree gboolean *callbacks = g_new0(gboolean, count + 1);
    g_autofree gboolean *elsewhere = g_new0(gboolean, count + 1);
    for (guint i = 0; i < roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(roots->roots, i);
        callbacks[root->function->index] |= root->kind == ROOT_CALLBACK;
    }
    for (guint i = 0; i < roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(roots->roots, i);
        if (root->kind == ROOT_CALLBACK)
            functions_mark_below(root->function, dispatched, NULL);
        else if (root->kind != ROOT_MAIN) /* what main does before the loop is done once */
            functions_mark_below(root->function, elsewhere, callbacks);
    }
    for (guint i = 0; i < count; i++)
        dispatched[i] = dispatched[i] && !elsewhere[i];
    return dispatched;
}
