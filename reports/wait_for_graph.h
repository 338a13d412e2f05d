/* SPDX-License-Identifier: Apache-2.0 */
/* The wait network as it is drawn: threads in groups, and what lies outside of the program. */
#ifndef REPORTS_WAIT_FOR_GRAPH_H
#define REPORTS_WAIT_FOR_GRAPH_H

#include "reports/reports.h"
#include "reports/wait_network.h"

struct wait_for_node {
    char *name;         /* of the DOT node: thread1, outside1 */
    char *label;        /* raw */
    gboolean is_thread; /* else what is outside, or unknown */
    gboolean is_unknown;
    guint threads;
    int tid;          /* of the only one */
    const char *file; /* borrowed; optional: where the body starts */
    int line;
    double seconds;       /* life of its threads, or the time that was waited for what is outside */
    double work_seconds;  /* of its threads: neither waiting nor idle */
    double blame_seconds; /* as in struct wait_point */
    guint knot;           /* the heaviest one of its threads; 0: none */
    gboolean on_path;
};

struct wait_for_edge {
    struct wait_for_node *tail, *head;
    double seconds;
    guint64 count;
    gboolean idle;      /* all of it */
    GHashTable *causes; /* by lock or cause: sum_table */
    GPtrArray *places;  /* char *, distinct */
    const char *file;   /* borrowed; optional: where the longest wait was */
    int line;
    guint knot, step; /* as in struct wait_link; the first step */
};

struct wait_for_graph {
    struct wait_network *network;
    GPtrArray *nodes; /* threads first, by time */
    GPtrArray *edges; /* by waited time */
    gboolean idle;    /* only idle waits were there to show */
    double longest_seconds, idle_seconds;
    guint nodes_left_out, edges_left_out;
};

/* `options` may be NULL. */
struct wait_for_graph *wait_for_graph_new(const struct report_index *index,
                                          const struct graph_options *options);
void wait_for_graph_free(struct wait_for_graph *graph);
typedef struct wait_for_graph WaitForGraph;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WaitForGraph, wait_for_graph_free)

#endif
