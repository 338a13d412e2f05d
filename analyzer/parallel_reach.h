/* SPDX-License-Identifier: Apache-2.0 */
/* Which code may run at the same time as which: the threads of each program of the database, what each of
 * them reaches, and which of them are alive at each place: nothing before its creation, nothing after it was
 * joined. Processes share nothing and are left out. */
#ifndef ANALYZER_PARALLEL_REACH_H
#define ANALYZER_PARALLEL_REACH_H

#include "analyzer/roots.h"

/* One kind of thread of one program; the first one of a program is its main. */
struct thread_flow {
    guint index;                     /* in program_flows.flows */
    struct graph_function *function; /* body */
    GPtrArray *creations;            /* struct call_site; empty for main */
    gboolean many;                   /* several run at once */
    guint *depth;                    /* by function index: calls from the body, where it reaches */
    gboolean *reaches;               /* by function index */
    guint64 *alive_in;               /* by function index: spawns that may be alive when it is called */
};

/* A place that creates threads; alive ones are counted per spawn, so that a join ends the right ones. */
struct spawn {
    const struct call_site *call;
    guint64 flows; /* bit per flow */
};

struct program_flows {
    const struct program_graph *graph;
    struct graph_function *main; /* NULL: a library, everything is called from outside */
    GHashTable *units;           /* struct fact_unit that make the program; NULL: all */
    GPtrArray *flows;            /* struct thread_flow, at most 64 */
    GArray *spawns;              /* struct spawn, at most 64 */
    guint64 *beside;             /* by flow: flows that may run beside it */
    guint64 *children;           /* by flow: flows that only it makes */
    struct function_spawns *functions;
};

struct parallel_reach {
    GPtrArray *programs; /* struct program_flows */
};

struct parallel_reach *parallel_reach_find(const struct program_graph *graph, const struct roots *roots);
void parallel_reach_free(struct parallel_reach *reach);

/* The function is part of the program: another one of the database may define a function of the same name, or
 * store one in the same field. */
gboolean program_links(const struct program_flows *program, const struct graph_function *function);

/* TRUE when `other` may run while `flow` is at the event of `function`. */
gboolean flow_beside_at(const struct program_flows *program, const struct thread_flow *flow,
                        const struct graph_function *function, guint event, const struct thread_flow *other);
/* The same seen from both sides; with flow == other: two threads of the kind. */
gboolean flows_parallel(const struct program_flows *program, const struct thread_flow *flow,
                        const struct graph_function *function, guint event, const struct thread_flow *other,
                        const struct graph_function *other_function, guint other_event);

/* TRUE when some other thread of any program may run while the event happens, or several do it at once. */
gboolean event_is_concurrent(const struct parallel_reach *reach, const struct graph_function *function,
                             guint event);

/* `main`, or `thread worker`; the caller frees it. */
char *flow_display(const struct thread_flow *flow);

#endif
