/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/text_page.h"

#include <string.h>

#define PROSE_WIDTH   100
#define MINIMUM_WIDTH 60

static const char *const style_sequences[] = {
    [TEXT_PLAIN] = "",        [TEXT_BOLD] = "\033[1m",   [TEXT_DIM] = "\033[2m",
    [TEXT_GOOD] = "\033[32m", [TEXT_BAD] = "\033[1;31m", [TEXT_DOUBT] = "\033[33m",
};

struct text_page text_page_of(const struct report_options *options, GString *out)
{
    int width = options && options->width ? MAX(options->width, MINIMUM_WIDTH) : 0;
    return (struct text_page){
        .out = out,
        .colour = options && options->colour,
        .all = options && options->all,
        .width = width ? width : PROSE_WIDTH,
        .table_width = width ? width : G_MAXINT,
    };
}

static int character_width(gunichar character)
{
    if (g_unichar_iszerowidth(character))
        return 0;
    return g_unichar_iswide(character) ? 2 : 1;
}

int text_width(const char *text)
{
    int width = 0;
    for (const char *at = text; *at; at = g_utf8_next_char(at))
        width += character_width(g_utf8_get_char(at));
    return width;
}

/* Bytes at the start of `text` that take at most `width` columns. */
static gsize prefix_bytes(const char *text, int width)
{
    const char *at = text;
    for (int used = 0; *at; at = g_utf8_next_char(at)) {
        used += character_width(g_utf8_get_char(at));
        if (used > width)
            break;
    }
    return (gsize)(at - text);
}

char *text_elide(const char *text, int width)
{
    int full = text_width(text);
    if (full <= width)
        return g_strdup(text);
    if (width <= 1)
        return g_strdup(width == 1 ? "…" : "");
    int head = (width - 1) / 2, tail = width - 1 - head;
    const char *end = text;
    while (text_width(end) > tail)
        end = g_utf8_next_char(end);
    g_autofree char *start = g_strndup(text, prefix_bytes(text, head));
    return g_strconcat(start, "…", end, NULL);
}

static void append_indent(struct text_page *page, int indent)
{
    for (int i = 0; i < indent; i++)
        g_string_append_c(page->out, ' ');
}

void text_page_begin_line(struct text_page *page, int indent)
{
    if (page->markup)
        page->markup->begin_line(page, indent);
    else
        append_indent(page, indent);
}

void text_page_end_line(struct text_page *page)
{
    if (page->markup)
        page->markup->end_line(page);
    else
        g_string_append_c(page->out, '\n');
}

void text_page_append(struct text_page *page, enum text_style style, const char *text)
{
    if (page->markup) {
        page->markup->append(page, style, text);
        return;
    }
    gboolean coloured = page->colour && style != TEXT_PLAIN;
    if (coloured)
        g_string_append(page->out, style_sequences[style]);
    g_string_append(page->out, text);
    if (coloured)
        g_string_append(page->out, "\033[0m");
}

void text_page_heading(struct text_page *page, const char *title, const char *remark)
{
    if (page->markup) {
        page->markup->heading(page, title, remark);
        return;
    }
    g_string_append_c(page->out, '\n');
    text_page_append(page, TEXT_BOLD, title);
    if (remark) {
        g_string_append(page->out, "  ");
        text_page_append(page, TEXT_DIM, remark);
    }
    g_string_append_c(page->out, '\n');
}

void text_page_paragraph(struct text_page *page, int indent, enum text_style style, const char *text)
{
    if (page->markup) {
        page->markup->paragraph(page, indent, style, text);
        return;
    }
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    g_autoptr(GString) line = g_string_new(NULL);
    int room = page->width - indent;
    for (char **word = words; *word; word++) {
        if (line->len > 0 && text_width(line->str) + 1 + text_width(*word) > room) {
            append_indent(page, indent);
            text_page_append(page, style, line->str);
            g_string_append_c(page->out, '\n');
            g_string_truncate(line, 0);
        }
        if (line->len > 0)
            g_string_append_c(line, ' ');
        g_string_append(line, *word);
    }
    append_indent(page, indent);
    text_page_append(page, style, line->str);
    g_string_append_c(page->out, '\n');
}
