/* SPDX-License-Identifier: Apache-2.0 */
/* Where the lock of an interpreter is held, followed along the control flow of every function as if it were
 * entered with the lock held. Functions that come back with the lock given up or taken count as those calls.
 */
#ifndef ANALYZER_HELD_STATES_H
#define ANALYZER_HELD_STATES_H

#include "analyzer/program_graph.h"

struct held_states;

/* Of the lock `name`, which must outlive the result. */
struct held_states *held_states_new(const struct program_graph *graph, const char *name);
void held_states_free(struct held_states *states);

/* TRUE when the lock is held on every way to the call, or to the loop. */
gboolean call_is_held(const struct held_states *states, const struct call_site *call);
gboolean loop_is_held(const struct held_states *states, const struct graph_function *function, int loop);

/* TRUE for calls that the interpreter allows only with the lock held: those that the effects say so of, and
 * all others of its own library, whose names begin with Py or _Py. A call of the program when anything below
 * it is one, or handles the lock itself. */
gboolean call_needs_lock(const struct held_states *states, const struct call_site *call);

/* The first call that gives up the lock, in `function` or below; NULL when there is none. */
const struct call_site *call_that_gives_up(const struct held_states *states,
                                           const struct graph_function *function);

#endif
