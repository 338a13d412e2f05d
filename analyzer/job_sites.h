/* SPDX-License-Identifier: Apache-2.0 */
/* Sites of programs that hand their tasks to a library that runs them under any of the six models
 * (runtime/corewise.h). */
#ifndef ANALYZER_JOB_SITES_H
#define ANALYZER_JOB_SITES_H

#include "analyzer/sites.h"

/* Adds a site for each call that runs tasks within the program, the one with the most work first. The current
 * model is `sequential`, the default of the library: what the options or the environment of a run say is not
 * known. */
void job_sites_add(const struct cost_model *model, const struct program_shape *shape, GPtrArray *sites);

#endif
