/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

static const char head[] = "# fish completion for corewise; made by `corewise completion fish`\n"
                           "function __corewise_runs # whether a command line stands behind --\n"
                           "    contains -- -- (commandline -opc)\n"
                           "end\n"
                           "complete -c corewise -f\n"
                           "complete -c corewise -n __fish_use_subcommand -l help -d 'Show all commands'\n"
                           "complete -c corewise -n __fish_use_subcommand -l version -d 'Show the version'\n";

static const char *const actions[] = {[WORD_TEXT] = " -x",
                                      [WORD_FILE] = " -r -F",
                                      [WORD_SESSION] = " -x -a '(__fish_complete_suffix .cw)'",
                                      [WORD_FOLDER] = " -x -a '(__fish_complete_directories)'",
                                      [WORD_PROCESS] = " -x -a '(__fish_complete_pids)'"};

static void append_condition(GString *out, const char *command)
{
    g_string_append_printf(
        out, "complete -c corewise -n '__fish_seen_subcommand_from %s; and not __corewise_runs'", command);
}

static void append_values(GString *out, char *const *values)
{
    g_autofree char *joined = g_strjoinv(" ", (char **)values);
    g_string_append(out, " -x -a ");
    completion_append_quoted(out, joined);
}

static void write_option(const char *command, const struct completion_option *option, GString *out)
{
    append_condition(out, command);
    g_string_append_printf(out, " -l %s", option->name);
    if (option->letter)
        g_string_append_printf(out, " -s %c", option->letter);
    if (option->argument && option->values)
        append_values(out, option->values);
    else if (option->argument)
        g_string_append(out, actions[option->kind]);
    g_string_append(out, " -d ");
    completion_append_quoted(out, option->summary);
    g_string_append_c(out, '\n');
}

static void write_words(const struct completion_command *command, GString *out)
{
    if (!command->values && command->kind == WORD_TEXT)
        return;
    append_condition(out, command->command->name);
    if (command->values)
        append_values(out, command->values);
    else
        g_string_append(out, command->kind == WORD_FILE ? " -F" : actions[command->kind]);
    g_string_append_c(out, '\n');
}

static void fish_write(const GPtrArray *described, GString *out)
{
    g_string_append(out, head);
    for (guint i = 0; i < described->len; i++) {
        const struct completion_command *command = g_ptr_array_index(described, i);
        const char *name = command->command->name;
        g_string_append_printf(out, "complete -c corewise -n __fish_use_subcommand -a %s -d ", name);
        completion_append_quoted(out, command->command->summary);
        g_string_append_c(out, '\n');
        for (guint k = 0; k < command->options->len; k++)
            write_option(name, g_ptr_array_index(command->options, k), out);
        write_words(command, out);
        if (command->runs_command)
            g_string_append_printf(
                out,
                "complete -c corewise -n '__fish_seen_subcommand_from %s; and __corewise_runs' -x -a "
                "'(__fish_complete_subcommand --fcs-skip=(contains -i -- -- (commandline -opc)))'\n",
                name);
    }
}

const struct shell fish_shell = {"fish", fish_write};
