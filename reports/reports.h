/* SPDX-License-Identifier: Apache-2.0 */
/* A session rendered as something to look at. Every output format is one const struct format in its own file,
 * listed in formats.c. Formats never print errors and never write outside `out`. */
#ifndef REPORTS_REPORTS_H
#define REPORTS_REPORTS_H

#include <glib.h>

#include "model/session.h"

struct report_options {
    gboolean colour; /* ANSI colours, text only */
    gboolean all;    /* also rows that the report leaves out for brevity */
    int width;       /* columns of the terminal; 0 = no terminal: names in tables are whole */
};

struct format {
    const char *name;
    const char *summary;
    /* Appends the rendering to `out`, UTF-8 without control characters from hostile names. */
    gboolean (*render)(const struct session *session, const struct report_options *options, GString *out,
                       GError **error);
};

extern const struct format *const formats[]; /* NULL-terminated */
const struct format *format_find(const char *name);

/* --- graphs
 * ------------------------------------------------------------------------------------------------- */
struct graph_kind {
    const char *name;
    const char *summary;
    /* Appends DOT text, the one description of the graph; NULL edges are an empty graph with a caption that
     * says so. */
    void (*write_dot)(const struct session *session, GString *out);
};

extern const struct graph_kind *const graph_kinds[]; /* NULL-terminated */
const struct graph_kind *graph_kind_find(const char *name);

/* Lays `dot` out and renders it as "svg", "png", "pdf" (libgvc) or passes it through as "dot". The bytes are
 * the caller's; NULL with `error` set when the format is unknown or Graphviz fails. */
GBytes *graph_render(const char *dot, const char *type, GError **error);

#endif
