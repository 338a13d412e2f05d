/* SPDX-License-Identifier: Apache-2.0 */
/* A callback of an event loop waits: all other connections of the loop wait with it. */
#include "analyzer/flows.h"
#include "analyzer/rules/rules.h"

/* A loop that only polls for a few descriptors and calls by name: it may do one thing at a time on purpose.
 */
static gboolean is_plain(const struct lint *lint, const struct root *root)
{
    if (!root->creation || root->creation->resolution != CALL_DIRECT)
        return FALSE;
    for (guint i = 0; i < lint->roots->loops->len; i++) {
        const struct event_loop *loop = g_ptr_array_index(lint->roots->loops, i);
        if (loop->function == root->creation->caller && event_loop_is_plain(loop))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_doubtful(const struct lint *lint, const struct root *root, const struct blocking_use *use)
{
    return blocking_use_is_doubtful(use) || is_plain(lint, root);
}

static void report(struct lint *lint, const struct root *root, const struct blocking_use *use)
{
    const struct call_site *wait = use->wait;
    g_autofree char *callee = call_display(wait);
    char *message =
        g_strdup_printf("%s waits for %s inside %s, a callback of an event loop: nothing else of the "
                        "loop runs meanwhile; make it asynchronous or hand it to a thread",
                        callee, blocking_use_words(use), root->function->facts->name);
    enum severity severity = is_doubtful(lint, root, use) ? SEVERITY_NOTE : SEVERITY_WARNING;
    struct finding *finding = finding_report(lint, &blocking_call_in_event_loop_rule, severity, wait->caller,
                                             wait->event, callee, message);
    if (root->creation)
        finding_step(lint, finding, root->creation->caller, root->creation->event,
                     g_strdup_printf("the event loop calls %s", root->function->facts->name));
    for (const struct blocking_use *step = use; step; step = step->inner) {
        g_autofree char *called = call_display(step->call);
        finding_step(lint, finding, step->call->caller, step->call->event,
                     step->inner ? g_strdup_printf("%s calls %s", step->call->caller->facts->name, called)
                                 : g_strdup_printf("%s waits for %s", called, blocking_use_words(step)));
    }
}

/* The poll of a loop is where it should wait; conditions and joins hand over to threads on purpose. */
static gboolean concerns(const struct lint *lint, const struct blocking_use *use)
{
    if (idle_sites_contain(lint->idle, use->wait) || (use->wait->effect->properties & EFFECT_POLLS))
        return FALSE;
    return use->cause != CAUSE_ACCEPT && use->cause != CAUSE_CONDITION && use->cause != CAUSE_JOIN &&
           use->cause != CAUSE_TERMINAL;
}

/* Of the ways from callbacks to one wait. */
struct way {
    const struct root *root;
    const struct blocking_use *use;
    gboolean doubtful;
    guint length;
};

static struct way way_of(const struct lint *lint, const struct root *root, const struct blocking_use *use)
{
    struct way way = {root, use, is_doubtful(lint, root, use), 0};
    for (const struct blocking_use *step = use; step; step = step->inner)
        way.length++;
    return way;
}

/* The surest, and of those the shortest, which is told soonest. */
static gboolean way_is_better(const struct way *way, const struct way *other)
{
    return way->doubtful != other->doubtful ? !way->doubtful : way->length < other->length;
}

static void consider(GPtrArray *ways, GHashTable *by_wait, const struct way *way)
{
    const struct call_site *wait = way->use->wait;
    char *key = g_strjoin("\n", wait->caller->facts->key, wait->event->callee, NULL);
    struct way *best = g_hash_table_lookup(by_wait, key);
    if (!best) {
        best = g_memdup2(way, sizeof(*way));
        g_ptr_array_add(ways, best);
        g_hash_table_insert(by_wait, key, best);
        return;
    }
    if (way_is_better(way, best))
        *best = *way;
    g_free(key);
}

static void check(struct lint *lint)
{
    g_autoptr(GPtrArray) ways = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) by_wait = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < lint->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(lint->roots->roots, i);
        const GPtrArray *uses =
            root->kind == ROOT_CALLBACK ? lint->blocking->functions[root->function->index] : NULL;
        for (guint j = 0; uses && j < uses->len; j++) {
            const struct blocking_use *use = g_ptr_array_index(uses, j);
            struct way way = way_of(lint, root, use);
            if (concerns(lint, use))
                consider(ways, by_wait, &way);
        }
    }
    for (guint i = 0; i < ways->len; i++) {
        const struct way *way = g_ptr_array_index(ways, i);
        report(lint, way->root, way->use);
    }
}

const struct rule blocking_call_in_event_loop_rule = {
    .name = "blocking-call-in-event-loop",
    .summary = "a callback of an event loop waits, and all others with it",
    .check = check,
};
