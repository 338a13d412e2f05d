/* SPDX-License-Identifier: Apache-2.0 */
/* The call stacks of a run with their times, into the session. */
#ifndef TRACER_RECORD_STACKS_H
#define TRACER_RECORD_STACKS_H

#include "tracer/attribute.h"

/* What one run may add to a session: the stacks with the most time on the core, those with the most blocked
 * time, and no more frames than this. The lighter ones are summed by activity, cause and idleness. */
#define STACKS_KEPT 2000  /* of each activity */
#define FRAMES_KEPT 60000 /* of both */

/* After the attribution and the bodies of `run`; `threads`: serial → struct thread of the session. */
void record_stacks(struct session *session, const struct run *run, struct attribution *attribution,
                   const struct watch *watch, GHashTable *threads);

#endif
