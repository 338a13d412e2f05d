/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/target_arguments.h"

#include "cli/options.h"

void target_arguments_add(struct target_arguments *target, GArray *entries)
{
    const GOptionEntry own[] = {
        {"pid", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &target->pid_lists,
         "Watch these running processes; may be repeated", "PID,…"},
        {"name", 0, 0, G_OPTION_ARG_STRING, &target->name,
         "Watch all processes of this name, also those that start later", "NAME"},
        {"cgroup", 0, 0, G_OPTION_ARG_FILENAME, &target->cgroup,
         "Watch all processes of this cgroup, also those that join later", "FOLDER"},
    };
    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
}

void target_arguments_clear(struct target_arguments *target)
{
    g_strfreev(target->pid_lists);
    g_clear_pointer(&target->pids, g_array_unref);
    g_free(target->name);
    g_free(target->cgroup);
}

static gboolean parse_pids(struct target_arguments *target, const char *command_name, GError **error)
{
    target->pids = g_array_new(TRUE, FALSE, sizeof(int));
    for (char **list = target->pid_lists; list && *list; list++) {
        g_auto(GStrv) words = g_strsplit(*list, ",", -1);
        for (char **word = words; *word; word++) {
            gint64 number = 0;
            if (!g_ascii_string_to_signed(*word, 10, 1, G_MAXINT, &number, NULL)) {
                g_set_error(error, OPTIONS_ERROR, 0,
                            "-p takes numbers of processes, not %s; --name NAME takes a name: see corewise "
                            "%s --help",
                            *word, command_name);
                return FALSE;
            }
            int pid = (int)number;
            g_array_append_val(target->pids, pid);
        }
    }
    return TRUE;
}

gboolean target_arguments_check(struct target_arguments *target, const char *command_name, char **words,
                                char **command, GError **error)
{
    if (*words) {
        g_set_error(error, OPTIONS_ERROR, 0, "unexpected word %s; a command to %s stands after --", *words,
                    command_name);
        return FALSE;
    }
    int ways = (target->pid_lists != NULL) + (target->name != NULL) + (target->cgroup != NULL);
    if (ways + (command != NULL) > 1)
        g_set_error(error, OPTIONS_ERROR, 0,
                    "-p, --name, --cgroup and a command after -- exclude each other");
    else if (!ways && !(command && *command))
        g_set_error(error, OPTIONS_ERROR, 0,
                    "nothing to %s: give -p PID, --name NAME, --cgroup FOLDER, or a command after --",
                    command_name);
    else if (target->name && !*target->name)
        g_set_error(error, OPTIONS_ERROR, 0, "--name takes the name of a process, not nothing");
    else
        return parse_pids(target, command_name, error);
    return FALSE;
}

void target_arguments_watch(const struct target_arguments *target, struct tracing_arguments *tracing)
{
    tracing->pids = (const int *)target->pids->data;
    tracing->process_name = target->name;
    tracing->cgroup = target->cgroup;
}
