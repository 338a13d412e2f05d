/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the newest run and who called whom, from its call stacks: with the time that was spent
 * below each call. */
#ifndef REPORTS_CALL_GRAPH_H
#define REPORTS_CALL_GRAPH_H

#include "reports/report_index.h"
#include "reports/reports.h"

struct call_node {
    char *name;                              /* of the DOT node: function1 */
    char *function;                          /* raw */
    const char *file, *module;               /* borrowed; optional */
    const struct region *region;             /* optional: what the analysis knows of it */
    int line;                                /* of its region, else one that was executed */
    double running_seconds, blocked_seconds; /* with a frame of it on the stack; idle waits left out */
    double self_seconds;                     /* of both: with the innermost frame that is drawn */
    gboolean is_classified;
    enum work_class class; /* of the region: measured, else predicted */
};

struct call_edge {
    struct call_node *caller, *callee;
    double seconds; /* running and blocked */
};

struct call_graph {
    GPtrArray *nodes; /* by time */
    GPtrArray *edges; /* by time */
    double seconds;   /* of all stacks that are known */
    double unknown_seconds, idle_seconds;
    guint nodes_left_out, edges_left_out;
};

/* Running and blocked. */
double call_node_seconds(const struct call_node *node);

/* `options` may be NULL. Functions in other files than those of the analysis are left out
 * where any stack shows one of these. */
struct call_graph *call_graph_new(const struct report_index *index, const struct graph_options *options);
void call_graph_free(struct call_graph *graph);
typedef struct call_graph CallGraph;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallGraph, call_graph_free)

#endif
