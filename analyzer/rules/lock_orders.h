/* SPDX-License-Identifier: Apache-2.0 */
/* Which locks are taken while others are held: the edges whose circles are possible deadlocks. */
#ifndef ANALYZER_RULES_LOCK_ORDERS_H
#define ANALYZER_RULES_LOCK_ORDERS_H

#include "analyzer/rules/rule.h"

/* `second` is taken while `first` is held. */
struct order_edge {
    struct held_lock first, second; /* as `function` knows them */
    const struct graph_function *function;
    const struct call_site *call; /* takes the second, or leads to it */
    const struct lock_use *use;   /* in the callee of `call`, or NULL */
    const struct order_edge
        *inner; /* both are taken in the callee of `call`, which got them: there; or NULL */
};

/* The edges of all reachable functions (struct order_edge), those between two locks of one name included.
 * What a function does to locks that it was given is also told of its callers. The caller unrefs the array.
 */
GPtrArray *lock_orders_find(const struct lint *lint);

/* FALSE for a parameter, which may be any lock: only callers know. */
gboolean lock_is_named(const struct graph_function *function, const struct held_lock *lock);

/* Two threads of one program that each come to be inside their order, `avoid` being the names of the locks
 * that are ordered: no other lock keeps them apart. `at_once`: both may be there at the same time; otherwise
 * also one after the other, and they may be the same thread. FALSE when there are none. */
gboolean order_threads(const struct lint *lint, const struct order_edge *edge, const struct order_edge *other,
                       const GQuark *avoid, guint count, gboolean at_once, const struct thread_flow **flow,
                       const struct thread_flow **other_flow);

/* Adds the way of the thread to where both locks are taken to the finding's path. */
void order_add_path(const struct lint *lint, struct finding *finding, const struct thread_flow *flow,
                    const struct order_edge *edge, const char *first, const char *second);

/* How messages call a lock that is ordered with `other`: by its object where its name does not tell them
 * apart. The caller frees it. */
char *order_lock_display(const struct held_lock *lock, const struct held_lock *other);

/* Appends struct lock_order to the session for edges that a thread reaches, one per pair of names;
 * `inversions`: edge → fingerprint of the finding that it is part of. */
void orders_record(const struct lint *lint, const GPtrArray *edges, GHashTable *inversions);

/* Locks of the same name in one array or of one type (element_orders.c): reports those that are taken in no
 * order. `inversions` as above, filled. */
void element_orders_check(struct lint *lint, const GPtrArray *edges, GHashTable *inversions);

#endif
