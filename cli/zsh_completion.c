/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/completion.h"

static const char head[] = "#compdef corewise\n"
                           "# zsh completion for corewise; made by `corewise completion zsh`\n"
                           "_corewise() {\n"
                           "    local curcontext=$curcontext state line ret=1\n"
                           "    local -a commands\n"
                           "    _arguments -C '(- *)--help[show all commands]' '(- *)--version[show the "
                           "version]' '1:command:->command' "
                           "'*::argument:->argument' && ret=0\n"
                           "    if [[ $state == command ]]; then\n"
                           "        commands=(\n";

static const char middle[] = "        )\n"
                             "        _describe -t commands command commands && ret=0\n"
                             "        return ret\n"
                             "    fi\n"
                             "    curcontext=${curcontext%:*}-$line[1]:\n"
                             "    case $line[1] in\n";

static const char tail[] =
    "    esac\n"
    "    return ret\n"
    "}\n"
    "[[ $funcstack[1] == _corewise ]] && _corewise \"$@\" || compdef _corewise corewise\n";

static const char *const actions[] = {[WORD_TEXT] = " ",
                                      [WORD_FILE] = "_files",
                                      [WORD_SESSION] = "_files -g \"*.cw\"",
                                      [WORD_FOLDER] = "_files -/",
                                      [WORD_PROCESS] = "_pids"};

/* Text inside of a spec of _arguments, where colons and brackets mean something. */
static void append_spec_text(GString *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'') {
            g_string_append(out, "’");
            continue;
        }
        if (strchr(":[]\\", *text))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
}

static void append_action(GString *out, char *const *values, enum word_kind kind)
{
    g_autofree char *joined = values ? g_strjoinv(" ", (char **)values) : NULL;
    if (joined)
        g_string_append_printf(out, "(%s)", joined);
    else
        g_string_append(out, actions[kind]);
}

static void write_option(const struct completion_option *option, GString *out)
{
    const char *mark = !option->argument ? "" : option->optional ? "=-" : "=";
    g_string_append(out, " \\\n            ");
    if (option->letter)
        g_string_append_printf(out, "'(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, option->name,
                               option->letter, option->argument ? "+" : "", option->name, mark);
    else
        g_string_append_printf(out, "'--%s%s[", option->name, mark);
    append_spec_text(out, option->summary);
    g_string_append_c(out, ']');
    if (option->argument) {
        g_string_append(out, option->optional ? "::" : ":");
        append_spec_text(out, option->argument);
        g_string_append_c(out, ':');
        append_action(out, option->values, option->kind);
    }
    g_string_append_c(out, '\'');
}

static void write_command(const struct completion_command *command, GString *out)
{
    g_string_append_printf(out, "    %s)\n        _arguments -s -S '(- *)'{-h,--help}'[show the options]'",
                           command->command->name);
    for (guint i = 0; i < command->options->len; i++)
        write_option(g_ptr_array_index(command->options, i), out);
    if (command->runs_command) /* what stands behind `--` is completed as a command of its own */
        g_string_append(out, " \\\n            '*::command:= _normal'");
    else if (command->values || command->kind != WORD_TEXT) {
        g_string_append(out, " \\\n            '*:argument:");
        append_action(out, command->values, command->kind);
        g_string_append_c(out, '\'');
    }
    g_string_append(out, " && ret=0\n        ;;\n");
}

static void zsh_write(const GPtrArray *described, GString *out)
{
    g_string_append(out, head);
    for (guint i = 0; i < described->len; i++) {
        const struct completion_command *command = g_ptr_array_index(described, i);
        g_string_append_printf(out, "            '%s:", command->command->name);
        append_spec_text(out, command->command->summary);
        g_string_append(out, "'\n");
    }
    g_string_append(out, middle);
    for (guint i = 0; i < described->len; i++)
        write_command(g_ptr_array_index(described, i), out);
    g_string_append(out, tail);
}

const struct shell zsh_shell = {"zsh", zsh_write};
