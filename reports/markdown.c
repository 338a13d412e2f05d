/* SPDX-License-Identifier: Apache-2.0 */
/* The text report as a comment on a pull request: verdict and first actions at sight, details folded away,
 * places as links. GitHub's and GitLab's dialect (CommonMark with pipe tables and the details element). */
#include <string.h>

#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/text_sections.h"

enum block { BLOCK_NONE, BLOCK_LIST, BLOCK_OTHER };

struct markdown_page {
    struct text_page page; /* first: what the sections are given */
    GHashTable *files;     /* names that become links, with those of the repository that they lead to */
    const char *link_base; /* escaped, with its slash; or empty */
    enum block last;
    gboolean in_title;   /* which is set in bold as it is */
    gboolean in_section; /* behind the first heading: paragraphs become items of lists */
    gboolean folded;     /* headings open an element that is closed at first */
    gboolean open;       /* … and one is open */
};

static struct markdown_page *markdown_of(struct text_page *page)
{
    return (struct markdown_page *)page;
}

/* Blocks stand apart, but for items of one list. */
static void begin_block(struct markdown_page *markdown, enum block block)
{
    if (markdown->last != BLOCK_NONE && !(block == BLOCK_LIST && markdown->last == BLOCK_LIST))
        g_string_append_c(markdown->page.out, '\n');
    markdown->last = block;
}

/* --- places as links --------------------------------------------------------------------------------------
 */

/* Where the name of a known file begins that ends before `colon`, the longest one; NULL: nowhere. */
static const char *find_file(const struct markdown_page *markdown, const char *text, const char *colon)
{
    for (const char *start = text; start < colon; start = g_utf8_next_char(start)) {
        if (start > text && !strchr(" @(\"'", start[-1]))
            continue;
        g_autofree char *name = g_strndup(start, (gsize)(colon - start));
        if (g_hash_table_contains(markdown->files, name))
            return start;
    }
    return NULL;
}

static void append_link(const struct markdown_page *markdown, GString *out, const char *file, gsize length,
                        const char *line, gsize digits)
{
    g_autofree char *name = g_strndup(file, length);
    g_autofree char *label = g_strndup(file, length + 1 + digits);
    g_autofree char *path = g_uri_escape_string(g_hash_table_lookup(markdown->files, name), "/", FALSE);
    g_string_append_c(out, '[');
    escape_append_markdown(out, label);
    g_string_append_printf(out, "](%s%s#L%.*s)", markdown->link_base, path, (int)digits, line);
}

/* Every `FILE:LINE` of a known file becomes a link. */
static void append_inline(const struct markdown_page *markdown, GString *out, const char *text)
{
    const char *done = text;
    for (const char *colon = strchr(text, ':'); colon; colon = strchr(colon + 1, ':')) {
        gsize digits = strspn(colon + 1, "0123456789");
        const char *start = digits ? find_file(markdown, done, colon) : NULL;
        if (!start)
            continue;
        g_autofree char *before = g_strndup(done, (gsize)(start - done));
        escape_append_markdown(out, before);
        append_link(markdown, out, start, (gsize)(colon - start), colon + 1, digits);
        done = colon + 1 + digits;
    }
    escape_append_markdown(out, done);
}

/* --- the page ---------------------------------------------------------------------------------------------
 */

static void append_styled(const struct markdown_page *markdown, enum text_style style, const char *text)
{
    GString *out = markdown->page.out;
    gboolean bold = (style == TEXT_BOLD || style == TEXT_BAD) && !markdown->in_title;
    const char *mark = bold ? "**" : "";
    g_autofree char *words = g_strstrip(g_strdup(text)); /* marks take effect only beside a word */
    gsize before = strspn(text, " "), after = strlen(text) - before - strlen(words);
    if (!*words)
        return;
    g_string_append_len(out, text, (gssize)before);
    g_string_append(out, mark);
    append_inline(markdown, out, words);
    g_string_append(out, mark);
    g_string_append_len(out, text + strlen(text) - after, (gssize)after);
}

static void begin_line(struct text_page *page, int indent)
{
    begin_block(markdown_of(page), indent == 0 ? BLOCK_OTHER : BLOCK_LIST);
    markdown_of(page)->in_title = indent == 0;
    g_string_append(page->out, indent == 0 ? "### " : "- ");
}

static void append(struct text_page *page, enum text_style style, const char *text)
{
    append_styled(markdown_of(page), style, text);
}

static void end_line(struct text_page *page)
{
    g_string_append_c(page->out, '\n');
    markdown_of(page)->in_title = FALSE;
}

static void close_details(struct markdown_page *markdown)
{
    if (markdown->open)
        g_string_append(markdown->page.out, "\n</details>\n");
    markdown->open = FALSE;
}

static void heading(struct text_page *page, const char *title, const char *remark)
{
    struct markdown_page *markdown = markdown_of(page);
    close_details(markdown);
    begin_block(markdown, BLOCK_OTHER);
    markdown->in_section = TRUE;
    markdown->open = markdown->folded;
    void (*append_text)(GString *, const char *) =
        markdown->folded ? escape_append_markdown_element : escape_append_markdown;
    g_string_append(page->out, markdown->folded ? "<details>\n<summary>" : "#### ");
    append_text(page->out, title);
    if (remark) {
        g_string_append(page->out, " – ");
        append_text(page->out, remark);
    }
    g_string_append(page->out, markdown->folded ? "</summary>\n" : "\n");
}

/* A remark below a table, or prose before the first heading; else an item, deeper ones below those of 2
 * columns. */
static void paragraph(struct text_page *page, int indent, enum text_style style, const char *text)
{
    struct markdown_page *markdown = markdown_of(page);
    gboolean item = markdown->in_section && (style != TEXT_DIM || indent >= 4);
    begin_block(markdown, item ? BLOCK_LIST : BLOCK_OTHER);
    if (item)
        g_string_append(page->out, indent >= 4 ? "  - " : "- ");
    append_styled(markdown, style, text + strspn(text, " "));
    g_string_append_c(page->out, '\n');
}

static gboolean column_is_empty(const struct text_cell *cells, guint count, guint rows, guint column)
{
    for (guint row = 0; row < rows; row++) {
        if (*cells[row * count + column].text)
            return FALSE;
    }
    return TRUE;
}

static void append_cell(const struct markdown_page *markdown, const struct text_column *column, guint line,
                        const char *text)
{
    GString *out = markdown->page.out;
    g_string_append(out, " ");
    if (line == 0)
        escape_append_markdown(out, column->title);
    else if (line == 1)
        g_string_append(out, column->alignment == TEXT_RIGHT ? "--:" : "---");
    else
        append_inline(markdown, out, text);
    g_string_append(out, " |");
}

static void table(struct text_page *page, const struct text_column *columns, guint count,
                  const struct text_cell *cells, guint rows)
{
    struct markdown_page *markdown = markdown_of(page);
    begin_block(markdown, BLOCK_OTHER);
    for (guint line = 0; line < rows + 2; line++) { /* titles, rule, rows */
        g_string_append_c(page->out, '|');
        for (guint column = 0; column < count; column++) {
            if (!column_is_empty(cells, count, rows, column))
                append_cell(markdown, &columns[column], line,
                            line < 2 ? NULL : cells[(line - 2) * count + column].text);
        }
        g_string_append_c(page->out, '\n');
    }
}

static const struct text_markup markdown_markup = {begin_line, append, end_line, heading, paragraph, table};

/* --- the report -------------------------------------------------------------------------------------------
 */

static void know_file(GHashTable *files, const char *file)
{
    if (!file || !*file || g_path_is_absolute(file))
        return; /* outside of the project */
    char *shown = escape_text(file);
    g_hash_table_replace(files, shown, (gpointer)file);
}

static GHashTable *known_files(const struct session *session)
{
    GHashTable *files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < session->units->len; i++)
        know_file(files, ((const struct unit *)g_ptr_array_index(session->units, i))->file);
    for (guint i = 0; i < session->regions->len; i++)
        know_file(files, ((const struct region *)g_ptr_array_index(session->regions, i))->file);
    for (guint i = 0; i < session->locks->len; i++)
        know_file(files, ((const struct lock *)g_ptr_array_index(session->locks, i))->file);
    for (guint i = 0; i < session->findings->len; i++)
        know_file(files, ((const struct finding *)g_ptr_array_index(session->findings, i))->file);
    return files;
}

static char *link_base(const char *address)
{
    g_autofree char *base = g_uri_escape_string(address ? address : "", ":/?=&%@+,;~", TRUE);
    return g_strconcat(base, *base && !g_str_has_suffix(base, "/") ? "/" : "", NULL);
}

static gboolean markdown_render(const struct session *session, const struct report_options *options,
                                GString *out, GError **error)
{
    static void (*const open_sections[])(const struct report_index *, struct text_page *) = {
        text_program_section, text_action_section, text_refuted_section, text_finding_section};
    static void (*const folded_sections[])(const struct report_index *, struct text_page *) = {
        text_advice_section, text_region_section,   text_thread_section, text_wait_section,
        text_lock_section,   text_lock_use_section, text_call_section,   text_unknown_section,
        text_gap_section,    text_host_section,     text_notes_section,
    };
    (void)error;
    g_autoptr(GHashTable) files = known_files(session);
    g_autofree char *links = link_base(options ? options->link_base : NULL);
    struct markdown_page markdown = {
        .page = {.out = out, .all = options && options->all, .markup = &markdown_markup},
        .files = files,
        .link_base = links,
    };
    g_autoptr(ReportIndex) index = report_index_new(session);
    for (guint i = 0; i < G_N_ELEMENTS(open_sections); i++)
        open_sections[i](index, &markdown.page);
    markdown.folded = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(folded_sections); i++)
        folded_sections[i](index, &markdown.page);
    close_details(&markdown);
    return TRUE;
}

const struct format format_markdown = {
    "markdown", "a comment on a pull request: verdict and first actions, details folded, places as links",
    markdown_render};
