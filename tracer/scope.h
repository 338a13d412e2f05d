/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that a trace is about: found by number, name or cgroup, and watched for their end. */
#ifndef TRACER_SCOPE_H
#define TRACER_SCOPE_H

#include "tracer/tracer.h"
#include "tracer/watch.h"

struct scope {
    GArray *pids;  /* int: the processes that were there at the start */
    GArray *polls; /* struct pollfd on each of them; what has ended is left out of a poll */
    const char *name;
    guint64 cgroup;
    gboolean open; /* others may join, by name or by cgroup */
};

/* Resolves what `options` attaches to. FALSE with TRACER_ERROR_TARGET when there is no such process or
 * cgroup.
 */
gboolean scope_open(struct scope *scope, const struct trace_options *options, GError **error);
/* Adds one process. */
gboolean scope_add(struct scope *scope, int pid, GError **error);
void scope_clear(struct scope *scope);

/* The command lines of the processes, or what they have in common. The caller's. */
char *scope_describe(const struct scope *scope);

/* Waits up to `timeout_ms` for an end or for `urgent` to become readable; TRUE when all that were there at
 * the start have ended and no others may join. */
gboolean scope_wait(struct scope *scope, int urgent, int timeout_ms);

#endif
