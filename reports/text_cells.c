/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "model/metric.h"
#include "reports/quantity.h"
#include "reports/text_sections.h"

static char *share_cell(double share)
{
    if (!isfinite(share))
        return NULL;
    if (share <= 0)
        return g_strdup("-");
    if (share < 0.005)
        return g_strdup("<1 %");
    return g_strdup_printf("%d %%", (int)(share * 100 + 0.5));
}

void text_split_add(struct text_table *table, const struct text_split *split)
{
    double shares[] = {split->cpu, split->runqueue, split->io, split->lock};
    for (guint i = 0; i < G_N_ELEMENTS(shares); i++)
        text_table_take(table, shares[i] >= 0.3 ? TEXT_BOLD : TEXT_PLAIN, share_cell(shares[i]));
    text_table_take(table, TEXT_DIM, share_cell(split->idle));
}

enum text_style text_verdict_style(enum verdict_kind kind)
{
    static const enum text_style styles[VERDICT_KIND_COUNT] = {
        [VERDICT_CONFIRMED] = TEXT_GOOD,
        [VERDICT_REFUTED] = TEXT_BAD,
        [VERDICT_INCONCLUSIVE] = TEXT_DOUBT,
        [VERDICT_NOT_EXERCISED] = TEXT_DIM,
    };
    return styles[kind];
}

const char *text_verdict_words(enum verdict_kind kind)
{
    return kind == VERDICT_NOT_EXERCISED ? "not exercised" : verdict_kind_name(kind);
}

char *text_prediction(const struct prediction *prediction)
{
    g_autofree char *value = quantity_metric(prediction->metric, prediction->value);
    return g_strdup_printf("%s %s %s", prediction->metric, comparison_name(prediction->comparison), value);
}

#define NARROW_INTERVAL 0.03 /* of a share; whole percents would show both ends alike */

char *text_measured(const struct prediction *prediction, const struct verdict *verdict)
{
    if (!isfinite(verdict->measured))
        return g_strdup("not measured");
    if (!isfinite(verdict->low) || !isfinite(verdict->high) || verdict->low >= verdict->high)
        return quantity_metric(prediction->metric, verdict->measured);
    const struct metric *metric = metric_find(prediction->metric);
    if (!metric || !metric->share) {
        g_autofree char *measured = quantity_metric(prediction->metric, verdict->measured);
        g_autofree char *low = quantity_metric(prediction->metric, verdict->low);
        g_autofree char *high = quantity_metric(prediction->metric, verdict->high);
        return g_strdup_printf("%s (%s…%s)", measured, low, high);
    }
    char *(*percent)(double) =
        verdict->high - verdict->low < NARROW_INTERVAL ? quantity_percent_fine : quantity_percent;
    g_autofree char *measured = percent(verdict->measured);
    g_autofree char *low = percent(verdict->low);
    g_autofree char *high = percent(verdict->high);
    /* One percent sign is enough: 41 % (36…46). */
    low[strlen(low) - 2] = high[strlen(high) - 2] = '\0';
    return g_strdup_printf("%s (%s…%s)", measured, low, high);
}

void text_left_out(struct text_page *page, guint total, guint shown)
{
    if (shown >= total)
        return;
    g_autofree char *line = g_strdup_printf("… and %u more; --all shows them", total - shown);
    text_page_paragraph(page, 2, TEXT_DIM, line);
}
