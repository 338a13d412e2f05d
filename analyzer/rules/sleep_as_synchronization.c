/* SPDX-License-Identifier: Apache-2.0 */
/* A thread sleeps and looks whether another one is done: too late as a rule, and too often. */
#include "analyzer/rules/flag_loops.h"
#include "analyzer/rules/rules.h"

static void report(struct lint *lint, const struct flag_loop *loop)
{
    g_autofree char *name = path_display(loop->path);
    g_autofree char *reader = flow_display(loop->reader);
    g_autofree char *writer = flow_display(loop->writer);
    g_autofree char *place = event_place(lint, loop->writing, loop->write);
    g_autofree char *callee = call_display(loop->sleep);
    const char *order = loop->locked || loop->look->kind == EVENT_ATOMIC
                            ? ""
                            : ", and nothing orders what was written before with what is read after";
    char *message = g_strdup_printf("%s sleeps in %s until %s has changed %s at %s: it goes on up to a whole "
                                    "sleep too late%s; wait for a condition variable that is signalled there",
                                    reader, callee, writer, name, place, order);
    struct finding *finding = finding_report(lint, &sleep_as_synchronization_rule, SEVERITY_WARNING,
                                             loop->function, loop->sleep->event, name, message);
    finding_add_way(lint, finding, loop->reader, loop->function);
    finding_step(lint, finding, loop->function, loop->look, g_strdup_printf("looks at %s", name));
    finding_step(lint, finding, loop->function, loop->sleep->event, g_strdup("sleeps"));
    guint from = finding->path->len;
    finding_add_way(lint, finding, loop->writer, loop->writing);
    finding_step(lint, finding, loop->writing, loop->write, g_strdup_printf("changes %s", name));
    finding_set_thread(finding, from, loop->writer);
}

/* `pthread_create(…); sleep(1);`: the thread will have come far enough by then. Or the one before it ends. */
static void check_creation(struct lint *lint, const struct call_site *creation)
{
    const struct graph_function *function = creation->caller;
    const struct call_site *next = NULL;
    for (guint i = 0; i < function->calls->len && !next; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        gboolean after =
            call->event_index > creation->event_index && call->event->line > creation->event->line;
        if (after && !lint->endings->stops[call->caller->index])
            next = call;
    }
    if (!next || !call_sleeps(next) || (next->event->loop >= 0 && creation->event->loop < 0))
        return;
    g_autofree char *callee = call_display(next);
    char *message = g_strdup_printf("%s hopes that the thread made just before has come far enough; wait for "
                                    "a semaphore or a condition variable that it signals, or join it",
                                    callee);
    struct finding *finding = finding_report(lint, &sleep_as_synchronization_rule, SEVERITY_NOTE, function,
                                             next->event, callee, message);
    finding_step(lint, finding, function, creation->event, g_strdup("makes the thread"));
}

static void check(struct lint *lint)
{
    for (guint i = 0; i < lint->flag_loops->len; i++) {
        const struct flag_loop *loop = g_ptr_array_index(lint->flag_loops, i);
        if (loop->sleep && !loop->try)
            report(lint, loop);
    }
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < lint->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(lint->roots->roots, i);
        if (root->kind == ROOT_THREAD && root->creation && g_hash_table_add(seen, (gpointer)root->creation))
            check_creation(lint, root->creation);
    }
}

const struct rule sleep_as_synchronization_rule = {
    .name = "sleep-as-synchronization",
    .summary = "a thread sleeps until another one should be done",
    .check = check,
};
