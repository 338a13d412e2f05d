/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/escape.h"
#include "reports/text_sections.h"

#define FUNCTIONS_SHOWN 5

static void add_row(struct text_table *table, const struct unknown_function *function)
{
    text_table_take(table, TEXT_PLAIN, g_strdup_printf("%d", function->calls));
    text_table_add(table, TEXT_PLAIN, function->name);
    text_table_take(table, TEXT_DIM,
                    function->file ? g_strdup_printf("%s:%d", function->file, function->line) : NULL);
}

void text_unknown_section(const struct report_index *index, struct text_page *page)
{
    static const struct text_column columns[] = {
        {"calls", TEXT_RIGHT, 0}, {"function", TEXT_LEFT, 20}, {"first call", TEXT_LEFT, 20}};
    const GPtrArray *functions = index->session->unknown_functions;
    if (functions->len == 0)
        return;
    guint shown = page->all ? functions->len : MIN(functions->len, FUNCTIONS_SHOWN);
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < shown; i++)
        add_row(table, g_ptr_array_index(functions, i));
    text_page_heading(page, "Unknown library functions",
                      "what they do is not guessed; they lower the confidence");
    text_table_write(table, page);
    text_left_out(page, functions->len, shown);
    text_page_paragraph(page, 2, TEXT_PLAIN,
                        "To tell what they do, add an effects file: --effects FILE (docs/effects.md).");
}
