/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that waits by looking again and again keeps a core busy, perhaps the one that the other needs. */
#include "analyzer/rules/flag_loops.h"
#include "analyzer/rules/rules.h"

static void report_flag(struct lint *lint, const struct flag_loop *loop)
{
    g_autofree char *name = path_display(loop->path);
    g_autofree char *reader = flow_display(loop->reader);
    g_autofree char *writer = flow_display(loop->writer);
    g_autofree char *place = event_place(lint, loop->writing, loop->write);
    char *message = g_strdup_printf(
        "%s looks at %s again and again until %s changes it at %s, and keeps a core busy meanwhile%s; wait "
        "for a condition variable, a semaphore or a futex instead",
        reader, name, writer, place, loop->yields ? ", though it gives way" : "");
    enum severity severity = loop->yields ? SEVERITY_NOTE : SEVERITY_WARNING;
    struct finding *finding =
        finding_report(lint, &busy_wait_rule, severity, loop->function, loop->look, name, message);
    finding_add_way(lint, finding, loop->reader, loop->function);
    finding_step(lint, finding, loop->function, loop->look, g_strdup_printf("looks at %s in a loop", name));
    guint from = finding->path->len;
    finding_add_way(lint, finding, loop->writer, loop->writing);
    finding_step(lint, finding, loop->writing, loop->write, g_strdup_printf("changes %s", name));
    finding_set_thread(finding, from, loop->writer);
}

static void report_try(struct lint *lint, const struct flag_loop *loop)
{
    g_autofree char *callee = call_display(loop->try);
    char *message =
        g_strdup_printf("%s in a loop without a pause keeps a core busy until it succeeds; call what waits%s",
                        callee, loop->try->effect->lock == LOCK_TRY ? " for the lock" : "");
    enum severity severity = loop->yields ? SEVERITY_NOTE : SEVERITY_WARNING;
    finding_report(lint, &busy_wait_rule, severity, loop->function, loop->look, callee, message);
}

static void check(struct lint *lint)
{
    for (guint i = 0; i < lint->flag_loops->len; i++) {
        const struct flag_loop *loop = g_ptr_array_index(lint->flag_loops, i);
        if (loop->sleep)
            continue;
        if (loop->try)
            report_try(lint, loop);
        else
            report_flag(lint, loop);
    }
}

const struct rule busy_wait_rule = {
    .name = "busy-wait",
    .summary = "a thread waits by looking again and again, and keeps a core busy",
    .check = check,
};
