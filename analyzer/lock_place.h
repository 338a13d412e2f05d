/* SPDX-License-Identifier: Apache-2.0 */
/* Which lock a call means, and the same lock as seen from a caller. */
#ifndef ANALYZER_LOCK_PLACE_H
#define ANALYZER_LOCK_PLACE_H

#include "analyzer/lock_state.h"

/* The lock in argument `index` of a library call; place and name are 0 where the source does not say. */
struct held_lock lock_of_argument(const struct call_site *call, int index);

/* `lock` of the called `callee` as `call` passes it: what a parameter points to becomes what the argument
 * points to. `site` becomes `call`. */
struct held_lock lock_seen_by_caller(const struct graph_function *callee, const struct held_lock *lock,
                                     const struct call_site *call);
/* The same for any place; 0 when the caller cannot name it. */
GQuark place_seen_by_caller(const struct graph_function *callee, GQuark place, const struct call_site *call);

/* The position of the parameter that is called so, or NO_ARGUMENT. */
int place_named_parameter(const struct graph_function *function, const char *name);

/* TRUE when the place begins at a local variable or parameter. */
gboolean place_is_local(GQuark place);
/* TRUE when it surely is one and the same object wherever the function runs: no unknown element, no variable
 * that changes. */
gboolean place_is_exact(GQuark place);
/* The position of the parameter through which the place is reached (`%f:c*.lock`), or NO_ARGUMENT. */
int place_parameter(const struct graph_function *function, GQuark place);

/* With a place_parameter: what follows what the parameter points to (`.lock`); borrowed. */
const char *place_behind_parameter(const struct graph_function *function, GQuark place);

/* As C writes it: `c->lock`. The caller frees it. */
char *place_display(const char *place);
/* How messages call a lock: its object where a reader finds it, with the name of its type. */
char *lock_display(const struct held_lock *lock);

#endif
