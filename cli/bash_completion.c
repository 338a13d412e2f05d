/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/completion.h"

/* Works with and without the bash-completion package. Bash parts words at `=`: `--format=te` arrives as
 * three. */
static const char head[] =
    "# bash completion for corewise; made by `corewise completion bash`\n"
    "_corewise() {\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} "
    "command=${COMP_WORDS[1]} i\n"
    "    local options= values= kind= words=\n"
    "    COMPREPLY=()\n"
    "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "        COMPREPLY=($(compgen -W \"$(_corewise_commands) --help --version\" -- \"$current\"))\n"
    "        return\n"
    "    fi\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        [ \"${COMP_WORDS[i]}\" = -- ] || continue\n"
    "        if _corewise_runs \"$command\" && declare -F _command_offset >/dev/null; then\n"
    "            _command_offset $((i + 1))\n"
    "        elif _corewise_runs \"$command\" && [ \"$COMP_CWORD\" -eq $((i + 1)) ]; then\n"
    "            COMPREPLY=($(compgen -c -- \"$current\"))\n"
    "        else\n"
    "            compopt -o filenames 2>/dev/null\n"
    "            COMPREPLY=($(compgen -f -- \"$current\"))\n"
    "        fi\n"
    "        return\n"
    "    done\n"
    "    if [ \"$current\" = = ]; then\n"
    "        current=\n"
    "    elif [ \"$option\" = = ]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    _corewise_tables \"$command\" \"$option\"\n"
    "    if [[ $current == -* && -z $kind ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
    "        return\n"
    "    fi\n"
    "    [ -n \"$kind\" ] || { kind=${words%%:*}; values=${words#*:}; }\n"
    "    case $kind in\n"
    "    values) COMPREPLY=($(compgen -W \"$values\" -- \"$current\")) ;;\n"
    "    files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$current\")) ;;\n"
    "    folders) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- \"$current\")) ;;\n"
    "    sessions)\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        COMPREPLY=($(compgen -f -X '!*.cw' -- \"$current\") $(compgen -d -- \"$current\"))\n"
    "        ;;\n"
    "    processes) COMPREPLY=($(compgen -W \"$(cd /proc && echo [0-9]*)\" -- \"$current\")) ;;\n"
    "    esac\n"
    "}\n";

static const char *const kind_words[] = {[WORD_TEXT] = "text",
                                         [WORD_FILE] = "files",
                                         [WORD_SESSION] = "sessions",
                                         [WORD_FOLDER] = "folders",
                                         [WORD_PROCESS] = "processes"};

static void write_options(const struct completion_command *command, GString *out)
{
    g_string_append(out, "        options='");
    for (guint i = 0; i < command->options->len; i++) {
        const struct completion_option *option = g_ptr_array_index(command->options, i);
        g_string_append_printf(out, "--%s ", option->name);
    }
    g_string_append(out, "--help'\n");
}

static void write_arguments(const struct completion_command *command, GString *out)
{
    g_string_append(out, "        case $2 in\n");
    for (guint i = 0; i < command->options->len; i++) {
        const struct completion_option *option = g_ptr_array_index(command->options, i);
        if (!option->argument)
            continue;
        g_string_append_printf(out, "        --%s", option->name);
        if (option->letter)
            g_string_append_printf(out, " | -%c", option->letter);
        g_autofree char *values = option->values ? g_strjoinv(" ", option->values) : NULL;
        g_string_append_printf(out, ") kind=%s values=", values ? "values" : kind_words[option->kind]);
        completion_append_quoted(out, values ? values : "");
        g_string_append(out, " ;;\n");
    }
    g_string_append(out, "        esac\n");
}

static void bash_write(const GPtrArray *described, GString *out)
{
    g_string_append(out, head);
    g_string_append(out, "_corewise_commands() {\n    echo");
    for (guint i = 0; i < described->len; i++)
        g_string_append_printf(
            out, " %s", ((const struct completion_command *)g_ptr_array_index(described, i))->command->name);
    g_string_append(out, "\n}\n_corewise_runs() {\n    case $1 in\n");
    for (guint i = 0; i < described->len; i++) {
        const struct completion_command *command = g_ptr_array_index(described, i);
        if (command->runs_command)
            g_string_append_printf(out, "    %s) return 0 ;;\n", command->command->name);
    }
    g_string_append(
        out, "    *) return 1 ;;\n    esac\n}\n"
             "# Sets options, and kind and values of what an option takes, and words: of what stands alone.\n"
             "_corewise_tables() {\n    case $1 in\n");
    for (guint i = 0; i < described->len; i++) {
        const struct completion_command *command = g_ptr_array_index(described, i);
        g_autofree char *values = command->values ? g_strjoinv(" ", command->values) : NULL;
        g_string_append_printf(out, "    %s)\n        words=", command->command->name);
        g_autofree char *words =
            g_strdup_printf("%s:%s", values ? "values" : kind_words[command->kind], values ? values : "");
        completion_append_quoted(out, words);
        g_string_append_c(out, '\n');
        write_options(command, out);
        write_arguments(command, out);
        g_string_append(out, "        ;;\n");
    }
    g_string_append(out, "    esac\n}\ncomplete -F _corewise corewise\n");
}

const struct shell bash_shell = {"bash", bash_write};
