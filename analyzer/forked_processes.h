/* SPDX-License-Identifier: Apache-2.0 */
/* What the child of a fork runs: a function that ends it, a function that was handed to a wrapper around
 * fork, or what its parent would have run after the fork. */
#ifndef ANALYZER_FORKED_PROCESSES_H
#define ANALYZER_FORKED_PROCESSES_H

#include "analyzer/roots.h"

/* Adds the process bodies behind `fork_call`, or the call to roots->spawned when the child runs another
 * program. A child that goes on where fork returned is only noted in `continuing` (struct call_site). */
void roots_add_fork(const struct program_graph *graph, struct roots *roots, const struct call_site *fork_call,
                    const struct endings *endings, GPtrArray *continuing);

/* Adds the bodies of such children, once the event loops are known: the loop that follows the fork, here or
 * in the callers, else what never returns, else the function that forked. */
void roots_add_continuing(struct roots *roots, GPtrArray *continuing, const struct endings *endings);

#endif
