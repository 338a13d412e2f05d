/* SPDX-License-Identifier: Apache-2.0 */
/* What functions return, and how often: of `int kind(c) { if (c->flags & REPLICA) return 1; return 0; }`
 * 0 in most cases. A caller that asks `kind(c) == 1` then asks for the exception. Known only of functions
 * whose every return is a constant, or the result of a function of which it is known. */
#ifndef ANALYZER_RETURN_VALUES_H
#define ANALYZER_RETURN_VALUES_H

#include "analyzer/program_graph.h"

struct return_values;

struct return_values *return_values_new(const struct program_graph *graph);
void return_values_free(struct return_values *values);

/* Notes what `function` returns, whose blocks run as often as `frequency` says (NULL: not known); callees
 * before callers. */
void return_values_note(struct return_values *values, const struct graph_function *function,
                        const double *frequency);

/* How likely the condition at the end of a block of `function` is true, 0 … 1; negative when it does not ask
 * for the result of a call, or that is not known. */
double return_values_likelihood(const struct return_values *values, const struct graph_function *function,
                                const struct fact_test *test);

#endif
