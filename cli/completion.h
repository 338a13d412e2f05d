/* SPDX-License-Identifier: Apache-2.0 */
/* What shells are told of the command line, gathered from the tables that parse it; one file per shell writes
 * it down. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "cli/command.h"

enum word_kind { WORD_TEXT, WORD_FILE, WORD_SESSION, WORD_FOLDER, WORD_PROCESS };

struct completion_option {
    const char *name; /* without dashes */
    char letter;      /* or 0 */
    const char *summary;
    const char *argument; /* how help names it; NULL: takes none */
    gboolean optional;    /* the argument, which then follows a `=` */
    enum word_kind kind;  /* what it is when there are no values */
    char **values;        /* optional: the known ones; owned */
};

struct completion_command {
    const struct command *command;
    GPtrArray *options;    /* struct completion_option */
    enum word_kind kind;   /* of words that are no options */
    char **values;         /* optional: known ones; owned */
    gboolean runs_command; /* behind `--` stands a command line of its own */
};

struct shell {
    const char *name;
    void (*write)(const GPtrArray *described, GString *out); /* struct completion_command */
};

extern const struct shell bash_shell, zsh_shell, fish_shell;

/* `text` within single quotes, for all three shells; no newlines in it. */
void completion_append_quoted(GString *out, const char *text);

#endif
