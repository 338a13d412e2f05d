/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that hand tasks to a library which runs them under any of the six models (runtime/corewise.h): what
 * one task does, how many there are, and which model the source chooses. */
#ifndef ANALYZER_JOBS_H
#define ANALYZER_JOBS_H

#include "analyzer/cost.h"
#include "model/records.h"

struct job {
    const struct call_site *call;
    const struct graph_function *task; /* of those that the call may run, the one with the most work */
    const struct graph_function *body; /* where its work is: the task, or a thread that it makes and awaits */
    struct cost cost;                  /* of one task, typical */
    double tasks, seconds;             /* active, of all in one run of the program */
    double share;                      /* of the program's active time, 0 … 1 */
    gboolean is_chosen;                /* the source says which model */
    enum execution_model model;        /* else MODEL_SEQUENTIAL, the default of the library */
    struct place *choice;              /* where it says so; NULL unless is_chosen */
};

/* Those in functions of `world` (by function index), the one with the most work first; the caller unrefs the
 * array. */
GPtrArray *jobs_find(const struct cost_model *model, const gboolean *world);

/* The form that a model takes when the library runs it. */
enum execution_shape job_shape(const struct job *job);

#endif
