/* SPDX-License-Identifier: Apache-2.0 */
/* How often each block of a function runs, guessed from the shape of its control flow (after T. Ball and J.
 * Larus, "Branch prediction for free", PLDI 1993): branches split evenly, ways that end the program count as
 * rare; early returns, ways that fail or report trouble, and what conditions say is the exception
 * (fact_block.unlikely) as unlikely; and staying in a loop as certain (loops are multiplied by their trip
 * counts elsewhere). */
#ifndef ANALYZER_BLOCK_FREQUENCY_H
#define ANALYZER_BLOCK_FREQUENCY_H

#include "analyzer/flag_fields.h"
#include "analyzer/return_values.h"

/* Per function of the graph, by index. */
struct endings {
    gboolean *stops;         /* every path soon ends the program, as in `fail()` */
    gboolean *never_returns; /* no path comes back to the caller: it stops, or loops for ever */
    gboolean *reports;       /* tells people about trouble (reporters.h) */
};

/* What the rest of the program tells of a function's branches. */
struct branch_knowledge {
    const struct endings *endings;
    const struct return_values *values; /* of callees; NULL: nothing is known */
    const struct flag_fields *flags;    /* NULL: the same */
};

struct endings *endings_find(const struct program_graph *graph);
void endings_free(struct endings *endings);

/* Per block, 0 … 1: runs per run of the enclosing loop's body, or per call outside loops. NULL when the
 * function has no blocks (too large to lower). The caller frees the array. */
double *block_frequencies(const struct graph_function *function, const struct branch_knowledge *known);

/* Per block: the innermost loop whose next iteration can follow on it, -1 when none can: what stands in a
 * loop on a way that leaves it (a search that has found) runs once. NULL without blocks; the caller frees the
 * array. */
int *blocks_repeating_loops(const struct graph_function *function, const struct endings *endings);

/* Per block: TRUE when every path from it soon ends the program; `stopping_functions` is endings->stops. The
 * caller frees the array. */
gboolean *blocks_that_stop(const struct graph_function *function, const gboolean *stopping_functions);

/* Per block: TRUE when no path from it comes back to the caller. The caller frees the array. */
gboolean *blocks_without_return(const struct graph_function *function, const struct endings *endings);

#endif
