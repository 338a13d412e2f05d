/* SPDX-License-Identifier: Apache-2.0 */
/* From costs to classes: each scenario votes with the thresholds of model/work_class.h, and the confidence is
 * the weight of the scenarios that agree, less what is unknown. `light` is what stays under a millisecond in
 * all of them. */
#ifndef ANALYZER_CLASSIFY_H
#define ANALYZER_CLASSIFY_H

#include "analyzer/cost.h"
#include "model/records.h"

#define CLASS_LIGHT_SECONDS                                                                                  \
    1e-3 /* of one run: CLASS_LIGHT_SHARE of a second, the shortest run worth a look */

/* Of one run in the middle scenario, whose nested loops run rather seldom: with less a class says little. */
#define CLASS_SMALL_SECONDS 1e-4

struct classification {
    enum work_class class;
    double confidence;
    double seconds;    /* typical active time in one run of the program */
    double share;      /* typical part of the program's active time, 0 … 1 */
    double prominence; /* share, or the same when all loops run few times (the deepest nest then hides
                          nothing) if more */
};

struct classification classify_function(const struct cost_model *model,
                                        const struct graph_function *function);
struct classification classify_loop(const struct cost_model *model, const struct graph_function *function,
                                    int loop);
struct classification classify_section(const struct cost_model *model,
                                       const struct critical_section *section);

/* The path (struct place) from the function, or its loop (-1: all of it), to the place that makes it `class`:
 * through the calls to the hot loop or to the call that waits. The caller unrefs the array. */
GPtrArray *evidence_find(const struct cost_model *model, const struct graph_function *function, int loop,
                         enum work_class class);

#endif
