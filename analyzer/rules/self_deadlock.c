/* SPDX-License-Identifier: Apache-2.0 */
/* A lock is taken by a thread that holds it already. */
#include "analyzer/rules/rules.h"

static void add_inner(const struct lint *lint, struct finding *finding, const struct lock_use *use)
{
    for (; use; use = use->inner) {
        g_autofree char *callee = call_display(use->call);
        finding_step(lint, finding, use->call->caller, use->call->event,
                     g_strdup_printf(use->inner ? "calls %s" : "%s takes it again", callee));
    }
}

/* A function of which nothing is known got the lock in between: it may have given it up. */
static gboolean is_handed_out(const struct graph_function *function, const struct lock_problem *problem)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        gboolean unknown = !call->effect && call->targets->len == 0;
        if (!unknown || call->event_index < problem->lock.site->event_index ||
            call->event_index > problem->call->event_index)
            continue;
        for (int j = 0; j < (int)call->event->arguments->len; j++) {
            const struct fact_argument *argument = call_site_argument(call, j);
            if (argument->place && problem->lock.place == g_quark_from_string(argument->place))
                return TRUE;
        }
    }
    return FALSE;
}

static void report(struct lint *lint, const struct graph_function *function,
                   const struct lock_problem *problem)
{
    g_autofree char *lock = lock_display(&problem->lock);
    g_autofree char *callee = call_display(problem->call);
    g_autofree char *place = event_place(lint, function, problem->lock.site->event);
    char *message =
        problem->inner
            ? g_strdup_printf("%s takes %s, which the calling thread has held since %s: it waits for itself "
                              "for ever; give the lock up before the call, or call a variant that "
                              "expects it to be held",
                              callee, lock, place)
            : g_strdup_printf("%s is taken again by the thread that has held it since %s: it waits for "
                              "itself for ever; give it up before, or make the mutex recursive",
                              lock, place);
    enum severity severity = is_handed_out(function, problem) ? SEVERITY_NOTE : SEVERITY_ERROR;
    struct finding *finding =
        finding_report(lint, &self_deadlock_rule, severity, function, problem->call->event, lock, message);
    g_autofree char *taker = call_display(problem->lock.site);
    finding_step(lint, finding, function, problem->lock.site->event,
                 g_strdup_printf("%s takes %s", taker, lock));
    finding_step(lint, finding, function, problem->call->event,
                 g_strdup_printf(problem->inner ? "calls %s" : "%s takes it again", callee));
    add_inner(lint, finding, problem->inner);
}

/* TRUE when the function calls what may give the lock up or not, depending on its arguments. */
static gboolean may_be_given_up(const struct lint *lint, const struct graph_function *function,
                                const struct held_lock *lock)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const struct graph_function *target = held_locks_target(lint->locks, call);
        if (target && call_varies(lint->locks, call) && held_locks_gives_up(lint->locks, call, target, lock))
            return TRUE;
    }
    return FALSE;
}

static void check(struct lint *lint)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        const GPtrArray *problems = lint->locks->functions[i].problems;
        for (guint j = 0; function->reachable && j < problems->len; j++) {
            const struct lock_problem *problem = g_ptr_array_index(problems, j);
            if (problem->kind == LOCK_TAKEN_TWICE && problem->exclusive &&
                !lock_is_repeatable(lint->locks, function, &problem->lock) &&
                !may_be_given_up(lint, function, &problem->lock))
                report(lint, function, problem);
        }
    }
}

const struct rule self_deadlock_rule = {
    .name = "self-deadlock",
    .summary = "a thread takes a lock that it holds already",
    .check = check,
};
