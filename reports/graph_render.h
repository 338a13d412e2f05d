/* SPDX-License-Identifier: Apache-2.0 */
/* Errors of graph_render() (reports.h). */
#ifndef REPORTS_GRAPH_RENDER_H
#define REPORTS_GRAPH_RENDER_H

#include <glib.h>

#define GRAPH_ERROR graph_error_quark()
GQuark graph_error_quark(void);
enum graph_error {
    GRAPH_ERROR_KIND,   /* no such kind of graph */
    GRAPH_ERROR_TYPE,   /* no such output type */
    GRAPH_ERROR_DOT,    /* not DOT */
    GRAPH_ERROR_LAYOUT, /* Graphviz failed */
};

#endif
