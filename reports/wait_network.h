/* SPDX-License-Identifier: Apache-2.0 */
/* Who waited for whom, thread by thread, in numbers: what the wait-for graph computes before it groups
 * anything. */
#ifndef REPORTS_WAIT_NETWORK_H
#define REPORTS_WAIT_NETWORK_H

#include "reports/report_index.h"

struct wait_link {
    guint tail, head; /* indices of nodes */
    gboolean idle;    /* a wait for the next task, or for a thread's end */
    double seconds, longest_seconds;
    guint64 count;
    GPtrArray *waits; /* struct wait_edge behind it, borrowed */
    double flow;      /* of the run's time, what went this way (see wait_network_follow) */
    guint knot;       /* 0: none */
    guint step;       /* on the critical path, from 1; 0: none */
};

struct wait_point {
    const char *thread;    /* id, borrowed; NULL outside of the program */
    enum wait_cause cause; /* of what is outside */
    gboolean is_unknown;   /* waits of which nobody knows whom they were for */
    double active_seconds; /* all time but idle */
    double seconds;        /* life */
    double waited_seconds; /* not idle, for whomever */
    double blame_seconds;  /* of the run: what ended here, in this thread's own work */
    guint knot;            /* 0: none */
    gboolean on_path;
};

struct wait_knot {
    guint threads;
    double seconds;       /* waited inside of it */
    double least_seconds; /* for so long at a stretch each of its threads waited for another of it */
};

struct wait_network {
    const struct report_index *index;
    GArray *points;   /* struct wait_point */
    GPtrArray *links; /* struct wait_link, longest first */
    GArray *knots;    /* struct wait_knot, longest first; knot N is at N - 1 */
    guint start;      /* the point that the critical path starts from: the program's first thread */
    guint steps;      /* of the critical path */
};

/* All waits of the newest run, with knots and critical path. */
struct wait_network *wait_network_new(const struct report_index *index);
void wait_network_free(struct wait_network *network);
typedef struct wait_network WaitNetwork;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WaitNetwork, wait_network_free)

/* Marks the threads that wait for each other in a ring: strongly connected components of the waits that are
 * not idle and make at least 1 % of the run. */
void wait_network_find_knots(struct wait_network *network);

/* Follows the time of the first thread. Of the time that reaches a thread, the part in which it worked stays
 * there, at most what it did work, and the rest goes on to those it waited for, in proportion to the seconds:
 * idle waits count for the first thread only, as nobody waits for a thread that has nothing to do. The
 * critical path takes the way of most time, until that is less than what stays. The waits are sums over the
 * run, so this takes it that they are spread evenly over the time in which others waited. */
void wait_network_follow(struct wait_network *network);

#endif
