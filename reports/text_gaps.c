/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/quantity.h"
#include "reports/text_sections.h"

#define GAPS_SHOWN 5

static void add_row(struct text_table *table, const struct gap *gap)
{
    text_table_add(table, TEXT_PLAIN, gap->what);
    text_table_take(table, TEXT_PLAIN, quantity_seconds(gap->seconds));
    text_table_add(table, TEXT_PLAIN, gap->name);
    text_table_take(table, TEXT_DIM, gap->file ? g_strdup_printf("%s:%d", gap->file, gap->line) : NULL);
    text_table_add(table, TEXT_PLAIN, gap->missing);
}

void text_gap_section(const struct report_index *index, struct text_page *page)
{
    static const struct text_column columns[] = {{"what", TEXT_LEFT, 0},
                                                 {"time", TEXT_RIGHT, 0},
                                                 {"name", TEXT_LEFT, 16},
                                                 {"at", TEXT_LEFT, 12},
                                                 {"missing", TEXT_LEFT, 30}};
    guint total = 0, shown = 0;
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < index->session->gaps->len; i++) {
        const struct gap *gap = g_ptr_array_index(index->session->gaps, i);
        if (!report_index_is_shown(index, gap->run))
            continue;
        total++;
        if (page->all || shown < GAPS_SHOWN) {
            add_row(table, gap);
            shown++;
        }
    }
    if (!total)
        return;
    text_page_heading(page, "Seen, and not foreseen", "what the run showed and the analysis does not know");
    text_table_write(table, page);
    text_left_out(page, total, shown);
}
