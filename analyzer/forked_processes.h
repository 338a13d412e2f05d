/* SPDX-License-Identifier: Apache-2.0 */
/* The process bodies that fork makes: the function that the child's branch runs, in the function that forks
 * or, when that only passes on what fork returned (redisFork), in its callers. */
#ifndef ANALYZER_FORKED_PROCESSES_H
#define ANALYZER_FORKED_PROCESSES_H

#include "analyzer/roots.h"

/* Adds to roots->roots, or to roots->spawned when the child executes another program. */
void roots_add_fork(struct roots *roots, const struct call_site *fork_call, const struct endings *endings);

#endif
