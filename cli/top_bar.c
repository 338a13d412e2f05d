/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_frame.h"
#include "model/work_class.h"

/* The letters alone tell the states apart, for terminals without colour and eyes that see few. */
static const char cause_letters[WAIT_CAUSE_COUNT] = {
    [CAUSE_DISK] = 'd',     [CAUSE_SOCKET] = 's',      [CAUSE_PIPE] = 'p',    [CAUSE_TERMINAL] = 't',
    [CAUSE_MUTEX] = 'M',    [CAUSE_CONDITION] = 'C',   [CAUSE_RWLOCK] = 'R',  [CAUSE_SEMAPHORE] = 'S',
    [CAUSE_BARRIER] = 'B',  [CAUSE_JOIN] = 'J',        [CAUSE_FUTEX] = 'F',   [CAUSE_TIMER] = 'z',
    [CAUSE_POLL] = 'e',     [CAUSE_ACCEPT] = 'a',      [CAUSE_CHILD] = 'w',   [CAUSE_PAGE_FAULT] = 'g',
    [CAUSE_IO_URING] = 'u', [CAUSE_KERNEL_LOCK] = 'K', [CAUSE_STOPPED] = 'x', [CAUSE_OTHER] = 'o',
};

struct bar {
    const struct top_frame *frame;
    struct top_line *line;
    double seconds, done; /* of the whole bar, and up to now */
    int columns, drawn;
};

/* Ends of parts are rounded, not their lengths: the parts fill the bar whatever they are. */
static void add_part(struct bar *bar, enum top_style style, char letter, double seconds)
{
    bar->done += seconds;
    int until = MIN(bar->columns, (int)(bar->done / bar->seconds * bar->columns + 0.5));
    int length = until - bar->drawn;
    if (length <= 0)
        return;
    g_autofree char *text = g_strnfill((gsize)length, letter);
    top_line_add(bar->frame, bar->line, style, text, length, FALSE);
    bar->drawn = until;
}

void top_bar_add(const struct top_frame *frame, struct top_line *line, const struct live_states *states,
                 double seconds, int columns)
{
    struct bar bar = {frame, line, MAX(seconds, live_states_sum(states)), 0, columns, 0};
    if (columns <= 0 || !(bar.seconds > 0))
        return;
    add_part(&bar, TOP_ON_CORE, '#', states->on_core);
    add_part(&bar, TOP_IO_WORK, '=', states->io_work);
    add_part(&bar, TOP_QUEUED, '+', states->runnable);
    for (guint cause = 0; cause < WAIT_CAUSE_COUNT; cause++)
        add_part(&bar, wait_cause_is_lock((enum wait_cause)cause) ? TOP_ON_LOCK : TOP_ON_IO,
                 cause_letters[cause], states->blocked[cause]);
    add_part(&bar, TOP_IDLE, '.', states->idle);
    top_line_add(frame, line, TOP_PLAIN, "", columns - bar.drawn, TRUE);
}

void top_bar_add_legend(struct top_frame *frame, const struct live_view *view)
{
    gboolean seen[WAIT_CAUSE_COUNT] = {FALSE};
    struct top_line *line = top_frame_add(frame);
    for (guint i = 0; i < view->threads->len; i++) {
        const struct live_thread_row *row = g_ptr_array_index(view->threads, i);
        for (guint cause = 0; cause < WAIT_CAUSE_COUNT; cause++)
            seen[cause] |= row->states.blocked[cause] > 0;
    }
    int width = frame->state->width;
    top_line_add(frame, line, TOP_ON_CORE, "# on the core", width, FALSE);
    top_line_add(frame, line, TOP_IO_WORK, "  = in I/O calls", width, FALSE);
    top_line_add(frame, line, TOP_QUEUED, "  + queued", width, FALSE);
    top_line_add(frame, line, TOP_IDLE, "  . idle", width, FALSE);
    for (guint cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        g_autofree char *text =
            g_strdup_printf("  %c %s", cause_letters[cause], wait_cause_name((enum wait_cause)cause));
        if (seen[cause])
            top_line_add(frame, line, wait_cause_is_lock((enum wait_cause)cause) ? TOP_ON_LOCK : TOP_ON_IO,
                         text, width, FALSE);
    }
}
