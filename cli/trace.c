/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "cli/judging.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/target_arguments.h"
#include "cli/tracing.h"
#include "model/session_file.h"

/* The session to add a run to: an earlier analysis, or an empty one. */
static struct session *start_session(const char *analysis, GError **error)
{
    return analysis ? session_file_read(analysis, error) : session_new();
}

static int trace_target(const struct tracing_arguments *tracing, const struct output_arguments *output,
                        const char *analysis, char **command, GError **error)
{
    g_autoptr(Session) session = start_session(analysis, error);
    if (!session || !output_check(output, error) ||
        !tracing_run(tracing, (const char *const *)command, session, error))
        return STATUS_COULD_NOT_RUN;
    judging_run(session);
    if (!output_session(output, session, STAGE_ALL, error) || !output_report(output, session, error))
        return STATUS_COULD_NOT_RUN;
    return command ? session_last_run(session)->exit_status : STATUS_CLEAN;
}

static int trace_run(int argc, char **argv, GError **error)
{
    struct tracing_arguments tracing = {0};
    struct output_arguments output = {0};
    struct target_arguments target = {0};
    g_autofree char *analysis = NULL;
    const GOptionEntry own[] = {
        {"session", 's', 0, G_OPTION_ARG_FILENAME, &analysis,
         "Name regions and judge by this earlier analysis", "FILE.cw"},
    };
    g_autoptr(GArray) entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    target_arguments_add(&target, entries);
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    tracing_arguments_add(&tracing, entries);
    output_arguments_add(&output, entries);
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) command = NULL;
    int status = STATUS_USAGE;
    if (options_parse(&trace_command, argc, argv, (GOptionEntry *)entries->data, &words, &command, error) &&
        target_arguments_check(&target, trace_command.name, words, command, error)) {
        target_arguments_watch(&target, &tracing);
        tracing.saved = &output;
        status = trace_target(&tracing, &output, analysis, command, error);
    }
    target_arguments_clear(&target);
    tracing_arguments_clear(&tracing);
    output_arguments_clear(&output);
    return status;
}

const struct command trace_command = {
    .name = "trace",
    .usage = "(-p PID | --name NAME | --cgroup FOLDER | -- COMMAND…)",
    .summary = "measure a live process or a launched command; passes the command's exit status on",
    .run = trace_run,
};
