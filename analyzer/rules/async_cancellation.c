/* SPDX-License-Identifier: Apache-2.0 */
/* A thread lets itself be cancelled anywhere, and calls what must not be left half done. */
#include <pthread.h>
#include <string.h>

#include "analyzer/rules/rules.h"

#define SAID_MAX 4 /* steps of the path */

static gboolean makes_asynchronous(const struct call_site *call)
{
    const char *name = call_site_name(call);
    const struct fact_argument *type = call_site_argument(call, 0);
    return name && strcmp(name, "pthread_setcanceltype") == 0 && type && type->kind == ARGUMENT_INTEGER &&
           type->integer == PTHREAD_CANCEL_ASYNCHRONOUS;
}

/* Only three functions may be called then (POSIX, 2.9.5.4); those that change nothing do no harm. */
static gboolean is_harmed(const struct call_site *call)
{
    const struct effect *effect = call->effect;
    return effect && !g_str_has_prefix(effect->name, "pthread_setcancel") &&
           ((effect->properties & (EFFECT_ALLOCATES | EFFECT_NOT_ASYNC_SIGNAL_SAFE)) ||
            effect->lock == LOCK_TAKE || effect->lock == LOCK_WAIT);
}

static gboolean goes_back(const struct call_site *call)
{
    const char *name = call_site_name(call);
    return name && g_str_has_prefix(name, "pthread_setcancel") && !makes_asynchronous(call);
}

/* The first call that must not be cut off, from the event `from` of the function on or below. */
static const struct call_site *find_harmed(const struct graph_function *function, guint from,
                                           GHashTable *seen, GPtrArray *way)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->event_index < from)
            continue;
        if (goes_back(call))
            return NULL;
        g_ptr_array_add(way, (gpointer)call);
        if (is_harmed(call))
            return call;
        for (guint j = 0; call->resolution != CALL_BY_SIGNATURE && j < call->targets->len; j++) {
            gpointer target = g_ptr_array_index(call->targets, j);
            const struct call_site *found =
                g_hash_table_add(seen, target) ? find_harmed(target, 0, seen, way) : NULL;
            if (found)
                return found;
        }
        g_ptr_array_set_size(way, (int)way->len - 1);
    }
    return NULL;
}

static void report(struct lint *lint, const struct call_site *call, const struct call_site *harmed,
                   const GPtrArray *way)
{
    g_autofree char *callee = call_display(harmed);
    g_autofree char *place = event_place(lint, harmed->caller, harmed->event);
    const char *why = harmed->effect->lock == LOCK_TAKE || harmed->effect->lock == LOCK_WAIT
                          ? "leaves its lock taken for ever"
                      : harmed->effect->properties & EFFECT_ALLOCATES
                          ? "breaks the heap or leaves its lock taken"
                          : "leaves its data half changed";
    char *message = g_strdup_printf("from here on the thread may be cancelled between any two instructions, "
                                    "also inside %s (%s), which %s; "
                                    "keep the deferred type, with pthread_testcancel where it may end",
                                    callee, place, why);
    struct finding *finding = finding_report(lint, &async_cancellation_rule, SEVERITY_WARNING, call->caller,
                                             call->event, callee, message);
    for (guint i = 0; i < MIN(way->len, SAID_MAX); i++) {
        const struct call_site *step = g_ptr_array_index(way, i);
        g_autofree char *called = call_display(step);
        finding_step(lint, finding, step->caller, step->event,
                     g_strdup_printf("%s calls %s", step->caller->facts->name, called));
    }
}

/* A helper that only sets the type returns to callers that go on. */
static const struct call_site *search(const struct call_site *call, GPtrArray *way, int depth)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    const struct call_site *harmed = find_harmed(call->caller, call->event_index + 1, seen, way);
    for (guint i = 0; !harmed && depth > 0 && i < call->caller->callers->len; i++)
        harmed = search(g_ptr_array_index(call->caller->callers, i), way, depth - 1);
    return harmed;
}

static void check(struct lint *lint)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; function->reachable && j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            g_autoptr(GPtrArray) way = g_ptr_array_new();
            const struct call_site *harmed = makes_asynchronous(call) ? search(call, way, 2) : NULL;
            if (harmed)
                report(lint, call, harmed, way);
        }
    }
}

const struct rule async_cancellation_rule = {
    .name = "async-cancellation",
    .summary = "a thread may be cancelled inside what must not be left half done",
    .check = check,
};
