/* SPDX-License-Identifier: Apache-2.0 */
/* Follows processes as they come and go, so that the lock functions of each are watched. */
#ifndef TRACER_LOCK_WATCH_H
#define TRACER_LOCK_WATCH_H

#include "tracer/watch.h"

struct lock_watch {
    struct watch *watch;
    GArray *fresh; /* struct fresh_process: began lately, may not have mapped its C library yet */
};

void lock_watch_init(struct lock_watch *locks);
void lock_watch_clear(struct lock_watch *locks);

/* Before `pid` executes `command`. */
void lock_watch_launch(struct lock_watch *locks, int pid, const char *command);
/* A thread began, executed a program or ended. */
void lock_watch_note(struct lock_watch *locks, const struct thread_event *event);
/* Looks at the processes that are still fresh. */
void lock_watch_tick(struct lock_watch *locks);

#endif
