/* SPDX-License-Identifier: Apache-2.0 */
/* What a run saw and the analysis did not, into the session: nothing without an analysis. */
#ifndef TRACER_RECORD_GAPS_H
#define TRACER_RECORD_GAPS_H

#include "tracer/attribute.h"

#define GAP_SHARE 0.01 /* of the program's active time: less is not told */

/* After the attribution and the measurements of `run`; `threads`: serial → struct thread of the session. */
void record_gaps(struct session *session, const struct run *run, struct attribution *attribution,
                 const struct watch *watch, GHashTable *threads);

#endif
