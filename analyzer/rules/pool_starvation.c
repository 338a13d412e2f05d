/* SPDX-License-Identifier: Apache-2.0 */
/* A task of a pool hands work to the same pool and waits for it: when all threads of the pool do so, none is
 * left that could do the work. */
#include "analyzer/rules/rules.h"

#define CALLERS_DEPTH 3 /* functions between the pool's queue and what is called to hand work over */

/* How one kind of pool thread gets its work. */
struct pool {
    const struct thread_flow *flow;
    GHashTable *queues; /* names of conditions and semaphores by which its idle threads wait */
    GHashTable *tasks;  /* struct graph_function that it runs through pointers, and all below */
};

static gboolean waits_for_signal(const struct call_site *call)
{
    return call->effect && call->effect->lock == LOCK_WAIT &&
           (call->effect->lock_kind == LOCK_CONDITION || call->effect->lock_kind == LOCK_SEMAPHORE);
}

static GQuark signalled_name(const struct call_site *call)
{
    gboolean signals = call->effect && call->effect->lock == LOCK_SIGNAL;
    return signals ? lock_of_argument(call, call->effect->lock_argument).name : 0;
}

static void add_below(const struct graph_function *function, GHashTable *set)
{
    if (!g_hash_table_add(set, (gpointer)function))
        return;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        for (guint j = 0; call->resolution != CALL_BY_SIGNATURE && j < call->targets->len; j++)
            add_below(g_ptr_array_index(call->targets, j), set);
    }
}

/* What the threads of the pool call through pointers, and what they wait for between tasks. */
static void pool_init(struct pool *pool, const struct lint *lint, const struct thread_flow *flow)
{
    pool->flow = flow;
    pool->queues = g_hash_table_new(NULL, NULL);
    pool->tasks = g_hash_table_new(NULL, NULL);
    const GPtrArray *idle = g_hash_table_lookup(lint->idle->by_root, flow->function);
    for (guint i = 0; idle && i < idle->len; i++) {
        const struct call_site *wait = g_ptr_array_index(idle, i);
        if (waits_for_signal(wait))
            g_hash_table_add(pool->queues,
                             GUINT_TO_POINTER(lock_of_argument(wait, wait->effect->lock_argument).name));
    }
    for (guint i = 0; i < flow->function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(flow->function->calls, i);
        gboolean dispatches = !call->event->callee && call->event->loop >= 0;
        for (guint j = 0; dispatches && j < call->targets->len; j++)
            add_below(g_ptr_array_index(call->targets, j), pool->tasks);
    }
}

static void pool_clear(struct pool *pool)
{
    g_hash_table_unref(pool->queues);
    g_hash_table_unref(pool->tasks);
}

static gboolean submits(const struct pool *pool, const struct call_site *call, int depth)
{
    GQuark name = signalled_name(call);
    if (name)
        return g_hash_table_contains(pool->queues, GUINT_TO_POINTER(name));
    const struct graph_function *target =
        depth > 0 && call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
    for (guint i = 0; target && i < target->calls->len; i++) {
        if (submits(pool, g_ptr_array_index(target->calls, i), depth - 1))
            return TRUE;
    }
    return FALSE;
}

/* The wait in the call, or below it, that is not one for the next task. */
static const struct call_site *result_wait(const struct pool *pool, const struct call_site *call, int depth)
{
    if (waits_for_signal(call)) {
        GQuark name = lock_of_argument(call, call->effect->lock_argument).name;
        return g_hash_table_contains(pool->queues, GUINT_TO_POINTER(name)) ? NULL : call;
    }
    const struct graph_function *target =
        depth > 0 && call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
    for (guint i = 0; target && i < target->calls->len; i++) {
        const struct call_site *wait = result_wait(pool, g_ptr_array_index(target->calls, i), depth - 1);
        if (wait)
            return wait;
    }
    return NULL;
}

/* TRUE when some thread that is none of the pool announces it as well. */
static gboolean is_signalled_outside(const struct lint *lint, const struct pool *pool, GQuark name)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        gboolean inside = g_hash_table_contains(pool->tasks, function) || function == pool->flow->function ||
                          pool->flow->reaches[i];
        for (guint j = 0; !inside && function->reachable && j < function->calls->len; j++) {
            if (signalled_name(g_ptr_array_index(function->calls, j)) == name)
                return TRUE;
        }
    }
    return FALSE;
}

static void report(struct lint *lint, const struct pool *pool, const struct call_site *submit,
                   const struct call_site *waiting, const struct call_site *wait)
{
    struct held_lock object = lock_of_argument(wait, wait->effect->lock_argument);
    g_autofree char *name = lock_display(&object);
    gboolean doubtful = !object.name || is_signalled_outside(lint, pool, object.name);
    char *message = g_strdup_printf(
        "%s runs on threads of the pool %s, hands work to the same pool and waits for %s: when every thread "
        "of the pool waits so, none is left to do the work; split it into a second task that runs when the "
        "work is done, do the work here, or use another pool for it",
        waiting->caller->facts->name, pool->flow->function->facts->name, name);
    struct finding *finding =
        finding_report(lint, &pool_starvation_rule, doubtful ? SEVERITY_NOTE : SEVERITY_WARNING,
                       waiting->caller, waiting->event, name, message);
    finding_step(lint, finding, submit->caller, submit->event, g_strdup("hands work to the pool"));
    finding_step(lint, finding, wait->caller, wait->event, g_strdup_printf("waits for %s", name));
}

static void check_task(struct lint *lint, const struct pool *pool, const struct graph_function *function)
{
    const struct call_site *submit = NULL;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const struct call_site *wait = submit ? result_wait(pool, call, CALLERS_DEPTH) : NULL;
        if (wait) {
            report(lint, pool, submit, call, wait);
            return;
        }
        if (submits(pool, call, CALLERS_DEPTH))
            submit = call;
    }
}

static void check_pool(struct lint *lint, const struct pool *pool)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        if (g_hash_table_contains(pool->tasks, function))
            check_task(lint, pool, function);
    }
}

static void check(struct lint *lint)
{
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(lint->reach->programs, i);
        for (guint j = 1; j < program->flows->len; j++) {
            struct pool pool;
            pool_init(&pool, lint, g_ptr_array_index(program->flows, j));
            if (g_hash_table_size(pool.queues) > 0 && g_hash_table_size(pool.tasks) > 0)
                check_pool(lint, &pool);
            pool_clear(&pool);
        }
    }
}

const struct rule pool_starvation_rule = {
    .name = "pool-starvation",
    .summary = "a task of a pool waits for another task of the same pool",
    .check = check,
};
