/* SPDX-License-Identifier: Apache-2.0 */
/* Sites of programs that hand their tasks to a library that runs them under any of the six models
 * (runtime/corewise.h). */
#ifndef ANALYZER_JOB_SITES_H
#define ANALYZER_JOB_SITES_H

#include "analyzer/sites.h"

/* Adds a site for each of shape->jobs, which must outlive it, in their order. */
void job_sites_add(const struct cost_model *model, const struct program_shape *shape, GPtrArray *sites);

#endif
