/* SPDX-License-Identifier: Apache-2.0 */
/* From what a thread was blocked in to why: the system call, the kind of descriptor, the futex operation, and
 * the functions of libc that stand between the call and the program. */
#ifndef TRACER_WAIT_CAUSE_H
#define TRACER_WAIT_CAUSE_H

#include <glib.h>

#include "model/names.h"
#include "tracer/bpf/watch_shared.h"

/* `functions`: as in struct stack_meaning, innermost first, NULL-terminated; without names the operation
 * alone decides. */
enum wait_cause wait_cause_classify(const struct wait_key *key, const char *const *functions);

/* The kind of lock that a wait of this cause is on; FALSE when it is on none. */
gboolean wait_cause_lock_kind(enum wait_cause cause, enum lock_kind *kind);

/* TRUE when time on the core inside this system call is I/O work. */
gboolean wait_cause_is_io_call(int system_call);

/* TRUE when a wait of this cause in this system call (or page fault) is for something that is in the page
 * cache afterwards: the next run on the same files would not wait for it, unless they do not fit into memory.
 */
gboolean wait_cause_fills_cache(enum wait_cause cause, int system_call);

#endif
