/* SPDX-License-Identifier: Apache-2.0 */
/* A thread waits for something outside the program while others may wait for its lock. */
#include "analyzer/rules/rules.h"

/* Holding a lock over a wait is harmless when nobody else ever wants it meanwhile. */
static gboolean is_wanted_elsewhere(const struct lint *lint, const struct graph_function *function,
                                    const struct call_site *call)
{
    return event_is_concurrent(lint->reach, function, call->event_index);
}

static const struct held_lock *kept_lock(const struct lint *lint, const struct blocking_use *use)
{
    const GArray *held = held_locks_must(lint->locks, use->call->caller, use->call->event_index);
    for (guint i = 0; held && i < held->len; i++) {
        const struct held_lock *lock = &g_array_index(held, struct held_lock, i);
        gboolean given = FALSE;
        for (guint j = 0; j < use->given->len && !given; j++) {
            const struct held_lock *other = &g_array_index(use->given, struct held_lock, j);
            given =
                !other->name || other->name == lock->name || (other->place && other->place == lock->place);
        }
        if (!given && !lock->shared && lock->name)
            return lock;
    }
    return NULL;
}

static void report(struct lint *lint, const struct blocking_use *use, const struct held_lock *lock)
{
    const struct graph_function *function = use->call->caller;
    g_autofree char *name = lock_display(lock);
    g_autofree char *taken = event_place(lint, function, lock->site->event);
    g_autofree char *waiting = call_display(use->wait);
    g_autofree char *identity = g_strconcat(name, " ", waiting, NULL);
    char *message =
        g_strdup_printf("%s is held (since %s) while %s waits for %s: every thread that wants the lock "
                        "waits as long; give it up before, or do this work outside it",
                        name, taken, waiting, blocking_use_words(use));
    struct finding *finding = finding_report(lint, &lock_held_across_blocking_call_rule,
                                             blocking_use_is_doubtful(use) ? SEVERITY_NOTE : SEVERITY_WARNING,
                                             function, use->call->event, identity, message);
    finding_step(lint, finding, function, lock->site->event, g_strdup_printf("takes %s", name));
    for (const struct blocking_use *step = use; step; step = step->inner) {
        g_autofree char *callee = call_display(step->call);
        finding_step(lint, finding, step->call->caller, step->call->event,
                     step->inner ? g_strdup_printf("calls %s", callee)
                                 : g_strdup_printf("%s waits for %s", callee, blocking_use_words(step)));
    }
}

static void check_function(struct lint *lint, const struct graph_function *function)
{
    const GPtrArray *uses = lint->blocking->functions[function->index];
    g_autoptr(GHashTable) reported = g_hash_table_new(NULL, NULL);
    for (guint i = 0; uses && i < uses->len; i++) {
        const struct blocking_use *use = g_ptr_array_index(uses, i);
        const struct held_lock *lock = kept_lock(lint, use);
        gpointer key = lock ? GUINT_TO_POINTER(lock->name * 2 + (use->certain ? 1 : 0)) : NULL;
        if (lock && is_wanted_elsewhere(lint, function, use->call) && g_hash_table_add(reported, key))
            report(lint, use, lock);
    }
}

static void check(struct lint *lint)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        if (function->reachable)
            check_function(lint, function);
    }
}

const struct rule lock_held_across_blocking_call_rule = {
    .name = "lock-held-across-blocking-call",
    .summary = "a thread waits for I/O, time or another thread while it holds a lock",
    .check = check,
};
