/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

#include <string.h>

#include "analyzer/rules/rule.h"
#include "cli/explanations.h"
#include "cli/options.h"
#include "cli/output.h"
#include "reports/difference_report.h"
#include "reports/reports.h"

static const struct shell *const shells[] = {&bash_shell, &zsh_shell, &fish_shell, NULL};

/* --- known values ------------------------------------------------------------------------------------------
 */

static char **take_strings(GPtrArray *names)
{
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

static char **format_names(void)
{
    GPtrArray *names = g_ptr_array_new();
    for (const struct format *const *format = formats; *format; format++)
        g_ptr_array_add(names, g_strdup((*format)->name));
    return take_strings(names);
}

static char **difference_names(void)
{
    GPtrArray *names = g_ptr_array_new();
    for (const struct difference_format *format = difference_formats; format->name; format++)
        g_ptr_array_add(names, g_strdup(format->name));
    return take_strings(names);
}

static char **graph_names(void)
{
    GPtrArray *names = g_ptr_array_new();
    for (const struct graph_kind *const *kind = graph_kinds; *kind; kind++)
        g_ptr_array_add(names, g_strdup((*kind)->name));
    return take_strings(names);
}

static char **known_rules(void)
{
    g_autofree const char **names = rule_names();
    return g_strdupv((char **)names);
}

static char **explained_names(void)
{
    GPtrArray *names = g_ptr_array_new();
    for (const struct explanation *each = explanations; each->name; each++)
        g_ptr_array_add(names, g_strdup(each->name));
    for (const struct rule *const *rule = rules; *rule; rule++)
        g_ptr_array_add(names, g_strdup((*rule)->name));
    return take_strings(names);
}

static char **table_names(void)
{
    return g_strdupv((char **)csv_table_names);
}

static char **shell_names(void)
{
    GPtrArray *names = g_ptr_array_new();
    for (const struct shell *const *shell = shells; *shell; shell++)
        g_ptr_array_add(names, g_strdup((*shell)->name));
    return take_strings(names);
}

/* The first row that fits: names of tables, for an option or (NULL) for the words of a command. */
static const struct {
    const char *command; /* NULL: any */
    const char *option;
    char **(*values)(void);
} known_values[] = {
    {"diff", "format", difference_names}, {NULL, "format", format_names}, {NULL, "table", table_names},
    {"graph", "kind", graph_names},       {"lint", "rules", known_rules}, {"explain", NULL, explained_names},
    {"completion", NULL, shell_names},
};

/* `argument` may list the values itself: "error|warning|note". */
static char **values_of(const char *command, const char *option, const char *argument)
{
    if (argument && strchr(argument, '|'))
        return g_strsplit(argument, "|", -1);
    for (guint i = 0; i < G_N_ELEMENTS(known_values); i++) {
        if ((!known_values[i].command || strcmp(known_values[i].command, command) == 0) &&
            g_strcmp0(known_values[i].option, option) == 0)
            return known_values[i].values();
    }
    return NULL;
}

/* By the word that help shows for it. */
static enum word_kind kind_of(const char *shown)
{
    return strstr(shown, ".cw")                              ? WORD_SESSION
           : strstr(shown, "FILE") || strstr(shown, "PATH")  ? WORD_FILE
           : strstr(shown, "DIR") || strstr(shown, "FOLDER") ? WORD_FOLDER
           : strstr(shown, "PID")                            ? WORD_PROCESS
                                                             : WORD_TEXT;
}

/* --- the tables --------------------------------------------------------------------------------------------
 */

static void option_free(gpointer data)
{
    struct completion_option *option = data;
    g_strfreev(option->values);
    g_free(option);
}

static void command_free(gpointer data)
{
    struct completion_command *command = data;
    g_ptr_array_unref(command->options);
    g_strfreev(command->values);
    g_free(command);
}

static struct completion_option *describe_option(const struct command *command, const GOptionEntry *entry)
{
    struct completion_option *option = g_new0(struct completion_option, 1);
    option->name = entry->long_name;
    option->letter = entry->short_name;
    option->summary = entry->description;
    if (entry->arg == G_OPTION_ARG_NONE)
        return option;
    option->argument = entry->arg_description ? entry->arg_description : "VALUE";
    option->optional = (entry->flags & G_OPTION_FLAG_OPTIONAL_ARG) != 0;
    option->values = values_of(command->name, option->name, option->argument);
    option->kind = kind_of(option->argument);
    return option;
}

static struct completion_command *describe_command(const struct command *command)
{
    struct completion_command *described = g_new0(struct completion_command, 1);
    const char *usage = command->usage ? command->usage : "";
    g_autofree char *words = g_strndup(usage, strcspn(usage, "-"));
    described->command = command;
    described->options = g_ptr_array_new_with_free_func(option_free);
    described->values = values_of(command->name, NULL, NULL);
    described->kind = kind_of(words);
    described->runs_command = strstr(usage, "-- COMMAND") || strstr(usage, "-- PROGRAM");
    g_autoptr(GArray) entries = options_of(command);
    for (guint i = 0; i < entries->len; i++)
        g_ptr_array_add(described->options,
                        describe_option(command, &g_array_index(entries, GOptionEntry, i)));
    return described;
}

void completion_append_quoted(GString *out, const char *text)
{
    g_string_append_c(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            g_string_append(out, "’"); /* shells disagree on how to escape it */
        else
            g_string_append_c(out, *text);
    }
    g_string_append_c(out, '\'');
}

static const struct shell *find_shell(const char *name)
{
    for (const struct shell *const *shell = shells; *shell; shell++) {
        if (strcmp((*shell)->name, name) == 0)
            return *shell;
    }
    return NULL;
}

static int completion_run(int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {{NULL}};
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) rest = NULL;
    if (!options_parse(&completion_command, argc, argv, entries, &words, &rest, error))
        return STATUS_USAGE;
    const struct shell *shell = g_strv_length(words) == 1 && !rest ? find_shell(words[0]) : NULL;
    if (!shell) {
        g_set_error(error, OPTIONS_ERROR, 0, "completion takes the name of one shell: bash, zsh or fish");
        return STATUS_USAGE;
    }
    g_autoptr(GPtrArray) described = g_ptr_array_new_with_free_func(command_free);
    for (const struct command *const *command = commands; *command; command++)
        g_ptr_array_add(described, describe_command(*command));
    g_autoptr(GString) script = g_string_new(NULL);
    shell->write(described, script);
    return output_write(NULL, script->str, script->len, error) ? STATUS_CLEAN : STATUS_COULD_NOT_RUN;
}

const struct command completion_command = {
    .name = "completion",
    .usage = "bash|zsh|fish",
    .summary = "print what makes a shell complete command lines of corewise",
    .run = completion_run,
};
