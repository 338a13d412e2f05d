/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "model/metric.h"
#include "reports/difference_report.h"
#include "reports/escape.h"
#include "reports/quantity.h"
#include "reports/text_sections.h"

#define ROWS_SHOWN  20
#define SHARE_WORTH 0.02 /* smaller changes of a share are not worth a row, however certain */
#define TIME_WORTH  0.05 /* of the larger of the two times */

const struct difference_format difference_formats[] = {
    {"text", difference_text}, {"json", difference_json}, {"html", difference_html}, {NULL, NULL}};

const struct difference_format *difference_format_find(const char *name)
{
    for (const struct difference_format *format = difference_formats; format->name; format++) {
        if (g_strcmp0(format->name, name) == 0)
            return format;
    }
    return NULL;
}

static const struct metric_difference *find_program(const struct difference *difference, const char *metric)
{
    for (guint i = 0; i < difference->metrics->len; i++) {
        const struct metric_difference *each =
            &g_array_index(difference->metrics, struct metric_difference, i);
        if (each->subject_kind == SUBJECT_PROGRAM && g_strcmp0(each->metric, metric) == 0)
            return each;
    }
    return NULL;
}

static char *model_words(const struct session *session)
{
    const struct program *program = session->program;
    if (!program)
        return g_strdup("not analysed");
    g_autofree char *name = escape_text(program->name);
    return g_strdup_printf("%s: %s today, suggested: %s", name, execution_model_name(program->current_model),
                           execution_model_name(program->suggested_model));
}

static void write_sides(const struct difference *difference, struct text_page *page)
{
    const struct session *sessions[] = {difference->before, difference->after};
    const struct run *runs[] = {difference->before_run, difference->after_run};
    static const char *const names[] = {"before  ", "after   "};
    for (int side = 0; side < 2; side++) {
        g_autofree char *model = model_words(sessions[side]);
        g_autofree char *command = runs[side] ? escape_text(runs[side]->command) : g_strdup("not measured");
        text_page_append(page, TEXT_BOLD, names[side]);
        g_string_append_printf(page->out, "%s; %s\n", model, command);
    }
}

/* One run each: how many times as fast, and what that is worth. */
static void write_duration(const struct difference *difference, struct text_page *page)
{
    const struct metric_difference *wall = find_program(difference, "wall_seconds");
    if (!wall || wall->before <= 0 || wall->after <= 0)
        return;
    gboolean faster = wall->after < wall->before;
    g_autofree char *before = quantity_seconds(wall->before);
    g_autofree char *after = quantity_seconds(wall->after);
    g_autofree char *factor =
        quantity_number(faster ? wall->before / wall->after : wall->after / wall->before);
    g_autofree char *line = g_strdup_printf(
        "%s before, %s after: %s times as %s. One run each does not tell how much of that is chance.", before,
        after, factor, faster ? "fast" : "long");
    text_page_paragraph(page, 2, TEXT_PLAIN, line);
}

static void write_verdicts(const struct difference *difference, struct text_page *page)
{
    static const struct text_column columns[] = {
        {"prediction", TEXT_LEFT, 30}, {"before", TEXT_LEFT, 0}, {"after", TEXT_LEFT, 0}};
    if (!difference->verdicts->len)
        return;
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < difference->verdicts->len; i++) {
        const struct verdict_difference *each =
            &g_array_index(difference->verdicts, struct verdict_difference, i);
        g_autofree char *words = text_prediction(each->after_prediction);
        text_table_take(
            table, TEXT_PLAIN,
            g_strdup_printf(
                "%s %s", each->after_prediction->region ? each->after_prediction->region : "program", words));
        g_autofree char *before = text_measured(each->before_prediction, each->before);
        g_autofree char *after = text_measured(each->after_prediction, each->after);
        text_table_take(table, text_verdict_style(each->before->kind),
                        g_strdup_printf("%s %s", text_verdict_words(each->before->kind), before));
        text_table_take(table, text_verdict_style(each->after->kind),
                        g_strdup_printf("%s %s", text_verdict_words(each->after->kind), after));
    }
    text_page_heading(page, "Verdicts that changed", NULL);
    text_table_write(table, page);
}

static gboolean is_worth_a_row(const struct metric_difference *metric)
{
    double change = fabs(metric->after - metric->before);
    const struct metric *known = metric_find(metric->metric);
    double largest = MAX(fabs(metric->after), fabs(metric->before));
    return change >= (known && known->share ? SHARE_WORTH : TIME_WORTH * largest);
}

static char *change_words(const struct metric_difference *metric)
{
    const struct metric *known = metric_find(metric->metric);
    if (known && known->share)
        return g_strdup_printf("%+.0f points (%+.0f…%+.0f)", 100 * (metric->after - metric->before),
                               100 * metric->low, 100 * metric->high);
    const char *sign = metric->after > metric->before ? "+" : "-";
    g_autofree char *change = quantity_metric(metric->metric, fabs(metric->after - metric->before));
    return g_strdup_printf("%s%s", sign, change);
}

static void add_change(const struct metric_difference *metric, struct text_table *table)
{
    text_table_add(table, TEXT_PLAIN, metric->after_subject ? metric->after_subject : "program");
    text_table_add(table, TEXT_PLAIN, metric->metric);
    text_table_take(table, TEXT_PLAIN, quantity_metric(metric->metric, metric->before));
    text_table_take(table, TEXT_BOLD, quantity_metric(metric->metric, metric->after));
    text_table_take(table, TEXT_PLAIN, change_words(metric));
    text_table_add(table, TEXT_DIM,
                   !metric->judged       ? "one run each"
                   : metric->significant ? "certain"
                                         : "may be chance");
}

static void write_changes(const struct difference *difference, struct text_page *page)
{
    static const struct text_column columns[] = {
        {"subject", TEXT_LEFT, 24}, {"metric", TEXT_LEFT, 0}, {"before", TEXT_RIGHT, 0},
        {"after", TEXT_RIGHT, 0},   {"change", TEXT_LEFT, 0}, {"", TEXT_LEFT, 0},
    };
    guint shown = 0, total = 0;
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < difference->metrics->len; i++) {
        const struct metric_difference *each =
            &g_array_index(difference->metrics, struct metric_difference, i);
        if (!page->all && !(each->significant && is_worth_a_row(each)))
            continue;
        total++;
        if (page->all || shown < ROWS_SHOWN) {
            add_change(each, table);
            shown++;
        }
    }
    text_page_heading(page, "Changes",
                      page->all ? NULL : "that are more than chance, all of them together at 95 %");
    if (shown)
        text_table_write(table, page);
    else
        text_page_paragraph(page, 2, TEXT_PLAIN,
                            difference->metrics->len ? "None." : "The two have no measurement in common.");
    text_left_out(page, total, shown);
}

static void write_lone(const struct difference *difference, struct text_page *page)
{
    static const struct text_column columns[] = {
        {"only", TEXT_LEFT, 0}, {"what", TEXT_LEFT, 0}, {"name", TEXT_LEFT, 30}};
    guint total = difference->lone->len;
    guint shown = page->all ? total : MIN(total, ROWS_SHOWN);
    if (!total)
        return;
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < shown; i++) {
        const struct lone_record *each = &g_array_index(difference->lone, struct lone_record, i);
        text_table_add(table, TEXT_PLAIN, each->kind == ONLY_BEFORE ? "before" : "after");
        text_table_add(table, TEXT_PLAIN, each->what);
        text_table_add(table, TEXT_PLAIN, each->id);
    }
    text_page_heading(page, "In one of the two only", NULL);
    text_table_write(table, page);
    text_left_out(page, total, shown);
}

void difference_text(const struct difference *difference, const struct report_options *options, GString *out)
{
    struct text_page page = text_page_of(options, out);
    write_sides(difference, &page);
    write_duration(difference, &page);
    write_verdicts(difference, &page);
    write_changes(difference, &page);
    write_lone(difference, &page);
}
