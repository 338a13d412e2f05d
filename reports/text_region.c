/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "model/class_coverage.h"
#include "model/judge.h"
#include "reports/quantity.h"
#include "reports/text_sections.h"

#define REGIONS_SHOWN 12

/* A region with the one prediction that its row shows. */
struct region_row {
    const struct region *region;
    double active_seconds; /* NaN when it did not run */
    const struct prediction *prediction;
    const struct verdict *verdict;
};

static const char *const kind_words[REGION_KIND_COUNT] = {
    [REGION_FUNCTION] = "function",
    [REGION_LOOP] = "loop",
    [REGION_THREAD_BODY] = "thread body",
    [REGION_PROCESS_BODY] = "process body",
    [REGION_CALLBACK] = "callback",
    [REGION_PARALLEL_REGION] = "parallel region",
    [REGION_CRITICAL_SECTION] = "critical section",
    [REGION_MARKER] = "marker",
};

/* Without a measurement: what a model can be chosen for comes first. */
static const int kind_ranks[REGION_KIND_COUNT] = {
    [REGION_THREAD_BODY] = 0,     [REGION_PROCESS_BODY] = 0, [REGION_CALLBACK] = 0,
    [REGION_PARALLEL_REGION] = 0, [REGION_LOOP] = 1,         [REGION_CRITICAL_SECTION] = 2,
    [REGION_FUNCTION] = 1,
};

/* Which of a region's verdicts a reader must see: bad news first. */
static int verdict_rank(const struct verdict *verdict)
{
    static const int ranks[VERDICT_KIND_COUNT] = {[VERDICT_REFUTED] = 4,
                                                  [VERDICT_INCONCLUSIVE] = 3,
                                                  [VERDICT_CONFIRMED] = 2,
                                                  [VERDICT_NOT_EXERCISED] = 1};
    return verdict ? ranks[verdict->kind] : 0;
}

static gint compare_rows(gconstpointer left, gconstpointer right)
{
    const struct region_row *a = left, *b = right;
    double seconds_a = isfinite(a->active_seconds) ? a->active_seconds : -1;
    double seconds_b = isfinite(b->active_seconds) ? b->active_seconds : -1;
    if (seconds_a != seconds_b)
        return seconds_a > seconds_b ? -1 : 1;
    if (kind_ranks[a->region->kind] != kind_ranks[b->region->kind])
        return kind_ranks[a->region->kind] - kind_ranks[b->region->kind];
    if (a->region->class != b->region->class)
        return a->region->class < b->region->class ? -1 : 1;
    if (a->region->confidence != b->region->confidence)
        return a->region->confidence > b->region->confidence ? -1 : 1;
    return g_strcmp0(a->region->id, b->region->id);
}

static GHashTable *row_positions(GArray *rows)
{
    GHashTable *positions = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < rows->len; i++)
        g_hash_table_insert(positions, g_array_index(rows, struct region_row, i).region->id,
                            GUINT_TO_POINTER(i + 1));
    return positions;
}

static GArray *collect_rows(const struct report_index *index)
{
    GArray *rows = g_array_new(FALSE, TRUE, sizeof(struct region_row));
    for (guint i = 0; i < index->session->regions->len; i++) {
        struct region_row row = {.region = g_ptr_array_index(index->session->regions, i)};
        if (row.region->kind == REGION_MARKER)
            continue; /* has a section of its own */
        row.active_seconds = report_index_value(index, SUBJECT_REGION, row.region->id, "active_seconds");
        g_array_append_val(rows, row);
    }
    g_autoptr(GHashTable) positions = row_positions(rows);
    for (guint i = 0; i < index->session->predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(index->session->predictions, i);
        guint position =
            prediction->region ? GPOINTER_TO_UINT(g_hash_table_lookup(positions, prediction->region)) : 0;
        if (position == 0)
            continue;
        struct region_row *row = &g_array_index(rows, struct region_row, position - 1);
        const struct verdict *verdict = g_hash_table_lookup(index->verdicts, prediction->id);
        if (!row->prediction || verdict_rank(verdict) > verdict_rank(row->verdict)) {
            row->prediction = prediction;
            row->verdict = verdict;
        }
    }
    g_array_sort(rows, compare_rows);
    return rows;
}

/* "cpu", or "cpu (guess)" */
static char *class_text(const struct region *region)
{
    return g_strdup_printf("%s%s", work_class_name(region->class), class_is_guess(region) ? " (guess)" : "");
}

static double region_value(const struct report_index *index, const struct region_row *row, const char *metric)
{
    return report_index_value(index, SUBJECT_REGION, row->region->id, metric);
}

static void add_verdict_cell(const struct report_index *index, const struct region_row *row,
                             struct text_table *table)
{
    if (!row->verdict) { /* nothing was predicted, but the run itself may say it */
        enum work_class class;
        gboolean known = report_index_measured_class(index, row->region->id, &class);
        text_table_take(table, TEXT_DIM,
                        known ? g_strdup_printf("measured %s", work_class_name(class)) : NULL);
        return;
    }
    g_autofree char *measured = text_measured(row->prediction, row->verdict);
    /* The class column says which share is meant; any other metric is named. */
    gboolean plain = g_str_has_prefix(row->prediction->metric, work_class_name(row->region->class)) &&
                     g_str_has_suffix(row->prediction->metric, "_share");
    text_table_take(table, text_verdict_style(row->verdict->kind),
                    g_strdup_printf("%s %s%s%s", text_verdict_words(row->verdict->kind),
                                    plain ? "" : row->prediction->metric, plain ? "" : " ", measured));
}

/* Threads that run while one of them runs this; too few samples tell nothing. */
static void add_parallelism_cell(const struct report_index *index, const struct region_row *row,
                                 struct text_table *table)
{
    const struct measurement *found = session_find_measurement(index->session, index->run->id, SUBJECT_REGION,
                                                               row->region->id, "parallelism");
    gboolean told = found && found->samples >= JUDGE_MINIMUM_SAMPLES;
    text_table_take(table, TEXT_PLAIN, told ? g_strdup_printf("%.2f", found->value) : NULL);
}

static void add_measured_row(const struct report_index *index, const struct region_row *row,
                             struct text_table *table, gboolean all)
{
    double runqueue = region_value(index, row, "runqueue_share"), cpu = region_value(index, row, "cpu_share");
    struct text_split split = {
        .cpu = isfinite(runqueue) ? MAX(cpu - runqueue, 0) : cpu,
        .runqueue = runqueue,
        .io = region_value(index, row, "io_share"),
        .lock = region_value(index, row, "lock_share"),
        .idle = region_value(index, row, "idle_share"),
    };
    text_table_add(table, TEXT_PLAIN, row->region->id);
    text_table_take(table, TEXT_PLAIN, class_text(row->region));
    text_table_take(table, TEXT_PLAIN, quantity_seconds(row->active_seconds));
    text_split_add(table, &split);
    if (all)
        add_parallelism_cell(index, row, table);
    add_verdict_cell(index, row, table);
}

static gboolean is_measured(const struct region_row *row)
{
    return isfinite(row->active_seconds) && row->active_seconds > 0;
}

static void write_measured(const struct report_index *index, struct text_page *page, const GArray *rows)
{
    static const struct text_column columns[] = {
        {"region", TEXT_LEFT, 24}, {"class", TEXT_LEFT, 0},   {"active", TEXT_RIGHT, 0},
        TEXT_SPLIT_COLUMNS,        {"verdict", TEXT_LEFT, 0},
    };
    static const struct text_column all_columns[] = {
        {"region", TEXT_LEFT, 24}, {"class", TEXT_LEFT, 0},    {"active", TEXT_RIGHT, 0},
        TEXT_SPLIT_COLUMNS,        {"threads", TEXT_RIGHT, 0}, {"verdict", TEXT_LEFT, 0},
    };
    g_autoptr(TextTable) table = text_table_new(
        page->all ? all_columns : columns, page->all ? G_N_ELEMENTS(all_columns) : G_N_ELEMENTS(columns));
    guint measured = 0, shown = 0;
    for (guint i = 0; i < rows->len; i++) {
        const struct region_row *row = &g_array_index(rows, struct region_row, i);
        if (!is_measured(row))
            continue;
        measured++;
        if (page->all || shown < REGIONS_SHOWN) {
            add_measured_row(index, row, table, page->all);
            shown++;
        }
    }
    if (shown > 0)
        text_table_write(table, page);
    else
        text_page_paragraph(page, 2, TEXT_PLAIN, "None of the regions was seen to run.");
    text_left_out(page, measured, shown);
    if (measured > 0 && measured < rows->len) {
        g_autofree char *line = g_strdup_printf("%u further region%s did not run, or too briefly to be seen.",
                                                rows->len - measured, rows->len - measured == 1 ? "" : "s");
        text_page_paragraph(page, 2, TEXT_DIM, line);
    }
}

/* `1.20 µs-3.00 ms`, or NULL when the region spends no time so. The bounds of several causes add up. */
static char *interval_text(const struct region *region, gboolean blocked)
{
    int ignored;
    double low = 0, high = 0;
    for (guint i = 0; i < region->seconds->len; i++) {
        const struct time_estimate *estimate = g_ptr_array_index(region->seconds, i);
        gboolean waits = vocabulary_find(&wait_cause_vocabulary, estimate->part, &ignored);
        if (waits != blocked || (!waits && strcmp(estimate->part, "cpu") != 0))
            continue;
        low += estimate->low;
        high += estimate->high;
    }
    g_autofree char *least = quantity_seconds(low), *most = quantity_seconds(high);
    return high <= 0                  ? NULL
           : strcmp(least, most) == 0 ? g_strdup(least)
                                      : g_strdup_printf("%s-%s", least, most);
}

static void write_predicted(struct text_page *page, const GArray *rows)
{
    static const struct text_column columns[] = {
        {"region", TEXT_LEFT, 24},   {"kind", TEXT_LEFT, 0},          {"class", TEXT_LEFT, 0},
        {"sure", TEXT_RIGHT, 0},     {"cpu per call", TEXT_RIGHT, 0}, {"blocked", TEXT_RIGHT, 0},
        {"evidence", TEXT_LEFT, 24},
    };
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    guint shown = 0;
    for (guint i = 0; i < rows->len; i++) {
        const struct region *region = g_array_index(rows, struct region_row, i).region;
        if (!page->all && (region->class == WORK_LIGHT || shown >= REGIONS_SHOWN))
            continue;
        const struct place *last =
            region->evidence->len > 0 ? g_ptr_array_index(region->evidence, region->evidence->len - 1) : NULL;
        text_table_add(table, TEXT_PLAIN, region->id);
        text_table_add(table, TEXT_PLAIN, kind_words[region->kind]);
        text_table_take(table, TEXT_BOLD, class_text(region));
        text_table_take(table, TEXT_PLAIN, quantity_percent(region->confidence));
        text_table_take(table, TEXT_PLAIN, interval_text(region, FALSE));
        text_table_take(table, TEXT_PLAIN, interval_text(region, TRUE));
        text_table_take(table, TEXT_PLAIN,
                        last ? g_strdup_printf("%s:%d %s", last->file, last->line, last->text) : NULL);
        shown++;
    }
    if (shown > 0)
        text_table_write(table, page);
    text_left_out(page, rows->len, shown);
}

void text_region_section(const struct report_index *index, struct text_page *page)
{
    g_autoptr(GArray) rows = collect_rows(index);
    if (rows->len == 0) {
        if (index->session->program) {
            text_page_heading(page, "Regions", NULL);
            text_page_paragraph(page, 2, TEXT_PLAIN, "The analysis found no region of interest.");
        }
        return;
    }
    if (index->run) {
        text_page_heading(page, "Regions",
                          page->all
                              ? "by active time; cpu, run queue, i/o and lock are shares of it; threads: "
                                "that ran while one ran this"
                              : "by active time; cpu, run queue, i/o and lock are shares of it");
        write_measured(index, page, rows);
    } else {
        text_page_heading(page, "Regions", "as predicted from the source");
        write_predicted(page, rows);
    }
}
