/* SPDX-License-Identifier: Apache-2.0 */
/* What a call costs that may reach several functions of the program: the mean of those that count, or their
 * median where a pointer may point to almost everything; docs/advice.md has the rules. */
#ifndef ANALYZER_TARGET_COSTS_H
#define ANALYZER_TARGET_COSTS_H

#include "analyzer/cost.h"

/* By function index: its address is stored, or handed on, by code that runs below callbacks of an event loop:
 * once per connection or request, where others are registered once in a run. The caller frees the array. */
gboolean *registered_by_callbacks(const struct program_graph *graph, const struct roots *roots);

/* FALSE for a target that is left out of its caller's cost: it closes a circle of calls, is the body of a
 * child, or a callback that is registered once beside others of each connection or request. */
gboolean cost_counts_target(const struct cost_model *model, const struct call_site *call,
                            const struct graph_function *target);

/* Of one execution of the call, which no effect describes. */
struct cost cost_of_targets(const struct cost_model *model, const struct call_site *call, int scenario);

#endif
