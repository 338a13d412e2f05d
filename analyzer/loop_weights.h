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

/* Fills frequencies, loop_shares, repeating and stopping of all functions, callees first: what they return
 * tells of the branches of their callers. */
void block_shares_set(struct cost_model *model);

/* A call that reads or writes once, or of a function that does little else. */
gboolean cost_transfers(const struct cost_model *model, const struct call_site *call);

/* `while (!ready) pthread_cond_wait(…)`, `while (left > 0) left -= write(…)`: the innermost loop around the
 * call, when it does nothing heavier, goes into retry_loops. Callees before callers. */
void retry_loop_note(struct cost_model *model, const struct call_site *wait);

/* Fills invocations of all functions; needs everything but their costs. */
void invocations_set(struct cost_model *model);

/* How often the body of a function in which a recursion begins runs per call from outside; 1 for others. */
double cost_recursion_count(const struct cost_model *model, const struct graph_function *function,
                            int scenario);

/* Iterations of one execution of the loop, as deep as it is nested. */
double cost_nested_trip_count(const struct cost_model *model, const struct graph_function *function,
                              int index, int scenario);

/* A value that is a product of guesses: beyond `limit` it grows only with its logarithm. */
double cost_believable(double value, double limit);

/* The branch after fork that becomes the child is another flow: the caller does not spend its time. */
gboolean cost_is_child_body(const struct cost_model *model, const struct call_site *call,
                            const struct graph_function *target);

/* TRUE when the work of this root is in that of no other: nothing that is summed calls it. */
gboolean cost_runs_apart(const struct root *root);

#endif
