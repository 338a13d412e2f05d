/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "reports/escape.h"
#include "reports/quantity.h"
#include "reports/text_sections.h"

static char *cost_text(const struct host_cost *cost, double value)
{
    if (g_strcmp0(cost->unit, "B") == 0)
        return quantity_bytes(value);
    return quantity_seconds(g_strcmp0(cost->unit, "ns") == 0 ? value * 1e-9 : value);
}

/* "pipe_4_kib_seconds" is "pipe 4 KiB": the unit of the cost stands beside its value. */
static char *cost_title(const char *name)
{
    static const char *const sizes[][2] = {
        {" b", " B"}, {" kib", " KiB"}, {" mib", " MiB"}, {" gib", " GiB"}};
    static const char *const units[] = {"_seconds", "_bytes", "_ns"};
    g_autofree char *title = g_strdup(name);
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        if (g_str_has_suffix(title, units[i]))
            title[strlen(title) - strlen(units[i])] = '\0';
    }
    g_strdelimit(title, "_", ' ');
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        if (g_str_has_suffix(title, sizes[i][0]))
            memcpy(title + strlen(title) - strlen(sizes[i][1]), sizes[i][1], strlen(sizes[i][1]));
    }
    return g_steal_pointer(&title);
}

static void add_cost_row(struct text_table *table, const struct host_cost *cost)
{
    enum text_style style = cost->samples > 0 ? TEXT_PLAIN : TEXT_DIM;
    text_table_take(table, style, cost_title(cost->name));
    text_table_take(table, style, cost_text(cost, cost->value));
    if (cost->samples == 0) {
        text_table_add(table, style, NULL);
        text_table_add(table, style, "default");
        return;
    }
    g_autofree char *low = cost_text(cost, cost->low);
    g_autofree char *high = cost_text(cost, cost->high);
    text_table_take(table, style, g_strdup_printf("%s … %s", low, high));
    text_table_take(table, style, quantity_count((guint64)cost->samples));
}

static void write_origin(const struct host *host, struct text_page *page)
{
    g_autofree char *cores =
        host->quota_cores > 0 ? g_strdup_printf("%d usable cores, of which a control group grants %.3g",
                                                host->cores, host->quota_cores)
                              : g_strdup_printf("%d usable core%s", host->cores, host->cores == 1 ? "" : "s");
    g_autofree char *text = host->measured_at
                                ? g_strdup_printf("%s, %s, Linux %s, measured %s by corewise %s: %s.",
                                                  host->name ? host->name : "?",
                                                  host->processor ? host->processor : "unknown processor",
                                                  host->kernel ? host->kernel : "?", host->measured_at,
                                                  host->corewise ? host->corewise : "?", cores)
                                : g_strdup_printf("Not measured: corewise calibrate does that. %s.", cores);
    g_autofree char *shown = escape_text(text);
    text_page_paragraph(page, 2, TEXT_PLAIN, shown);
}

/* Behind an analysis only on demand; a session without one is about the host. */
void text_host_section(const struct report_index *index, struct text_page *page)
{
    static const struct text_column columns[] = {{"what", TEXT_LEFT, 0},
                                                 {"cost", TEXT_RIGHT, 0},
                                                 {"middle half", TEXT_RIGHT, 0},
                                                 {"repetitions", TEXT_RIGHT, 0}};
    const struct host *host = index->session->host;
    if (!host || (index->session->program && !page->all))
        return;
    text_page_heading(page, "Host", "what the advice reckons with");
    write_origin(host, page);
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < host->costs->len; i++)
        add_cost_row(table, g_ptr_array_index(host->costs, i));
    text_table_write(table, page);
}
