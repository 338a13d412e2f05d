/* SPDX-License-Identifier: Apache-2.0 */
/* The paths through one function, grouped by the locks they hold (lock_state.h). */
#ifndef ANALYZER_LOCK_PATHS_H
#define ANALYZER_LOCK_PATHS_H

#include "analyzer/held_locks.h"

/* Fills outcomes, problems, must, may, acts and unsure of `function`, whose callees are done. */
void lock_paths_find(struct held_locks *locks, const struct graph_function *function);

void lock_outcome_free(gpointer outcome);

#endif
