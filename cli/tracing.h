/* SPDX-License-Identifier: Apache-2.0 */
/* What trace and check share: the tracer under the terminal's signals. */
#ifndef CLI_TRACING_H
#define CLI_TRACING_H

#include "cli/output.h"
#include "model/session.h"
#include "tracer/tracer.h"

/* The options of a trace; zero-initialise. */
struct tracing_arguments {
    const int *pids; /* without a command: see struct trace_options */
    const char *process_name, *cgroup;
    const struct output_arguments
        *saved; /* optional: where the session is kept while it is incomplete, too */
    double duration_seconds;
    char *locks; /* "waits" or "all" */
    double call_share;
    int sample_hz;
    int timeline;
    /* Optional, for a live view: as in struct trace_options. */
    void (*tick)(struct tracing *tracing, gboolean ended, gpointer data);
    gpointer tick_data;
    char *metrics; /* optional: address to serve metrics at while the watch goes on */
    gboolean metrics_anywhere;
    const struct metrics_server *server; /* of tracing_run */
};
void tracing_arguments_add(struct tracing_arguments *arguments, GArray *entries);
void tracing_arguments_clear(struct tracing_arguments *arguments);

/* Traces `command`, or what the arguments name when that is NULL, until it ends, the duration is over, or
 * SIGINT or SIGTERM arrives; then the session holds what was seen. Says on stderr when the command did not
 * succeed. */
gboolean tracing_run(const struct tracing_arguments *arguments, const char *const *command,
                     struct session *session, GError **error);
/* Ends a running tracing_run as SIGINT does, and whether one of both has come. */
void tracing_stop(void);
gboolean tracing_is_stopping(void);

#endif
