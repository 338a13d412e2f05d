/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/roots.h"

#include "analyzer/event_loops.h"

void roots_add(struct roots *roots, enum root_kind kind, struct graph_function *function,
               const struct call_site *creation)
{
    for (guint i = 0; i < roots->roots->len; i++) {
        struct root *known = g_ptr_array_index(roots->roots, i);
        if (known->kind == kind && known->function == function && known->creation == creation)
            return;
    }
    struct root *root = g_new0(struct root, 1);
    root->kind = kind;
    root->function = function;
    root->creation = creation;
    root->count = 1;
    g_ptr_array_add(roots->roots, root);
}

void roots_free(struct roots *roots)
{
    if (!roots)
        return;
    g_ptr_array_unref(roots->roots);
    g_ptr_array_unref(roots->loops);
    g_ptr_array_unref(roots->spawned);
    g_free(roots);
}

gboolean root_is_helper(const struct root *root)
{
    return root && root->kind == ROOT_PROCESS && root->count == 1 && !root->per_request;
}

const struct root *roots_find_function(const struct roots *roots, const struct graph_function *function)
{
    for (guint i = 0; i < roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(roots->roots, i);
        if (root->function == function)
            return root;
    }
    return NULL;
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
static gint64 repetitions(const struct fact_function *facts, int loop)
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

/* TRUE when the innermost loops around `call` also accept a connection. */
static gboolean follows_accept(const struct call_site *call)
{
    if (call->event->loop < 0)
        return FALSE;
    for (guint i = 0; i < call->caller->calls->len; i++) {
        const struct call_site *other = g_ptr_array_index(call->caller->calls, i);
        if (loop_contains(call->caller->facts, call->event->loop, other->event->loop) && other->effect &&
            other->effect->block == BLOCK_CAUSE && other->effect->cause == CAUSE_ACCEPT)
            return TRUE;
        /* Or through a function of the program that accepts. */
        const struct graph_function *target =
            other->targets->len == 1 ? g_ptr_array_index(other->targets, 0) : NULL;
        for (guint j = 0; target && j < target->calls->len; j++) {
            const struct call_site *inner = g_ptr_array_index(target->calls, j);
            if (loop_contains(call->caller->facts, call->event->loop, other->event->loop) && inner->effect &&
                inner->effect->block == BLOCK_CAUSE && inner->effect->cause == CAUSE_ACCEPT)
                return TRUE;
        }
    }
    return FALSE;
}

static void add_created(struct roots *roots, enum root_kind kind, struct graph_function *function,
                        const struct call_site *creation)
{
    roots_add(roots, kind, function, creation);
    for (guint i = 0; i < roots->roots->len; i++) {
        struct root *root = g_ptr_array_index(roots->roots, i);
        if (root->function != function || root->creation != creation)
            continue;
        root->count = repetitions(creation->caller->facts, creation->event->loop);
        root->per_request = follows_accept(creation);
        /* The creation may stand in a helper that is itself called in a loop. */
        for (guint j = 0; root->count == 1 && j < creation->caller->callers->len; j++) {
            const struct call_site *caller = g_ptr_array_index(creation->caller->callers, j);
            root->count = repetitions(caller->caller->facts, caller->event->loop);
            root->per_request |= follows_accept(caller);
        }
    }
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
                add_created(roots, ROOT_THREAD, g_ptr_array_index(bodies, k), call);
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
        add_created(roots, ROOT_THREAD, start, call);
        direct = TRUE;
    }
    if (!direct)
        add_wrapped(graph, roots, call);
}

static gboolean block_follows(const struct graph_function *function, int from, int to)
{
    g_autoptr(GArray) pending = g_array_new(FALSE, FALSE, sizeof(int));
    g_autofree gboolean *seen = g_new0(gboolean, function->facts->blocks->len + 1);
    g_array_append_val(pending, from);
    while (pending->len > 0) {
        int index = g_array_index(pending, int, pending->len - 1);
        g_array_set_size(pending, pending->len - 1);
        if (index == to)
            return TRUE;
        const struct fact_block *block = g_ptr_array_index(function->facts->blocks, (guint)index);
        for (guint i = 0; !seen[index] && i < block->successors->len; i++)
            g_array_append_val(pending, g_array_index(block->successors, int, i));
        seen[index] = TRUE;
    }
    return FALSE;
}

/* A function dispatched from an event loop counts as a callback when it does anything worth a turn of the
 * loop. */
static gboolean does_work(const struct graph_function *function, const struct endings *endings)
{
    if (endings->stops[function->index])
        return FALSE;
    return function->facts->loops->len > 0 || reaches_property(function, EFFECT_SYSTEM_CALL);
}

/* `fail("fork")`: stops the program, is called from everywhere, and does nothing. */
static gboolean only_reports(const struct graph_function *function, const struct endings *endings)
{
    return endings->stops[function->index] && function->facts->loops->len == 0 && function->callers->len > 1;
}

/* The branch of the child: what follows the fork and never comes back. */
static gboolean in_child(const struct call_site *fork_call, const struct call_site *call,
                         const gboolean *ends)
{
    int block = call->event->block;
    return call->event_index > fork_call->event_index && block >= 0 && ends[block] &&
           block_follows(fork_call->caller, fork_call->event->block, block);
}

static void count_below(const struct graph_function *function, const struct endings *endings,
                        GHashTable *seen)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->resolution != CALL_DIRECT)
            continue;
        struct graph_function *target = g_ptr_array_index(call->targets, 0);
        if (!endings->stops[target->index] && g_hash_table_add(seen, target))
            count_below(target, endings, seen);
    }
}

/* How much of the program a function uses: the task of a child uses more than setting its title or reporting.
 * Crash handlers, which reach everything, are left out. */
static guint functions_below(const struct graph_function *function, const struct endings *endings)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    count_below(function, endings, seen);
    return g_hash_table_size(seen);
}

/* What the child runs: the callee that never returns, else the largest one that does any work. When the
 * parent does not come back either, only the former can be told to be the child. NULL when there is none. */
static struct graph_function *child_body(const struct call_site *fork_call, const gboolean *ends,
                                         const struct endings *endings)
{
    struct graph_function *body = NULL;
    guint size = 0;
    GPtrArray *calls = fork_call->caller->calls;
    for (guint i = 0; i < calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(calls, i);
        if (call->resolution != CALL_DIRECT || !in_child(fork_call, call, ends))
            continue;
        struct graph_function *target = g_ptr_array_index(call->targets, 0);
        if (only_reports(target, endings))
            continue;
        if (endings->never_returns[target->index] && !endings->stops[target->index])
            return target;
        if (ends[fork_call->event->block] || !does_work(target, endings))
            continue;
        guint below = functions_below(target, endings);
        if (!body || below >= size) {
            body = target;
            size = below;
        }
    }
    return body;
}

static gboolean child_executes(const struct call_site *fork_call, const gboolean *ends)
{
    GPtrArray *calls = fork_call->caller->calls;
    for (guint i = 0; i < calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(calls, i);
        gboolean executes = call->effect && (call->effect->properties & EFFECT_EXECUTES);
        if (executes && in_child(fork_call, call, ends))
            return TRUE;
    }
    return FALSE;
}

/* Functions that return what fork returned leave the child's branch to their callers. */
static gboolean add_wrapped_fork(struct roots *roots, const struct graph_function *wrapper,
                                 const struct endings *endings)
{
    gboolean found = FALSE;
    for (guint i = 0; i < wrapper->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(wrapper->callers, i);
        if (call->resolution != CALL_DIRECT || call->caller->facts->blocks->len == 0 ||
            call->event->block < 0)
            continue;
        g_autofree gboolean *ends = blocks_without_return(call->caller, endings);
        struct graph_function *body = child_body(call, ends, endings);
        if (body && !child_executes(call, ends)) {
            add_created(roots, ROOT_PROCESS, body, call);
            found = TRUE;
        }
    }
    return found;
}

/* TRUE when a path after the fork does not come back: parent or child ends here, not in a caller. */
static gboolean ends_after(const struct call_site *fork_call, const gboolean *ends)
{
    for (int i = 0; i < (int)fork_call->caller->facts->blocks->len; i++) {
        if (ends[i] && block_follows(fork_call->caller, fork_call->event->block, i))
            return TRUE;
    }
    return FALSE;
}

static void add_fork(struct roots *roots, const struct call_site *fork_call, const struct endings *endings)
{
    struct graph_function *function = fork_call->caller;
    if (function->facts->blocks->len == 0 || fork_call->event->block < 0)
        return;
    g_autofree gboolean *ends = blocks_without_return(function, endings);
    struct graph_function *body = child_body(fork_call, ends, endings);
    if (child_executes(fork_call, ends))
        g_ptr_array_add(roots->spawned, (gpointer)fork_call);
    else if (body)
        add_created(roots, ROOT_PROCESS, body, fork_call);
    else if ((ends_after(fork_call, ends) || !add_wrapped_fork(roots, function, endings)) &&
             repetitions(function->facts, fork_call->event->loop) != 1)
        add_created(roots, ROOT_PROCESS, function, fork_call);
}

static void find_in_function(const struct program_graph *graph, struct roots *roots,
                             const struct graph_function *function, const struct endings *endings)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const struct effect *effect = call->effect;
        if (!effect)
            continue;
        if (effect->creates == CREATE_THREAD)
            add_thread(graph, roots, call);
        else if (effect->properties & EFFECT_CREATES_FLOW)
            g_ptr_array_add(roots->spawned, (gpointer)call);
        else if (effect->creates == CREATE_PROCESS)
            add_fork(roots, call, endings);
    }
}

struct roots *roots_find(const struct program_graph *graph, const struct endings *endings)
{
    struct roots *roots = g_new0(struct roots, 1);
    roots->roots = g_ptr_array_new_with_free_func(g_free);
    roots->loops = g_ptr_array_new_with_free_func(g_free);
    roots->spawned = g_ptr_array_new();
    for (guint i = 0; i < graph->mains->len; i++)
        roots_add(roots, ROOT_MAIN, g_ptr_array_index(graph->mains, i), NULL);
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        if (function->reachable)
            find_in_function(graph, roots, function, endings);
    }
    event_loops_find(graph, endings, roots);
    return roots;
}

static void mark_below(const struct graph_function *function, gboolean *marks, const gboolean *stop)
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
            mark_below(root->function, dispatched, NULL);
        else
            mark_below(root->function, elsewhere, callbacks);
    }
    for (guint i = 0; i < count; i++)
        dispatched[i] = dispatched[i] && !elsewhere[i];
    return dispatched;
}
