/* SPDX-License-Identifier: Apache-2.0 */
/* What the child of a fork runs. */
#include "analyzer/forked_processes.h"

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
        /* What ends the child after its work has no other caller; what ends any process has. */
        if (endings->never_returns[target->index] &&
            (!endings->stops[target->index] || target->callers->len == 1))
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
            roots_add_created(roots, ROOT_PROCESS, body, call);
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

void roots_add_fork(struct roots *roots, const struct call_site *fork_call, const struct endings *endings)
{
    struct graph_function *function = fork_call->caller;
    if (function->facts->blocks->len == 0 || fork_call->event->block < 0)
        return;
    g_autofree gboolean *ends = blocks_without_return(function, endings);
    struct graph_function *body = child_body(fork_call, ends, endings);
    if (child_executes(fork_call, ends))
        g_ptr_array_add(roots->spawned, (gpointer)fork_call);
    else if (body)
        roots_add_created(roots, ROOT_PROCESS, body, fork_call);
    else if ((ends_after(fork_call, ends) || !add_wrapped_fork(roots, function, endings)) &&
             loop_repetitions(function->facts, fork_call->event->loop) != 1)
        roots_add_created(roots, ROOT_PROCESS, function, fork_call);
}
