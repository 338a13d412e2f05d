/* SPDX-License-Identifier: Apache-2.0 */
/* Which locks are held where: forward along the control flow of each function, callees before callers, with a
 * summary of what a call does to locks for each of its results. Locks are those of the function itself; what
 * its callers hold is entry_locks.h's. */
#ifndef ANALYZER_HELD_LOCKS_H
#define ANALYZER_HELD_LOCKS_H

#include "analyzer/block_frequency.h"
#include "analyzer/lock_state.h"

/* One way in which a call comes back. */
struct lock_outcome {
    GArray *held;  /* struct held_lock: taken and kept */
    GArray *given; /* struct held_lock: the caller's, given up */
    GArray *
        conditions; /* struct known_value: what parameters, and objects known to the caller, must have been */
    gboolean has_result;
    struct known_value result;      /* with has_result: what the call returns then */
    const struct fact_event *event; /* the return, or what comes last before it; may be NULL */
};

/* A lock that a call of the function takes at some time, directly or in callees. */
struct lock_use {
    struct held_lock lock;
    const struct call_site *call; /* in this function: the take, or the call that leads to it */
    const struct lock_use *inner; /* in the callee; NULL when `call` is the take */
    GArray *given;                /* struct held_lock: the caller's locks that are given up by then */
    gboolean tries;               /* does not wait */
    gboolean guessed;             /* a call on the way goes through a pointer */
};

enum lock_problem_kind {
    LOCK_TAKEN_TWICE, /* `lock` is taken while this function holds it */
    LOCK_NOT_HELD,    /* given up, or waited with, though this path gave it up before or never took it */
};

struct lock_problem {
    enum lock_problem_kind kind;
    struct held_lock lock;        /* held before, or given up before (site) */
    const struct call_site *call; /* where it goes wrong */
    const struct lock_use *inner; /* LOCK_TAKEN_TWICE: the take in the callee, or NULL */
    gboolean exclusive;           /* not both sides only read */
};

struct function_locks {
    GPtrArray *outcomes;  /* struct lock_outcome; empty when no path comes back */
    GPtrArray *uses;      /* struct lock_use */
    GPtrArray *problems;  /* struct lock_problem */
    const GArray **must;  /* by event index: struct held_lock held on every path; NULL: nowhere any */
    const GArray **may;   /* by event index: on some path */
    const GArray **given; /* by event index: the caller's that were given up before, on some path */
    GPtrArray *sets;      /* owns them */
    gboolean *reached;    /* by event index: on some possible path */
    gboolean acts;        /* changes which locks are held for its caller */
    gboolean unsure;      /* too many paths, or locks that the source does not name */
};

struct held_locks {
    const struct program_graph *graph;
    const struct endings *endings;
    struct function_locks *functions; /* by function index */
    GHashTable *repeatable; /* names (GUINT_TO_POINTER) of locks that may be taken again: recursive */
};

struct held_locks *held_locks_find(const struct program_graph *graph, const struct endings *endings);
void held_locks_free(struct held_locks *locks);

/* Locks of the function itself that are held when the event happens; NULL: none. */
const GArray *held_locks_must(const struct held_locks *locks, const struct graph_function *function,
                              guint event);
const GArray *held_locks_may(const struct held_locks *locks, const struct graph_function *function,
                             guint event);

/* The function whose lock effects stand for an indirect call: the only target that has any. NULL: none. */
const struct graph_function *held_locks_target(const struct held_locks *locks, const struct call_site *call);

/* TRUE when what the function does to locks depends on its arguments: of its uses, not all can follow. */
gboolean function_locks_vary(const struct function_locks *locks);

/* TRUE when the call is one of those: whether the lock is taken or given up depends on its arguments. */
gboolean call_varies(const struct held_locks *locks, const struct call_site *call);

/* TRUE for recursive mutexes; a parameter may be one when some caller passes one. */
gboolean lock_is_repeatable(const struct held_locks *locks, const struct graph_function *function,
                            const struct held_lock *lock);

/* TRUE for kinds that have an owner, who gives them up. */
gboolean lock_kind_is_owned(enum lock_kind kind);
/* TRUE when the library call takes (or tries, or gives up) such a lock. */
gboolean call_acts_on_lock(const struct call_site *call, enum effect_lock action);

/* TRUE when some way through `target` gives up what its caller at `call` knows as `lock`. */
gboolean held_locks_gives_up(const struct held_locks *locks, const struct call_site *call,
                             const struct graph_function *target, const struct held_lock *lock);

#endif
