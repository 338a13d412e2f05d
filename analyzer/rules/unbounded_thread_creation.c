/* SPDX-License-Identifier: Apache-2.0 */
/* A thread or a process for each connection, and no bound: clients decide how many there are. */
#include <string.h>

#include "analyzer/rules/rules.h"

#define CALLERS_DEPTH 1

/* A count that is compared with a bound before the creation. */
static gboolean compares_count(const struct fact_test *test)
{
    gboolean orders = test->relation == RELATION_BELOW || test->relation == RELATION_AT_MOST ||
                      test->relation == RELATION_ABOVE || test->relation == RELATION_AT_LEAST;
    return orders && test->constant > 0;
}

static gboolean is_gate(const struct call_site *call)
{
    return call->effect && (call->effect->lock == LOCK_WAIT || call->effect->lock == LOCK_TRY) &&
           call->effect->lock_kind != LOCK_BARRIER;
}

/* Something before the creation may keep it from being made: a condition over what is no result of a call, a
 * semaphore or a condition variable that is waited for, a child that is reaped first. */
static gboolean is_bounded(const struct lint *lint, const struct call_site *creation, int depth)
{
    const struct graph_function *function = creation->caller;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (loop_contains(function->facts, creation->event->loop, call->event->loop) && is_gate(call))
            return TRUE;
    }
    /* inner loops count something else */
    for (guint i = 0; i < function->facts->blocks->len; i++) {
        const struct fact_block *block = g_ptr_array_index(function->facts->blocks, i);
        if (block->loop == creation->event->loop && compares_count(&block->test))
            return TRUE;
    }
    gboolean is_helper = creation->event->loop < 0;
    for (guint i = 0; is_helper && depth > 0 && i < function->callers->len; i++) {
        const struct call_site *caller = g_ptr_array_index(function->callers, i);
        if (caller->event->loop >= 0 && is_bounded(lint, caller, depth - 1))
            return TRUE;
    }
    return FALSE;
}

/* `count++`, `count--`: of what is set once, nothing is counted. */
static gboolean is_counting(const struct fact_function *facts, guint index)
{
    const struct fact_event *event = g_ptr_array_index(facts->events, index);
    if (!event->path || strstr(event->path, "[]"))
        return FALSE;
    if (event->kind == EVENT_ATOMIC)
        return !event->callee || !strstr(event->callee, "load");
    const struct fact_event *before = index > 0 ? g_ptr_array_index(facts->events, index - 1) : NULL;
    return event->kind == EVENT_WRITE && before && before->kind == EVENT_READ &&
           before->line == event->line && g_strcmp0(before->path, event->path) == 0;
}

/* A read of a counter before the creation that every thread or its end changes, too: `if (clients >= limit)`
 * with a limit that is no constant. */
static gboolean counts_alive(const struct lint *lint, const struct root *root)
{
    const struct fact_function *facts = root->creation->caller->facts;
    g_autoptr(GHashTable) read = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < root->creation->event_index; i++) {
        const struct fact_event *event = g_ptr_array_index(facts->events, i);
        if (event->path && (event->kind == EVENT_READ || event->kind == EVENT_ATOMIC) &&
            event->loop == root->creation->event->loop)
            g_hash_table_add(read, (gpointer)event->path);
    }
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; function->reachable && j < function->facts->events->len; j++) {
            const struct fact_event *event = g_ptr_array_index(function->facts->events, j);
            if (event->path && is_counting(function->facts, j) && g_hash_table_contains(read, event->path))
                return TRUE;
        }
    }
    return FALSE;
}

static void report(struct lint *lint, const struct root *root, enum severity severity)
{
    const struct call_site *creation = root->creation;
    gboolean process = root->kind == ROOT_PROCESS;
    const char *what = process ? "process" : "thread";
    char *message = g_strdup_printf(
        "%s makes a %s that runs %s for each connection, and nothing bounds how many there are: clients can "
        "use up memory and %s; keep a count and a limit, or hand connections to a pool of workers or an "
        "event loop",
        creation->caller->facts->name, what, root->function->facts->name,
        process ? "process numbers" : "threads");
    finding_report(lint, &unbounded_thread_creation_rule, severity, creation->caller, creation->event,
                   root->function->facts->name, message);
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < lint->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(lint->roots->roots, i);
        gboolean creates = root->kind == ROOT_THREAD || root->kind == ROOT_PROCESS;
        if (!creates || !root->creation || !root->per_request || root->awaited ||
            !g_hash_table_add(seen, (gpointer)root->creation))
            continue;
        gboolean repeated = root->endless || root->creation->event->loop >= 0 || root->count != 1;
        if (!repeated || is_bounded(lint, root->creation, CALLERS_DEPTH))
            continue;
        report(lint, root, counts_alive(lint, root) ? SEVERITY_NOTE : SEVERITY_WARNING);
    }
}

const struct rule unbounded_thread_creation_rule = {
    .name = "unbounded-thread-creation",
    .summary = "a thread or process for each connection, without a bound",
    .check = check,
};
