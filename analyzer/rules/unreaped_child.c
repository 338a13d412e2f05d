/* SPDX-License-Identifier: Apache-2.0 */
/* Children that end and that nobody waits for stay as zombies, until no process can be made any more. */
#include <signal.h>
#include <string.h>

#include "analyzer/rules/rules.h"

static gboolean is_fork(const struct call_site *call)
{
    return call->effect && call->effect->creates == CREATE_PROCESS &&
           call->effect->start_argument == NO_ARGUMENT && call->effect->block == BLOCK_NEVER &&
           !(call->effect->properties & (EFFECT_CREATES_FLOW | EFFECT_EXECUTES));
}

/* Functions of the program that are called so (`wait_for_workers`) wait for a child only if they call one of
 * these themselves. */
static gboolean waits_for_child(const struct call_site *call)
{
    const char *name = call->targets->len == 0 ? call_site_name(call) : NULL;
    return name && (g_str_has_prefix(name, "wait") || strcmp(name, "g_child_watch_add") == 0 ||
                    g_str_has_prefix(name, "uv_spawn") || strcmp(name, "pidfd_open") == 0);
}

/* `signal(SIGCHLD, SIG_IGN)`, `sigaction(SIGCHLD, …)`, `daemon()`: what happens there is not followed. */
static gboolean handles_signal(const struct call_site *call)
{
    for (int i = 0; i < (int)call->event->arguments->len; i++) {
        const struct fact_argument *argument = call_site_argument(call, i);
        if (argument->kind == ARGUMENT_INTEGER && argument->integer == SIGCHLD && call->effect &&
            strstr(call->effect->name, "sig"))
            return TRUE;
    }
    return FALSE;
}

/* Both are part of one program: a database may hold several. What no program is known to hold may be part of
 * any. */
static gboolean are_together(const struct lint *lint, const struct graph_function *a,
                             const struct graph_function *b)
{
    gboolean placed_a = FALSE, placed_b = FALSE;
    if (a->unit == b->unit)
        return TRUE;
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(lint->reach->programs, i);
        gboolean holds_a = program_links(program, a), holds_b = program_links(program, b);
        if (holds_a && holds_b)
            return TRUE;
        placed_a |= holds_a;
        placed_b |= holds_b;
    }
    return !placed_a || !placed_b;
}

static gboolean program_reaps(const struct lint *lint, const struct graph_function *forks)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            if ((waits_for_child(call) || handles_signal(call)) && are_together(lint, forks, function))
                return TRUE;
        }
    }
    return FALSE;
}

static gboolean ends_program(const struct call_site *call)
{
    return call->effect && (call->effect->properties & (EFFECT_DOES_NOT_RETURN | EFFECT_EXECUTES));
}

/* The parent of a daemon ends as well: then init reaps. */
static gboolean parent_leaves(const struct lint *lint, const struct call_site *fork_call)
{
    const struct graph_function *function = fork_call->caller;
    if (fork_call->event->loop >= 0)
        return FALSE;
    guint exits = 0;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        const struct graph_function *target =
            call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
        exits += call->event_index > fork_call->event_index &&
                 (ends_program(call) || (target && lint->endings->stops[target->index]));
    }
    return exits > 0;
}

static gboolean is_repeated(const struct call_site *call, int depth)
{
    if (loop_repetitions(call->caller->facts, call->event->loop) != 1)
        return TRUE;
    for (guint i = 0; depth > 0 && i < call->caller->callers->len; i++) {
        if (is_repeated(g_ptr_array_index(call->caller->callers, i), depth - 1))
            return TRUE;
    }
    return FALSE;
}

static void check_fork(struct lint *lint, const struct call_site *call)
{
    gboolean repeated = is_repeated(call, 2);
    if (!repeated && parent_leaves(lint, call))
        return;
    char *message = g_strdup_printf(
        "%s makes a child and nothing in the program waits for it: when it ends it stays as a zombie%s; call "
        "waitpid, in a handler of SIGCHLD or where its work is needed, or ignore SIGCHLD",
        call->caller->facts->name, repeated ? ", one more each time" : "");
    finding_report(lint, &unreaped_child_rule, repeated ? SEVERITY_WARNING : SEVERITY_NOTE, call->caller,
                   call->event, call_site_name(call), message);
}

static void check(struct lint *lint)
{
    if (lint->graph->mains->len == 0)
        return;
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; function->reachable && j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            if (is_fork(call) && !program_reaps(lint, function))
                check_fork(lint, call);
        }
    }
}

const struct rule unreaped_child_rule = {
    .name = "unreaped-child",
    .summary = "a child ends and nobody waits for it",
    .check = check,
};
