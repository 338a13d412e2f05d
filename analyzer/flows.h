/* SPDX-License-Identifier: Apache-2.0 */
/* The flows of control that make up a program: the one of main, and one per thread or process body, each with
 * its weight and the event loop that it runs. */
#ifndef ANALYZER_FLOWS_H
#define ANALYZER_FLOWS_H

#include "analyzer/cost.h"

struct flow {
    const struct root *root;       /* the first root with this body; NULL for a library without main */
    const struct event_loop *loop; /* the event loop that its body runs, or NULL */
    guint distance;                /* calls from the start of main to the call that makes it, at least */
    double share;                  /* of the program's active time, 0 … 1 */
    gboolean several;              /* more than one at once: made in a loop or at several places */
    gboolean serves;               /* waits for its next task: a worker, made when there is work */
    gboolean endless;              /* made one after the other, as work comes */
    gboolean per_request;          /* one for each connection that is accepted */
    gboolean optional;             /* the program does the same without making it */
    gboolean awaited;              /* whoever makes it does nothing but wait for its end */
};

struct flows {
    guint
        *distances;  /* by function index: calls from main, made flows counted like calls; G_MAXUINT: never */
    gboolean *world; /* by function index: runs in the program itself, not in a helper process */
    struct flow *main;  /* also in `all` */
    GPtrArray *all;     /* struct flow, main first */
    GPtrArray *helpers; /* struct root, borrowed: processes made once, beside the program */
};

void flows_init(struct flows *flows, const struct cost_model *model);
void flows_clear(struct flows *flows);

/* The helpers and what they run belong to the program after all. */
void flows_take_helpers(struct flows *flows, const struct cost_model *model);

/* Active seconds of one run of a helper or of main, typical. */
double root_seconds(const struct cost_model *model, const struct root *root);

/* An event loop that only poll or select tell of, and that calls functions by name: it may be a wait for a
 * connection or a read with a deadline. */
gboolean event_loop_is_plain(const struct event_loop *loop);

#endif
