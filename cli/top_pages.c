/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_frame.h"
#include "reports/quantity.h"
#include "tracer/tracer.h"

#define CELL_COLUMNS 10
#define NAME_COLUMNS 22

static const char *const help_lines[] = {
    "Bars: each column is an equal part of the time that is shown. # on the core, = on the core",
    "inside an I/O system call, + queued for a core, . idle (waiting for the next task); capitals",
    "wait for other threads of the program, small letters for the outside.",
    "",
    "  Tab              next panel: threads, locks, loops",
    "  Up Down j k      row; Page Up, Page Down, Home, End",
    "  Enter            stacks of the thread, waits for the lock",
    "  c r b l i n      sort threads by time on the core, in the queue, blocked, waiting for",
    "                   locks, idle, or by name",
    "  t                all of the time since the watch began, or the last interval",
    "  space, f         freeze the picture; the watch goes on",
    "  s                save the run so far as a session: corewise report FILE.cw",
    "  q, Esc           back, quit; a launched command is ended, others run on",
    "",
    "Locks: waited is summed over threads, so it can be more than the interval. Loops: longest is",
    "the longest round of callbacks between two waits for descriptors; > goes on. The line at the",
    "top is what the numbers since the beginning support; with -s FILE.cw the advice of that analysis.",
    NULL,
};

static void add_text(struct top_frame *frame, enum top_style style, const char *text)
{
    top_line_add(frame, top_frame_add(frame), style, text, frame->state->width, FALSE);
}

static void add_help(struct top_frame *frame)
{
    for (const char *const *line = help_lines; *line; line++)
        add_text(frame, TOP_PLAIN, *line);
}

static void add_stack(struct top_frame *frame, const struct thread_stack *stack, double whole)
{
    struct top_line *line = top_frame_add(frame);
    g_autofree char *count = quantity_count(stack->count);
    g_autofree char *what = stack->on_core
                                ? g_strdup_printf("  on the core, %s samples", count)
                                : g_strdup_printf("  %s %s, %s times", stack->idle ? "idle in" : "blocked on",
                                                  wait_cause_name(stack->cause), count);
    top_line_take_right(frame, line, TOP_BOLD, quantity_percent(stack->seconds / whole), CELL_COLUMNS - 2);
    top_line_take_right(frame, line, TOP_BOLD, quantity_seconds(stack->seconds), CELL_COLUMNS);
    top_line_add(frame, line,
                 stack->on_core ? TOP_ON_CORE
                 : stack->idle  ? TOP_IDLE
                                : TOP_BOLD,
                 what, frame->state->width, FALSE);
    for (guint i = 0; i < stack->frames->len; i++) {
        struct top_line *frame_line = top_frame_add(frame);
        top_line_add(frame, frame_line, TOP_DIM, i ? "            < " : "              ", 14, TRUE);
        top_line_add(frame, frame_line, TOP_PLAIN, g_ptr_array_index(stack->frames, i), frame->state->width,
                     FALSE);
    }
}

static void add_stacks(struct top_frame *frame, const struct top_content *content)
{
    const struct live_thread *thread = NULL;
    double whole = 0;
    for (guint i = 0; content->numbers && i < content->numbers->threads->len; i++) {
        const struct live_thread *each = g_ptr_array_index(content->numbers->threads, i);
        thread = each->tid == frame->state->tid ? each : thread;
    }
    g_autofree char *title =
        g_strdup_printf("Stacks of %s, thread %d, since the watch began; innermost first",
                        thread ? live_thread_label(thread) : "?", frame->state->tid);
    add_text(frame, TOP_BOLD, title);
    for (guint i = 0; content->stacks && i < content->stacks->len; i++)
        whole += ((const struct thread_stack *)g_ptr_array_index(content->stacks, i))->seconds;
    if (!(whole > 0))
        add_text(frame, TOP_DIM, "nothing was seen of it yet");
    for (guint i = 0; whole > 0 && i < content->stacks->len; i++)
        add_stack(frame, g_ptr_array_index(content->stacks, i), whole);
}

static const struct live_thread *thread_of(const struct live_numbers *numbers, const char *thread)
{
    return thread ? g_hash_table_lookup(numbers->thread_by_id, thread) : NULL;
}

static gint compare_waits(gconstpointer left, gconstpointer right)
{
    const struct live_wait *a = *(struct live_wait *const *)left, *b = *(struct live_wait *const *)right;
    return a->seconds < b->seconds ? 1 : a->seconds > b->seconds ? -1 : 0;
}

static void add_wait(struct top_frame *frame, const struct live_numbers *numbers,
                     const struct live_wait *wait)
{
    struct top_line *line = top_frame_add(frame);
    int width = frame->state->width;
    top_line_add_thread(frame, line, thread_of(numbers, wait->waiter), NAME_COLUMNS);
    top_line_add_thread(frame, line, thread_of(numbers, wait->holder), NAME_COLUMNS);
    top_line_take_right(frame, line, TOP_PLAIN, quantity_seconds(wait->seconds), CELL_COLUMNS);
    top_line_take_right(frame, line, TOP_PLAIN, quantity_count((guint64)MAX(0, wait->count)), CELL_COLUMNS);
    top_line_take_right(frame, line, TOP_PLAIN, quantity_seconds(wait->longest), CELL_COLUMNS);
    top_line_add(frame, line, TOP_PLAIN, "  ", 2, TRUE);
    top_line_add(frame, line, TOP_PLAIN, wait->place ? wait->place : "", width, FALSE);
}

static void add_lock(struct top_frame *frame, const struct live_numbers *numbers)
{
    const struct live_lock_name *lock =
        numbers && frame->state->lock ? g_hash_table_lookup(numbers->lock_by_id, frame->state->lock) : NULL;
    g_autoptr(GPtrArray) waits = g_ptr_array_new();
    for (guint i = 0; lock && i < numbers->waits->len; i++) {
        struct live_wait *wait = g_ptr_array_index(numbers->waits, i);
        if (!wait->idle && g_strcmp0(wait->lock, lock->id) == 0)
            g_ptr_array_add(waits, wait);
    }
    g_ptr_array_sort(waits, compare_waits);
    g_autofree char *title =
        g_strdup_printf("Waits for %s (%s) since the watch began", lock ? lock->name : "?",
                        lock ? lock_kind_name(lock->kind) : "gone");
    add_text(frame, TOP_BOLD, title);
    add_text(frame, TOP_BOLD,
             "waiter                holder                    waited     times   longest  at");
    for (guint i = 0; i < waits->len; i++)
        add_wait(frame, numbers, g_ptr_array_index(waits, i));
}

/* Lines 1 to `scroll` below the title are gone; the last one always stays. */
static void scroll(struct top_frame *frame, guint first)
{
    guint by = MIN(frame->state->scroll, frame->lines->len - MIN(frame->lines->len, first + 1));
    if (by)
        g_ptr_array_remove_range(frame->lines, first, by);
}

void top_add_page(struct top_frame *frame, const struct top_content *content)
{
    guint first = frame->lines->len;
    if (frame->state->page == TOP_PAGE_HELP)
        add_help(frame);
    else if (frame->state->page == TOP_PAGE_LOCK)
        add_lock(frame, content->numbers);
    else
        add_stacks(frame, content);
    scroll(frame, first);
}
