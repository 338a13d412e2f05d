/* SPDX-License-Identifier: Apache-2.0 */
/* The wait edges of the newest run, gathered into nodes and edges: thread → lock → holder. Waits for anything
 * outside the program (disk, socket …) are no contention and left out; so are idle waits, unless there is
 * nothing else. */
#ifndef REPORTS_CONTENTION_GRAPH_H
#define REPORTS_CONTENTION_GRAPH_H

#include "reports/report_index.h"

enum contention_node_kind { CONTENTION_THREAD, CONTENTION_LOCK, CONTENTION_UNKNOWN };

struct contention_node {
    enum contention_node_kind kind;
    char *name;          /* of the DOT node: thread1, lock1, unknown1 */
    char *label;         /* raw; for unknown holders the reason */
    guint threads;       /* how many a thread node stands for */
    int tid;             /* of the only one */
    GHashTable *members; /* ids of the threads */
    enum lock_kind lock_kind;
    const char *file; /* borrowed; optional: where the lock is declared */
    int line;
    double seconds; /* waited by the thread, or for the lock */
    guint64 count;
};

struct contention_edge {
    struct contention_node *tail, *head; /* thread → lock, or lock → thread or unknown */
    double seconds;
    guint64 count;
    GPtrArray *places; /* char *, distinct: where the waiters stood */
};

struct contention_graph {
    GPtrArray *nodes; /* by waited time */
    GPtrArray *edges; /* by waited time */
    gboolean idle;    /* only idle waits were there to show */
    double longest_seconds;
    double idle_seconds; /* left out, unless `idle` */
    guint locks_left_out;
    double seconds_left_out;
};

struct contention_graph *contention_graph_new(const struct report_index *index);
void contention_graph_free(struct contention_graph *graph);
typedef struct contention_graph ContentionGraph;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ContentionGraph, contention_graph_free)

#endif
