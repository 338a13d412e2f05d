/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel side of the tracer, loaded and attached: follows a process, its threads and its descendants, and
 * hands over what it saw (bpf/watch_shared.h). Not thread-safe; one watch at a time. */
#ifndef TRACER_WATCH_H
#define TRACER_WATCH_H

#include <glib.h>

#include "tracer/bpf/watch_shared.h"

struct watch_handlers {
    void (*thread)(const struct thread_event *event, gpointer data);
    void (*snapshot)(const struct snapshot_event *event, gpointer data);
    gpointer data;
};

struct watch;

/* Loads and attaches; nothing is followed yet. NULL with TRACER_ERROR_PRIVILEGE or TRACER_ERROR_KERNEL. */
struct watch *watch_new(guint sample_hz, const struct watch_handlers *handlers, GError **error);
void watch_free(struct watch *watch);
typedef struct watch Watch;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Watch, watch_free)

/* Follows process `pid`, its threads and descendants from now on. With `launching` its time begins at its
 * next exec. */
gboolean watch_follow(struct watch *watch, int pid, gboolean launching, GError **error);

/* Becomes readable when something urgent arrived; everything else waits for the next watch_poll. */
int watch_descriptor(const struct watch *watch);
/* Hands what has arrived to the handlers, threads before snapshots. */
void watch_poll(struct watch *watch);

/* Ends the measurement: closes all open states, waits in progress included, and hands the last events over.
 */
gboolean watch_finish(struct watch *watch, GError **error);

/* The sums, complete after watch_finish. */
void watch_each_wait(const struct watch *watch,
                     void (*each)(const struct wait_key *key, const struct wait_total *total, gpointer data),
                     gpointer data);
void watch_each_sample(const struct watch *watch,
                       void (*each)(const struct sample_key *key, guint64 count, gpointer data),
                       gpointer data);
const struct watch_totals *watch_totals(const struct watch *watch);

/* CLOCK_MONOTONIC in nanoseconds: the clock of all times above. */
guint64 watch_now_ns(void);

/* Collects what libbpf says instead of letting it print; the text of the last failure, one line. */
void watch_capture_messages(void);
const char *watch_last_message(void);

#endif
