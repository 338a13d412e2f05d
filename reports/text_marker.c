/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "reports/quantity.h"
#include "reports/text_sections.h"

#define MARKERS_SHOWN 10

static const char *const time_metrics[] = {"wall_seconds",    "cpu_seconds",      "runnable_seconds",
                                           "blocked_seconds", "call_seconds_p50", "call_seconds_p99"};

struct marker_row {
    const struct region *region;
    double wall_seconds;
};

static gint compare_rows(gconstpointer first, gconstpointer second)
{
    const struct marker_row *a = first, *b = second;
    if (a->wall_seconds != b->wall_seconds)
        return a->wall_seconds > b->wall_seconds ? -1 : 1;
    return g_strcmp0(a->region->id, b->region->id);
}

/* Those that the shown run entered. */
static GArray *collect_rows(const struct report_index *index)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct marker_row));
    for (guint i = 0; i < index->session->regions->len; i++) {
        struct marker_row row = {.region = g_ptr_array_index(index->session->regions, i)};
        if (row.region->kind != REGION_MARKER)
            continue;
        row.wall_seconds = report_index_value(index, SUBJECT_REGION, row.region->id, "wall_seconds");
        if (isfinite(row.wall_seconds))
            g_array_append_val(rows, row);
    }
    g_array_sort(rows, compare_rows);
    return rows;
}

static void add_row(const struct report_index *index, struct text_table *table, const struct region *region)
{
    text_table_add(table, TEXT_PLAIN, region->id);
    text_table_take(table, TEXT_PLAIN,
                    g_strdup_printf("%.0f", report_index_value(index, SUBJECT_REGION, region->id, "calls")));
    for (guint i = 0; i < G_N_ELEMENTS(time_metrics); i++) {
        double seconds = report_index_value(index, SUBJECT_REGION, region->id, time_metrics[i]);
        text_table_take(table, TEXT_PLAIN, isfinite(seconds) ? quantity_seconds(seconds) : NULL);
    }
    text_table_take(table, TEXT_DIM,
                    region->file ? g_strdup_printf("%s:%d", region->file, region->line) : NULL);
}

void text_marker_section(const struct report_index *index, struct text_page *page)
{
    static const struct text_column columns[] = {
        {"region", TEXT_LEFT, 16}, {"calls", TEXT_RIGHT, 0},   {"in all", TEXT_RIGHT, 0},
        {"cpu", TEXT_RIGHT, 0},    {"queue", TEXT_RIGHT, 0},   {"blocked", TEXT_RIGHT, 0},
        {"median", TEXT_RIGHT, 0}, {"99 % in", TEXT_RIGHT, 0}, {"begins at", TEXT_LEFT, 12},
    };
    g_autoptr(GArray) rows = collect_rows(index);
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    guint shown = page->all ? rows->len : MIN(rows->len, MARKERS_SHOWN);
    if (!rows->len)
        return;
    for (guint i = 0; i < shown; i++)
        add_row(index, table, g_array_index(rows, struct marker_row, i).region);
    text_page_heading(page, "Markers", "regions that the program marks itself; times added up over threads");
    text_table_write(table, page);
    text_left_out(page, rows->len, shown);
}
