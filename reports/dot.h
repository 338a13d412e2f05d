/* SPDX-License-Identifier: Apache-2.0 */
/* DOT text, the one description of a graph: what all kinds of graphs have in common. Text arguments are raw
 * names, as recorded; everything is escaped here. Node names are plain identifiers that the caller makes up
 * (`thread1`), so that no name of the program can end up outside of a quoted string. */
#ifndef REPORTS_DOT_H
#define REPORTS_DOT_H

#include <glib.h>

#include "reports/dot_theme.h"
#include "reports/reports.h"

/* One graph that is being written; dot_init, then dot_begin … dot_end, then dot_clear. */
struct dot {
    GString *out; /* borrowed */
    const struct graph_options *options;
    const struct dot_theme *theme;
    GString *legend; /* HTML-like rows */
    gboolean is_map; /* too many nodes for labels everywhere: points, and words for what matters most */
};

/* `options` may be NULL. `nodes` is how many there will be: it decides between a layered graph and a map. */
void dot_init(struct dot *dot, GString *out, const struct graph_options *options, guint nodes);
void dot_clear(struct dot *dot);

/* Rows below the graph, before dot_begin: what a sign in a colour means, and a remark, which is shown even
 * where the legend is not wanted. */
void dot_legend(struct dot *dot, const char *sign, const char *colour, const char *text);
void dot_remark(struct dot *dot, const char *text);

/* Starts a graph that carries its own ground. `caption` stands above it. */
void dot_begin(struct dot *dot, const char *name, const char *caption);
void dot_end(struct dot *dot);

/* ` [` … `];` around the attributes of a node or an edge. */
void dot_begin_node(struct dot *dot, const char *name);
void dot_begin_edge(struct dot *dot, const char *tail, const char *head);
void dot_end_attributes(struct dot *dot);

/* One `key="value" `. The lines of _lines are NULL-terminated; each is shortened to 48 columns and centred. A
 * tip is shown when the pointer rests on the edge, or on its label. */
void dot_text(struct dot *dot, const char *key, const char *text);
void dot_lines(struct dot *dot, const char *key, const char *const *lines);
void dot_number(struct dot *dot, const char *key, double value);
void dot_tip(struct dot *dot, const char *text);

/* The colours and shape of a thread. */
void dot_thread_look(struct dot *dot);

/* In a map: a point sized by `share` (0 … 1) of the heaviest, with its label only when `is_named`. */
void dot_point(struct dot *dot, double share, gboolean is_named);

/* Makes the thing a link to a source line, when the options tell how and there is a file. */
void dot_source_link(struct dot *dot, const char *file, int line);

/* Style, colour and width of an edge that stands for `seconds` of waiting, beside the longest of the graph:
 * one hue, darker (on a dark ground brighter) and thicker with time, so that it needs no colour vision.
 * `colour` is taken instead of the ramp's unless it is NULL. */
void dot_edge_look(struct dot *dot, const char *style, double seconds, double longest, const char *colour);

/* A graph of one node that says why there is nothing to draw. */
void dot_empty(struct dot *dot, const char *text);

#endif
