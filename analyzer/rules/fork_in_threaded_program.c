/* SPDX-License-Identifier: Apache-2.0 */
/* fork copies the memory with all locks as they are, and only the thread that calls it. */
#include "analyzer/rules/rules.h"

#define CALLERS_DEPTH 2

static gboolean is_fork(const struct call_site *call)
{
    return call->effect && call->effect->creates == CREATE_PROCESS &&
           call->effect->start_argument == NO_ARGUMENT &&
           !(call->effect->properties & (EFFECT_CREATES_FLOW | EFFECT_EXECUTES)) &&
           g_strcmp0(call->event->callee, "vfork") != 0;
}

/* A child that turns into another program at once keeps no lock. */
static gboolean executes(const struct graph_function *function, int depth)
{
    if (reaches_property(function, EFFECT_EXECUTES))
        return TRUE;
    for (guint i = 0; depth > 0 && i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        if (executes(call->caller, depth - 1))
            return TRUE;
    }
    return FALSE;
}

static const struct thread_flow *thread_beside(const struct lint *lint, const struct call_site *call,
                                               const struct thread_flow **caller)
{
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(lint->reach->programs, i);
        for (guint j = 0; j < program->flows->len; j++) {
            *caller = g_ptr_array_index(program->flows, j);
            for (guint k = 1; (*caller)->reaches[call->caller->index] && k < program->flows->len; k++) {
                const struct thread_flow *other = g_ptr_array_index(program->flows, k);
                if (flow_beside_at(program, *caller, call->caller, call->event_index, other))
                    return other;
            }
        }
    }
    return NULL;
}

static void check_call(struct lint *lint, const struct call_site *call)
{
    const struct thread_flow *caller = NULL;
    const struct thread_flow *other = is_fork(call) ? thread_beside(lint, call, &caller) : NULL;
    if (!other || executes(call->caller, CALLERS_DEPTH))
        return;
    g_autofree char *who = flow_display(caller);
    g_autofree char *beside = flow_display(other);
    char *message =
        g_strdup_printf("%s forks while %s may run: a lock that it holds then (of the program, of malloc, "
                        "of a library) stays locked in the child for ever; fork before the first thread "
                        "is made, or call only exec and async-signal-safe functions in the child",
                        who, beside);
    struct finding *finding =
        finding_report(lint, &fork_in_threaded_program_rule, SEVERITY_WARNING, call->caller, call->event,
                       other->function->facts->name, message);
    for (guint i = 0; i < other->creations->len; i++) {
        const struct call_site *creation = g_ptr_array_index(other->creations, i);
        finding_step(lint, finding, creation->caller, creation->event, g_strdup_printf("creates %s", beside));
    }
    finding_add_way(lint, finding, caller, call->caller);
    finding_step(lint, finding, call->caller, call->event, g_strdup("forks"));
}

static void check(struct lint *lint)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; function->reachable && j < function->calls->len; j++)
            check_call(lint, g_ptr_array_index(function->calls, j));
    }
}

const struct rule fork_in_threaded_program_rule = {
    .name = "fork-in-threaded-program",
    .summary = "fork while other threads run, and the child goes on in this program",
    .check = check,
};
