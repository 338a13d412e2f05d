/* SPDX-License-Identifier: Apache-2.0 */
/* Writes regions and locks into the session: every reachable function once (as thread body, process body or
 * callback where it is one), loops that a reader would look for, and critical sections. */
#ifndef ANALYZER_REGIONS_H
#define ANALYZER_REGIONS_H

#include "analyzer/classify.h"
#include "model/session.h"

void regions_add(struct session *session, const struct cost_model *model, GPtrArray *sections);

/* `name@file:line`; the caller frees it. */
char *function_region_id(const struct graph_function *function);
/* `name/loop@file:line` */
char *loop_region_id(const struct graph_function *function, int loop);

/* Adds the region of this loop if the session does not have it yet, and returns its id, owned by the session.
 */
const char *regions_add_loop(struct session *session, const struct cost_model *model,
                             const struct graph_function *function, int loop);

#endif
