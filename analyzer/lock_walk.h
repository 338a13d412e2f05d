/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over one function, and what a call does to the locks on each path. */
#ifndef ANALYZER_LOCK_WALK_H
#define ANALYZER_LOCK_WALK_H

#include "analyzer/held_locks.h"

struct lock_walk {
    struct held_locks *locks;
    const struct graph_function *function;
    struct function_locks *result;
    const struct call_site **calls; /* by event index */
    GPtrArray **states;             /* by block: struct lock_state at its start */
    GArray **events;                /* by block: guint, indexes of its events */
    gboolean recording;             /* the states are final: note what is held and what is wrong */
};

/* Lets `call` happen in each of `states`; calls that come back in several ways add states. */
void lock_walk_call(struct lock_walk *walk, GPtrArray *states, const struct call_site *call);

#endif
