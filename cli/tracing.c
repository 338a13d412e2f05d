/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tracing.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/judging.h"
#include "cli/metrics_server.h"
#include "cli/options.h"
#include "model/session_file.h"
#include "reports/reports.h"
#include "tracer/tracer.h"

#define METRICS_PERIOD_SECONDS 1 /* that metrics may be old; the tracer takes longer where a copy is dear */

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number)
{
    (void)signal_number;
    stop_requested = 1;
}

void tracing_stop(void)
{
    stop_requested = 1;
}

gboolean tracing_is_stopping(void)
{
    return stop_requested != 0;
}

/* Options with an optional value are told to a function, which is given nothing of the caller's. */
static enum call_watch calls_wanted;

static gboolean parse_calls(const gchar *option, const gchar *value, gpointer data, GError **error)
{
    (void)data;
    if (value && strcmp(value, "latency") != 0 && strcmp(value, "count") != 0) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s takes count or latency, not %s",
                    option, value);
        return FALSE;
    }
    calls_wanted = value && strcmp(value, "latency") == 0 ? CALLS_TIMED : CALLS_COUNTED;
    return TRUE;
}

void tracing_arguments_add(struct tracing_arguments *arguments, GArray *entries)
{
    const GOptionEntry own[] = {
        {"duration", 'd', 0, G_OPTION_ARG_DOUBLE, &arguments->duration_seconds,
         "Stop watching after this long", "SECONDS"},
        {"sample-hz", 0, 0, G_OPTION_ARG_INT, &arguments->sample_hz,
         "On-CPU samples per second and core, all the time (default: 997, and fewer once enough is known)", "N"},
        {"syscalls", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, (gpointer)parse_calls,
         "Count every system call, or time each as well", "count|latency"},
        {"locks", 0, 0, G_OPTION_ARG_STRING, &arguments->locks,
         "Also watch locks that nobody waits for, with hold times; slow (default: waits)", "waits|all"},
        {"timeline", 0, 0, G_OPTION_ARG_INT, &arguments->timeline,
         "Also keep what each thread did when: the first N intervals", "N"},
        {"metrics", 0, 0, G_OPTION_ARG_STRING, &arguments->metrics,
         "Serve OpenMetrics at http://ADDRESS/metrics while watching", "[ADDRESS:]PORT"},
        {"metrics-anywhere", 0, 0, G_OPTION_ARG_NONE, &arguments->metrics_anywhere,
         "Let --metrics serve other hosts, too", NULL},
        {"syscalls-share", 0, 0, G_OPTION_ARG_DOUBLE, &arguments->call_share,
         "Watch system calls for this part of the time only (default: 1)", "SHARE"},
    };
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
}

void tracing_arguments_clear(struct tracing_arguments *arguments)
{
    g_free(arguments->locks);
    g_free(arguments->metrics);
}

static gboolean check_arguments(const struct tracing_arguments *arguments, GError **error)
{
    if (arguments->duration_seconds < 0)
        g_set_error(error, OPTIONS_ERROR, 0, "-d takes a positive number of seconds, not %g",
                    arguments->duration_seconds);
    else if (arguments->sample_hz < 0 || arguments->sample_hz > 10000)
        g_set_error(error, OPTIONS_ERROR, 0, "--sample-hz takes 1 to 10000, not %d", arguments->sample_hz);
    else if (arguments->locks && strcmp(arguments->locks, "all") != 0 &&
             strcmp(arguments->locks, "waits") != 0)
        g_set_error(error, OPTIONS_ERROR, 0, "--locks takes waits or all, not %s", arguments->locks);
    else if (arguments->metrics_anywhere && !arguments->metrics)
        g_set_error(error, OPTIONS_ERROR, 0, "--metrics-anywhere needs --metrics [ADDRESS:]PORT");
    else if (arguments->timeline < 0)
        g_set_error(error, OPTIONS_ERROR, 0, "--timeline takes a number of intervals, not %d",
                    arguments->timeline);
    else if (arguments->call_share < 0 || arguments->call_share > 1)
        g_set_error(error, OPTIONS_ERROR, 0, "--syscalls-share takes a part of the time, 0 to 1, not %g",
                    arguments->call_share);
    else
        return TRUE;
    return FALSE;
}

static void print_warning(const char *message, gpointer data)
{
    (void)data;
    fprintf(stderr, "corewise: %s\n", message);
}

static void publish_metrics(const struct metrics_server *server, const struct session *session)
{
    const struct report_options options = {0};
    g_autoptr(GString) text = g_string_new(NULL);
    if (format_find("openmetrics")->render(session, &options, text, NULL))
        metrics_server_publish(server, text->str, text->len);
}

/* What is known so far, should corewise be killed or asked. */
static void save_checkpoint(struct session *session, gpointer data)
{
    const struct tracing_arguments *arguments = data;
    judging_run(session);
    if (arguments->saved && arguments->saved->session)
        output_session(arguments->saved, session, STAGE_ALL, NULL);
    if (arguments->server)
        publish_metrics(arguments->server, session);
}

/* TRUE also when no metrics are wanted. */
static gboolean start_metrics(struct tracing_arguments *arguments, struct metrics_server **server,
                              GError **error)
{
    if (!arguments->metrics)
        return TRUE;
    *server = metrics_server_start(arguments->metrics, arguments->metrics_anywhere, error);
    arguments->server = *server;
    if (*server)
        fprintf(stderr, "corewise: metrics at %s\n", metrics_server_url(*server));
    return *server != NULL;
}

static gboolean run_trace(const struct tracing_arguments *arguments, const char *const *command,
                          struct session *session, GError **error)
{
    gboolean saves = arguments->saved && arguments->saved->session;
    const struct sigaction action = {.sa_handler = request_stop};
    struct sigaction old_interrupt, old_terminate;
    stop_requested = 0;
    sigaction(SIGINT, &action, &old_interrupt);
    sigaction(SIGTERM, &action, &old_terminate);
    const struct trace_options options = {
        .command = command,
        .pids = arguments->pids,
        .process_name = arguments->process_name,
        .cgroup = arguments->cgroup,
        .duration_seconds = arguments->duration_seconds,
        .sample_hz = (guint)arguments->sample_hz,
        .calls = calls_wanted,
        .locks = g_strcmp0(arguments->locks, "all") == 0,
        .timeline = (guint64)arguments->timeline,
        .call_share = arguments->call_share,
        .stop = &stop_requested,
        .drop_privileges = TRUE,
        .warn = print_warning,
        .checkpoint = saves || arguments->server ? save_checkpoint : NULL,
        .checkpoint_data = (gpointer)arguments,
        .checkpoint_seconds = arguments->server ? METRICS_PERIOD_SECONDS : 0,
        .tick = arguments->tick,
        .tick_data = arguments->tick_data,
    };
    gboolean traced = trace(&options, session, error);
    sigaction(SIGINT, &old_interrupt, NULL);
    sigaction(SIGTERM, &old_terminate, NULL);
    return traced;
}

/* In a copy of the arguments that knows the server. */
static gboolean run_with_metrics(struct tracing_arguments arguments, const char *const *command,
                                 struct session *session, GError **error)
{
    struct metrics_server *server = NULL;
    gboolean traced =
        start_metrics(&arguments, &server, error) && run_trace(&arguments, command, session, error);
    metrics_server_stop(server);
    return traced;
}

gboolean tracing_run(const struct tracing_arguments *arguments, const char *const *command,
                     struct session *session, GError **error)
{
    if (!check_arguments(arguments, error))
        return FALSE;
    gboolean traced = run_with_metrics(*arguments, command, session, error);
    const struct run *run = traced && command ? session_last_run(session) : NULL;
    if (run && run->exit_status > 128)
        fprintf(stderr, "corewise: the command was ended by signal %d (%s)\n", run->exit_status - 128,
                strsignal(run->exit_status - 128));
    else if (run && run->exit_status > 0)
        fprintf(stderr, "corewise: the command ended with status %d\n", run->exit_status);
    return traced;
}
