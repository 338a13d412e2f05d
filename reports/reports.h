/* SPDX-License-Identifier: Apache-2.0 */
/* A session rendered as something to look at. Every output format is one const struct format in its own file,
 * listed in formats.c. Formats never print errors and never write outside `out`. */
#ifndef REPORTS_REPORTS_H
#define REPORTS_REPORTS_H

#include <glib.h>

#include "model/session.h"

struct report_options {
    gboolean colour;       /* ANSI colours, text only */
    gboolean all;          /* also rows that the report leaves out for brevity */
    int width;             /* columns of the terminal; 0 = no terminal: names in tables are whole */
    const char *link_base; /* optional, markdown: the address that names of files are added to */
    const char *table;     /* optional, csv: which one */
};

#define FORMAT_ERROR format_error_quark()
GQuark format_error_quark(void);
enum format_error {
    FORMAT_ERROR_TABLE,   /* no such table */
    FORMAT_ERROR_NOTHING, /* the session was made without what the format shows; the message says how to get
                             it */
};

struct format {
    const char *name;
    const char *summary;
    /* Appends the rendering to `out`, UTF-8 without control characters from hostile names, unless `binary`.
     * FALSE with `error` set when the session lacks what this format shows. */
    gboolean (*render)(const struct session *session, const struct report_options *options, GString *out,
                       GError **error);
    gboolean binary; /* bytes that are no text: not for a terminal */
};

extern const char *const csv_table_names[];  /* of report_options.table; NULL-terminated */
extern const struct format *const formats[]; /* NULL-terminated */
const struct format *format_find(const char *name);

/* --- graphs
 * ------------------------------------------------------------------------------------------------- */
/* Whose threads share a node of a graph. */
enum graph_grouping {
    GROUP_AUTO, /* by body as soon as there are too many to read */
    GROUP_THREAD,
    GROUP_BODY,
    GROUP_PROCESS,
    GRAPH_GROUPING_COUNT
};
extern const char *const graph_grouping_names[GRAPH_GROUPING_COUNT];

/* All zero is what most people want. */
struct graph_options {
    guint nodes_max;  /* what was waited for least is left out beyond; 0: as many as a page can hold */
    double threshold; /* 0 … 1: edges with a smaller part of the heaviest one's weight are left out */
    enum graph_grouping grouping;
    gboolean dark;      /* for a dark page */
    gboolean no_legend; /* remarks about what was left out stay */
    /* Optional: makes places links; `{file}` and `{line}` are replaced. Borrowed. */
    const char *source_url;
};

struct graph_kind {
    const char *name;
    const char *summary;
    /* Appends DOT text, the one description of the graph; when there is nothing to draw, a graph of one node
     * that says why. `options` may be NULL. */
    void (*write_dot)(const struct session *session, const struct graph_options *options, GString *out);
};

extern const struct graph_kind *const graph_kinds[]; /* NULL-terminated */
const struct graph_kind *graph_kind_find(const char *name);

/* Lays `dot` out and renders it as "svg", "png", "pdf" (libgvc) or passes it through as "dot". The bytes are
 * the caller's; NULL with `error` set when the format is unknown or Graphviz fails. */
GBytes *graph_render(const char *dot, const char *type, GError **error);

/* A graph to embed in a page: the `<svg>` element alone, UTF-8, without XML declaration, document type and
 * scripts; every name in it is escaped. `prefix` starts the ids of its elements, so that several graphs can
 * stand in one page. `options` may be NULL. The caller's to g_free; NULL with `error` set when there is no
 * such kind or Graphviz fails. */
char *graph_render_svg(const struct session *session, const char *kind, const struct graph_options *options,
                       const char *prefix, GError **error);

#endif
