/* SPDX-License-Identifier: Apache-2.0 */
/* Whether something else than a lock may keep two threads in order: a semaphore, a condition, a barrier, or
 * atomic variables. */
#ifndef ANALYZER_RULES_FLOW_ORDER_H
#define ANALYZER_RULES_FLOW_ORDER_H

#include "analyzer/parallel_reach.h"

struct flow_order;

/* Something that a thread does. */
struct flow_event {
    const struct thread_flow *flow;
    const struct graph_function *function;
    guint index; /* in the function's events */
};

/* Every place that makes this kind of thread makes other kinds as well (a table of bodies, a loop over it):
 * there may be only one of each. */
gboolean flow_is_one_of_several(const struct program_flows *program, const struct thread_flow *flow);

struct flow_order *flow_order_new(const struct program_flows *program);
void flow_order_free(struct flow_order *order);

/* TRUE when one of the two may always come before the other. */
gboolean flow_order_is_possible(struct flow_order *order, const struct flow_event *a,
                                const struct flow_event *b);

#endif
