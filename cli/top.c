/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/target_arguments.h"
#include "cli/top_live.h"
#include "cli/tracing.h"
#include "model/session_file.h"

#define INTERVAL_DEFAULT 1.0
#define INTERVAL_LEAST   0.1

struct top_arguments {
    char *analysis, *saved;
    double interval_seconds;
    int batch;
};

/* The terminal is gone: a launched command is ended as by q. */
static void hang_up(int signal_number)
{
    (void)signal_number;
    tracing_stop();
}

static gboolean check_arguments(const struct top_arguments *arguments, GError **error)
{
    if (arguments->interval_seconds < INTERVAL_LEAST)
        g_set_error(error, OPTIONS_ERROR, 0, "-d takes seconds, %g or more, not %g", INTERVAL_LEAST,
                    arguments->interval_seconds);
    else if (arguments->batch < 0)
        g_set_error(error, OPTIONS_ERROR, 0, "--batch takes a number of frames, not %d", arguments->batch);
    else
        return TRUE;
    return FALSE;
}

static gboolean watch(const struct top_arguments *arguments, struct tracing_arguments *tracing,
                      struct session *session, char **command, GError **error)
{
    const struct output_arguments output = {.session = arguments->saved};
    struct top_live live;
    g_autoptr(TopScreen) screen = NULL;
    if (!output_check(&output, error))
        return FALSE;
    if (!arguments->batch) {
        screen = top_screen_open(error);
        if (!screen)
            return FALSE;
    }
    top_live_init(&live, session, screen, arguments->interval_seconds);
    live.frames_left = (guint)arguments->batch;
    live.saved = arguments->saved;
    if (screen)
        signal(SIGHUP, hang_up);
    tracing->tick = top_live_tick;
    tracing->tick_data = &live;
    gboolean watched = tracing_run(tracing, (const char *const *)command, session, error);
    if (watched && live.failure) {
        g_propagate_error(error, g_steal_pointer(&live.failure));
        watched = FALSE;
    }
    top_live_clear(&live);
    return watched && output_session(&output, session, STAGE_ALL, error);
}

static int top_run(int argc, char **argv, GError **error)
{
    struct top_arguments arguments = {.interval_seconds = INTERVAL_DEFAULT};
    struct tracing_arguments tracing = {0};
    struct target_arguments target = {0};
    const GOptionEntry own[] = {
        {"interval", 'd', 0, G_OPTION_ARG_DOUBLE, &arguments.interval_seconds,
         "Time between two pictures (default: 1)", "SECONDS"},
        {"batch", 'b', 0, G_OPTION_ARG_INT, &arguments.batch,
         "Print so many pictures as text, without a terminal", "N"},
        {"session", 's', 0, G_OPTION_ARG_FILENAME, &arguments.analysis,
         "Name regions and suggest by this earlier analysis", "FILE.cw"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &arguments.saved,
         "Keep the session in this file, at the end and when s is pressed", "FILE.cw"},
    };
    g_autoptr(GArray) entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    target_arguments_add(&target, entries);
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) command = NULL;
    gboolean done = FALSE;
    if (options_parse(&top_command, argc, argv, (GOptionEntry *)entries->data, &words, &command, error) &&
        target_arguments_check(&target, top_command.name, words, command, error) &&
        check_arguments(&arguments, error)) {
        target_arguments_watch(&target, &tracing);
        g_autoptr(Session) session =
            arguments.analysis ? session_file_read(arguments.analysis, error) : session_new();
        done = session && watch(&arguments, &tracing, session, command, error);
    }
    target_arguments_clear(&target);
    g_free(arguments.analysis);
    g_free(arguments.saved);
    return done ? STATUS_CLEAN : STATUS_COULD_NOT_RUN;
}

const struct command top_command = {
    .name = "top",
    .usage = "(-p PID | --name NAME | --cgroup FOLDER | -- COMMAND…)",
    .summary = "live view of a process: threads, locks, loops, and what the numbers suggest",
    .run = top_run,
};
