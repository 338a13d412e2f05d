/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of corewise: one const struct command per file, listed once in main.c. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <glib.h>

/* Scripts rely on these (DESIGN: Commands). */
enum exit_status {
    STATUS_CLEAN = 0,
    STATUS_FINDINGS = 1,      /* findings or refuted predictions at or above --fail-on */
    STATUS_USAGE = 2,         /* wrong command line */
    STATUS_COULD_NOT_RUN = 3, /* the job could not be done */
};

struct command {
    const char *name;
    const char *usage;   /* what follows the name: "[-p BUILD_DIR] [PATH…]" */
    const char *summary; /* one line */
    /* argv[0] is the command's name. Returns an enum exit_status, or the status of a traced program. On
     * failure `error` is set and main prints it; options.h's OPTIONS_ERROR makes the status STATUS_USAGE. */
    int (*run)(int argc, char **argv, GError **error);
};

extern const struct command *const commands[]; /* NULL-terminated; defined in main.c */

extern const struct command analyze_command, trace_command, check_command, report_command, graph_command,
    explain_command, doctor_command, calibrate_command, diff_command, lint_command, compare_command,
    top_command, completion_command;

#endif
