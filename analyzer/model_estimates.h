/* SPDX-License-Identifier: Apache-2.0 */
/* Time and memory of a site under each of the six models, from a few numbers per task and the costs of the
 * host (docs/advice.md has the formulas and their sources), and the choice among them. */
#ifndef ANALYZER_MODEL_ESTIMATES_H
#define ANALYZER_MODEL_ESTIMATES_H

#include "analyzer/host_costs.h"
#include "model/records.h"

#define ADVICE_MINIMUM_GAIN 0.10 /* a change that saves less time than this is not advised */

/* Seconds and counts of one site, where a model can be chosen. */
struct workload {
    double tasks;          /* n */
    double cpu_seconds;    /* c: of one task, on the core, I/O work included */
    double wait_seconds;   /* b: of one task, blocked on descriptors that an event loop can watch */
    double stop_seconds;   /* s: of one task, blocked on what no event loop can watch */
    double in_flight;      /* w: tasks that exist at once */
    double serial_seconds; /* l: of one task, under a lock that all tasks share */
    double message_bytes;  /* of one task, that a worker process must be given or give back; 0: a few */
    double resident_bytes; /* of the process that forks; 0: little */
    double doubt;          /* 0 … 1, how unsure these are: 1 - the confidence of the class */
    gboolean unbounded;    /* the number in flight is up to the outside: memory decides between equals */
    enum execution_model current;
    char *ruled_out[EXECUTION_MODEL_COUNT]; /* reasons, owned; NULL: possible */
};

void workload_clear(struct workload *workload);

/* The numbers of a workload as a session keeps them. */
struct task_work workload_record(const struct workload *workload);
/* The reverse, with `estimates` (struct model_estimate) for what is ruled out. The caller clears it. */
struct workload workload_of(const struct task_work *work, enum execution_model current,
                            const GPtrArray *estimates);

/* One struct model_estimate per model, in the order of the enum; the caller unrefs the array. */
GPtrArray *model_estimates_new(const struct workload *workload, const struct host_costs *host);

/* The best model: the fastest that is not ruled out and, when the number of tasks is unbounded, does not need
 * a stack for each; among those within ADVICE_MINIMUM_GAIN of it the simplest; but the current one
 * when what is gained is less than that, or than the estimates are in doubt. */
enum execution_model model_estimates_choose(GPtrArray *estimates, const struct workload *workload);

#endif
