/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the six models a program follows today, and in which shape. What is made once beside the program
 * (a client in a test, a logger, a pager) and what does next to none of its work does not decide. */
#ifndef ANALYZER_PROGRAM_SHAPE_H
#define ANALYZER_PROGRAM_SHAPE_H

#include "analyzer/flows.h"
#include "analyzer/jobs.h"
#include "model/records.h"

struct program_shape {
    enum execution_model model;
    enum execution_shape kind;
    GPtrArray *evidence; /* struct place: what makes the shape */
    struct flows flows;
    GPtrArray *jobs; /* struct job, the one with the most work first */
    /* What the model is made of; NULL where it has none of that. */
    const struct root *thread;     /* the thread body with the most work */
    const struct root *process;    /* the process body with the most work */
    const struct event_loop *loop; /* the loop that serves */
    const struct root *callback;   /* the callback that stops the loop longest */
    gboolean dispatched; /* it is the loop that calls `callback`, and nobody else through a pointer */
    const struct root *coroutine;  /* the coroutine with the most work */
    const struct root *parallel;   /* the parallel region with the most work */
    const struct call_site *spawn; /* runs other programs side by side */
    const struct job *job;         /* most of the program's work, under a model that its source chooses */
};

void program_shape_init(struct program_shape *shape, const struct cost_model *model);
void program_shape_clear(struct program_shape *shape);

/* The model that a shape is a form of. */
enum execution_model execution_shape_model(enum execution_shape shape);

#endif
