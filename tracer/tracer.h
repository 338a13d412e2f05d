/* SPDX-License-Identifier: Apache-2.0 */
/* A running program to measurements. */
#ifndef TRACER_TRACER_H
#define TRACER_TRACER_H

#include <glib.h>
#include <signal.h>

#include "model/histogram.h"
#include "model/session.h"

#define TRACER_ERROR tracer_error_quark()
GQuark tracer_error_quark(void);
enum tracer_error {
    TRACER_ERROR_PRIVILEGE, /* not allowed to load or attach BPF programs */
    TRACER_ERROR_KERNEL,    /* the kernel lacks something that nothing replaces */
    TRACER_ERROR_TARGET,    /* no such process, or the command cannot be started */
    TRACER_ERROR_FAILED,    /* anything else, with the reason */
};

enum call_watch { CALLS_OFF, CALLS_COUNTED, CALLS_TIMED };

/* A watch that goes on: what `tick` may look into. */
struct tracing;

struct trace_options {
    const char *const *command; /* NULL-terminated argv to launch; NULL when attaching */
    const int *pids;            /* without a command: processes to attach to, ended by 0 */
    const char *process_name;   /* or all of this name (comm), now and later */
    const char *cgroup;         /* or all of this folder of the cgroup2 hierarchy, now and later */
    double duration_seconds;    /* stop after this long; 0 = until the target ends or `*stop` is set */
    enum call_watch calls;      /* count every system call, or time each as well */
    double call_share;          /* part of the time in which calls are watched; 0 = all the time */
    gboolean locks;             /* watch every use of a lock, not only waits: costs microseconds each */
    guint64 timeline;           /* also keep what each thread did when: so many intervals; 0 = none */
    /* For tests of what happens when these are full: entries of each table, and bytes (a power of two, 16384
     * or more) of the buffer of stacks; 0: sized by cores, threads and memory of the host. */
    guint32 table_entries, snapshot_bytes;
    guint sample_hz;                   /* on-CPU samples per second and core; 0: at most 997 (sampler.h) */
    const volatile sig_atomic_t *stop; /* optional: set to non-zero by a signal handler of the caller */
    gboolean drop_privileges; /* give up what this process needs no longer once the watch is attached */
    /* Optional: told what cannot be seen on this host, in one sentence. */
    void (*warn)(const char *message, gpointer data);
    gpointer warn_data;
    /* Optional: called every few seconds with the session as it would be if the watch ended now, to be saved.
     * It runs in a copy of this process (fork) that ends when it returns. */
    void (*checkpoint)(struct session *session, gpointer data);
    gpointer checkpoint_data;
    double checkpoint_seconds; /* at least so long between two; 0 = 5 */
    /* Optional: called some twenty times a second while the watch goes on, and a last time, with `ended` set,
     * when it is over and recorded; only then it may take its time. */
    void (*tick)(struct tracing *tracing, gboolean ended, gpointer data);
    gpointer tick_data;
};

/* Watches the target and appends one run to `session`: run, threads, traced locks, measurements, wait edges;
 * regions and locks of an earlier analysis in the same session name what is measured. The session's other
 * records are not changed. A launched command gets the caller's stdin, stdout and stderr; SIGINT and SIGTERM
 * are left to the caller. Who may not load BPF programs can still launch a command: then less is seen, and
 * `warn` is told. FALSE with `error` set when nothing could be measured. */
gboolean trace(const struct trace_options *options, struct session *session, GError **error);

/* Appends the run to `session` as it would be if the watch ended now; all snapshots of a watch give the run
 * and its threads the same ids. FALSE with `error` set when this watch cannot be looked into. */
gboolean trace_snapshot(struct tracing *tracing, struct session *session, GError **error);
/* How long the rounds of callbacks of an event loop took. */
struct thread_rounds {
    guint place; /* of its thread among those of the run */
    struct histogram durations;
};
/* Up to the last snapshot, or the end: struct thread_rounds, the caller's. `session` is the one that the
 * snapshots go to. */
GPtrArray *trace_rounds(struct tracing *tracing, const struct session *session);

/* Where a thread was, for how long. */
struct thread_stack {
    gboolean on_core;      /* by samples; else blocked */
    enum wait_cause cause; /* when blocked */
    gboolean idle;
    double seconds;
    guint64 count;     /* samples or waits */
    GPtrArray *frames; /* char *: `function file:line`, innermost first */
};
/* All that was seen of the thread up to the last snapshot, most time first: struct thread_stack, the
 * caller's. `session` is the one that the snapshots go to. */
GPtrArray *trace_stacks(struct tracing *tracing, const struct session *session, int tid);

/* Absolute, normalised names of the source files that the executable `path` (looked up in PATH like execvp)
 * was compiled from, as its debug info lists them; empty without debug info, NULL with `error` when it cannot
 * be read. */
GPtrArray *executable_sources(const char *path, GError **error);

/* What this host can measure, one row per capability. */
enum capability_state { CAPABILITY_YES, CAPABILITY_DEGRADED, CAPABILITY_NO };
struct capability {
    const char *name;
    enum capability_state state;
    char *detail; /* what was found, by trying */
    char *remedy; /* optional: what to install or grant */
};
/* An array of struct capability, each tried for real; the caller's (g_ptr_array_unref). */
GPtrArray *tracer_probe_capabilities(void);

#endif
