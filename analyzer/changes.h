/* SPDX-License-Identifier: Apache-2.0 */
/* What would have to change in the code for a suggested model, or to make the current one work: each with its
 * place. */
#ifndef ANALYZER_CHANGES_H
#define ANALYZER_CHANGES_H

#include "analyzer/sites.h"

/* Fills advice->changes, which stays empty where today's model is right as it is. */
void changes_add(struct advice *advice, const struct cost_model *model, const struct program_shape *shape,
                 const struct site *site);

#endif
