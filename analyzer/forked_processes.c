/* SPDX-License-Identifier: Apache-2.0 */
/* What the child of a fork runs. */
#include "analyzer/forked_processes.h"

#define WRAPPER_DEPTH 3 /* functions around fork that return what it returned */
#define LOOP_DEPTH    2 /* functions between what a child goes on with and its event loop */

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
 * parent does not come back either, the child is what ends before the next turn of the loop around the fork.
 * NULL when there is none. */
static struct graph_function *child_body(const struct call_site *fork_call, const gboolean *ends,
                                         const struct endings *endings)
{
    struct graph_function *body = NULL;
    guint size = 0;
    gboolean parent_ends = ends[fork_call->event->block];
    g_autofree gboolean *stops = blocks_that_stop(fork_call->caller, endings->stops);
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
        if ((parent_ends && (fork_call->event->loop < 0 || !stops[call->event->block])) ||
            !does_work(target, endings))
            continue;
        guint below = functions_below(target, endings);
        if (!body || below >= size) {
            body = target;
            size = below;
        }
    }
    return body;
}

/* A parent that only ends with status 0 leaves the program to its child: it became a daemon. */
static gboolean is_farewell(const struct call_site *fork_call, const struct graph_function *body)
{
    const struct graph_function *function = fork_call->caller;
    if (fork_call->event->loop >= 0)
        return FALSE;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const struct fact_argument *status = call_site_argument(call, 0);
        if (!call->effect || !(call->effect->properties & EFFECT_DOES_NOT_RETURN) || !status ||
            status->kind != ARGUMENT_INTEGER || status->integer != 0 || call->event->block < 0 ||
            call->event_index < fork_call->event_index ||
            !block_follows(function, fork_call->event->block, call->event->block))
            continue;
        gboolean after_body = FALSE;
        for (guint j = 0; !after_body && j < function->calls->len; j++) {
            const struct call_site *start = g_ptr_array_index(function->calls, j);
            after_body =
                start->targets->len == 1 && g_ptr_array_index(start->targets, 0) == body &&
                (start->event_index < call->event_index || start->event->block == call->event->block);
        }
        if (!after_body)
            return TRUE;
    }
    return FALSE;
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

/* Where a turn of the loop begins: blocks of the loop that are entered from outside. */
static gboolean is_loop_head(const struct graph_function *function, int loop, int index)
{
    const struct fact_function *facts = function->facts;
    const struct fact_block *block = g_ptr_array_index(facts->blocks, (guint)index);
    if (loop < 0 || !loop_contains(facts, loop, block->loop))
        return FALSE;
    for (guint i = 0; i < facts->blocks->len; i++) {
        const struct fact_block *other = g_ptr_array_index(facts->blocks, i);
        for (guint j = 0; !loop_contains(facts, loop, other->loop) && j < other->successors->len; j++) {
            if (g_array_index(other->successors, int, j) == index)
                return TRUE;
        }
    }
    return FALSE;
}

/* TRUE when a path after the fork, in the same turn of its loop, does not come back: parent or child ends
 * here, not in a caller. */
static gboolean ends_in_turn(const struct call_site *fork_call, const gboolean *ends)
{
    const struct graph_function *function = fork_call->caller;
    g_autoptr(GArray) pending = g_array_new(FALSE, FALSE, sizeof(int));
    g_autofree gboolean *seen = g_new0(gboolean, function->facts->blocks->len + 1);
    g_array_append_val(pending, fork_call->event->block);
    while (pending->len > 0) {
        int index = g_array_index(pending, int, pending->len - 1);
        g_array_set_size(pending, pending->len - 1);
        if (seen[index])
            continue;
        seen[index] = TRUE;
        if (index != fork_call->event->block && ends[index])
            return TRUE;
        const struct fact_block *block = g_ptr_array_index(function->facts->blocks, (guint)index);
        for (guint i = 0; i < block->successors->len; i++) {
            int next = g_array_index(block->successors, int, i);
            if (!is_loop_head(function, fork_call->event->loop, next))
                g_array_append_val(pending, next);
        }
    }
    return FALSE;
}

static gboolean executes_itself(const struct graph_function *function)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->effect && (call->effect->properties & EFFECT_EXECUTES))
            return TRUE;
    }
    return FALSE;
}

/* `spawn(run_worker, data)`: the child calls what its function was given, and each caller gives its own. */
static gboolean add_passed_bodies(const struct program_graph *graph, struct roots *roots,
                                  const struct call_site *fork_call, const struct endings *endings)
{
    struct graph_function *function = fork_call->caller;
    gboolean found = FALSE;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *start = g_ptr_array_index(function->calls, i);
        int parameter = start->event->callee || !start->event->via
                            ? NO_ARGUMENT
                            : graph_function_parameter(function, start->event->via);
        if (parameter == NO_ARGUMENT || start->event_index < fork_call->event_index ||
            !block_follows(function, fork_call->event->block, start->event->block))
            continue;
        for (guint j = 0; j < function->callers->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->callers, j);
            g_autoptr(GPtrArray) bodies = program_graph_argument_functions(graph, call, parameter);
            for (guint k = 0; k < bodies->len; k++) {
                struct graph_function *body = g_ptr_array_index(bodies, k);
                found = TRUE;
                if (executes_itself(body))
                    g_ptr_array_add(roots->spawned, (gpointer)call);
                else if (endings->never_returns[body->index] || does_work(body, endings))
                    roots_add_created(roots, ROOT_PROCESS, body, call);
            }
        }
    }
    return found;
}

struct fork_search {
    const struct program_graph *graph;
    struct roots *roots;
    const struct endings *endings;
    GPtrArray *continuing;
};

/* Functions that return what fork returned leave the child's branch to their callers. */
static gboolean add_fork(const struct fork_search *search, const struct call_site *fork_call, int depth)
{
    struct graph_function *function = fork_call->caller;
    if (function->facts->blocks->len == 0 || fork_call->event->block < 0 || depth > WRAPPER_DEPTH)
        return FALSE;
    g_autofree gboolean *ends = blocks_without_return(function, search->endings);
    struct graph_function *body = child_body(fork_call, ends, search->endings);
    gboolean repeated = loop_repetitions(function->facts, fork_call->event->loop) != 1;
    if (child_executes(fork_call, ends)) {
        g_ptr_array_add(search->roots->spawned, (gpointer)fork_call);
        return TRUE;
    }
    if (body && is_farewell(fork_call, body))
        return TRUE;
    if (body) {
        roots_add_created(search->roots, ROOT_PROCESS, body, fork_call);
        return TRUE;
    }
    if (add_passed_bodies(search->graph, search->roots, fork_call, search->endings))
        return TRUE;
    if (ends_in_turn(fork_call, ends)) {
        if (repeated)
            roots_add_created(search->roots, ROOT_PROCESS, function, fork_call);
        return TRUE;
    }
    gboolean found = FALSE;
    for (guint i = 0; !repeated && i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        found |= call->resolution == CALL_DIRECT && add_fork(search, call, depth + 1);
    }
    if (!found && repeated && !g_ptr_array_find(search->continuing, fork_call, NULL))
        g_ptr_array_add(search->continuing, (gpointer)fork_call);
    return found || repeated;
}

void roots_add_fork(const struct program_graph *graph, struct roots *roots, const struct call_site *fork_call,
                    const struct endings *endings, GPtrArray *continuing)
{
    struct fork_search search = {graph, roots, endings, continuing};
    add_fork(&search, fork_call, 0);
}

/* --- children that go on
 * ------------------------------------------------------------------------------------ */

static gboolean holds_loop(const struct roots *roots, const struct graph_function *function, int depth)
{
    for (guint i = 0; i < roots->loops->len; i++) {
        if (((const struct event_loop *)g_ptr_array_index(roots->loops, i))->function == function)
            return TRUE;
    }
    for (guint i = 0; depth > 0 && i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->resolution == CALL_DIRECT &&
            holds_loop(roots, g_ptr_array_index(call->targets, 0), depth - 1))
            return TRUE;
    }
    return FALSE;
}

static int outermost_loop(const struct fact_function *facts, int loop)
{
    while (loop >= 0) {
        int parent = ((const struct fact_loop *)g_ptr_array_index(facts->loops, (guint)loop))->parent;
        if (parent < 0)
            break;
        loop = parent;
    }
    return loop;
}

/* What runs after `passed`, outside the loop around it: a callee that holds an event loop, else one that
 * never returns. */
static struct graph_function *next_body(const struct roots *roots, const struct call_site *passed,
                                        const struct endings *endings, gboolean at_fork)
{
    const struct graph_function *function = passed->caller;
    int around = at_fork ? outermost_loop(function->facts, passed->event->loop) : -1;
    struct graph_function *last = NULL;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->resolution != CALL_DIRECT || call->event_index < passed->event_index ||
            call->event->block < 0 ||
            (around >= 0 && loop_contains(function->facts, around, call->event->loop)) ||
            !block_follows(function, passed->event->block, call->event->block))
            continue;
        struct graph_function *target = g_ptr_array_index(call->targets, 0);
        if (holds_loop(roots, target, LOOP_DEPTH))
            return target;
        if (endings->never_returns[target->index] && !endings->stops[target->index])
            last = target;
    }
    for (guint i = 0; i < roots->loops->len; i++) {
        const struct event_loop *loop = g_ptr_array_index(roots->loops, i);
        if (loop->function == function && loop->wait->event->block >= 0 &&
            !(around >= 0 && loop_contains(function->facts, around, loop->loop)) &&
            block_follows(function, passed->event->block, loop->wait->event->block))
            return loop->function;
    }
    return last;
}

/* TRUE when what follows `passed` can be reached around it, and around the loop that it stands in. */
static gboolean can_be_skipped(const struct call_site *passed)
{
    const struct graph_function *function = passed->caller;
    const struct fact_function *facts = function->facts;
    int around = outermost_loop(facts, passed->event->loop);
    g_autoptr(GArray) pending = g_array_new(FALSE, FALSE, sizeof(int));
    g_autofree gboolean *seen = g_new0(gboolean, facts->blocks->len + 1);
    int entry = 0;
    g_array_append_val(pending, entry);
    while (pending->len > 0) {
        int index = g_array_index(pending, int, pending->len - 1);
        g_array_set_size(pending, pending->len - 1);
        const struct fact_block *block = g_ptr_array_index(facts->blocks, (guint)index);
        if (seen[index] || index == passed->event->block ||
            (around >= 0 && loop_contains(facts, around, block->loop)))
            continue;
        seen[index] = TRUE;
        g_array_append_vals(pending, block->successors->data, block->successors->len);
    }
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->event_index > passed->event_index && call->event->block >= 0 && seen[call->event->block] &&
            block_follows(function, passed->event->block, call->event->block))
            return TRUE;
    }
    return FALSE;
}

static struct graph_function *continued_body(const struct roots *roots, const struct call_site *passed,
                                             const struct endings *endings, int depth, gboolean *optional)
{
    if (passed->caller->facts->blocks->len == 0 || passed->event->block < 0)
        return NULL;
    struct graph_function *body = next_body(roots, passed, endings, depth == WRAPPER_DEPTH);
    for (guint i = 0; !body && depth > 0 && i < passed->caller->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(passed->caller->callers, i);
        body = call->resolution == CALL_DIRECT ? continued_body(roots, call, endings, depth - 1, optional)
                                               : NULL;
    }
    *optional |= body && can_be_skipped(passed);
    return body;
}

void roots_add_continuing(struct roots *roots, GPtrArray *continuing, const struct endings *endings)
{
    for (guint i = 0; i < continuing->len; i++) {
        const struct call_site *fork_call = g_ptr_array_index(continuing, i);
        gboolean optional = FALSE;
        struct graph_function *body = continued_body(roots, fork_call, endings, WRAPPER_DEPTH, &optional);
        struct root *root =
            roots_add_created(roots, ROOT_PROCESS, body ? body : fork_call->caller, fork_call);
        root->optional = optional && !root->per_request;
    }
}
