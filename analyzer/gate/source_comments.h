/* SPDX-License-Identifier: Apache-2.0 */
/* Comments of C sources, and the lines of code around them. */
#ifndef ANALYZER_GATE_SOURCE_COMMENTS_H
#define ANALYZER_GATE_SOURCE_COMMENTS_H

#include <glib.h>

struct source_line {
    gboolean has_code;    /* something that is neither blank, comment nor preprocessor directive */
    gboolean conditional; /* between #if and #endif: perhaps not compiled */
    gboolean ends;        /* holds a `;`, `{` or `}` outside parentheses: a statement or head is complete */
};

/* One line of a comment, without its delimiters and the blanks and stars before it. */
struct comment_line {
    const char *text; /* in the source, not terminated */
    gsize length;
    int line, column;
};

struct source_comments {
    GArray *lines;    /* struct source_line; index 0 is line 1 */
    GArray *comments; /* struct comment_line, in order */
};

/* `text` must outlive what is returned; any bytes are accepted. Trigraphs, spliced `//` comments and
 * directives that go on over lines are read as written. */
struct source_comments *source_comments_read(const char *text, gsize length);
void source_comments_free(struct source_comments *comments);

/* Line 1 … lines->len; outside, a line without code. */
struct source_line source_comments_line(const struct source_comments *comments, int line);

#endif
