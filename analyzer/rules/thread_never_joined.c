/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that ends and that nobody joins or detaches keeps its stack: each one leaks. */
#include <string.h>

#include "analyzer/rules/rules.h"

static gboolean is_named(const struct call_site *call, const char *const *names)
{
    const char *name = call_site_name(call);
    return name && g_strv_contains(names, name);
}

static const char *const ending_calls[] = {
    "pthread_join", "pthread_detach", "pthread_tryjoin_np",   "pthread_timedjoin_np",
    "thrd_join",    "thrd_detach",    "pthread_clockjoin_np", NULL};
static const char *const attribute_calls[] = {"pthread_attr_setdetachstate", NULL};

/* Only those leave something to join; others (g_thread_new) count references. */
static gboolean leaves_handle(const struct call_site *creation)
{
    static const char *const names[] = {"pthread_create", "thrd_create", NULL};
    return is_named(creation, names);
}

static gboolean program_calls(const struct lint *lint, const char *const *names)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; j < function->calls->len; j++) {
            if (is_named(g_ptr_array_index(function->calls, j), names))
                return TRUE;
        }
    }
    return FALSE;
}

/* The variable that holds the handle, without what array element it is. */
static char *handle_of(const struct call_site *call)
{
    const struct fact_argument *argument = call_site_argument(call, 0);
    if (!argument || argument->kind != ARGUMENT_PATH || !argument->text)
        return NULL;
    return g_strndup(argument->text, strcspn(argument->text, "["));
}

/* TRUE when a call ends a thread by this handle, or by one that the source does not name. */
static gboolean may_end(const struct lint *lint, const char *handle)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            g_autofree char *other = is_named(call, ending_calls) ? handle_of(call) : NULL;
            if (is_named(call, ending_calls) && (!other || g_strcmp0(other, handle) == 0))
                return TRUE;
        }
    }
    return FALSE;
}

/* What else happens to the handle: given to a function, or read into something else. */
static gboolean is_passed_on(const struct call_site *creation, const char *handle)
{
    const struct fact_function *facts = creation->caller->facts;
    for (guint i = 0; i < facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(facts->events, i);
        if (i == creation->event_index)
            continue;
        if (event->kind == EVENT_READ && event->path && g_str_has_prefix(event->path, handle))
            return TRUE;
        for (guint j = 0; event->kind == EVENT_CALL && j < event->arguments->len; j++) {
            const struct fact_argument *argument = g_ptr_array_index(event->arguments, j);
            if (argument->kind == ARGUMENT_PATH && argument->text && g_str_has_prefix(argument->text, handle))
                return TRUE;
        }
    }
    return FALSE;
}

/* `pthread_detach(pthread_self())` in the thread, or anything that ends a thread by a handle that is not
 * followed. */
static gboolean detaches_itself(const struct lint *lint, const struct root *root)
{
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(lint->reach->programs, i);
        for (guint j = 1; j < program->flows->len; j++) {
            const struct thread_flow *flow = g_ptr_array_index(program->flows, j);
            for (guint k = 0; flow->function == root->function && k < lint->graph->functions->len; k++) {
                const struct graph_function *function = g_ptr_array_index(lint->graph->functions, k);
                for (guint l = 0; flow->reaches[k] && l < function->calls->len; l++) {
                    if (is_named(g_ptr_array_index(function->calls, l), ending_calls))
                        return TRUE;
                }
            }
        }
    }
    return FALSE;
}

/* A local of the creating function is gone with it. */
static gboolean is_local(const struct call_site *creation, const char *handle)
{
    g_autofree char *prefix = g_strconcat(creation->caller->facts->name, ":", NULL);
    return g_str_has_prefix(handle, prefix);
}

static gboolean is_detached(const struct lint *lint, const struct call_site *creation)
{
    const struct fact_argument *attribute = call_site_argument(creation, 1);
    gboolean has = attribute && !(attribute->kind == ARGUMENT_INTEGER && attribute->integer == 0);
    return has && !g_str_has_prefix(call_site_name(creation), "thrd") && program_calls(lint, attribute_calls);
}

static void check_root(struct lint *lint, const struct root *root)
{
    const struct call_site *creation = root->creation;
    g_autofree char *handle = handle_of(creation);
    if (!leaves_handle(creation) || !handle || lint->endings->never_returns[root->function->index] ||
        is_detached(lint, creation) || may_end(lint, handle) || detaches_itself(lint, root))
        return;
    gboolean local =
        is_local(creation, handle) && graph_function_parameter(creation->caller, handle) == NO_ARGUMENT;
    if ((local && is_passed_on(creation, handle)) || (!local && program_calls(lint, ending_calls)))
        return;
    gboolean again = root->per_request || root->endless || creation->event->loop >= 0 ||
                     loop_repetitions(creation->caller->facts, creation->event->loop) != 1;
    char *message = g_strdup_printf(
        "the thread that runs %s is neither joined nor detached: when it ends, its stack stays%s; call "
        "pthread_detach after the creation, or keep the handle and join it",
        root->function->facts->name, again ? " each time" : "");
    finding_report(lint, &thread_never_joined_rule, again ? SEVERITY_WARNING : SEVERITY_NOTE,
                   creation->caller, creation->event, root->function->facts->name, message);
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < lint->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(lint->roots->roots, i);
        if (root->kind == ROOT_THREAD && root->creation && g_hash_table_add(seen, (gpointer)root->creation))
            check_root(lint, root);
    }
}

const struct rule thread_never_joined_rule = {
    .name = "thread-never-joined",
    .summary = "a thread ends and nobody joins or detaches it",
    .check = check,
};
