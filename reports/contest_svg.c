/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "reports/contest_report.h"
#include "reports/escape.h"
#include "reports/quantity.h"
#include "reports/text_page.h"

#define ROW_HEIGHT    26
#define HEAD_HEIGHT   92
#define FOOT_HEIGHT   42
#define MARGIN        20
#define NAME_WIDTH    196
#define NAME_COLUMNS  26
#define WIDE_PANEL    300
#define PANEL         132
#define PANEL_GAP     22
#define FONT          "font-family=\"Helvetica, Arial, sans-serif\""
#define INK           "#222222"
#define FAINT         "#6b6b6b"
#define RULE          "#d9d9d9"
#define UNKNOWN_MODEL "#595959"

/* Okabe and Ito's palette, which people with any colour vision can tell apart; the names beside say the same.
 */
static const char *const model_colours[EXECUTION_MODEL_COUNT] = {
    [MODEL_SEQUENTIAL] = "#000000", [MODEL_THREADS] = "#0072b2",         [MODEL_PROCESSES] = "#d55e00",
    [MODEL_ASYNC] = "#009e73",      [MODEL_ASYNC_PROCESSES] = "#cc79a7", [MODEL_ASYNC_THREADS] = "#e69f00",
};

static const struct panel {
    enum contest_column column;
    const char *title;
} panels[] = {
    {COLUMN_LATENCY_P99, "task latency, 99 %"},
    {COLUMN_CPU_SECONDS, "CPU time"},
    {COLUMN_MEMORY_BYTES, "memory, peak"},
    {COLUMN_SWITCHES, "context switches"},
};

struct drawing {
    GString *out;
    const struct contest *contest;
    guint rows;
    double width, height;
};

/* A double as SVG wants it: with `.` in every locale. */
static const char *number(char *buffer, double value)
{
    return g_ascii_formatd(buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.1f", value);
}

static void append_text(struct drawing *drawing, double x, double y, const char *attributes, const char *text)
{
    char left[G_ASCII_DTOSTR_BUF_SIZE], top[G_ASCII_DTOSTR_BUF_SIZE];
    g_autofree char *printable = escape_text(text);
    g_autofree char *escaped = g_markup_escape_text(printable, -1);
    g_string_append_printf(drawing->out, "<text x=\"%s\" y=\"%s\" %s>%s</text>\n", number(left, x),
                           number(top, y), attributes, escaped);
}

static void append_line(struct drawing *drawing, double x1, double y1, double x2, double y2,
                        const char *attributes)
{
    char a[G_ASCII_DTOSTR_BUF_SIZE], b[G_ASCII_DTOSTR_BUF_SIZE], c[G_ASCII_DTOSTR_BUF_SIZE],
        d[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(drawing->out, "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" %s/>\n",
                           number(a, x1), number(b, y1), number(c, x2), number(d, y2), attributes);
}

static void append_bar(struct drawing *drawing, double x, double y, double width, double height,
                       const char *colour, const char *opacity)
{
    char a[G_ASCII_DTOSTR_BUF_SIZE], b[G_ASCII_DTOSTR_BUF_SIZE], c[G_ASCII_DTOSTR_BUF_SIZE],
        d[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(
        drawing->out,
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\" fill-opacity=\"%s\"/>\n",
        number(a, x), number(b, y), number(c, width), number(d, height), colour, opacity);
}

static void append_dot(struct drawing *drawing, double x, double y, const char *colour)
{
    char a[G_ASCII_DTOSTR_BUF_SIZE], b[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(drawing->out,
                           "<circle cx=\"%s\" cy=\"%s\" r=\"2.6\" fill=\"%s\" fill-opacity=\"0.55\"/>\n",
                           number(a, x), number(b, y), colour);
}

/* Where the advisor's prediction stands: an open diamond. */
static void append_diamond(struct drawing *drawing, double x, double y)
{
    char a[G_ASCII_DTOSTR_BUF_SIZE], b[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(drawing->out,
                           "<path transform=\"translate(%s %s)\" d=\"M0 -5.5 L5.5 0 L0 5.5 L-5.5 0 Z\" "
                           "fill=\"#ffffff\" fill-opacity=\"0.6\" stroke=\"" INK
                           "\" stroke-width=\"1.4\"/>\n",
                           number(a, x), number(b, y));
}

static const char *colour_of(const struct compared_variant *variant)
{
    int model = 0;
    return vocabulary_find(&execution_model_vocabulary, variant->model, &model) ? model_colours[model]
                                                                                : UNKNOWN_MODEL;
}

static const struct compared_variant *row_variant(const struct drawing *drawing, guint row)
{
    return g_ptr_array_index(drawing->contest->variants, row);
}

static double row_middle(guint row)
{
    return HEAD_HEIGHT + row * ROW_HEIGHT + ROW_HEIGHT / 2.0;
}

static void draw_head(struct drawing *drawing)
{
    const struct contest *contest = drawing->contest;
    const struct run *run = session_last_run(contest->session);
    g_autofree char *title = g_strdup_printf("Best on this host: %s", contest->best->name);
    g_autofree char *remark =
        g_strdup_printf("%u rounds, %s; %s, %d cores. Bars are medians, dots single runs.", contest->rounds,
                        contest->stable ? "settled" : "not settled",
                        run && run->host ? run->host : "unknown host", run ? run->cores : 0);
    append_text(drawing, MARGIN, 30, FONT " font-size=\"18\" font-weight=\"bold\" fill=\"" INK "\"", title);
    append_text(drawing, MARGIN, 50, FONT " font-size=\"12\" fill=\"" FAINT "\"", remark);
}

static void draw_names(struct drawing *drawing)
{
    for (guint row = 0; row < drawing->rows; row++) {
        const struct compared_variant *variant = row_variant(drawing, row);
        gboolean best = variant == drawing->contest->best;
        double top = HEAD_HEIGHT + row * ROW_HEIGHT;
        g_autofree char *printable = escape_text(variant->name);
        g_autofree char *shown = text_elide(printable, NAME_COLUMNS);
        append_line(drawing, MARGIN, top, drawing->width - MARGIN, top,
                    "stroke=\"" RULE "\" stroke-width=\"0.7\"");
        append_bar(drawing, MARGIN, top + 7, 10, 12, colour_of(variant), "1");
        append_text(drawing, MARGIN + 18, row_middle(row) + 4.5,
                    best ? FONT " font-size=\"13\" font-weight=\"bold\" fill=\"" INK "\""
                         : FONT " font-size=\"13\" fill=\"" INK "\"",
                    shown);
    }
}

static double largest_round(const struct compared_variant *variant)
{
    GHashTableIter iter;
    gpointer value;
    double largest = variant->throughput.median;
    g_hash_table_iter_init(&iter, variant->rounds);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        largest = fmax(largest, *(double *)value);
    return largest;
}

/* Predicted throughput beside the best measured one, on the row of the model's best variant; NaN: none. */
static double predicted_throughput(const struct contest *contest, const struct compared_variant *variant)
{
    for (guint i = 0; i < contest->models->len; i++) {
        const struct compared_model *row = &g_array_index(contest->models, struct compared_model, i);
        if (row->variant == variant && !isnan(row->predicted_ratio))
            return contest->best->throughput.median / row->predicted_ratio;
    }
    return NAN;
}

static void draw_throughput(struct drawing *drawing, double left)
{
    double largest = 0;
    for (guint row = 0; row < drawing->rows; row++)
        largest = fmax(largest, largest_round(row_variant(drawing, row)));
    double scale = (WIDE_PANEL - 64) / largest;
    append_text(drawing, left, HEAD_HEIGHT - 10,
                FONT " font-size=\"12\" font-weight=\"bold\" fill=\"" INK "\"",
                drawing->contest->models->len ? "tasks per second; ◇ as advised" : "tasks per second");
    for (guint row = 0; row < drawing->rows; row++) {
        const struct compared_variant *variant = row_variant(drawing, row);
        double middle = row_middle(row), end = left + variant->throughput.median * scale;
        double rightmost = fmax(end, left + largest_round(variant) * scale);
        GHashTableIter iter;
        gpointer value;
        append_bar(drawing, left, middle - 7, end - left, 14, colour_of(variant), "0.35");
        append_line(drawing, end, middle - 9, end, middle + 9, "stroke=\"" INK "\" stroke-width=\"1.6\"");
        g_hash_table_iter_init(&iter, variant->rounds);
        while (g_hash_table_iter_next(&iter, NULL, &value))
            append_dot(drawing, left + *(double *)value * scale, middle, colour_of(variant));
        double predicted = predicted_throughput(drawing->contest, variant);
        if (!isnan(predicted)) {
            append_diamond(drawing, left + predicted * scale, middle);
            rightmost = fmax(rightmost, left + predicted * scale + 4);
        }
        g_autofree char *shown = quantity_number(variant->throughput.median);
        append_text(drawing, rightmost + 6, middle + 4, FONT " font-size=\"11\" fill=\"" INK "\"", shown);
    }
}

static void draw_panel(struct drawing *drawing, const struct panel *panel, double left)
{
    double largest = 0;
    for (guint row = 0; row < drawing->rows; row++)
        largest = fmax(largest, row_variant(drawing, row)->columns[panel->column].median);
    append_text(drawing, left, HEAD_HEIGHT - 10,
                FONT " font-size=\"12\" font-weight=\"bold\" fill=\"" INK "\"", panel->title);
    for (guint row = 0; row < drawing->rows; row++) {
        const struct compared_variant *variant = row_variant(drawing, row);
        double value = variant->columns[panel->column].median, middle = row_middle(row);
        double width = largest > 0 && value > 0 ? value / largest * (PANEL - 66) : 0;
        g_autofree char *shown = contest_value(panel->column, value);
        append_bar(drawing, left, middle - 5, fmax(width, 0.8), 10, colour_of(variant), "0.8");
        append_text(drawing, left + width + 5, middle + 4, FONT " font-size=\"11\" fill=\"" INK "\"", shown);
    }
}

static gboolean panel_is_used(const struct drawing *drawing, const struct panel *panel)
{
    for (guint row = 0; row < drawing->rows; row++) {
        if (row_variant(drawing, row)->columns[panel->column].count)
            return TRUE;
    }
    return FALSE;
}

/* The colours, where the names of the variants do not say the model. */
static double draw_legend(struct drawing *drawing, double y)
{
    double x = MARGIN;
    for (int model = 0; model < EXECUTION_MODEL_COUNT; model++) {
        const char *name = execution_model_name(model);
        gboolean used = FALSE;
        for (guint row = 0; row < drawing->rows; row++)
            used = used || g_strcmp0(row_variant(drawing, row)->model, name) == 0;
        if (!used)
            continue;
        append_bar(drawing, x, y - 9, 10, 10, model_colours[model], "1");
        append_text(drawing, x + 15, y, FONT " font-size=\"11\" fill=\"" FAINT "\"", name);
        x += 115;
    }
    return x;
}

static void draw_foot(struct drawing *drawing)
{
    GString *text = g_string_new(NULL);
    for (guint i = drawing->rows; i < drawing->contest->variants->len; i++)
        g_string_append_printf(text, "%s%s", text->len ? ", " : "failed: ", row_variant(drawing, i)->name);
    double y = HEAD_HEIGHT + drawing->rows * ROW_HEIGHT;
    append_line(drawing, MARGIN, y, drawing->width - MARGIN, y, "stroke=\"" RULE "\" stroke-width=\"0.7\"");
    double x = draw_legend(drawing, y + 24);
    if (text->len)
        append_text(drawing, x, y + 24, FONT " font-size=\"11\" fill=\"" FAINT "\"", text->str);
    g_string_free(text, TRUE);
}

static void draw_all(struct drawing *drawing)
{
    double left = MARGIN + NAME_WIDTH;
    draw_head(drawing);
    draw_names(drawing);
    draw_throughput(drawing, left);
    left += WIDE_PANEL + PANEL_GAP;
    for (guint i = 0; i < G_N_ELEMENTS(panels); i++) {
        if (!panel_is_used(drawing, &panels[i]))
            continue;
        draw_panel(drawing, &panels[i], left);
        left += PANEL + PANEL_GAP;
    }
    draw_foot(drawing);
}

static guint count_ranked(const struct contest *contest)
{
    guint ranked = 0;
    while (ranked < contest->variants->len &&
           !compared_variant_failed(g_ptr_array_index(contest->variants, ranked)))
        ranked++;
    return ranked;
}

void contest_svg(const struct contest *contest, const struct report_options *options, GString *out)
{
    (void)options;
    struct drawing drawing = {.out = out, .contest = contest, .rows = count_ranked(contest)};
    drawing.width = MARGIN * 2 + NAME_WIDTH + WIDE_PANEL + PANEL_GAP;
    for (guint i = 0; i < G_N_ELEMENTS(panels); i++)
        drawing.width += panel_is_used(&drawing, &panels[i]) ? PANEL + PANEL_GAP : 0;
    drawing.height = HEAD_HEIGHT + drawing.rows * ROW_HEIGHT + FOOT_HEIGHT;
    char width[G_ASCII_DTOSTR_BUF_SIZE], height[G_ASCII_DTOSTR_BUF_SIZE];
    number(width, drawing.width);
    number(height, drawing.height);
    g_string_append_printf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%s\" height=\"%s\" viewBox=\"0 0 %s "
        "%s\" role=\"img\">\n<title>corewise compare</title>\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
        width, height, width, height);
    if (contest->best)
        draw_all(&drawing);
    else
        append_text(&drawing, MARGIN, 30, FONT " font-size=\"16\" fill=\"" INK "\"", "All variants failed.");
    g_string_append(out, "</svg>\n");
}
