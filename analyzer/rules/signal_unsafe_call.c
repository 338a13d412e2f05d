/* SPDX-License-Identifier: Apache-2.0 */
/* A signal handler calls what it may have interrupted. */
#include "analyzer/rules/rules.h"

static gboolean is_unsafe(const struct call_site *call)
{
    const struct effect *effect = call->effect;
    return effect &&
           ((effect->properties & (EFFECT_NOT_ASYNC_SIGNAL_SAFE | EFFECT_ALLOCATES)) ||
            effect->lock == LOCK_TAKE || effect->lock == LOCK_WAIT) &&
           !(effect->lock == LOCK_WAIT && effect->lock_kind == LOCK_SEMAPHORE);
}

struct handler_search {
    struct lint *lint;
    const struct root *root;
    GHashTable *came; /* struct graph_function → struct call_site that led to it */
    GHashTable *names;
};

/* A handler that ends the program runs while everything is lost anyway. */
static gboolean ends_program(const struct lint *lint, const struct graph_function *handler)
{
    return lint->endings->never_returns[handler->index] || lint->endings->stops[handler->index] ||
           reaches_property(handler, EFFECT_DOES_NOT_RETURN);
}

static void report(const struct handler_search *search, const struct call_site *call)
{
    struct lint *lint = search->lint;
    const struct graph_function *handler = search->root->function;
    g_autofree char *callee = call_display(call);
    g_autofree char *identity = g_strconcat(handler->facts->name, " ", callee, NULL);
    const char *why = call->effect->lock == LOCK_TAKE ? "waits for ever when the signal interrupts "
                                                        "the thread that holds the lock"
                      : call->effect->properties & EFFECT_ALLOCATES
                          ? "breaks the heap or waits for ever when the "
                            "signal interrupts malloc"
                          : "is not async-signal-safe";
    char *message =
        g_strdup_printf("%s in the signal handler %s %s; only set a volatile sig_atomic_t or write to a "
                        "pipe there, and do the work in the main loop",
                        callee, handler->facts->name, why);
    enum severity severity = ends_program(lint, handler) ? SEVERITY_NOTE : SEVERITY_WARNING;
    struct finding *finding = finding_report(lint, &signal_unsafe_call_rule, severity, call->caller,
                                             call->event, identity, message);
    if (search->root->creation)
        finding_step(lint, finding, search->root->creation->caller, search->root->creation->event,
                     g_strdup_printf("%s becomes a signal handler", handler->facts->name));
    g_autoptr(GPtrArray) way = g_ptr_array_new();
    const struct call_site *step = NULL;
    for (const struct graph_function *here = call->caller;
         here != handler && (step = g_hash_table_lookup(search->came, here)); here = step->caller)
        g_ptr_array_insert(way, 0, (gpointer)step);
    g_ptr_array_add(way, (gpointer)call);
    for (guint i = 0; i < way->len; i++) {
        const struct call_site *each = g_ptr_array_index(way, i);
        g_autofree char *called = call_display(each);
        finding_step(lint, finding, each->caller, each->event,
                     g_strdup_printf("%s calls %s", each->caller->facts->name, called));
    }
}

static void check_handler(struct lint *lint, const struct root *root)
{
    g_autoptr(GHashTable) came = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GQueue) pending = g_queue_new();
    struct handler_search search = {lint, root, came, names};
    g_queue_push_tail(pending, root->function);
    while (!g_queue_is_empty(pending)) {
        const struct graph_function *function = g_queue_pop_head(pending);
        for (guint i = 0; i < function->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(function->calls, i);
            if (is_unsafe(call) && g_hash_table_add(names, (gpointer)call->event->callee))
                report(&search, call);
            for (guint j = 0; call->resolution == CALL_DIRECT && j < call->targets->len; j++) {
                gpointer target = g_ptr_array_index(call->targets, j);
                if (target == root->function || g_hash_table_contains(came, target))
                    continue;
                g_hash_table_insert(came, target, (gpointer)call);
                g_queue_push_tail(pending, target);
            }
        }
    }
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < lint->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(lint->roots->roots, i);
        if (root->kind == ROOT_SIGNAL && g_hash_table_add(seen, root->function))
            check_handler(lint, root);
    }
}

const struct rule signal_unsafe_call_rule = {
    .name = "signal-unsafe-call",
    .summary = "a signal handler calls a function that is not async-signal-safe",
    .check = check,
};
