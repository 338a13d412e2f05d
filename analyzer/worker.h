/* SPDX-License-Identifier: Apache-2.0 */
/* Work that may crash, hang or eat memory, done in a pool of processes (runtime/): a bad job costs that job
 * only. */
#ifndef ANALYZER_WORKER_H
#define ANALYZER_WORKER_H

#include <glib.h>

struct worker_limits {
    double seconds;    /* wall time of one job; then its process is killed */
    guint64 bytes;     /* address space of a process (RLIMIT_AS); 0 = no limit */
    gsize stack_bytes; /* stack on which a job runs */
    guint at_once;     /* processes at the same time; 0 = the cores that affinity and quota grant */
};

struct worker_pool {
    struct worker_limits limits;
    /* Runs in a worker process that has done other jobs before, on a thread with the large stack; its
     * standard error goes nowhere. Returns a floating or full reference. */
    GVariant *(*work)(guint job, gpointer data);
    const char *type; /* GVariant type that work() returns */
    /* Runs in the parent, as results come. `result` (borrowed, untrusted) is NULL when the job failed, and
     * `why` then says how. */
    void (*finished)(guint job, GVariant *result, const char *why, gpointer data);
    gpointer data;
};

/* Runs the jobs `order[0 … count-1]`, begun in that order, and returns when all are finished; no process is
 * started for none. The caller must be single-threaded. */
void worker_pool_run(const struct worker_pool *pool, const guint *order, guint count);

#endif
