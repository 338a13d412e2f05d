/* SPDX-License-Identifier: Apache-2.0 */
/* Work that may crash, hang or eat memory, done in forked processes: a bad job costs that job only. */
#ifndef ANALYZER_WORKER_H
#define ANALYZER_WORKER_H

#include <glib.h>

struct worker_limits {
    double seconds;    /* wall time of one job; then its process is killed */
    guint64 bytes;     /* address space of one job (RLIMIT_AS); 0 = no limit */
    gsize stack_bytes; /* stack on which the job runs */
    guint at_once;     /* processes at the same time; 0 = worker_usable_cores() */
};

struct worker_pool {
    struct worker_limits limits;
    /* Runs in the forked process, on a thread with the large stack; its standard error goes nowhere. Returns
     * a floating or full reference. */
    GVariant *(*work)(guint job, gpointer data);
    const char *type; /* GVariant type that work() returns */
    /* Runs in the parent. `started` is optional. In `finished`, `result` (borrowed, untrusted) is NULL when
     * the job failed, and `why` then says how. */
    void (*started)(guint job, guint done, guint total, gpointer data);
    void (*finished)(guint job, GVariant *result, const char *why, gpointer data);
    gpointer data;
};

/* Runs the jobs `order[0 … count-1]` and returns when all are finished. The caller must be single-threaded.
 */
void worker_pool_run(const struct worker_pool *pool, const guint *order, guint count);

/* Cores that this process may use (affinity), at least 1. */
guint worker_usable_cores(void);

#endif
