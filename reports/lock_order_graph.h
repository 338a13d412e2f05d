/* SPDX-License-Identifier: Apache-2.0 */
/* Which locks are taken while others are held: as the source says, and what of it the newest run saw. */
#ifndef REPORTS_LOCK_ORDER_GRAPH_H
#define REPORTS_LOCK_ORDER_GRAPH_H

#include "reports/report_index.h"
#include "reports/reports.h"

struct order_node {
    char *name;              /* of the DOT node: lock1 */
    const char *label;       /* raw, borrowed */
    const struct lock *lock; /* optional */
    gboolean in_ring;
    guint edges;
};

struct order_link {
    struct order_node *first, *second;
    const struct lock_order *order;
    const struct finding *finding; /* optional: the inversion that it is part of */
    double seconds;                /* that threads waited for the second there, in the run */
    guint64 count;                 /* of these waits; 0: not seen */
};

struct lock_order_graph {
    GPtrArray *nodes; /* those in rings first, then those with most edges */
    GPtrArray *links; /* those in rings first */
    double longest_seconds;
    guint nodes_left_out, rings;
};

/* `options` may be NULL. An order counts as seen when a call stack of the run stands blocked on a lock where
 * the second lock is taken, below the line on which the first is held. */
struct lock_order_graph *lock_order_graph_new(const struct report_index *index,
                                              const struct graph_options *options);
void lock_order_graph_free(struct lock_order_graph *graph);
typedef struct lock_order_graph LockOrderGraph;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LockOrderGraph, lock_order_graph_free)

#endif
