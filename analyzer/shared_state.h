/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps a piece of code from running beside itself: memory that all share, library calls that are not
 * thread-safe, and what a process does to be apart from others. */
#ifndef ANALYZER_SHARED_STATE_H
#define ANALYZER_SHARED_STATE_H

#include "analyzer/block_frequency.h"

/* Each returns a sentence with a place (`writes total at count.c:20`), or NULL when there is nothing; the
 * caller frees it. They look at `function` (only inside its loop `loop`, -1 for all of it) and everything
 * that it calls, but for what only runs on the way out of the program. */
char *shared_write_find(const struct program_graph *graph, const struct endings *endings,
                        const struct graph_function *function, int loop);
/* Also fields of objects that may be shared, which matters when memory is not. */
char *field_write_find(const struct program_graph *graph, const struct endings *endings,
                       const struct graph_function *function, int loop);
char *unsafe_call_find(const struct program_graph *graph, const struct endings *endings,
                       const struct graph_function *function, int loop);
char *isolation_find(const struct program_graph *graph, const struct endings *endings,
                     const struct graph_function *function);

#endif
