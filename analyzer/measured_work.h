/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a site as a run measured them, in the place of the estimated ones: the formulas of the six
 * models can then be applied again. */
#ifndef ANALYZER_MEASURED_WORK_H
#define ANALYZER_MEASURED_WORK_H

#include "model/session.h"

enum measured_shape {
    MEASURED_LOOP,      /* the items of a loop, or calls */
    MEASURED_WORKERS,   /* a fixed number of threads or processes that share tasks */
    MEASURED_PER_TASK,  /* a thread or a process for each task */
    MEASURED_EVENT_LOOP /* callbacks */
};

/* What a run says of the site of an advice. */
struct measured_site {
    const struct session *session;
    const struct run *run;
    const struct advice *advice;
    enum measured_shape shape;
    double active_seconds, cpu_seconds; /* of the site, over all threads */
    double lock_seconds;                /* blocked on other threads of the program */
    double waiting;                     /* tasks that wait at once, on average over the run */
    double parallelism;                 /* of the program; 1 when not measured */
    gboolean counted;                   /* work.tasks is what ran, not a guess */
    struct task_work work;
};

/* FALSE when the run did not exercise the site, or the session does not tell the estimated work. */
gboolean measured_site_init(struct measured_site *site, const struct session *session, const struct run *run,
                            const struct advice *advice);

/* A measurement of the site, or of the program; NaN when there is none. */
double measured_site_value(const struct measured_site *site, const char *metric);
double measured_program_value(const struct measured_site *site, const char *metric);

/* Of the thread that went most often through its event loop: how long rounds of callbacks took; NaN when no
 * loop slept. *rounds gets how many there were. */
double measured_loop_value(const struct measured_site *site, const char *metric, guint64 *rounds);

/* TRUE when how many tasks came, and at once, is not known: totals over all tasks are a guess. */
gboolean measured_site_is_open(const struct measured_site *site);

/* The lock that all tasks want leaves one of them at a time. */
gboolean task_work_is_serial(const struct task_work *work);

#endif
