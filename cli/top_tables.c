/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_frame.h"
#include "model/work_class.h"
#include "reports/quantity.h"
#include "reports/text_page.h"

#define NAME_COLUMNS   17
#define TID_COLUMNS    8
#define SHARE_COLUMNS  7
#define SHARES         5
#define BAR_LEAST      10
#define BAR_MOST       40
#define WIDE           100 /* columns from which the worst wait is told, too */
#define NARROW         72  /* below, shares are left out */
#define TIME_COLUMNS   10
#define LOCK_COLUMNS   26
#define KIND_COLUMNS   10
#define HOLDER_COLUMNS 20
#define RATE_COLUMNS   9

static void add_share(const struct top_frame *frame, struct top_line *line, double part, double whole)
{
    gboolean some = part > 0 && part / whole >= 0.001;
    top_line_take_right(frame, line, TOP_PLAIN, some ? quantity_percent(part / whole) : g_strdup("-"),
                        SHARE_COLUMNS);
}

/* "mutex records_lock big_lock.c:66" */
static char *wait_text(const struct live_wait *wait)
{
    if (!wait)
        return g_strdup("");
    return g_strdup_printf("%s%s%s%s%s", wait_cause_name(wait->cause), wait->lock ? " " : "",
                           wait->lock ? wait->lock : "", wait->place ? " " : "",
                           wait->place ? wait->place : "");
}

static int bar_columns(const struct top_frame *frame)
{
    int width = frame->state->width, fixed = NAME_COLUMNS + TID_COLUMNS + 1;
    if (width >= NARROW)
        fixed += SHARES * SHARE_COLUMNS;
    if (width >= WIDE)
        fixed += width / 4;
    return CLAMP(width - fixed, BAR_LEAST, BAR_MOST);
}

static void thread_head(struct top_frame *frame, struct top_line *line)
{
    static const char *const shares[SHARES] = {"core", "queue", "lock", "wait", "idle"};
    top_line_add(frame, line, TOP_BOLD, "thread", NAME_COLUMNS, TRUE);
    top_line_add(frame, line, TOP_BOLD, "tid", TID_COLUMNS, TRUE);
    top_line_add(frame, line, TOP_BOLD, "", bar_columns(frame), TRUE);
    for (guint i = 0; frame->state->width >= NARROW && i < SHARES; i++)
        top_line_take_right(frame, line, TOP_BOLD, g_strdup(shares[i]), SHARE_COLUMNS);
    if (frame->state->width >= WIDE)
        top_line_add(frame, line, TOP_BOLD, "  longest blocked in", frame->state->width, FALSE);
}

static void thread_row(struct top_frame *frame, struct top_line *line, const struct live_view *view, guint at)
{
    const struct live_thread_row *row = g_ptr_array_index(view->threads, at);
    double whole = view->seconds > 0 ? view->seconds : 1;
    g_autofree char *tid = g_strdup_printf("%d", row->thread->tid);
    top_line_add(frame, line, TOP_PLAIN, live_thread_label(row->thread), NAME_COLUMNS - 1, TRUE);
    top_line_add(frame, line, TOP_PLAIN, " ", 1, FALSE);
    top_line_add(frame, line, TOP_DIM, tid, TID_COLUMNS, TRUE);
    top_bar_add(frame, line, &row->states, whole, bar_columns(frame));
    if (frame->state->width < NARROW)
        return;
    add_share(frame, line, row->states.on_core + row->states.io_work, whole);
    add_share(frame, line, row->states.runnable, whole);
    add_share(frame, line, row->on_lock, whole);
    add_share(frame, line, row->blocked - row->on_lock, whole);
    add_share(frame, line, row->states.idle, whole);
    if (frame->state->width < WIDE)
        return;
    g_autofree char *worst = wait_text(row->worst);
    top_line_add(frame, line, TOP_PLAIN, "  ", 2, FALSE);
    top_line_add(frame, line, TOP_PLAIN, worst, frame->state->width, FALSE);
}

static void lock_head(struct top_frame *frame, struct top_line *line)
{
    top_line_add(frame, line, TOP_BOLD, "lock", LOCK_COLUMNS, TRUE);
    top_line_take_right(frame, line, TOP_BOLD, g_strdup("waited"), TIME_COLUMNS);
    top_line_take_right(frame, line, TOP_BOLD, g_strdup("times"), RATE_COLUMNS);
    top_line_take_right(frame, line, TOP_BOLD, g_strdup("longest"), TIME_COLUMNS);
    top_line_add(frame, line, TOP_BOLD, "  mostly held by", HOLDER_COLUMNS + 2, TRUE);
    top_line_add(frame, line, TOP_BOLD, "waited at", frame->state->width, FALSE);
}

static void lock_row(struct top_frame *frame, struct top_line *line, const struct live_view *view, guint at)
{
    const struct live_lock_row *row = g_ptr_array_index(view->locks, at);
    top_line_add(frame, line, TOP_ON_LOCK, row->name, LOCK_COLUMNS, TRUE);
    top_line_take_right(frame, line, TOP_PLAIN, quantity_seconds(row->waited), TIME_COLUMNS);
    top_line_take_right(frame, line, TOP_PLAIN, quantity_count((guint64)MAX(0, row->count)), RATE_COLUMNS);
    top_line_take_right(frame, line, TOP_PLAIN, quantity_seconds(row->longest), TIME_COLUMNS);
    top_line_add(frame, line, TOP_PLAIN, "  ", 2, FALSE);
    top_line_add_thread(frame, line, row->holder, HOLDER_COLUMNS);
    top_line_add(frame, line, TOP_PLAIN, row->place ? row->place : "", frame->state->width, FALSE);
}

static void loop_head(struct top_frame *frame, struct top_line *line)
{
    top_line_add(frame, line, TOP_BOLD, "loop", NAME_COLUMNS, TRUE);
    top_line_add(frame, line, TOP_BOLD, "tid", TID_COLUMNS, TRUE);
    top_line_take_right(frame, line, TOP_BOLD, g_strdup("rounds/s"), RATE_COLUMNS);
    top_line_take_right(frame, line, TOP_BOLD, g_strdup("longest"), TIME_COLUMNS);
    top_line_take_right(frame, line, TOP_BOLD, g_strdup("ever"), TIME_COLUMNS);
    top_line_take_right(frame, line, TOP_BOLD, g_strdup("busy"), SHARE_COLUMNS + 1);
    top_line_add(frame, line, TOP_BOLD, "  stopped by", frame->state->width, FALSE);
}

static void loop_row(struct top_frame *frame, struct top_line *line, const struct live_view *view, guint at)
{
    const struct live_loop_row *row = g_ptr_array_index(view->loops, at);
    double whole = view->seconds > 0 ? view->seconds : 1;
    g_autofree char *tid = g_strdup_printf("%d", row->thread->tid);
    g_autofree char *longest = quantity_seconds(row->longest);
    g_autofree char *worst = wait_text(row->worst);
    double rate = (double)row->count / whole;
    top_line_add(frame, line, TOP_PLAIN, live_thread_label(row->thread), NAME_COLUMNS - 1, TRUE);
    top_line_add(frame, line, TOP_PLAIN, " ", 1, FALSE);
    top_line_add(frame, line, TOP_DIM, tid, TID_COLUMNS, TRUE);
    top_line_take_right(frame, line, TOP_PLAIN, quantity_number(rate), RATE_COLUMNS);
    top_line_take_right(frame, line, TOP_PLAIN, g_strconcat(row->goes_on ? ">" : "", longest, NULL),
                        TIME_COLUMNS);
    top_line_take_right(frame, line, TOP_PLAIN, quantity_seconds(MAX(row->longest_ever, row->longest)),
                        TIME_COLUMNS);
    add_share(frame, line, row->busy, whole);
    top_line_add(frame, line, TOP_PLAIN, "   ", 3, FALSE);
    top_line_add(frame, line, TOP_PLAIN, worst, frame->state->width, FALSE);
}

static const struct panel {
    const char *title, *empty;
    void (*head)(struct top_frame *frame, struct top_line *line);
    void (*row)(struct top_frame *frame, struct top_line *line, const struct live_view *view, guint at);
} panels[TOP_PANEL_COUNT] = {
    [TOP_THREADS] = {"Threads", "no thread ran or waited", thread_head, thread_row},
    [TOP_LOCKS] = {"Locks, by waited time", "no lock was waited for", lock_head, lock_row},
    [TOP_LOOPS] = {"Event loops, by their longest callback", "no event loop ran", loop_head, loop_row},
};

void top_add_panel(struct top_frame *frame, const struct live_view *view, enum top_panel which, guint rows)
{
    const struct panel *panel = &panels[which];
    gboolean chosen = frame->state->panel == which;
    guint have = top_panel_rows(view, which),
          selected = have ? MIN(frame->state->selected[which], have - 1) : 0;
    guint first = selected >= rows ? selected - rows + 1 : 0, shown = MIN(rows, have - MIN(first, have));
    g_autofree char *more =
        have > shown ? g_strdup_printf("%s  %u to %u of %u", panel->title, first + 1, first + shown, have)
                     : g_strdup(panel->title);
    struct top_line *title = top_frame_add(frame);
    top_line_add(frame, title, chosen ? TOP_TITLE : TOP_BOLD, more, frame->state->width, chosen);
    if (!have) {
        top_line_add(frame, top_frame_add(frame), TOP_DIM, panel->empty, frame->state->width, FALSE);
        return;
    }
    panel->head(frame, top_frame_add(frame));
    for (guint i = 0; i < shown; i++) {
        struct top_line *line = top_frame_add(frame);
        line->selected = chosen && first + i == selected;
        panel->row(frame, line, view, first + i);
    }
}
