/* SPDX-License-Identifier: Apache-2.0 */
/* A wait for a condition that does not look again: wake-ups may be spurious, and others may be faster. */
#include <string.h>

#include "analyzer/rules/rules.h"

#define CALLERS_DEPTH 3

/* A function of the program that only passes its parameters on waits on behalf of its callers. */
static gboolean is_wrapper(const struct call_site *call)
{
    struct held_lock condition = lock_of_argument(call, call->effect->lock_argument);
    return place_parameter(call->caller, condition.place) != NO_ARGUMENT;
}

static gboolean callers_loop(const struct graph_function *function, int depth)
{
    for (guint i = 0; i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        if (call->event->loop >= 0 || (depth > 0 && callers_loop(call->caller, depth - 1)))
            return TRUE;
    }
    return FALSE;
}

static void report(struct lint *lint, const struct call_site *call, enum severity severity)
{
    g_autofree char *callee = call_display(call);
    struct held_lock condition = lock_of_argument(call, call->effect->lock_argument);
    g_autofree char *name = lock_display(&condition);
    char *message = g_strdup_printf(
        "%s waits for %s outside a loop: it may come back although nobody signalled, or after "
        "another thread took what was announced; wait in a loop that tests what is waited for",
        callee, name);
    finding_report(lint, &condition_wait_without_loop_rule, severity, call->caller, call->event, name,
                   message);
}

static void check_call(struct lint *lint, const struct call_site *call)
{
    gboolean waits = call->effect && call->effect->lock == LOCK_WAIT &&
                     call->effect->lock_kind == LOCK_CONDITION && call->effect->mutex_argument != NO_ARGUMENT;
    if (!waits || call->event->loop >= 0)
        return;
    gboolean timed = strstr(call->event->callee, "timed") || strstr(call->event->callee, "clock") ||
                     strstr(call->event->callee, "until");
    gboolean doubtful = timed || is_wrapper(call) || callers_loop(call->caller, CALLERS_DEPTH);
    report(lint, call, doubtful ? SEVERITY_NOTE : SEVERITY_WARNING);
}

static void check(struct lint *lint)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; function->reachable && j < function->calls->len; j++)
            check_call(lint, g_ptr_array_index(function->calls, j));
    }
}

const struct rule condition_wait_without_loop_rule = {
    .name = "condition-wait-without-loop",
    .summary = "a wait for a condition that does not test it again",
    .check = check,
};
