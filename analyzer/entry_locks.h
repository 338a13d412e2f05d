/* SPDX-License-Identifier: Apache-2.0 */
/* Locks that every caller holds when a function is called, per thread of a program: what is held in a
 * function is this and what the function took itself (held_locks.h). */
#ifndef ANALYZER_ENTRY_LOCKS_H
#define ANALYZER_ENTRY_LOCKS_H

#include "analyzer/held_locks.h"
#include "analyzer/parallel_reach.h"

struct entry_locks;

struct entry_locks *entry_locks_find(const struct held_locks *locks, const struct parallel_reach *reach);
void entry_locks_free(struct entry_locks *entry);

/* All locks that are surely held by `flow` at the event (struct held_lock); the caller unrefs the array. */
GArray *locks_held_at(const struct entry_locks *entry, const struct program_flows *program,
                      const struct thread_flow *flow, const struct graph_function *function, guint event);

/* TRUE for two global objects of one type: they are two locks. */
gboolean locks_surely_differ(const struct held_lock *a, const struct held_lock *b);

/* TRUE when one of these locks keeps the two threads apart: the same lock, and not read by both. */
gboolean locks_exclude(const GArray *some, const GArray *others);

#endif
