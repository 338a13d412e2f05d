/* SPDX-License-Identifier: Apache-2.0 */
/* A C extension waits while it holds the interpreter's lock: no thread of the interpreter runs meanwhile. */
#include "analyzer/held_states.h"
#include "analyzer/interpreter_lock.h"
#include "analyzer/rules/rules.h"

static gboolean is_held(const struct held_states *states, const struct blocking_use *use)
{
    for (const struct blocking_use *step = use; step; step = step->inner) {
        if (!call_is_held(states, step->call))
            return FALSE;
    }
    return TRUE;
}

static void report(struct lint *lint, const char *lock, const struct method *method,
                   const struct blocking_use *use)
{
    const struct call_site *wait = use->wait;
    g_autofree char *callee = call_display(wait);
    char *message = g_strdup_printf(
        "%s waits for %s inside %s, which the interpreter calls with the %s held: none of its other threads "
        "runs meanwhile; put it between Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS",
        callee, blocking_use_words(use), method->function->facts->name, lock);
    enum severity severity = blocking_use_is_doubtful(use) ? SEVERITY_NOTE : SEVERITY_WARNING;
    struct finding *finding = finding_report(lint, &gil_held_across_blocking_call_rule, severity,
                                             wait->caller, wait->event, callee, message);
    for (const struct blocking_use *step = use; step; step = step->inner) {
        g_autofree char *called = call_display(step->call);
        finding_step(lint, finding, step->call->caller, step->call->event,
                     step->inner ? g_strdup_printf("%s calls %s", step->call->caller->facts->name, called)
                                 : g_strdup_printf("%s waits for %s", called, blocking_use_words(step)));
    }
}

static void check(struct lint *lint)
{
    struct interpreter_lock *lock = interpreter_lock_find(lint->model);
    if (!lock)
        return;
    struct held_states *states = held_states_new(lint->graph, lock->name);
    g_autoptr(GHashTable) reported = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < lock->methods->len; i++) {
        const struct method *method = g_ptr_array_index(lock->methods, i);
        const GPtrArray *uses = lint->blocking->functions[method->function->index];
        for (guint j = 0; uses && j < uses->len; j++) {
            const struct blocking_use *use = g_ptr_array_index(uses, j);
            if (is_held(states, use) && !call_needs_lock(states, use->wait) &&
                g_hash_table_add(reported, (gpointer)use->wait))
                report(lint, lock->name, method, use);
        }
    }
    held_states_free(states);
    interpreter_lock_free(lock);
}

const struct rule gil_held_across_blocking_call_rule = {
    .name = "gil-held-across-blocking-call",
    .summary = "an extension waits while it holds the interpreter's lock",
    .check = check,
};
