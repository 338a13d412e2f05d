/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which costs are summed: callees before callers. Where functions call each other in a circle,
 * one call of it cannot be summed; in large programs that circle is seldom a recursion that ever happens, but
 * made of pointers that may point to everything. */
#ifndef ANALYZER_CALL_ORDER_H
#define ANALYZER_CALL_ORDER_H

#include "analyzer/program_graph.h"

/* Sorts graph->order (whose components must stand together) and sets rank and repeats of its functions. Left
 * out is first a call through a pointer whose target leads back by plain calls; then what closes a circle on
 * the way down from main and from `kept` (struct call_site, may be NULL): the calls by which event loops
 * dispatch, which are never left out for being made through pointers. */
void call_order_set(struct program_graph *graph, GHashTable *kept);

/* FALSE for a call that is left out of its caller's cost. */
gboolean call_is_summed(const struct call_site *call, const struct graph_function *target);

#endif
