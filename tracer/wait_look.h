/* SPDX-License-Identifier: Apache-2.0 */
/* What a blocked thread waits for, as /proc shows it to the owner of the process. */
#ifndef TRACER_WAIT_LOOK_H
#define TRACER_WAIT_LOOK_H

#include <glib.h>

#include "tracer/bpf/watch_shared.h"

/* Fills the key, and the event with the place of the stack (SNAPSHOT_ATTACH); its thread, tid, tgid and image
 * are given. FALSE when the thread is not blocked, or may not be looked at. */
gboolean wait_look(struct wait_key *key, struct snapshot_event *event);

#endif
