/* SPDX-License-Identifier: Apache-2.0 */
/* Where flows of control start: main, thread bodies, the children of fork, event loops and the callbacks they
 * call, signal handlers, coroutines. */
#ifndef ANALYZER_ROOTS_H
#define ANALYZER_ROOTS_H

#include "analyzer/block_frequency.h"
#include "analyzer/program_graph.h"

enum root_kind {
    ROOT_MAIN,
    ROOT_THREAD,
    ROOT_PROCESS,
    ROOT_CALLBACK,
    ROOT_SIGNAL,
    ROOT_COROUTINE,
    ROOT_PARALLEL,
    ROOT_METHOD /* called by the threads of an interpreter, which hold its lock */
};

struct root {
    enum root_kind kind;
    struct graph_function *function;
    /* ROOT_PARALLEL: `function` holds the region, whose lines are those of `creation`. */
    const struct call_site
        *creation;        /* where the flow is made: pthread_create, the program's own wrapper of it, fork;
                             the call out of the event loop for callbacks; NULL for main */
    gint64 count;         /* how many the creation makes at once; -1: as many as the data wants */
    gboolean per_request; /* made anew for each connection or request that is accepted */
    gboolean endless;     /* made in a loop without end: one after the other, as work comes */
    gboolean optional;    /* a child that goes on with what the program does without the fork as well */
    gboolean awaited;     /* the maker at once waits for its end and for nothing else */
};

/* A loop around epoll_wait, poll or select, or a call of a library's event loop (uv_run); then the callbacks
 * are what was registered, and `loop` may be -1. */
struct event_loop {
    struct graph_function *function; /* that holds the loop */
    int loop;                        /* index into its loops */
    const struct call_site *wait;    /* the call in that loop that waits, directly or through callees */
    const struct call_site *poll;    /* the library call that waits: `wait`, or some functions below it */
    guint callbacks;                 /* called through pointers for each that is ready, a lower bound */
    guint named;                     /* the same, called by name */
    gboolean is_table;               /* a library's, or around epoll, kqueue or io_uring: many descriptors */
};

struct roots {
    GPtrArray *roots;        /* struct root */
    GPtrArray *loops;        /* struct event_loop */
    GHashTable *by_function; /* struct graph_function → its first struct root */
    GPtrArray
        *spawned; /* struct call_site, borrowed: calls that run another program (system, popen, exec …) */
};

struct roots *roots_find(const struct program_graph *graph, const struct endings *endings);
void roots_free(struct roots *roots);

/* The outermost loop of a parallel region, or -1. */
int parallel_loop(const struct root *root);

/* A process that is forked once, outside any loop: it lives beside the program (a client in a test, a
 * logger). */
gboolean root_is_helper(const struct root *root);

/* Once per kind, function and creation. */
void roots_add(struct roots *roots, enum root_kind kind, struct graph_function *function,
               const struct call_site *creation);

/* The same, with how often the creation runs and whether for each request; returns it. */
struct root *roots_add_created(struct roots *roots, enum root_kind kind, struct graph_function *function,
                               const struct call_site *creation);

/* How often the loops from `loop` outwards run; -1 when data decides. */
gint64 loop_repetitions(const struct fact_function *facts, int loop);

/* TRUE for a call of roots->spawned that is repeated without waiting for each child: programs run side by
 * side. */
gboolean spawns_beside(const struct call_site *spawn);

/* TRUE for a call of roots->spawned whose caller does not itself wait for the child. */
gboolean spawn_is_left(const struct call_site *spawn);

/* TRUE when the function waits for whichever child ends first. */
gboolean is_reaper(const struct graph_function *function);

/* The first root of this kind with this function, or NULL. */
const struct root *roots_find_function(const struct roots *roots, const struct graph_function *function);

/* Per function of the graph, by index: runs below callbacks of an event loop, and in no thread or process of
 * its own. The caller frees the array. */
gboolean *roots_dispatched(const struct program_graph *graph, const struct roots *roots);

/* Marks, by index, `function` and all that calls lead to from it, down to what is marked in `stop` (may be
 * NULL). */
void functions_mark_below(const struct graph_function *function, gboolean *marks, const gboolean *stop);

/* The calls by which event loops run their callbacks (struct call_site); the caller unrefs the set. */
GHashTable *roots_dispatches(const struct roots *roots);

/* TRUE when some path of calls (not of created flows) leads from `from` to a library call with this property.
 */
gboolean reaches_property(const struct graph_function *from, unsigned property);

#endif
