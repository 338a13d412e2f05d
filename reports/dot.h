/* SPDX-License-Identifier: Apache-2.0 */
/* DOT text, the one description of a graph: what all kinds of graphs have in common. Text arguments are raw
 * names, as recorded; everything is escaped here. Node names are plain identifiers that the caller makes up
 * (`thread1`), so that no name of the program can end up outside of a quoted string. */
#ifndef REPORTS_DOT_H
#define REPORTS_DOT_H

#include <glib.h>

/* Starts a left-to-right graph that carries its own light ground, so that it reads the same on any page.
 * `caption` stands above it, `legend` below (lines separated by \n; both optional). */
void dot_begin(GString *out, const char *name, const char *caption, const char *legend);
void dot_end(GString *out);

/* ` [` … `];` around the attributes of a node or an edge. */
void dot_begin_node(GString *out, const char *name);
void dot_begin_edge(GString *out, const char *tail, const char *head);
void dot_end_attributes(GString *out);

/* One `key="value" `. The lines of _lines are NULL-terminated; each is shortened to 48 columns and centred.
 */
void dot_text(GString *out, const char *key, const char *text);
void dot_lines(GString *out, const char *key, const char *const *lines);
void dot_number(GString *out, const char *key, double value);

/* Colour and width of an edge that stands for `seconds` of waiting, beside the longest of the graph: one hue,
 * darker and thicker with time, so that it needs no colour vision. */
void dot_edge_weight(GString *out, double seconds, double longest);

#endif
