/* SPDX-License-Identifier: Apache-2.0 */
/* What to watch, as the command line of trace and top says it: processes, a name, a cgroup or a command. */
#ifndef CLI_TARGET_ARGUMENTS_H
#define CLI_TARGET_ARGUMENTS_H

#include <glib.h>

#include "cli/tracing.h"

/* Zero-initialise, then clear. */
struct target_arguments {
    char **pid_lists; /* each `PID` or `PID,PID,…` */
    GArray *pids;     /* int, ended by 0; after the check */
    char *name, *cgroup;
};
/* Appends their entries to `entries` (GOptionEntry, not terminated). */
void target_arguments_add(struct target_arguments *target, GArray *entries);
void target_arguments_clear(struct target_arguments *target);

/* Exactly one way to name a target, and no `words`. FALSE with OPTIONS_ERROR set; `command_name` is for its
 * text. */
gboolean target_arguments_check(struct target_arguments *target, const char *command_name, char **words,
                                char **command, GError **error);
/* Lets a trace watch them, for as long as both live; after the check. */
void target_arguments_watch(const struct target_arguments *target, struct tracing_arguments *tracing);

#endif
