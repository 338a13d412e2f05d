/* SPDX-License-Identifier: Apache-2.0 */
/* What a run lost of each kind of event, and what can no longer be trusted because of it. */
#ifndef MODEL_LOSS_H
#define MODEL_LOSS_H

#include "model/session.h"

/* The largest share of lost events among the kinds that `metric` of a region (or of the program) rests on: 0
 * … 1. `kind` is set to its name (static), or to "events" in sessions that tell no kinds apart, where all
 * metrics rest on all events. */
double loss_share(const struct session *session, const struct run *run, const char *metric,
                  gboolean of_region, const char **kind);

#endif
