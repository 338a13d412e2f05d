/* SPDX-License-Identifier: Apache-2.0 */
/* From sites to advice: all six models in numbers, the suggestion, and the reasons. */
#ifndef ANALYZER_ADVICE_H
#define ANALYZER_ADVICE_H

#include "analyzer/sites.h"
#include "model/session.h"

/* Adds the advice of each site, its predictions, and session->program. Needs the regions in the session. */
void advice_add(struct session *session, const struct cost_model *model, const struct program_shape *shape,
                GPtrArray *sites, const char *program_name);

#endif
