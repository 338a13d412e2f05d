/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/interpreter_lock.h"

#include "analyzer/call_order.h"
#include "analyzer/held_states.h"

#define NS                1e-9
#define ENTRY_PREFIX      "PyInit_"
#define RELEASE_PAYS      10e-6 /* seconds without the lock that are worth giving it up and taking it back */
#define SHORTEST_WAIT     1e-6  /* seconds of waiting in one call that are worth a word */
#define WAIT_OVER_COMPUTE 0.5   /* a place is named for its waiting when that is this much of what is held */

struct finder {
    const struct cost_model *model;
    struct held_states *states;
    struct cost *held; /* by function index: typical cost of one call while the lock is held */
};

static double waited(const struct cost *cost)
{
    return cost->split.io_wait + cost->split.io_work;
}

static double weight_of(const struct cost *cost, gboolean waits)
{
    return waits ? waited(cost) : cost->split.on_cpu;
}

/* --- how long ----------------------------------------------------------------------------------------------
 */

/* TRUE when control can come back to the block: it is part of a loop, and not of the way out of one. */
static gboolean comes_again(const struct fact_function *facts, int block)
{
    g_autofree gboolean *seen = g_new0(gboolean, facts->blocks->len);
    g_autoptr(GArray) pending = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_append_val(pending, block);
    while (pending->len > 0) {
        int index = g_array_index(pending, int, pending->len - 1);
        g_array_set_size(pending, pending->len - 1);
        const struct fact_block *here = g_ptr_array_index(facts->blocks, (guint)index);
        for (guint i = 0; i < here->successors->len; i++) {
            int next = g_array_index(here->successors, int, i);
            if (next == block)
                return TRUE;
            if (!seen[next])
                g_array_append_val(pending, next);
            seen[next] = TRUE;
        }
    }
    return FALSE;
}

/* How often it runs per call of its function; `if (failed) { clean(); goto end; }` at most once, however
 * often the loop around it does. */
static double call_weight(const struct finder *finder, const struct call_site *call)
{
    const struct fact_function *facts = call->caller->facts;
    double weight = cost_weight(finder->model, call, SCENARIO_TYPICAL);
    gboolean has_block = call->event->block >= 0 && (guint)call->event->block < facts->blocks->len;
    return weight > 1 && has_block && !comes_again(facts, call->event->block) ? 1 : weight;
}

/* What one call spends with the lock held. */
static struct cost held_call(const struct finder *finder, const struct call_site *call)
{
    struct cost cost = {0};
    gboolean inside = call->targets->len > 0;
    if (!call_is_held(finder->states, call))
        return cost;
    if (!inside && !(call->effect && call->effect->lock != LOCK_ACTION_NONE))
        return cost_of_call(finder->model, call, SCENARIO_TYPICAL);
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *target = g_ptr_array_index(call->targets, i);
        if (call_is_summed(call, target))
            cost_add(&cost, &finder->held[target->index], 1.0 / call->targets->len);
    }
    return cost;
}

static double loop_operations(const struct finder *finder, const struct graph_function *function, int loop)
{
    const struct fact_loop *facts = g_ptr_array_index(function->facts->loops, (guint)loop);
    return (facts->operations + 1) * finder->model->host->operation_ns * NS *
           cost_loop_weight(finder->model, function, loop, SCENARIO_TYPICAL);
}

static struct cost held_cost(const struct finder *finder, const struct graph_function *function)
{
    struct cost sum = {0};
    sum.split.on_cpu = function->facts->operations * finder->model->host->operation_ns * NS;
    for (guint i = 0; i < function->facts->loops->len; i++) {
        if (loop_is_held(finder->states, function, (int)i))
            sum.split.on_cpu += loop_operations(finder, function, (int)i);
    }
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        struct cost once = held_call(finder, call);
        cost_add(&sum, &once, call_weight(finder, call));
    }
    /* The model bounds what loops in loops in loops would take; a part cannot be longer than the whole. */
    const struct cost *whole = &finder->model->functions[function->index].scenarios[SCENARIO_TYPICAL];
    double most = cost_active(whole), seconds = cost_active(&sum);
    struct cost bounded = {0};
    cost_add(&bounded, &sum, seconds > most && seconds > 0 ? most / seconds : 1);
    return bounded;
}

/* --- where -------------------------------------------------------------------------------------------------
 */

/* The first call that needs the lock; one that handles it only when there is no other. */
static const struct call_site *needs_lock_within(const struct finder *finder,
                                                 const struct graph_function *function, int loop)
{
    const struct call_site *handles = NULL;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (!loop_contains(function->facts, loop, call->event->loop) ||
            !call_needs_lock(finder->states, call))
            continue;
        if (!call->effect || call->effect->lock == LOCK_ACTION_NONE)
            return call;
        handles = handles ? handles : call;
    }
    return handles;
}

static const struct call_site *
longest_call(const struct finder *finder, const struct graph_function *function, gboolean waits, double *most)
{
    const struct call_site *longest = NULL;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        struct cost once = held_call(finder, call);
        double weight = weight_of(&once, waits) * call_weight(finder, call);
        if (weight > *most) {
            *most = weight;
            longest = call;
        }
    }
    return longest;
}

static int longest_loop(const struct finder *finder, const struct graph_function *function, double *most)
{
    int longest = -1;
    for (guint i = 0; i < function->facts->loops->len; i++) {
        double seconds =
            loop_is_held(finder->states, function, (int)i) ? loop_operations(finder, function, (int)i) : 0;
        if (seconds > *most) {
            *most = seconds;
            longest = (int)i;
        }
    }
    return longest;
}

/* The outermost loop around `loop` in which nothing needs the lock: giving it up once is cheaper than once
 * per iteration. -1 when even the innermost one needs it. */
static int widest_loop(const struct finder *finder, const struct graph_function *function, int loop)
{
    int widest = -1;
    for (; loop >= 0 && loop_is_held(finder->states, function, loop) &&
           !needs_lock_within(finder, function, loop);
         loop = ((const struct fact_loop *)g_ptr_array_index(function->facts->loops, (guint)loop))->parent)
        widest = loop;
    return widest;
}

static int outermost_loop(const struct graph_function *function, int loop)
{
    int outermost = loop;
    for (; loop >= 0;
         loop = ((const struct fact_loop *)g_ptr_array_index(function->facts->loops, (guint)loop))->parent)
        outermost = loop;
    return outermost;
}

/* Seconds of one execution of the loop. */
static double loop_seconds(const struct finder *finder, const struct graph_function *function, int loop)
{
    const struct fact_loop *facts = g_ptr_array_index(function->facts->loops, (guint)loop);
    struct cost all = cost_of_loop(finder->model, function, loop, SCENARIO_TYPICAL);
    double iterations = cost_loop_weight(finder->model, function, loop, SCENARIO_TYPICAL);
    double executions = iterations / cost_trip_count(finder->model, facts, SCENARIO_TYPICAL);
    return cost_active(&all) / MAX(executions, 1);
}

/* The part that can run without the lock: the widest loop, else the call alone (loop -1, result TRUE). FALSE
 * when there is none, or when each execution is over before giving the lock up has paid. */
static gboolean find_free_part(const struct finder *finder, const struct graph_function *function,
                               const struct call_site *call, gboolean waits, int *loop)
{
    *loop = call && call_needs_lock(finder->states, call) ? -1 : widest_loop(finder, function, *loop);
    if (*loop >= 0)
        return waits || loop_seconds(finder, function, *loop) >= RELEASE_PAYS;
    if (!call || call_needs_lock(finder->states, call))
        return FALSE;
    struct cost once = cost_of_call(finder->model, call, SCENARIO_TYPICAL);
    return waits || cost_active(&once) >= RELEASE_PAYS;
}

static void set_place(const struct finder *finder, struct held_place *place,
                      const struct graph_function *function, const struct call_site *call, int loop)
{
    int around = call ? call->event->loop : loop;
    int part = around;
    gboolean is_free = find_free_part(finder, function, call, place->waits, &part);
    place->function = function;
    place->call = call;
    /* What cannot be given up for a part is told as a whole: that is what would have to be divided. */
    place->loop = is_free ? part : outermost_loop(function, around);
    if (place->loop >= 0 || !call) {
        place->needs_lock = needs_lock_within(finder, function, place->loop);
        place->cost = cost_of_loop(finder->model, function, place->loop, SCENARIO_TYPICAL);
    } else {
        struct cost once = cost_of_call(finder->model, call, SCENARIO_TYPICAL);
        place->needs_lock = call_needs_lock(finder->states, call) ? call : NULL;
        place->cost = (struct cost){0};
        cost_add(&place->cost, &once, call_weight(finder, call));
    }
}

/* Down the longest calls to a loop, a library call, or a function that could run without the lock. */
static void find_place(const struct finder *finder, const struct graph_function *function,
                       struct held_place *place)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    while (function && g_hash_table_add(seen, (gpointer)function)) {
        double most = 0;
        const struct call_site *call = longest_call(finder, function, place->waits, &most);
        int loop = place->waits ? -1 : longest_loop(finder, function, &most);
        const struct graph_function *target =
            call && call->targets->len > 0 ? g_ptr_array_index(call->targets, 0) : NULL;
        if (loop >= 0)
            set_place(finder, place, function, NULL, loop);
        else if (call && (!target || !call_needs_lock(finder->states, call)))
            set_place(finder, place, function, call, -1);
        function = loop >= 0 || !call || place->function ? NULL : target;
    }
}

/* --- methods -----------------------------------------------------------------------------------------------
 */

static struct method *method_new(const struct finder *finder, const struct graph_function *function)
{
    struct method *method = g_new0(struct method, 1);
    method->function = function;
    method->whole = finder->model->functions[function->index].scenarios[SCENARIO_TYPICAL];
    method->held = finder->held[function->index];
    method->gives_up = call_that_gives_up(finder->states, function);
    double waits = waited(&method->held);
    method->place.waits = waits >= SHORTEST_WAIT && waits >= WAIT_OVER_COMPUTE * cost_active(&method->held);
    find_place(finder, function, &method->place);
    return method;
}

/* The lock with whose name methods are stored; NULL when there are none. */
static const char *collect_methods(const struct cost_model *model, GPtrArray *functions)
{
    const char *name = NULL;
    GHashTableIter iterator;
    gpointer path;
    g_hash_table_iter_init(&iterator, model->graph->values);
    while (g_hash_table_iter_next(&iterator, &path, NULL)) {
        const struct effect *effect = effects_find(model->graph->effects, path);
        if (!effect || !(effect->properties & EFFECT_FIELD) || !effect->lock_name)
            continue;
        g_autoptr(GPtrArray) stored = program_graph_stored(model->graph, NULL, path);
        for (guint i = 0; i < stored->len; i++) {
            const struct graph_function *function = g_ptr_array_index(stored, i);
            if (!g_ptr_array_find(functions, function, NULL))
                g_ptr_array_add(functions, (gpointer)function);
            name = effect->lock_name;
        }
    }
    return name;
}

static int compare_functions(gconstpointer a, gconstpointer b)
{
    const struct graph_function *first = *(struct graph_function *const *)a;
    const struct graph_function *second = *(struct graph_function *const *)b;
    return (first->index > second->index) - (first->index < second->index);
}

static const struct graph_function *find_entry(const struct program_graph *graph)
{
    for (guint i = 0; i < graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(graph->functions, i);
        if (g_str_has_prefix(function->facts->name, ENTRY_PREFIX))
            return function;
    }
    return NULL;
}

struct interpreter_lock *interpreter_lock_find(const struct cost_model *model)
{
    g_autoptr(GPtrArray) functions = g_ptr_array_new();
    const char *name = collect_methods(model, functions);
    if (!name)
        return NULL;
    g_ptr_array_sort(functions, compare_functions);
    struct finder finder = {model, held_states_new(model->graph, name),
                            g_new0(struct cost, model->graph->functions->len + 1)};
    for (guint i = 0; i < model->graph->order->len; i++) {
        const struct graph_function *function = g_ptr_array_index(model->graph->order, i);
        finder.held[function->index] = held_cost(&finder, function);
    }
    struct interpreter_lock *lock = g_new0(struct interpreter_lock, 1);
    lock->name = name;
    lock->methods = g_ptr_array_new_with_free_func(g_free);
    lock->entry = find_entry(model->graph);
    for (guint i = 0; i < functions->len; i++)
        g_ptr_array_add(lock->methods, method_new(&finder, g_ptr_array_index(functions, i)));
    held_states_free(finder.states);
    g_free(finder.held);
    return lock;
}

void interpreter_lock_free(struct interpreter_lock *lock)
{
    if (!lock)
        return;
    g_ptr_array_unref(lock->methods);
    g_free(lock);
}
