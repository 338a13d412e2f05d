/* SPDX-License-Identifier: Apache-2.0 */
/* What a program that is linked with the runtime says of its jobs in the file that COREWISE_JOB_REPORT names:
 * an object per line and job. */
#ifndef CLI_REPORTED_JOBS_H
#define CLI_REPORTED_JOBS_H

#include <glib.h>

struct reported_jobs {
    guint jobs;                    /* 0: none was reported */
    double tasks, failed, seconds; /* of all jobs together */
    double latency_p50, latency_p90, latency_p99,
        latency_max; /* seconds; of the job with the most tasks; NaN: none */
};

/* FALSE with `error` set when the file holds something else. A file that is missing is a report of no job. */
gboolean reported_jobs_read(const char *file, struct reported_jobs *report, GError **error);

#endif
