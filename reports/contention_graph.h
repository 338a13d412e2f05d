/* SPDX-License-Identifier: Apache-2.0 */
/* The wait edges of the newest run, gathered into nodes and edges: thread → lock → holder. Waits for anything
 * outside the program (disk, socket …) are no contention and left out; so are idle waits, unless there is
 * nothing else. */
#ifndef REPORTS_CONTENTION_GRAPH_H
#define REPORTS_CONTENTION_GRAPH_H

#include "reports/report_index.h"
#include "reports/reports.h"

/* What a lock does to its threads. */
struct lock_burden {
    double queue;         /* threads that waited for it on average over the run (Little's law) */
    gboolean is_big;      /* it is why hardly more than one thread runs at a time */
    gboolean is_convoy;   /* it goes round among threads that queue for it */
    GPtrArray *sections;  /* struct region: critical sections under it, borrowed; longest first */
    char *held;           /* optional: what was done while it was held, `93 % disk` */
    double hold_seconds;  /* NaN unless every use was watched */
    guint64 acquisitions; /* the same */
};

enum contention_node_kind {
    CONTENTION_THREAD,
    CONTENTION_LOCK,
    CONTENTION_UNKNOWN,
    CONTENTION_NODE_KIND_COUNT
};

struct contention_node {
    enum contention_node_kind kind;
    char *name;          /* of the DOT node: thread1, lock1, unknown1 */
    char *label;         /* raw; for unknown holders the reason */
    guint threads;       /* how many a thread node stands for */
    int tid;             /* of the only one */
    GHashTable *members; /* ids of the threads; of a lock: of those that waited for it */
    GHashTable *holders; /* of a lock: ids of those that it was waited for to release */
    GPtrArray *waits;    /* of a lock: struct wait_edge, borrowed */
    enum lock_kind lock_kind;
    const char *id;   /* of the lock; borrowed; NULL for waits that none is known of */
    const char *file; /* borrowed; optional: where the lock is declared, where the body starts */
    int line;
    double seconds; /* waited by the thread, or for the lock */
    guint64 count;
    struct lock_burden burden; /* of a lock */
};

struct contention_edge {
    struct contention_node *tail, *head; /* thread → lock, or lock → thread or unknown */
    double seconds;
    guint64 count;
    GPtrArray *places; /* char *, distinct: where the waiters stood */
    const char *file;  /* borrowed; optional: the first of them that has one */
    int line;
};

struct contention_graph {
    GPtrArray *nodes; /* by waited time */
    GPtrArray *edges; /* by waited time */
    gboolean idle;    /* only idle waits were there to show */
    double longest_seconds;
    double idle_seconds; /* left out, unless `idle` */
    guint locks_left_out, threads_left_out, edges_left_out;
    double seconds_left_out;      /* of the locks, and of the edges below the threshold */
    double edge_seconds_left_out; /* of edges to locks that were too many for a readable picture */
};

/* `options` may be NULL. */
struct contention_graph *contention_graph_new(const struct report_index *index,
                                              const struct graph_options *options);
void contention_graph_free(struct contention_graph *graph);
typedef struct contention_graph ContentionGraph;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ContentionGraph, contention_graph_free)

/* Fills node->burden of a lock whose waits are all known. */
void lock_burden_measure(const struct report_index *index, struct contention_node *node);
void lock_burden_clear(struct lock_burden *burden);

#endif
