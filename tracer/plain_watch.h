/* SPDX-License-Identifier: Apache-2.0 */
/* The watch of a launched command without any privilege: context switch records of the kernel for the times,
 * and a look at /proc for what long waits are on. It sees neither when a thread was woken nor what runs on a
 * core, and waits that are shorter than its pace have no cause. */
#ifndef TRACER_PLAIN_WATCH_H
#define TRACER_PLAIN_WATCH_H

#include "tracer/watch.h"

#define PLAIN_PACE_MS 10 /* between two looks at /proc */

struct plain_watch;

struct plain_watch *plain_watch_new(const struct watch_handlers *handlers);
void plain_watch_free(struct plain_watch *plain);

/* The process, at its next exec. FALSE with TRACER_ERROR_PRIVILEGE when not even this is allowed. */
gboolean plain_watch_follow(struct plain_watch *plain, int pid, GError **error);
int plain_watch_descriptor(const struct plain_watch *plain);
void plain_watch_poll(struct plain_watch *plain);
void plain_watch_finish(struct plain_watch *plain);

const GArray *plain_watch_waits(const struct plain_watch *plain); /* struct wait_slot */
const struct watch_totals *plain_watch_totals(const struct plain_watch *plain);
const struct span_sum *plain_watch_running(const struct plain_watch *plain); /* as of struct watch_core */

#endif
