/* SPDX-License-Identifier: Apache-2.0 */
/* The stacks under which one thread was seen, with the time that it spent there. */
#ifndef TRACER_THREAD_STACKS_H
#define TRACER_THREAD_STACKS_H

#include "model/session.h"
#include "tracer/collection.h"
#include "tracer/watch.h"

/* struct thread_stack (tracer.h) of the last thread with this number, most time first; the caller's. */
GPtrArray *thread_stacks_new(const struct collection *collection, const struct session *session,
                             const struct watch *watch, int tid);

#endif
