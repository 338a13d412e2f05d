/* SPDX-License-Identifier: Apache-2.0 */
/* A lock is given up, or waited with, by a thread that does not hold it. */
#include "analyzer/rules/rules.h"

#define CALLERS_DEPTH 3

static void report(struct lint *lint, const struct graph_function *function, const struct call_site *call,
                   const struct held_lock *lock, const struct call_site *before)
{
    g_autofree char *name = lock_display(lock);
    g_autofree char *callee = call_display(call);
    g_autofree char *place = before ? event_place(lint, function, before->event) : NULL;
    gboolean waits = call->effect && call->effect->lock == LOCK_WAIT;
    const char *what = waits ? "waits with" : "gives up";
    char *message =
        place ? g_strdup_printf("%s %s %s, which was given up already at %s: another thread's lock may be "
                                "released; take the lock on every path that leads here",
                                callee, what, name, place)
              : g_strdup_printf("%s %s %s, which this thread does not hold; take it before, on every path "
                                "that leads here",
                                callee, what, name);
    gboolean varies = call_varies(lint->locks, call) || (before && call_varies(lint->locks, before));
    struct finding *finding =
        finding_report(lint, &unlock_not_held_rule, varies ? SEVERITY_NOTE : SEVERITY_WARNING, function,
                       call->event, name, message);
    if (before)
        finding_step(lint, finding, function, before->event, g_strdup_printf("gives up %s", name));
    finding_step(lint, finding, function, call->event,
                 waits ? g_strdup_printf("waits with %s", name) : g_strdup_printf("gives it up"));
}

static void check_twice(struct lint *lint, const struct graph_function *function)
{
    const struct function_locks *locks = &lint->locks->functions[function->index];
    for (guint i = 0; !locks->unsure && i < locks->problems->len; i++) {
        const struct lock_problem *problem = g_ptr_array_index(locks->problems, i);
        gboolean exact =
            place_is_exact(problem->lock.place) && !lock_is_repeatable(lint->locks, function, &problem->lock);
        if (problem->kind == LOCK_NOT_HELD && exact && problem->call != problem->lock.site)
            report(lint, function, problem->call, &problem->lock, problem->lock.site);
    }
}

/* `unlock(&m[i])` may be the one that gives `m[0]` up. */
static gboolean is_mixed_up(const struct graph_function *function, const struct held_lock *lock)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (!call_acts_on_lock(call, LOCK_TAKE) && !call_acts_on_lock(call, LOCK_RELEASE))
            continue;
        struct held_lock other = lock_of_argument(call, call->effect->lock_argument);
        if (other.name == lock->name && !place_is_exact(other.place))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_held(const GArray *held, const struct held_lock *mutex)
{
    return held && held_lock_find(held, mutex) >= 0;
}

static gboolean callers_hold(const struct lint *lint, const struct graph_function *function,
                             const struct held_lock *lock, int depth)
{
    for (guint i = 0; i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        struct held_lock seen = lock_seen_by_caller(function, lock, call);
        if (is_held(held_locks_may(lint->locks, call->caller, call->event_index), &seen) || depth == 0 ||
            callers_hold(lint, call->caller, &seen, depth - 1))
            return TRUE;
    }
    return FALSE;
}

static const struct call_site *own_take(const struct graph_function *function, const struct held_lock *lock)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call_acts_on_lock(call, LOCK_TAKE) &&
            lock_of_argument(call, call->effect->lock_argument).place == lock->place)
            return call;
    }
    return NULL;
}

/* `lock(); unlock(); unlock();`: a caller that held it would have waited for itself in the first call. */
static gboolean takes_before(const struct graph_function *function, const struct held_lock *lock)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call_acts_on_lock(call, LOCK_TAKE) && call->event_index < lock->site->event_index &&
            call->event->block == lock->site->event->block &&
            lock_of_argument(call, call->effect->lock_argument).place == lock->place)
            return TRUE;
    }
    return FALSE;
}

/* A function that takes the lock itself, and on some path gives it up once more than it took it. */
static void check_mixed(struct lint *lint, const struct graph_function *function, GHashTable *blamed)
{
    const struct function_locks *locks = &lint->locks->functions[function->index];
    g_autoptr(GHashTable) reported = g_hash_table_new(NULL, NULL);
    for (guint i = 0; !locks->unsure && i < locks->outcomes->len; i++) {
        const struct lock_outcome *outcome = g_ptr_array_index(locks->outcomes, i);
        for (guint j = 0; j < outcome->given->len; j++) {
            const struct held_lock *lock = &g_array_index(outcome->given, struct held_lock, j);
            gboolean certain = takes_before(function, lock) &&
                               !lock_is_repeatable(lint->locks, function, lock) && !lock->shared;
            if (!certain && function->callers->len == 0)
                continue;
            if (lock->name && place_is_exact(lock->place) && own_take(function, lock) &&
                !is_mixed_up(function, lock) &&
                (certain || !callers_hold(lint, function, lock, CALLERS_DEPTH)) &&
                g_hash_table_add(reported, (gpointer)lock->site)) {
                report(lint, function, lock->site, lock, NULL);
                g_hash_table_add(blamed, (gpointer)function);
            }
        }
    }
}

/* Nobody calls the body of a thread with a lock held. */
static void check_body(struct lint *lint, const struct graph_function *body, GHashTable *blamed)
{
    const struct function_locks *locks = &lint->locks->functions[body->index];
    g_autoptr(GHashTable) reported = g_hash_table_new(NULL, NULL);
    for (guint i = 0; !locks->unsure && i < locks->outcomes->len; i++) {
        const struct lock_outcome *outcome = g_ptr_array_index(locks->outcomes, i);
        for (guint j = 0; j < outcome->given->len; j++) {
            const struct held_lock *lock = &g_array_index(outcome->given, struct held_lock, j);
            gboolean certain = place_is_exact(lock->place) && lock->name &&
                               !lock_is_repeatable(lint->locks, body, lock) && !is_mixed_up(body, lock);
            const struct graph_function *callee = held_locks_target(lint->locks, lock->site);
            gboolean known = callee && g_hash_table_contains(blamed, callee);
            if (certain && !known && g_hash_table_add(reported, (gpointer)lock->site))
                report(lint, body, lock->site, lock, NULL);
        }
    }
}

static void check_waits(struct lint *lint, const struct graph_function *body)
{
    const struct function_locks *locks = &lint->locks->functions[body->index];
    for (guint i = 0; !locks->unsure && i < body->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(body->calls, i);
        if (!call->effect || call->effect->lock != LOCK_WAIT || call->effect->mutex_argument == NO_ARGUMENT)
            continue;
        struct held_lock mutex = lock_of_argument(call, call->effect->mutex_argument);
        const GArray *held = held_locks_may(lint->locks, body, call->event_index);
        gboolean reached = locks->reached && locks->reached[call->event_index];
        if (reached && mutex.name && place_is_exact(mutex.place) && !is_held(held, &mutex))
            report(lint, body, call, &mutex, NULL);
    }
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) bodies = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) blamed = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        if (!function->reachable)
            continue;
        check_twice(lint, function);
        check_mixed(lint, function, blamed);
    }
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(lint->reach->programs, i);
        for (guint j = 0; j < program->flows->len; j++) {
            const struct thread_flow *flow = g_ptr_array_index(program->flows, j);
            if (!flow->function || flow->function->callers->len > 0 ||
                !g_hash_table_add(bodies, flow->function))
                continue;
            check_body(lint, flow->function, blamed);
            check_waits(lint, flow->function);
        }
    }
}

const struct rule unlock_not_held_rule = {
    .name = "unlock-not-held",
    .summary = "a lock is given up, or waited with, by a thread that does not hold it",
    .check = check,
};
