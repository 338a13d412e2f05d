/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON object per job, for who starts a program and wants to know what its jobs did. */
#ifndef RUNTIME_JOB_REPORT_H
#define RUNTIME_JOB_REPORT_H

#include "runtime/corewise.h"

/* Appends one line with one write, so that several programs may use one file. */
bool corewise_job_report_append(const char *path, const struct corewise_job *job,
                                const struct corewise_outcome *outcome, struct corewise_error *error);

#endif
