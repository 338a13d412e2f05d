/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "cli/judging.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/tracing.h"
#include "model/session_file.h"

/* What to watch, as the command line says it; zero-initialise, then clear. */
struct target_arguments {
    char **pid_lists; /* each `PID` or `PID,PID,…` */
    GArray *pids;     /* int, ended by 0 */
    char *name, *cgroup;
};

static void target_arguments_clear(struct target_arguments *target)
{
    g_strfreev(target->pid_lists);
    g_clear_pointer(&target->pids, g_array_unref);
    g_free(target->name);
    g_free(target->cgroup);
}

static gboolean parse_pids(struct target_arguments *target, GError **error)
{
    target->pids = g_array_new(TRUE, FALSE, sizeof(int));
    for (char **list = target->pid_lists; list && *list; list++) {
        g_auto(GStrv) words = g_strsplit(*list, ",", -1);
        for (char **word = words; *word; word++) {
            gint64 number = 0;
            if (!g_ascii_string_to_signed(*word, 10, 1, G_MAXINT, &number, NULL)) {
                g_set_error(error, OPTIONS_ERROR, 0,
                            "-p takes numbers of processes, not %s; --name NAME takes a name: see corewise "
                            "trace --help",
                            *word);
                return FALSE;
            }
            int pid = (int)number;
            g_array_append_val(target->pids, pid);
        }
    }
    return TRUE;
}

static gboolean check_target(struct target_arguments *target, char **words, char **command, GError **error)
{
    if (*words) {
        g_set_error(error, OPTIONS_ERROR, 0, "unexpected word %s; a command to trace stands after --",
                    *words);
        return FALSE;
    }
    int ways = (target->pid_lists != NULL) + (target->name != NULL) + (target->cgroup != NULL);
    if (ways + (command != NULL) > 1)
        g_set_error(error, OPTIONS_ERROR, 0,
                    "-p, --name, --cgroup and a command after -- exclude each other");
    else if (!ways && !(command && *command))
        g_set_error(error, OPTIONS_ERROR, 0,
                    "nothing to trace: give -p PID, --name NAME, --cgroup FOLDER, or a command after --");
    else if (target->name && !*target->name)
        g_set_error(error, OPTIONS_ERROR, 0, "--name takes the name of a process, not nothing");
    else
        return parse_pids(target, error);
    return FALSE;
}

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
        {"pid", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &target.pid_lists,
         "Watch these running processes; may be repeated", "PID,…"},
        {"name", 0, 0, G_OPTION_ARG_STRING, &target.name,
         "Watch all processes of this name, also those that start later", "NAME"},
        {"cgroup", 0, 0, G_OPTION_ARG_FILENAME, &target.cgroup,
         "Watch all processes of this cgroup, also those that join later", "FOLDER"},
        {"session", 's', 0, G_OPTION_ARG_FILENAME, &analysis,
         "Name regions and judge by this earlier analysis", "FILE.cw"},
    };
    g_autoptr(GArray) entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    tracing_arguments_add(&tracing, entries);
    output_arguments_add(&output, entries);
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) command = NULL;
    int status = STATUS_USAGE;
    if (options_parse(&trace_command, argc, argv, (GOptionEntry *)entries->data, &words, &command, error) &&
        check_target(&target, words, command, error)) {
        tracing.pids = (const int *)target.pids->data;
        tracing.process_name = target.name;
        tracing.cgroup = target.cgroup;
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
