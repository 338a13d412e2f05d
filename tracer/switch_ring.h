/* SPDX-License-Identifier: Apache-2.0 */
/* Context switches, births and deaths of a process and its descendants, as the kernel records them for
 * anybody (perf_event_open(2)): one ring per core, merged by time. */
#ifndef TRACER_SWITCH_RING_H
#define TRACER_SWITCH_RING_H

#include <glib.h>

enum switch_record_kind {
    RECORD_IN,        /* onto a core */
    RECORD_BLOCKED,   /* off a core, by itself */
    RECORD_PREEMPTED, /* off a core, for another */
    RECORD_FORK,      /* tid began; `parent` made it */
    RECORD_EXIT,
    RECORD_EXEC,
    RECORD_NAME,
    RECORD_LOST,
};

struct switch_record {
    guint64 time_ns; /* CLOCK_MONOTONIC */
    enum switch_record_kind kind;
    int pid, tid, parent, core;
    guint64 lost;
    char name[16];
};

struct switch_rings;

/* Follows `pid` from its next exec. NULL with TRACER_ERROR_PRIVILEGE. */
struct switch_rings *switch_rings_open(int pid, GError **error);
void switch_rings_close(struct switch_rings *rings);
/* Becomes readable before a ring is full. */
int switch_rings_descriptor(const struct switch_rings *rings);
/* Hands out what is known to be complete, in the order of time; with `all` everything. */
void switch_rings_read(struct switch_rings *rings, gboolean all,
                       void (*each)(const struct switch_record *record, gpointer data), gpointer data);

#endif
