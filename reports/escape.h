/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile names made harmless. Names of threads, files, locks and commands come from the watched program and
 * may hold anything; every report passes them through here. Input may be invalid UTF-8 or NULL (an empty
 * string). */
#ifndef REPORTS_ESCAPE_H
#define REPORTS_ESCAPE_H

#include <glib.h>

/* Printable UTF-8 on one line: invalid bytes become U+FFFD; control, format (bidirectional overrides among
 * them) and line separator characters become visible as \n, \t, \x1b or \u202e. The string is the caller's.
 */
char *escape_text(const char *text);

/* The inside of a double-quoted DOT string, for labels and tooltips: escape_text, then backslash, quote and
 * ampersand so that Graphviz shows the text as it is (its labels know escapes and HTML entities). */
void escape_append_dot(GString *out, const char *text);

/* Markdown (CommonMark, GitHub, GitLab) that shows the text as it is, inside of a line: no markup, HTML,
 * link, mention (@name) or reference (#12) comes of it. */
void escape_append_markdown(GString *out, const char *text);
/* The same inside of an HTML element, where Markdown's own marks are plain characters. */
void escape_append_markdown_element(GString *out, const char *text);

/* A JSON string with its quotes. Unlike escape_text nothing is lost: control and format characters become
 * \u001b. */
void escape_append_json(GString *out, const char *text);

#endif
