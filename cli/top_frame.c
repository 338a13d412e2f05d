/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_frame.h"

#include "reports/escape.h"
#include "reports/quantity.h"
#include "reports/text_page.h"

#define SIDE_ROWS       5  /* of a panel that is not the chosen one */
#define ALL_PANELS      18 /* lines for panels from which all are shown */
#define ADVICE_LINES    3
#define SMALL_HEIGHT    16
#define NARROW_WIDTH    60
#define LONGEST_COMMAND 200

static void span_free(gpointer data)
{
    struct top_span *span = data;
    g_free(span->text);
    g_free(span);
}

static void line_free(gpointer data)
{
    struct top_line *line = data;
    g_ptr_array_unref(line->spans);
    g_free(line);
}

void top_frame_free(struct top_frame *frame)
{
    if (!frame)
        return;
    g_ptr_array_unref(frame->lines);
    g_free(frame);
}

struct top_line *top_frame_add(struct top_frame *frame)
{
    struct top_line *line = g_new0(struct top_line, 1);
    line->spans = g_ptr_array_new_with_free_func(span_free);
    g_ptr_array_add(frame->lines, line);
    return line;
}

int top_line_room(const struct top_frame *frame, const struct top_line *line)
{
    return MAX(0, frame->state->width - line->width);
}

/* As many columns of ASCII. */
static char *plain_text(const char *text)
{
    GString *plain = g_string_new(NULL);
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        char utf8[7] = {0};
        g_unichar_to_utf8(character, utf8);
        if (character < 0x80)
            g_string_append_c(plain, (char)character);
        else
            for (int column = text_width(utf8); column > 0; column--)
                g_string_append_c(plain, character == 0x2026 ? '~' : character == 0xb5 ? 'u' : '?');
    }
    return g_string_free(plain, FALSE);
}

void top_line_add(const struct top_frame *frame, struct top_line *line, enum top_style style,
                  const char *text, int columns, gboolean pad)
{
    int room = MIN(columns, top_line_room(frame, line));
    if (room <= 0)
        return;
    g_autofree char *visible = escape_text(text);
    g_autofree char *fitting = text_elide(visible, room);
    int used = text_width(fitting), blank = pad ? room - used : 0;
    g_autofree char *shown = frame->state->utf8 ? g_strdup(fitting) : plain_text(fitting);
    struct top_span *span = g_new0(struct top_span, 1);
    span->style = style;
    span->text = g_strdup_printf("%s%*s", shown, blank, "");
    g_ptr_array_add(line->spans, span);
    line->width += used + blank;
}

void top_line_take_right(const struct top_frame *frame, struct top_line *line, enum top_style style,
                         char *text, int columns)
{
    int blank = MAX(0, columns - text_width(text));
    g_autofree char *padded = g_strdup_printf("%*s%s", blank, "", text);
    top_line_add(frame, line, style, padded, columns, TRUE);
    g_free(text);
}

void top_line_add_thread(const struct top_frame *frame, struct top_line *line,
                         const struct live_thread *thread, int columns)
{
    g_autofree char *tid = thread ? g_strdup_printf(" %d ", thread->tid) : g_strdup(" ");
    g_autofree char *visible = escape_text(thread ? live_thread_label(thread) : "?");
    g_autofree char *name = text_elide(visible, MAX(1, columns - text_width(tid)));
    g_autofree char *both = g_strconcat(name, tid, NULL);
    top_line_add(frame, line, TOP_PLAIN, both, columns, TRUE);
}

/* --- the main page ------------------------------------------------------------------------------------- */

static void add_title(struct top_frame *frame, const struct live_numbers *numbers)
{
    const struct top_state *state = frame->state;
    struct top_line *line = top_frame_add(frame);
    g_autofree char *time = quantity_seconds(numbers ? numbers->seconds : 0);
    g_autofree char *watched = g_strdup_printf("  %s%s%s", state->ended ? "ended after " : "watched for ",
                                               time, state->frozen ? "  FROZEN" : "");
    const char *command = numbers && numbers->command ? numbers->command : "";
    g_autofree char *shown = g_utf8_substring(command, 0, MIN(g_utf8_strlen(command, -1), LONGEST_COMMAND));
    int name = MAX(8, state->width - 14 - text_width(watched));
    top_line_add(frame, line, TOP_TITLE, "corewise top  ", 14, TRUE);
    top_line_add(frame, line, TOP_TITLE, shown, name, TRUE);
    top_line_add(frame, line, state->ended || state->frozen ? TOP_ADVICE : TOP_TITLE, watched,
                 text_width(watched), TRUE);
}

static void add_totals(struct top_frame *frame, const struct live_numbers *numbers,
                       const struct live_view *view)
{
    const struct top_state *state = frame->state;
    struct top_line *line = top_frame_add(frame);
    if (!numbers || !view || !(view->seconds > 0)) {
        top_line_add(frame, line, TOP_DIM, "waiting for the first numbers", state->width, FALSE);
        return;
    }
    g_autofree char *span = quantity_seconds(view->seconds);
    g_autofree char *own = quantity_percent_fine(view->tracer_seconds / view->seconds);
    g_autofree char *text = g_strdup_printf(
        "%s %s: %u thread%s on %.2f of %d cores; corewise itself %s of one; sorted by %s",
        state->total ? "all of" : "the last", span, view->threads->len, view->threads->len == 1 ? "" : "s",
        view->cpu_seconds / view->seconds, numbers->cores, own, top_sort_name(state->sort));
    top_line_add(frame, line, TOP_DIM, text, state->width, FALSE);
    if (!numbers->lost_events)
        return;
    g_autofree char *lost = quantity_count(numbers->lost_events);
    g_autofree char *words = g_strdup_printf("; %s events lost", lost);
    top_line_add(frame, line, TOP_ADVICE, words, text_width(words), FALSE);
}

/* The suggestions as wrapped lines, the first in full before the next. */
static void add_advice(struct top_frame *frame, const struct live_numbers *numbers)
{
    guint most = frame->state->height < SMALL_HEIGHT ? 1 : ADVICE_LINES;
    for (guint i = 0; numbers && i < numbers->suggestions->len && most; i++) {
        g_autofree char *visible = escape_text(g_ptr_array_index(numbers->suggestions, i));
        g_autoptr(GString) wrapped = g_string_new(NULL);
        struct text_page page = {.out = wrapped, .width = frame->state->width - 2};
        text_page_paragraph(&page, 0, TEXT_PLAIN, visible);
        g_auto(GStrv) lines = g_strsplit(wrapped->str, "\n", -1);
        for (guint k = 0; lines[k] && *lines[k] && most; k++, most--) {
            gboolean cut = most == 1 && lines[k + 1] && *lines[k + 1];
            g_autofree char *text = g_strdup_printf("%s%s", lines[k], cut ? " …" : "");
            struct top_line *line = top_frame_add(frame);
            top_line_add(frame, line, TOP_ADVICE, k ? "  " : "> ", 2, TRUE);
            top_line_add(frame, line, TOP_ADVICE, text, frame->state->width, FALSE);
        }
    }
}

static void add_footer(struct top_frame *frame)
{
    const struct top_state *state = frame->state;
    struct top_line *line = top_frame_add(frame);
    const char *keys =
        state->width < NARROW_WIDTH
            ? "q quit  ? help"
            : "q quit  ? help  Tab panel  Enter stacks  c r b l i n sort  t total  space freeze  s save";
    if (state->message)
        top_line_add(frame, line, TOP_ADVICE, state->message, state->width, FALSE);
    else
        top_line_add(frame, line, TOP_DIM, keys, state->width, FALSE);
}

/* The chosen panel gets what the others leave; where there is little room it is alone. */
static void add_panels(struct top_frame *frame, const struct live_view *view, int lines)
{
    guint rows[TOP_PANEL_COUNT] = {0}, chosen = frame->state->panel;
    gboolean all = lines >= ALL_PANELS;
    int left = lines;
    for (guint panel = 0; panel < TOP_PANEL_COUNT; panel++) {
        guint have = top_panel_rows(view, panel);
        if (panel == chosen || !all || (panel != TOP_THREADS && !have))
            continue;
        rows[panel] = CLAMP(have, 1, SIDE_ROWS);
        left -= (int)rows[panel] + TOP_PANEL_HEAD;
    }
    rows[chosen] = (guint)MAX(1, left - TOP_PANEL_HEAD);
    for (guint panel = 0; panel < TOP_PANEL_COUNT; panel++) {
        if (rows[panel])
            top_add_panel(frame, view, panel, rows[panel]);
    }
}

static void cut(struct top_frame *frame, int lines)
{
    if (lines >= 0 && frame->lines->len > (guint)lines)
        g_ptr_array_set_size(frame->lines, lines);
}

struct top_frame *top_frame_new(const struct top_state *state, const struct top_content *content)
{
    struct top_frame *frame = g_new0(struct top_frame, 1);
    frame->state = state;
    frame->lines = g_ptr_array_new_with_free_func(line_free);
    add_title(frame, content->numbers);
    if (state->page != TOP_PAGE_MAIN) {
        top_add_page(frame, content);
    } else {
        add_totals(frame, content->numbers, content->view);
        add_advice(frame, content->numbers);
        if (content->view) {
            if (state->height >= SMALL_HEIGHT)
                top_bar_add_legend(frame, content->view);
            add_panels(frame, content->view, state->height - (int)frame->lines->len - 1);
        }
    }
    cut(frame, MAX(0, state->height - 1));
    while (!state->batch && frame->lines->len + 1 < (guint)MAX(1, state->height))
        top_frame_add(frame);
    if (state->height > 0 && !state->batch)
        add_footer(frame);
    return frame;
}

char *top_frame_text(const struct top_frame *frame)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < frame->lines->len; i++) {
        const struct top_line *line = g_ptr_array_index(frame->lines, i);
        g_autoptr(GString) whole = g_string_new(NULL);
        for (guint k = 0; k < line->spans->len; k++)
            g_string_append(whole, ((const struct top_span *)g_ptr_array_index(line->spans, k))->text);
        g_string_append(text, g_strchomp(whole->str));
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
