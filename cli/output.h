/* SPDX-License-Identifier: Apache-2.0 */
/* Where results go: a report in the chosen format to stdout or a file, and the session file. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <glib.h>

#include "model/session.h"
#include "reports/reports.h"

/* The options that every command with a report shares; zero-initialise, then clear. */
struct output_arguments {
    char *format;            /* name from the format table; NULL = text */
    char *report;            /* file for the report; NULL or "-" = stdout */
    char *session;           /* file to keep the session in; NULL = none */
    char *table, *link_base; /* as in struct report_options */
    gboolean all;
};
void output_arguments_add(struct output_arguments *arguments, GArray *entries);
void output_arguments_clear(struct output_arguments *arguments);

/* Refuses an unknown format or a place that cannot be written before any work is done. */
gboolean output_check(const struct output_arguments *arguments, GError **error);

/* Renders the session in the chosen format to the chosen place. A report that would vanish in /dev/null
 * because the traced command's output is thrown away goes to stderr. */
gboolean output_report(const struct output_arguments *arguments, const struct session *session,
                       GError **error);

/* Writes `stages` of the session to arguments->session when there is one. */
gboolean output_session(const struct output_arguments *arguments, const struct session *session,
                        unsigned stages, GError **error);

/* Renders a graph of `kind` to `file`; the type follows from its ending (.svg, .png, .pdf, .dot, .gv) unless
 * `type` is given. "-" is stdout; `options` may be NULL. */
gboolean output_graph(const struct session *session, const char *kind, const struct graph_options *options,
                      const char *type, const char *file, GError **error);

/* How a report for `file` (as in output_write) looks: where that is stdout, coloured and as wide as the
 * terminal.
 */
struct report_options output_look(const char *file);
/* The columns of the terminal that stdout is, 0 without one. */
int output_width(void);
/* Whether NO_COLOR says so. */
gboolean output_forbids_colour(void);

/* Writes all of `bytes` to `file`, or to stdout for NULL and "-". */
gboolean output_write(const char *file, const void *bytes, gsize size, GError **error);

#endif
