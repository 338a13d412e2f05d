/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of the form `[options] [words] [-- rest]`. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <glib.h>

#include "analyzer/analyzer.h"
#include "cli/command.h"

/* A wrong command line: main adds a hint to --help and exits with STATUS_USAGE. */
#define OPTIONS_ERROR options_error_quark()
GQuark options_error_quark(void);

/* Parses the options of `command` and prints its help when asked for (and then exits). *words gets what
 * stands before
 * `--` and is no option, *rest what stands behind it, both NULL-terminated and the caller's to g_strfreev;
 * *rest is NULL without `--`. FALSE with OPTIONS_ERROR set when the line is wrong. */
gboolean options_parse(const struct command *command, int argc, char **argv, const GOptionEntry *entries,
                       char ***words, char ***rest, GError **error);

/* The options of a command (GOptionEntry, without --help), as it hands them to options_parse. Their strings
 * are static, what they fill is gone. The caller unrefs. */
GArray *options_of(const struct command *command);

/* The options that analyze and check share, with the values they fill; zero-initialise, then clear. */
struct analysis_arguments {
    char *build_dir, *root;
    char *costs; /* file of host costs; NULL: what calibrate has kept, else defaults */
    char **effects;
    gboolean keep_going, no_cache;
    int jobs;                 /* 0: as many as there are cores */
    const char *const *rules; /* borrowed; as in struct analyze_options */
    gboolean only_findings, findings_too;
};
/* Appends their entries to `entries` (GOptionEntry, not terminated). */
void analysis_arguments_add(struct analysis_arguments *arguments, GArray *entries);
void analysis_arguments_clear(struct analysis_arguments *arguments);

/* Runs the analysis with progress on a terminal and prints `N of M units analysed` and the failed units to
 * stderr. `paths` and `flags` as in struct analyze_options. */
gboolean analysis_run(const struct analysis_arguments *arguments, const char *const *paths,
                      const char *const *flags, const char *program_name, struct session *session,
                      GError **error);

#endif
