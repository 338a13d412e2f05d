/* SPDX-License-Identifier: Apache-2.0 */
/* The places where a model can be chosen, with their work in numbers: the threads, the processes or the event
 * loop that a program has, and the loops of a sequential one that could be divided. */
#ifndef ANALYZER_SITES_H
#define ANALYZER_SITES_H

#include "analyzer/classify.h"
#include "analyzer/lock_pressure.h"
#include "analyzer/model_estimates.h"
#include "analyzer/program_shape.h"

enum site_kind { SITE_THREADS, SITE_PROCESSES, SITE_EVENT_LOOP, SITE_LOOP, SITE_JOB, SITE_WHOLE };

struct site {
    enum site_kind kind;
    const struct graph_function
        *function;           /* body, callback, or function that holds the loop; NULL: SITE_WHOLE */
    int loop;                /* SITE_LOOP, -1 otherwise */
    double weight;           /* SITE_LOOP: seconds that the loop is active in one run of the program */
    const struct root *root; /* of threads, processes, callback */
    const struct job *job;   /* SITE_JOB: whose work is in `function` */
    const struct lock_pressure *pressure; /* the lock that bounds the threads, or NULL */
    struct workload workload;
    struct classification classification; /* of the body, callback or loop */
    char *isolation;                      /* why processes are wanted, or NULL */
    char *crash;                          /* SITE_JOB: what may crash in a task, or NULL */
    gboolean sure;                        /* enough is known of the work to ask for another model */
};

/* The main site first; then further loops of a sequential program, heaviest first. The caller unrefs the
 * array. */
GPtrArray *sites_find(const struct cost_model *model, const struct program_shape *shape,
                      GPtrArray *pressures);

/* The model to suggest: the best of `estimates`, but today's where that would cost time or too little is
 * known.
 */
enum execution_model site_choice(const struct site *site, GPtrArray *estimates);

#endif
