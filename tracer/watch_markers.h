/* SPDX-License-Identifier: Apache-2.0 */
/* Regions that the watched programs mark themselves (runtime/corewise_markers.h): finds the markers in what
 * processes map, and attaches to them. Programs without markers are looked at once per object file. */
#ifndef TRACER_WATCH_MARKERS_H
#define TRACER_WATCH_MARKERS_H

#include "model/histogram.h"
#include "tracer/module.h"
#include "tracer/watch.h"

/* A region that was entered. All of it is valid during the call only. */
struct watched_marker {
    const char *name;
    struct module *module; /* where it begins, one place of several; NULL: the file could not be opened */
    guint64 address;
    struct marker_total total;
    const struct histogram *durations; /* of its calls; NULL when none has ended */
};

/* Looks at what the living process maps now; at a file before any process maps it. */
void watch_markers_of(struct watch *watch, int pid);
void watch_markers_in(struct watch *watch, const char *path);

/* By number, in the order in which they were found. */
void watch_each_marker(const struct watch *watch,
                       void (*each)(const struct watched_marker *marker, gpointer data), gpointer data);

#endif
