/* SPDX-License-Identifier: Apache-2.0 */
/* Source to regions, locks, advice and predictions. */
#ifndef ANALYZER_ANALYZER_H
#define ANALYZER_ANALYZER_H

#include <glib.h>

#include "model/session.h"

#define ANALYZER_ERROR analyzer_error_quark()
GQuark analyzer_error_quark(void);
enum analyzer_error {
    ANALYZER_ERROR_DATABASE, /* compile_commands.json missing, truncated, or empty */
    ANALYZER_ERROR_INPUT,    /* a named file or effects file is missing or wrong */
    ANALYZER_ERROR_COSTS,    /* a file of host costs is missing, wrong, or of another machine */
    ANALYZER_ERROR_UNITS,    /* no unit, or (without keep_going) not every unit, could be analysed */
};

struct analyze_options {
    const char *build_dir; /* folder of compile_commands.json; NULL with `flags` */
    const char *const
        *paths; /* optional: only units whose file is one of these or below one of these folders */
    const char *const *flags;   /* compiler flags for `paths` when there is no database; NULL otherwise */
    const char *root;           /* project root; NULL = longest common folder of the units */
    const char *program_name;   /* NULL = folder name of the root */
    const char *const *effects; /* optional: further effects files */
    const char *const *rules;   /* names of the rules to run; NULL: all */
    gboolean only_findings;     /* findings instead of regions, advice and predictions */
    gboolean findings_too;      /* findings beside regions, advice and predictions */
    const struct host *host;    /* optional: measured costs and cores (host_file.h); NULL = defaults */
    gboolean keep_going;        /* units that fail do not fail the analysis */
    gboolean no_cache;          /* parse every unit, and remember nothing for the next run */
    guint units_at_once;        /* worker processes; 0 = the cores that affinity and quota grant */
    double unit_seconds;        /* wall time that one unit may take to parse; 0 = 120 */
    /* Optional: called before the first unit is parsed and after each but the last; `file` is being parsed,
     * and valid during the call. */
    void (*progress)(const char *file, guint done, guint total, gpointer data);
    gpointer progress_data;
};

/* Adds the analysis to an empty `session`: program, root, units, regions, locks, findings, advice,
 * predictions. Units that fail are in session->units with their error also when FALSE is returned. */
gboolean analyze(const struct analyze_options *options, struct session *session, GError **error);

/* `N of M units analysed`, for messages. */
char *analyze_summary(const struct session *session);

#endif
