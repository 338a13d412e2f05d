/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "reports/contest_report.h"
#include "reports/escape.h"
#include "reports/quantity.h"
#include "reports/text_page.h"

const struct contest_format contest_formats[] = {
    {"text", contest_text}, {"json", contest_json}, {"svg", contest_svg}, {NULL, NULL}};

const struct contest_format *contest_format_find(const char *name)
{
    for (const struct contest_format *format = contest_formats; format->name; format++) {
        if (g_strcmp0(format->name, name) == 0)
            return format;
    }
    return NULL;
}

char *contest_value(enum contest_column column, double value)
{
    switch (column) {
    case COLUMN_MEMORY_BYTES:
        return quantity_bytes(value);
    case COLUMN_PARALLELISM:
        return isnan(value) ? g_strdup("-") : g_strdup_printf("%.2f", value);
    case COLUMN_SWITCHES:
    case COLUMN_FAILED_TASKS:
        return value >= 0 ? quantity_count((guint64)(value + 0.5)) : g_strdup("-");
    default:
        return quantity_seconds(value);
    }
}

/* Columns that some variant has a value in, and for failed tasks one that is not 0. */
static gboolean column_is_used(const struct contest *contest, enum contest_column column)
{
    for (guint i = 0; i < contest->variants->len; i++) {
        const struct compared_variant *variant = g_ptr_array_index(contest->variants, i);
        if (variant->columns[column].count &&
            (column != COLUMN_FAILED_TASKS || variant->columns[column].median > 0))
            return TRUE;
    }
    return FALSE;
}

static const char *settled_words(const struct contest *contest)
{
    return contest->stable ? "the ranking is settled"
                           : "the ranking is not settled: more rounds (--time-limit) would tell";
}

/* `2.30 times as fast as sequential (2.10…2.50)`: the caller frees it; NULL when nothing was beside it. */
static char *lead_words(const struct contest *contest)
{
    const struct compared_variant *second =
        contest->variants->len > 1 ? g_ptr_array_index(contest->variants, 1) : NULL;
    if (!second || compared_variant_failed(second))
        return NULL;
    g_autofree char *name = escape_text(second->name);
    g_autofree char *times = quantity_number(1 / second->ratio.estimate);
    if (!isfinite(second->ratio.low) || !isfinite(second->ratio.high) || second->ratio.low <= 0)
        return g_strdup_printf(
            "%s times as fast as %s, the next one (too few rounds to say how sure that is)", times, name);
    g_autofree char *low = quantity_number(1 / second->ratio.high);
    g_autofree char *high = quantity_number(1 / second->ratio.low);
    return g_strdup_printf("%s times as fast as %s, the next one (%s…%s)%s", times, name, low, high,
                           second->tied ? ": as good as each other" : "");
}

static void write_head(const struct contest *contest, struct text_page *page)
{
    if (!contest->best)
        return;
    g_autofree char *name = escape_text(contest->best->name);
    g_autofree char *throughput = quantity_number(contest->best->throughput.median);
    g_autofree char *lead = lead_words(contest);
    text_page_append(page, TEXT_BOLD, "Best on this host: ");
    text_page_append(page, TEXT_GOOD, name);
    g_string_append_printf(page->out, ", %s tasks per second\n", throughput);
    if (lead)
        text_page_paragraph(page, 2, TEXT_PLAIN, lead);
    g_autofree char *cost =
        isnan(contest->tracing_cost)
            ? g_strdup("nothing ran under the tracer")
            : g_strdup_printf("watched runs took %.0f %% %s and do not count for the ranking",
                              fabs(contest->tracing_cost) * 100,
                              contest->tracing_cost < 0 ? "less" : "longer");
    g_autofree char *rounds =
        g_strdup_printf("%u variants, %u round%s: %s; %s", contest->variants->len, contest->rounds,
                        contest->rounds == 1 ? "" : "s", settled_words(contest), cost);
    text_page_paragraph(page, 2, TEXT_DIM, rounds);
}

static char *ratio_words(const struct contest *contest, const struct compared_variant *variant)
{
    const struct paired_interval *ratio = &variant->ratio;
    if (variant == contest->best)
        return g_strdup("best");
    if (!isfinite(ratio->high) || ratio->low <= 0)
        return g_strdup_printf("%.2f", ratio->estimate);
    return g_strdup_printf("%.2f (%.2f…%.2f)", ratio->estimate, ratio->low, ratio->high);
}

static const struct {
    enum contest_column column;
    const char *title;
} shown[] = {
    {COLUMN_LATENCY_P50, "p50"},         {COLUMN_LATENCY_P99, "p99"},     {COLUMN_CPU_SECONDS, "CPU"},
    {COLUMN_PARALLELISM, "parallel"},    {COLUMN_MEMORY_BYTES, "memory"}, {COLUMN_SWITCHES, "switches"},
    {COLUMN_LOCK_WAIT_SECONDS, "locks"}, {COLUMN_FAILED_TASKS, "failed"},
};
#define FIRST_COLUMNS 4 /* variant, throughput, its spread, ratio */

static void write_row(const struct contest *contest, const struct compared_variant *variant,
                      struct text_table *table)
{
    const struct spread *throughput = &variant->throughput;
    gboolean best = variant == contest->best;
    text_table_add(table, best ? TEXT_GOOD : TEXT_PLAIN, variant->name);
    text_table_take(table, TEXT_PLAIN, quantity_number(throughput->median));
    g_autofree char *low = quantity_number(throughput->low);
    g_autofree char *high = quantity_number(throughput->high);
    text_table_take(table, TEXT_DIM, throughput->count > 1 ? g_strdup_printf("%s…%s", low, high) : NULL);
    text_table_take(table, best || variant->tied ? TEXT_GOOD : TEXT_PLAIN, ratio_words(contest, variant));
    for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
        const struct spread *spread = &variant->columns[shown[i].column];
        gboolean used = column_is_used(contest, shown[i].column);
        text_table_take(table, TEXT_PLAIN, used ? contest_value(shown[i].column, spread->median) : NULL);
    }
}

static void write_variants(const struct contest *contest, struct text_page *page)
{
    struct text_column columns[FIRST_COLUMNS + G_N_ELEMENTS(shown)] = {
        {"variant", TEXT_LEFT, 14, FALSE},
        {"tasks/s", TEXT_RIGHT, 0, FALSE},
        {"quartiles", TEXT_LEFT, 0, FALSE},
        {"to the best", TEXT_LEFT, 0, FALSE},
    };
    if (!contest->best)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(shown); i++)
        columns[FIRST_COLUMNS + i] = (struct text_column){shown[i].title, TEXT_RIGHT, 0, FALSE};
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < contest->variants->len; i++) {
        const struct compared_variant *variant = g_ptr_array_index(contest->variants, i);
        if (!compared_variant_failed(variant))
            write_row(contest, variant, table);
    }
    text_page_heading(page, "Variants", "best first; medians");
    text_table_write(table, page);
}

static void write_failures(const struct contest *contest, struct text_page *page)
{
    gboolean any = FALSE;
    for (guint i = 0; i < contest->variants->len; i++) {
        const struct compared_variant *variant = g_ptr_array_index(contest->variants, i);
        if (!compared_variant_failed(variant))
            continue;
        if (!any)
            text_page_heading(page, "Failed", "not ranked");
        any = TRUE;
        g_autofree char *name = escape_text(variant->name);
        g_autofree char *why =
            escape_text(variant->failed_run ? variant->failed_run->failure : "no run without the tracer");
        g_autofree char *line = g_strdup_printf("%s: %s", name, why);
        text_page_paragraph(page, 2, TEXT_BAD, line);
    }
}

/* --- the advice */

static char *ratio_cell(double ratio)
{
    g_autofree char *number = isnan(ratio) ? NULL : quantity_number(ratio);
    return number ? g_strdup_printf("%s ×", number) : g_strdup("-");
}

static void write_models(const struct contest *contest, struct text_page *page)
{
    static const struct text_column columns[] = {
        {"model", TEXT_LEFT, 0, FALSE},     {"as", TEXT_LEFT, 0, FALSE},
        {"measured", TEXT_RIGHT, 0, FALSE}, {"predicted", TEXT_RIGHT, 0, FALSE},
        {"order", TEXT_LEFT, 0, FALSE},     {"ratio", TEXT_LEFT, 0, FALSE},
        {"ruled out", TEXT_LEFT, 20, FALSE}};
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < contest->models->len; i++) {
        const struct compared_model *row = &g_array_index(contest->models, struct compared_model, i);
        gboolean both = !isnan(row->measured_ratio) && !isnan(row->predicted_ratio);
        text_table_add(table, row->model == contest->advice->suggested_model ? TEXT_BOLD : TEXT_PLAIN,
                       execution_model_name(row->model));
        text_table_add(table, TEXT_DIM, row->variant ? row->variant->name : NULL);
        text_table_take(table, TEXT_PLAIN, ratio_cell(row->measured_ratio));
        text_table_take(table, TEXT_PLAIN, ratio_cell(row->predicted_ratio));
        text_table_add(table, row->order_agrees ? TEXT_GOOD : TEXT_BAD,
                       !both               ? "-"
                       : row->order_agrees ? "agrees"
                                           : "wrong");
        text_table_add(table, row->ratio_agrees ? TEXT_GOOD : TEXT_BAD,
                       !both               ? "-"
                       : row->ratio_agrees ? "agrees"
                                           : "wrong");
        text_table_add(table, TEXT_DIM, row->ruled_out);
    }
    text_table_write(table, page);
}

static void write_advice(const struct contest *contest, struct text_page *page)
{
    const struct advice *advice = contest->advice;
    if (!advice || !contest->best)
        return;
    g_autofree char *id = escape_text(advice->id);
    const char *suggested = execution_model_name(advice->suggested_model);
    text_page_heading(page, "The advice", id);
    g_autofree char *loss = quantity_percent(contest->advice_loss);
    g_autofree char *line =
        isnan(contest->advice_loss) ? g_strdup_printf("suggested %s, which could not be measured", suggested)
        : contest->advice_loss <= 0
            ? g_strdup_printf("suggested %s, which is the best: it was right", suggested)
        : contest->advice_hits
            ? g_strdup_printf("suggested %s, which takes %s longer than the best: as good as right",
                              suggested, loss)
            : g_strdup_printf("suggested %s, which takes %s longer than the best: it was wrong", suggested,
                              loss);
    text_page_paragraph(page, 2, contest->advice_hits ? TEXT_GOOD : TEXT_BAD, line);
    write_models(contest, page);
}

void contest_text(const struct contest *contest, const struct report_options *options, GString *out)
{
    struct text_page page = text_page_of(options, out);
    write_head(contest, &page);
    write_variants(contest, &page);
    write_failures(contest, &page);
    write_advice(contest, &page);
}
