/* SPDX-License-Identifier: Apache-2.0 */
/* The lock of the session that a futex wait was on, named as the source names it. */
#ifndef TRACER_LOCK_NAME_H
#define TRACER_LOCK_NAME_H

#include "tracer/attribute.h"

/* Finds or adds the lock: by the name of the object in memory; else by the type of what the waiting code has
 * at hand; else the lock of the critical section at which the thread waited; else the place of the first
 * wait. NULL when the wait is on no lock. The id belongs to the session. */
const char *lock_name_find(struct session *session, struct attribution *attribution,
                           const struct attributed_wait *wait);

/* The same for any use of a lock of `kind`, described like a wait. Never NULL. */
const char *lock_name_of_use(struct session *session, struct attribution *attribution,
                             const struct attributed_wait *use, enum lock_kind kind);

#endif
