/* SPDX-License-Identifier: Apache-2.0 */
/* What each thread did when, into the session. */
#ifndef TRACER_RECORD_TIMELINE_H
#define TRACER_RECORD_TIMELINE_H

#include "tracer/attribute.h"

/* `threads`: serial → struct thread of the session. Sorts what the collection holds. */
void record_timeline(struct session *session, const struct run *run, struct attribution *attribution,
                     guint64 started_ns, GHashTable *threads);

#endif
