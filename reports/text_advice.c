/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/escape.h"
#include "reports/quantity.h"
#include "reports/text_sections.h"

#define ADVICE_SHOWN  2
#define REASONS_SHOWN 4
#define CHANGES_SHOWN 6

/* Another model, or the same with something in its way. */
static gboolean suggests_change(const struct advice *advice)
{
    return advice->current_model != advice->suggested_model || advice->changes->len > 0;
}

/* By the measured work; an empty cell where nothing was measured. */
static char *measured_seconds(const struct advice_verdict *verdict, enum execution_model model)
{
    for (guint i = 0; verdict && i < verdict->models->len; i++) {
        const struct model_estimate *estimate = g_ptr_array_index(verdict->models, i);
        if (estimate->model == model && estimate->predicted_seconds >= 0)
            return quantity_seconds(estimate->predicted_seconds);
    }
    return NULL;
}

static void add_model_row(struct text_table *table, const struct advice *advice,
                          const struct advice_verdict *verdict, const struct model_estimate *estimate)
{
    gboolean suggested = estimate->model == advice->suggested_model;
    enum text_style style = suggested ? TEXT_BOLD : estimate->ruled_out ? TEXT_DIM : TEXT_PLAIN;
    text_table_add(table, style, execution_model_name(estimate->model));
    text_table_take(table, style,
                    estimate->predicted_seconds >= 0 ? quantity_seconds(estimate->predicted_seconds)
                                                     : g_strdup("-"));
    text_table_take(table, style, measured_seconds(verdict, estimate->model));
    text_table_take(table, style,
                    estimate->predicted_bytes >= 0 ? quantity_bytes(estimate->predicted_bytes)
                                                   : g_strdup("-"));
    if (estimate->ruled_out)
        text_table_take(table, style, g_strdup_printf("ruled out: %s", estimate->ruled_out));
    else
        text_table_add(table, style,
                       suggested                                  ? "suggested"
                       : estimate->model == advice->current_model ? "today"
                                                                  : NULL);
}

static void write_reasons(const struct advice *advice, struct text_page *page)
{
    guint shown = page->all ? advice->reasons->len : MIN(advice->reasons->len, REASONS_SHOWN);
    for (guint i = 0; i < shown; i++) {
        g_autofree char *reason = escape_text(g_ptr_array_index(advice->reasons, i));
        text_page_paragraph(page, 2, TEXT_PLAIN, reason);
    }
    text_left_out(page, advice->reasons->len, shown);
}

/* What to do in the code, each with its place. */
static void write_changes(const struct advice *advice, struct text_page *page)
{
    guint shown = page->all ? advice->changes->len : MIN(advice->changes->len, CHANGES_SHOWN);
    for (guint i = 0; i < shown; i++) {
        const struct place *place = g_ptr_array_index(advice->changes, i);
        g_autofree char *line = g_strdup_printf("%s:%d: %s", place->file, place->line, place->text);
        g_autofree char *escaped = escape_text(line);
        if (i == 0)
            text_page_paragraph(page, 2, TEXT_BOLD, "what would have to change:");
        text_page_paragraph(page, 4, TEXT_PLAIN, escaped);
    }
    text_left_out(page, advice->changes->len, shown);
}

/* "confirmed by the run: with the measured work …" */
static void write_verdict(const struct advice_verdict *verdict, struct text_page *page)
{
    if (!verdict)
        return;
    g_autofree char *why = escape_text(verdict->why ? verdict->why : "");
    g_autofree char *line = g_strdup_printf("%s by the run: %s", text_verdict_words(verdict->kind), why);
    text_page_paragraph(page, 2, text_verdict_style(verdict->kind), line);
    for (guint i = 0; page->all && i < verdict->observations->len; i++) {
        g_autofree char *observation = escape_text(g_ptr_array_index(verdict->observations, i));
        text_page_paragraph(page, 4, TEXT_DIM, observation);
    }
}

static void write_title(const struct advice *advice, struct text_page *page)
{
    g_autofree char *site = escape_text(advice->region ? advice->region : "the program");
    const char *suggested = execution_model_name(advice->suggested_model);
    g_autofree char *title = advice->current_model == advice->suggested_model
                                 ? g_strdup_printf("Advice for %s: keep %s", site, suggested)
                                 : g_strdup_printf("Advice for %s: %s → %s", site,
                                                   execution_model_name(advice->current_model), suggested);
    g_autofree char *confidence = quantity_percent(advice->confidence);
    g_autofree char *remark = g_strdup_printf("predicted from the source, confidence %s", confidence);
    text_page_heading(page, title, remark);
}

static void write_advice(const struct report_index *index, const struct advice *advice,
                         struct text_page *page)
{
    static const struct text_column columns[] = {{"model", TEXT_LEFT, 0},
                                                 {"time", TEXT_RIGHT, 0},
                                                 {"measured", TEXT_RIGHT, 0},
                                                 {"memory", TEXT_RIGHT, 0},
                                                 {"", TEXT_LEFT, 30}};
    const struct advice_verdict *verdict = report_index_advice_verdict(index, advice->id);
    write_title(advice, page);
    write_verdict(verdict, page);
    write_reasons(advice, page);
    write_changes(advice, page);
    if (advice->models->len == 0)
        return;
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < advice->models->len; i++)
        add_model_row(table, advice, verdict, g_ptr_array_index(advice->models, i));
    text_table_write(table, page);
}

/* To keep what is, and the run says otherwise. */
static gboolean is_refuted(const struct report_index *index, const struct advice *advice)
{
    const struct advice_verdict *verdict = report_index_advice_verdict(index, advice->id);
    return verdict && verdict->kind == VERDICT_REFUTED;
}

/* A choice of the source that stays, and what the run says of it. */
static void write_kept(const struct report_index *index, const struct advice *advice, struct text_page *page)
{
    const struct advice_verdict *verdict = report_index_advice_verdict(index, advice->id);
    if (!verdict || verdict->kind == VERDICT_NOT_EXERCISED)
        return;
    write_title(advice, page);
    write_verdict(verdict, page);
}

/* The program's own advice first, then that of its sites; where nothing should change in the program the
 * title has said so. */
void text_advice_section(const struct report_index *index, struct text_page *page)
{
    const GPtrArray *all = index->session->advice;
    guint changes = 0, shown = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (guint i = 0; i < all->len; i++) {
            const struct advice *advice = g_ptr_array_index(all, i);
            if ((advice->region == NULL) != (pass == 0))
                continue;
            if (!suggests_change(advice) && !is_refuted(index, advice) && !page->all) {
                if (advice->region)
                    write_kept(index, advice, page);
                continue;
            }
            changes++;
            if (page->all || shown < ADVICE_SHOWN) {
                write_advice(index, advice, page);
                shown++;
            }
        }
    }
    text_left_out(page, changes, shown);
}
