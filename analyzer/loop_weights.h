/* SPDX-License-Identifier: Apache-2.0 */
/* How often loops and calls run per call of their function, and functions per run. Parts of the cost model
 * (cost.h); nothing else needs them. */
#ifndef ANALYZER_LOOP_WEIGHTS_H
#define ANALYZER_LOOP_WEIGHTS_H

#include "analyzer/cost.h"

#define CALLBACKS_PER_ITERATION 10 /* qsort and bsearch compare about log2(n) times per element */

/* Few, some and many iterations of an innermost loop whose data decides. */
extern const double cost_trip_counts[TRIP_LEVEL_COUNT];

/* How deep loops over data are nested inside each loop, callees included: the innermost count 1. Loops of a
 * function and then, as the last element, the function itself. Needs model->frequencies. */
guint8 **loop_nesting_new(const struct cost_model *model);
void loop_nesting_free(guint8 **nesting, guint functions);

/* Per loop: how likely control comes to its blocks, from block_frequencies(). NULL without loops or blocks;
 * the caller frees the array. */
double *loop_shares_new(const struct graph_function *function, const double *frequency);

/* Fills invocations of all functions; needs everything but their costs. */
void invocations_set(struct cost_model *model);

/* How often the body of a function in which a recursion begins runs per call from outside; 1 for others. */
double cost_recursion_count(const struct cost_model *model, const struct graph_function *function,
                            int scenario);

/* How many pieces one execution of the call moves at once: as many as the loop before it runs, which fills
 * their array (`writev`), or the one after it, which goes through them (`epoll_wait`). */
double cost_pieces(const struct cost_model *model, const struct call_site *call, int scenario);

/* A value that is a product of guesses: beyond `limit` it grows only with its logarithm. */
double cost_believable(double value, double limit);

/* The branch after fork that becomes the child is another flow: the caller does not spend its time. */
gboolean cost_is_child_body(const struct cost_model *model, const struct call_site *call,
                            const struct graph_function *target);

/* TRUE when the work of this root is in that of no other: nothing that is summed calls it. */
gboolean cost_runs_apart(const struct root *root);

#endif
