/* SPDX-License-Identifier: Apache-2.0 */
/* Which words of a stack the kernel side must look at, besides those that its number is made of, to know it
 * again: return addresses into shared libraries, and those further up than it looks. */
#ifndef TRACER_STACK_CHECK_H
#define TRACER_STACK_CHECK_H

#include "tracer/bpf/watch_shared.h"
#include "tracer/stack.h"

/* Frames and places as target_unwind_places gives them for a snapshot at `sp`. Frames of the C library say
 * nothing that its callers do not; of a function that calls itself again and again the first and the last are
 * enough. check->count is 0 when the number tells all. */
void stack_check_make(struct stack_check *check, struct target *target, guint64 sp, const guint64 *frames,
                      const guint64 *places, guint count);

#endif
