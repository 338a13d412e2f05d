/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the six models a program follows today. Helpers that are made once and live beside it (a process
 * that was forked outside any loop) are not part of its shape. */
#ifndef ANALYZER_PROGRAM_SHAPE_H
#define ANALYZER_PROGRAM_SHAPE_H

#include "analyzer/cost.h"

struct program_shape {
    enum execution_model model;
    gboolean *world;            /* by function index: runs in the program itself, not in a helper process */
    const struct root *thread;  /* the thread body with the most work, or NULL */
    const struct root *process; /* the process body with the most work, or NULL */
    const struct event_loop *loop; /* or NULL */
    const struct root *callback;   /* the callback that stops the loop longest, or NULL */
    const struct root *coroutine;  /* the coroutine with the most work, or NULL */
    const struct root *parallel;   /* the parallel region with the most work, or NULL */
    const struct call_site *spawn; /* runs other programs side by side, or NULL */
};

void program_shape_init(struct program_shape *shape, const struct cost_model *model);
void program_shape_clear(struct program_shape *shape);

#endif
