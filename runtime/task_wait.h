/* SPDX-License-Identifier: Apache-2.0 */
/* How a task waits under any model: on its event loop if it has one, else by blocking, in slices if it may
 * have to stop. */
#ifndef RUNTIME_TASK_WAIT_H
#define RUNTIME_TASK_WAIT_H

#include "runtime/execution.h"

/* Monotonic time `seconds` from now; 0, no limit, for less than 0. */
uint64_t corewise_time_after(double seconds);
/* 1 when the descriptor is ready for POLLIN or POLLOUT, 0 at `until_ns`, -1 with errno (ETIMEDOUT and
 * ECANCELED: the task has to stop). */
int corewise_wait_descriptor(int descriptor, short event, uint64_t until_ns);
/* Whether the calling task may be told to stop while it waits. */
bool corewise_may_be_stopped(const struct execution *execution);

#endif
