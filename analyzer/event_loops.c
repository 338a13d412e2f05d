/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/event_loops.h"

#include <string.h>

#define WRAPPER_DEPTH 4 /* functions between an event loop and the poll in it */
#define PLAIN_LENGTH  2 /* a loop that polls itself or through one function may dispatch by direct calls */

/* A program's own loop and the functions on the way from it down to the poll: they do the dispatching. */
struct dispatch {
    struct event_loop *loop;
    GHashTable *way; /* struct graph_function */
    guint length;    /* of the longest way */
    guint found;     /* callbacks that were called through pointers */
    guint iterated;  /* those called from a loop over what is ready */
};

struct search {
    const struct program_graph *graph;
    const struct endings *endings;
    struct roots *roots;
    GPtrArray *dispatches; /* struct dispatch */
    GHashTable *ways;      /* struct graph_function on any way: part of a loop, not called by it */
};

static void dispatch_free(gpointer data)
{
    struct dispatch *dispatch = data;
    g_hash_table_unref(dispatch->way);
    g_free(dispatch);
}

/* Waiting for one descriptor with a time limit is a read with a deadline, and select for none a sleep. */
static gboolean polls_many(const struct call_site *call)
{
    if (!call->effect || !(call->effect->properties & EFFECT_POLLS))
        return FALSE;
    if (g_str_has_suffix(call_site_name(call), "poll")) {
        const struct fact_argument *number = call_site_argument(call, 1);
        return !(number && number->kind == ARGUMENT_INTEGER && number->integer <= 1);
    }
    if (g_str_has_suffix(call_site_name(call), "select")) {
        const struct fact_argument *limit = call_site_argument(call, 0);
        return !(limit && limit->kind == ARGUMENT_INTEGER && limit->integer <= 0);
    }
    return TRUE;
}

/* The innermost loop around the wait that does more than wait again (`do … while (errno == EINTR)` does not),
 * or -1. */
static int dispatching_loop(const struct call_site *wait)
{
    const struct fact_function *facts = wait->caller->facts;
    int loop = wait->event->loop;
    while (loop >= 0) {
        if (!wait->effect) /* a function that polls and dispatches itself, as aeProcessEvents does */
            return loop;
        for (guint i = 0; i < wait->caller->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(wait->caller->calls, i);
            if (call != wait && !call->effect && loop_contains(facts, loop, call->event->loop))
                return loop;
        }
        loop = ((const struct fact_loop *)g_ptr_array_index(facts->loops, (guint)loop))->parent;
    }
    return -1;
}

static struct event_loop *add_loop(struct roots *roots, const struct call_site *wait,
                                   const struct call_site *poll, int loop)
{
    for (guint i = 0; i < roots->loops->len; i++) {
        struct event_loop *known = g_ptr_array_index(roots->loops, i);
        if (known->function == wait->caller && known->wait == wait)
            return known;
    }
    struct event_loop *made = g_new0(struct event_loop, 1);
    *made = (struct event_loop){.function = wait->caller, .loop = loop, .wait = wait, .poll = poll};
    made->is_table =
        !g_str_has_suffix(poll->event->callee, "poll") && !g_str_has_suffix(poll->event->callee, "select");
    g_ptr_array_add(roots->loops, made);
    return made;
}

static struct dispatch *dispatch_of(struct search *search, struct event_loop *loop)
{
    for (guint i = 0; i < search->dispatches->len; i++) {
        struct dispatch *known = g_ptr_array_index(search->dispatches, i);
        if (known->loop == loop)
            return known;
    }
    struct dispatch *dispatch = g_new0(struct dispatch, 1);
    dispatch->loop = loop;
    dispatch->way = g_hash_table_new(NULL, NULL);
    g_ptr_array_add(search->dispatches, dispatch);
    return dispatch;
}

/* Climbs from a wait through its callers to the loops around it; `way` holds the functions that were passed.
 */
static void climb(struct search *search, const struct call_site *poll, const struct call_site *wait,
                  GPtrArray *way)
{
    if (g_ptr_array_find(way, wait->caller, NULL))
        return;
    g_ptr_array_add(way, wait->caller);
    int loop = dispatching_loop(wait);
    if (loop < 0 && wait->event->loop >= 0 && wait->caller->callers->len == 0)
        loop = wait->event->loop;
    if (loop >= 0) {
        struct dispatch *dispatch = dispatch_of(search, add_loop(search->roots, wait, poll, loop));
        dispatch->length = MAX(dispatch->length, way->len);
        for (guint i = 0; i < way->len; i++) {
            g_hash_table_add(dispatch->way, g_ptr_array_index(way, i));
            g_hash_table_add(search->ways, g_ptr_array_index(way, i));
        }
    } else if (way->len <= WRAPPER_DEPTH) {
        for (guint i = 0; i < wait->caller->callers->len; i++)
            climb(search, poll, g_ptr_array_index(wait->caller->callers, i), way);
    }
    g_ptr_array_set_size(way, (int)way->len - 1);
}

/* --- callbacks of a program's own loop
 * ---------------------------------------------------------------------- */

/* Called through a pointer, but neither to end the program nor a part of the loop itself. */
static gboolean may_be_callback(const struct search *search, const struct graph_function *function)
{
    return !search->endings->stops[function->index] && !g_hash_table_contains(search->ways, function);
}

/* A function called by name counts as a callback when it does anything worth a turn of the loop. */
static gboolean does_work(const struct search *search, const struct graph_function *function)
{
    return may_be_callback(search, function) &&
           (function->facts->loops->len > 0 || reaches_property(function, EFFECT_SYSTEM_CALL));
}

/* `callHandler(connection, connection->read_handler)`: a callback that passes the event on to another one. */
static void add_passed_on(struct search *search, const struct graph_function *callback)
{
    for (guint i = 0; i < callback->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(callback->calls, i);
        const struct graph_function *helper =
            call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
        for (guint j = 0; helper && j < helper->calls->len; j++) {
            const struct call_site *inner = g_ptr_array_index(helper->calls, j);
            if (inner->event->callee || !inner->event->via)
                continue;
            int parameter = graph_function_parameter(helper, inner->event->via);
            g_autoptr(GPtrArray) passed = program_graph_argument_functions(search->graph, call, parameter);
            for (guint k = 0; k < passed->len; k++) {
                if (may_be_callback(search, g_ptr_array_index(passed, k)))
                    roots_add(search->roots, ROOT_CALLBACK, g_ptr_array_index(passed, k), inner);
            }
        }
    }
}

/* `if (fork() == 0) { write(data); _exit(0); }`: what runs where the function never returns, though it does
 * elsewhere, is no turn of the loop. `ends` as of blocks_without_return. */
static gboolean leaves_loop(const struct call_site *call, const gboolean *ends)
{
    int block = call->event->block;
    return block >= 0 && call->caller->facts->blocks->len > 0 && ends[block] && !ends[0];
}

/* Calls through pointers in `function`, within its loop `within` (-1: anywhere). */
static void add_called(struct search *search, struct dispatch *dispatch,
                       const struct graph_function *function, int within, gboolean is_helper)
{
    g_autofree gboolean *ends = blocks_without_return(function, search->endings);
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->event->callee || call->resolution != CALL_BY_VALUE || leaves_loop(call, ends) ||
            !loop_contains(function->facts, within, call->event->loop))
            continue;
        for (guint j = 0; j < call->targets->len; j++) {
            struct graph_function *target = g_ptr_array_index(call->targets, j);
            if (is_helper ? !does_work(search, target) : !may_be_callback(search, target))
                continue;
            roots_add(search->roots, ROOT_CALLBACK, target, call);
            dispatch->found++;
            dispatch->iterated += !is_helper && call->event->loop != within;
            add_passed_on(search, target);
        }
    }
}

/* The pointers that a dispatching function and its direct helpers (timers, deferred work) call. */
static void add_dispatched(struct search *search, struct dispatch *dispatch,
                           const struct graph_function *function, int within)
{
    add_called(search, dispatch, function, within, FALSE);
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const struct graph_function *helper =
            call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
        if (helper && !g_hash_table_contains(search->ways, helper) &&
            loop_contains(function->facts, within, call->event->loop))
            add_called(search, dispatch, helper, -1, TRUE);
    }
}

/* A plain loop tells its descriptors apart itself and calls functions by name. */
static void add_direct(struct search *search, struct event_loop *loop)
{
    const struct graph_function *function = loop->function;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call == loop->wait || call->resolution != CALL_DIRECT ||
            !loop_contains(function->facts, loop->loop, call->event->loop))
            continue;
        struct graph_function *target = g_ptr_array_index(call->targets, 0);
        if (!does_work(search, target) || reaches_property(target, EFFECT_POLLS))
            continue;
        roots_add(search->roots, ROOT_CALLBACK, target, call);
        loop->named++;
    }
}

static void add_callbacks(struct search *search, struct dispatch *dispatch)
{
    GHashTableIter iterator;
    gpointer function;
    g_hash_table_iter_init(&iterator, dispatch->way);
    while (g_hash_table_iter_next(&iterator, &function, NULL))
        add_dispatched(search, dispatch, function,
                       function == dispatch->loop->function ? dispatch->loop->loop : -1);
    dispatch->loop->callbacks = dispatch->iterated;
    if (dispatch->length <= PLAIN_LENGTH || dispatch->found == 0)
        add_direct(search, dispatch->loop);
}

/* --- callbacks of a library's loop
 * -------------------------------------------------------------------------- */

/* The functions that a call hands to an event loop of a library. */
static void add_registered(const struct search *search, const struct call_site *call)
{
    guint arguments = call->effect->registers_arguments;
    for (int i = 0; arguments >> i != 0 && i < (int)call->event->arguments->len; i++) {
        if (!(arguments >> i & 1U))
            continue;
        g_autoptr(GPtrArray) registered = program_graph_argument_functions(search->graph, call, i);
        for (guint j = 0; j < registered->len; j++)
            roots_add(search->roots, ROOT_CALLBACK, g_ptr_array_index(registered, j), call);
    }
}

/* Functions stored in a field that a library's loop calls, such as libev's `struct ev_io.cb`. */
static void add_stored(const struct search *search, const struct call_site *run)
{
    GHashTableIter iterator;
    gpointer path, keys;
    g_hash_table_iter_init(&iterator, search->graph->values);
    while (g_hash_table_iter_next(&iterator, &path, &keys)) {
        const struct effect *effect = effects_find(search->graph->effects, path);
        if (!effect || !(effect->properties & EFFECT_FIELD) || effect_runs_alone(effect))
            continue;
        g_autoptr(GPtrArray) stored = program_graph_stored(search->graph, run->caller->unit, path);
        for (guint i = 0; i < stored->len; i++)
            roots_add(search->roots, ROOT_CALLBACK, g_ptr_array_index(stored, i), run);
    }
}

static void find_in_function(struct search *search, const struct graph_function *function)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (!call->effect)
            continue;
        if (call->effect->properties & EFFECT_RUNS_EVENT_LOOP) {
            add_loop(search->roots, call, call, call->event->loop);
            add_stored(search, call);
        } else if (polls_many(call)) {
            g_autoptr(GPtrArray) way = g_ptr_array_new();
            climb(search, call, call, way);
        }
        if (!(call->effect->properties & EFFECT_IN_SIGNAL))
            add_registered(search, call);
    }
}

void event_loops_find(const struct program_graph *graph, const struct endings *endings, struct roots *roots)
{
    g_autoptr(GPtrArray) dispatches = g_ptr_array_new_with_free_func(dispatch_free);
    g_autoptr(GHashTable) ways = g_hash_table_new(NULL, NULL);
    struct search search = {graph, endings, roots, dispatches, ways};
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        if (function->reachable)
            find_in_function(&search, function);
    }
    for (guint i = 0; i < dispatches->len; i++)
        add_callbacks(&search, g_ptr_array_index(dispatches, i));
}
