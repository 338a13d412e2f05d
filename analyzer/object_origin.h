/* SPDX-License-Identifier: Apache-2.0 */
/* Which object a place means when a certain thread runs the code: parameters are followed to the callers, and
 * from the body of a thread to what its creator passed. */
#ifndef ANALYZER_OBJECT_ORIGIN_H
#define ANALYZER_OBJECT_ORIGIN_H

#include "analyzer/parallel_reach.h"

struct object_origins;

struct object_origins *object_origins_new(const struct program_flows *program);
void object_origins_free(struct object_origins *origins);

struct object_origin {
    GQuark place;
    gboolean inherited; /* the thread got it from its creator; FALSE of a local: its own */
};

/* Places of the same object from a global variable or from a local of the function that owns it (struct
 * object_origin); empty when that is unknown. The caller unrefs the array. */
GArray *object_origins_find(struct object_origins *origins, const struct thread_flow *flow,
                            const struct graph_function *function, GQuark place);

/* TRUE when two threads of the kind `flow` mean one object by it: not what each of them, or each creation,
 * makes anew. */
gboolean object_is_shared(const struct program_flows *program, const struct thread_flow *flow, GQuark object);

#endif
