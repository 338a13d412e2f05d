/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/options.h"

const struct command *const commands[] = {
    &analyze_command,    &lint_command,
    &trace_command,      &top_command,
    &check_command,      &report_command,
    &graph_command,      &calibrate_command,
    &compare_command,    &diff_command,
    &explain_command,    &doctor_command,
    &completion_command, NULL,
};

static void print_help(FILE *stream)
{
    fputs("corewise reads a C program, says for each part whether it is CPU-, I/O- or lock-bound and which\n"
          "concurrency model fits it, then watches it run with eBPF and says whether that was true.\n\n"
          "Usage: corewise COMMAND [OPTIONS]\n\nCommands:\n",
          stream);
    for (const struct command *const *command = commands; *command; command++)
        fprintf(stream, "  %-10s %s\n", (*command)->name, (*command)->summary);
    fputs("\n  corewise COMMAND --help shows the options of a command, corewise --version the version.\n\n"
          "Exit status: 0 clean, 1 findings or refuted predictions, 2 wrong usage, 3 could not run.\n",
          stream);
}

static const struct command *find_command(const char *name)
{
    for (const struct command *const *command = commands; *command; command++) {
        if (g_strcmp0((*command)->name, name) == 0)
            return *command;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* YAML and JSON know one decimal point */
    if (argc < 2) {
        print_help(stderr);
        return STATUS_USAGE;
    }
    if (g_strcmp0(argv[1], "--help") == 0 || g_strcmp0(argv[1], "-h") == 0 ||
        g_strcmp0(argv[1], "help") == 0) {
        print_help(stdout);
        return STATUS_CLEAN;
    }
    if (g_strcmp0(argv[1], "--version") == 0) {
        puts("corewise " COREWISE_VERSION);
        return STATUS_CLEAN;
    }
    const struct command *command = find_command(argv[1]);
    if (!command) {
        g_autofree char *message =
            g_strdup_printf("unknown command %s; corewise --help lists the commands", argv[1]);
        message_print(message);
        return STATUS_USAGE;
    }
    g_autoptr(GError) error = NULL;
    int status = command->run(argc - 1, argv + 1, &error);
    if (!error)
        return status;
    message_print(error->message);
    return error->domain == OPTIONS_ERROR ? STATUS_USAGE : STATUS_COULD_NOT_RUN;
}
