/* SPDX-License-Identifier: Apache-2.0 */
/* A finished watch into the session: threads, wait edges, traced locks and measurements of one run. */
#ifndef TRACER_RECORD_H
#define TRACER_RECORD_H

#include "model/session.h"
#include "tracer/collection.h"
#include "tracer/watch.h"

/* Appends everything of `run`, which is in the session already and gives the ids. */
void record_run(struct session *session, const struct run *run, const struct watch *watch,
                const struct collection *collection);

#endif
