/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of headings, lines, paragraphs and tables: for a terminal (wrapped, columns aligned by display
 * width), or marked up in another way. */
#ifndef REPORTS_TEXT_PAGE_H
#define REPORTS_TEXT_PAGE_H

#include "reports/reports.h"

enum text_style { TEXT_PLAIN, TEXT_BOLD, TEXT_DIM, TEXT_GOOD, TEXT_BAD, TEXT_DOUBT };

struct text_markup;

struct text_page {
    GString *out; /* borrowed */
    gboolean colour;
    gboolean all;                     /* also rows that are left out for brevity */
    int width;                        /* columns for prose, at least 60 */
    int table_width;                  /* columns for tables: those of the terminal, or without limit */
    const struct text_markup *markup; /* NULL: for a terminal */
};

/* A page for a terminal as wide as `options` (may be NULL) say, and for prose of a good length otherwise. */
struct text_page text_page_of(const struct report_options *options, GString *out);

/* Columns that `text` takes on a terminal: wide characters two, combining ones none. Valid UTF-8 without
 * escapes. */
int text_width(const char *text);
/* At most `width` columns: an ellipsis stands for the middle of a longer text. The string is the caller's. */
char *text_elide(const char *text, int width);

/* All text is valid UTF-8 without escapes (escape.h). A line is made of pieces: begin, append …, end; one
 * without indent is a title. */
void text_page_begin_line(struct text_page *page, int indent);
void text_page_append(struct text_page *page, enum text_style style, const char *text);
void text_page_end_line(struct text_page *page);
/* An empty line, then the title and, dimmed, a remark (optional). */
void text_page_heading(struct text_page *page, const char *title, const char *remark);
/* One line, or several where it has to be wrapped, each indented by `indent` columns. */
void text_page_paragraph(struct text_page *page, int indent, enum text_style style, const char *text);

enum text_alignment { TEXT_LEFT, TEXT_RIGHT };

struct text_column {
    const char *title;
    enum text_alignment alignment;
    int minimum;    /* > 0: may be shortened to this width when the table is too wide for the page */
    gboolean close; /* one space before it instead of two */
};

/* A table of text cells. Cells are escaped here, so callers pass names as they were recorded. */
struct text_table;
struct text_table *text_table_new(const struct text_column *columns, guint count);
void text_table_free(struct text_table *table);
typedef struct text_table TextTable;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TextTable, text_table_free)

/* The next cell of the current row, row by row; takes the string over (NULL is an empty cell). */
void text_table_take(struct text_table *table, enum text_style style, char *text);
void text_table_add(struct text_table *table, enum text_style style, const char *text);
/* Writes the header row and all rows, two columns of indent. An empty column is left out. */
void text_table_write(const struct text_table *table, struct text_page *page);

struct text_cell {
    enum text_style style;
    char *text; /* escaped */
};

/* Another form of page: what the functions above do with it. Rows of `cells` follow each other, `count` cells
 * each. */
struct text_markup {
    void (*begin_line)(struct text_page *page, int indent);
    void (*append)(struct text_page *page, enum text_style style, const char *text);
    void (*end_line)(struct text_page *page);
    void (*heading)(struct text_page *page, const char *title, const char *remark);
    void (*paragraph)(struct text_page *page, int indent, enum text_style style, const char *text);
    void (*table)(struct text_page *page, const struct text_column *columns, guint count,
                  const struct text_cell *cells, guint rows);
};

#endif
