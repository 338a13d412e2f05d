/* SPDX-License-Identifier: Apache-2.0 */
/* Who let a thread wait: the owner that the lock word named, else the thread that woke it. Only threads that
 * were followed and lived at the same time are believed. */
#ifndef TRACER_LOCK_HOLDER_H
#define TRACER_LOCK_HOLDER_H

#include "model/names.h"
#include "tracer/collection.h"

/* Finds threads by tid; keeps pointers into the collection. */
struct lock_holders;
struct lock_holders *lock_holders_new(const struct collection *collection);
void lock_holders_free(struct lock_holders *holders);
typedef struct lock_holders LockHolders;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LockHolders, lock_holders_free)

/* NULL when it is unknown; *reason is then a sentence of the caller's, or NULL where nobody is to be expected
 * (a timer, a device). */
const struct traced_thread *lock_holders_find(const struct lock_holders *holders,
                                              const struct traced_thread *waiter, const struct wait_key *key,
                                              enum wait_cause cause, char **reason);

#endif
