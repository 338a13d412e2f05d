/* SPDX-License-Identifier: Apache-2.0 */
/* Which findings of a lint count: the project's settings, what was known before, and what a change touches.
 */
#ifndef CLI_GATE_H
#define CLI_GATE_H

#include "analyzer/gate/configuration.h"
#include "cli/options.h"

/* The options of the gate; zero-initialise, then clear. */
struct gate_arguments {
    char *configuration, *baseline, *changed_since;
    gboolean no_configuration, write_baseline;
};
/* The options that only read; --write-baseline is lint's own. */
void gate_arguments_add(struct gate_arguments *arguments, GArray *entries);
void gate_arguments_clear(struct gate_arguments *arguments);

/* FALSE with OPTIONS_ERROR set when the options contradict each other. */
gboolean gate_check(const struct gate_arguments *arguments, GError **error);

/* Finds and reads the project's settings: *configuration gets them, or NULL when there are none. They are
 * looked for in the folder of the first of `paths`, else of the database, and in those above, then likewise
 * from the current folder. */
gboolean gate_configure(const struct gate_arguments *arguments, const struct analysis_arguments *analysis,
                        char **paths, struct configuration **configuration, GError **error);

/* What the command line leaves open, the settings say: the root and further effects. */
void gate_adopt(const struct configuration *configuration, struct analysis_arguments *analysis);

/* Removes the findings that do not count, tells on stderr of baseline entries that are no more, and writes
 * the baseline when asked to. `ran`: the names of the rules that were at work; NULL when units were missing,
 * so that nothing can be said to be fixed. */
gboolean gate_apply(const struct gate_arguments *arguments, const char *const *ran, struct session *session,
                    GError **error);

/* `2 errors, 3 warnings, 1 suppressed` on stderr. */
void gate_print_summary(const struct session *session, guint hidden_notes);

#endif
