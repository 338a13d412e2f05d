/* SPDX-License-Identifier: Apache-2.0 */
/* What must be measured if a class or an advice is right; docs/advice.md lists the statements. */
#ifndef ANALYZER_PREDICTIONS_H
#define ANALYZER_PREDICTIONS_H

#include "analyzer/sites.h"
#include "model/session.h"

#define PREDICTION_PROMINENCE      0.005 /* of the program's time; smaller functions gather too few samples */
#define PREDICTION_LOOP_PROMINENCE 1e-6  /* the same for functions that loop themselves */
#define PREDICTION_LIMIT           150   /* functions; the most prominent ones */

/* The predictions behind one advice; `region` is the id of the site's region, or NULL. */
void predictions_add_advice(struct session *session, const struct cost_model *model,
                            const struct program_shape *shape, const struct site *site,
                            const struct advice *advice, const char *region);

/* One prediction per function whose class is cpu, io or lock with enough confidence and work, where the
 * advice has not made it already. */
void predictions_add_classes(struct session *session, const struct cost_model *model,
                             const struct program_shape *shape);

#endif
