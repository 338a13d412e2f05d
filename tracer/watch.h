/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel side of the tracer, loaded and attached: follows a process, its threads and its descendants, and
 * hands over what it saw (bpf/watch_shared.h). Not thread-safe; one watch at a time. */
#ifndef TRACER_WATCH_H
#define TRACER_WATCH_H

#include <glib.h>

#include "tracer/bpf/watch_shared.h"
#include "tracer/traced_stack.h"
#include "tracer/tracer.h"

struct watch_handlers {
    void (*thread)(const struct thread_event *event, gpointer data);
    /* `answer` is to be filled: what should be known of the stack from now on. */
    void (*snapshot)(const struct snapshot_event *event, gpointer data, struct stack_answer *answer);
    void (*interval)(const struct interval_event *event, gpointer data);
    gpointer data;
};

struct watch_options {
    guint sample_hz; /* 0: at most SAMPLE_HZ_DEFAULT, as sampler.h says */
    enum call_watch calls;
    gboolean locks;                        /* every use of a lock, not only waits */
    guint64 timeline;                      /* most intervals to report; 0: none */
    guint32 table_entries, snapshot_bytes; /* 0: sized by the host */
};

struct watch;

/* Loads and attaches; nothing is followed yet. NULL with TRACER_ERROR_PRIVILEGE or TRACER_ERROR_KERNEL. */
struct watch *watch_new(const struct watch_options *options, const struct watch_handlers *handlers,
                        GError **error);
/* A watch for those who may not load programs (plain_watch.h): of one launched process, without samples,
 * system calls, locks and checkpoints. Never NULL. */
struct watch *watch_new_plain(const struct watch_handlers *handlers);
gboolean watch_is_plain(const struct watch *watch);
void watch_free(struct watch *watch);
typedef struct watch Watch;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Watch, watch_free)

/* What to follow: processes by number, by name and by cgroup, with all their threads and descendants. */
struct watch_scope {
    const int *pids;
    guint pid_count;    /* at most SCOPE_PIDS_MAX */
    const char *name;   /* optional: the kernel's short name of a process */
    guint64 cgroup;     /* optional: id of a cgroup of the unified hierarchy; those below it belong to it */
    gboolean launching; /* the time of the only process begins at its next exec */
};

/* How many threads of the watched can be on a core at once: to be told before they are followed. A plain
 * watch does not use it. */
void watch_set_cores(struct watch *watch, int cores);

/* Follows them from now on. */
gboolean watch_follow(struct watch *watch, const struct watch_scope *scope, GError **error);
/* Takes up those that came into the scope since. */
gboolean watch_rescan(struct watch *watch, GError **error);

/* Watches system calls from now on, or no longer: then they cost nothing. FALSE when that failed. */
gboolean watch_switch_calls(struct watch *watch, gboolean on, GError **error);
/* For how long they were watched, and whether it was in slices. */
guint64 watch_calls_ns(const struct watch *watch);
gboolean watch_calls_are_sliced(const struct watch *watch);

/* When locks are watched: attaches to the lock functions that the living process `pid` has mapped, in its C
 * library or in itself; what it has already is left alone. With `path` to those of that file, which it may
 * map later. Returns how many functions were found. */
guint watch_locks_of(struct watch *watch, int pid, const char *path);
/* The process has ended. */
void watch_locks_forget(struct watch *watch, int pid);

/* Becomes readable when something urgent arrived; everything else waits for the next watch_poll. */
int watch_descriptor(const struct watch *watch);
/* Notes now and then what the programs cost; to be called often, and a `last` time. */
void watch_cost_tick(struct watch *watch, gboolean last);
/* Hands what has arrived to the handlers, threads before snapshots. */
void watch_poll(struct watch *watch);
/* The last poll found a good part of a buffer filled: the next one should come soon. */
gboolean watch_is_busy(const struct watch *watch);

/* Ends the measurement: closes all open states, waits in progress included, and hands the last events over.
 */
gboolean watch_finish(struct watch *watch, GError **error);

/* Reports every living thread to the thread handler as if the watch ended now, and adds its open waits to the
 * sums below, in the place of those of the last time, until watch_finish. The watch itself goes on. */
gboolean watch_peek(struct watch *watch, GError **error);

/* The sums, complete after watch_finish. */
void watch_each_wait(const struct watch *watch,
                     void (*each)(const struct wait_key *key, const struct wait_total *total, gpointer data),
                     gpointer data);
void watch_each_sample(const struct watch *watch,
                       void (*each)(const struct sample_key *key, const struct sample_total *total,
                                    gpointer data),
                       gpointer data);
/* Rounds between waits for descriptors, each with how often it took so long. */
void watch_each_callback(const struct watch *watch,
                         void (*each)(const struct callback_key *key, guint64 count, gpointer data),
                         gpointer data);
/* Empty unless calls are watched. */
void watch_each_call(const struct watch *watch,
                     void (*each)(const struct call_key *key, const struct call_total *total, gpointer data),
                     gpointer data);
/* Empty unless locks are watched. */
void watch_each_lock(const struct watch *watch,
                     void (*each)(const struct lock_key *key, const struct lock_use *use, gpointer data),
                     gpointer data);
/* The same by the stack under which a lock was taken, and how often such a hold took so long. */
void watch_each_hold(const struct watch *watch,
                     void (*each)(guint64 stack, const struct hold_total *total, gpointer data),
                     gpointer data);
void watch_each_hold_part(const struct watch *watch,
                          void (*each)(const struct hold_part *key, guint64 count, gpointer data),
                          gpointer data);
/* What the watch itself costs: the time of its programs in the kernel, estimated from a part of
 * `run_seconds`. Nothing without the right to ask. */
void watch_each_cost(const struct watch *watch, double run_seconds,
                     void (*each)(const char *program, double seconds, guint64 runs, gpointer data),
                     gpointer data);
const struct watch_totals *watch_totals(const struct watch *watch);
/* The same while it went on, as read at each poll. */
const struct parallel_slices *watch_slices(const struct watch *watch);

/* CLOCK_MONOTONIC in nanoseconds: the clock of all times above. */
guint64 watch_now_ns(void);

/* Collects what libbpf says instead of letting it print; the text of the last failure, one line. */
void watch_capture_messages(void);
const char *watch_last_message(void);

#endif
