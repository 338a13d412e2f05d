/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_live.h"

#include <string.h>
#include <time.h>

#include "cli/judging.h"
#include "cli/output.h"
#include "cli/tracing.h"
#include "model/session_file.h"

#define FIRST_SECONDS 0.25 /* the first picture comes after at most this */
#define PAUSE_FACTOR  20   /* snapshots may use this part of a core */
#define KEY_MS        100  /* a look at the terminal once the target has ended */
#define BATCH_WIDTH   120
#define BATCH_HEIGHT  100000

static double now_seconds(void)
{
    return (double)g_get_monotonic_time() / G_USEC_PER_SEC;
}

static double own_cpu_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Where the output goes to decides what it can show. */
static void measure_screen(struct top_live *live)
{
    if (live->screen)
        top_screen_size(live->screen, &live->state.width, &live->state.height);
}

void top_live_init(struct top_live *live, struct session *session, struct top_screen *screen,
                   double interval_seconds)
{
    int columns = output_width();
    *live = (struct top_live){.session = session, .screen = screen, .mark = session_mark_set(session)};
    live->state.interval_seconds = interval_seconds;
    live->state.width = columns > 0 ? columns : BATCH_WIDTH;
    live->state.height = BATCH_HEIGHT;
    live->state.batch = !screen;
    live->state.utf8 = g_get_charset(NULL);
    measure_screen(live);
}

void top_live_clear(struct top_live *live)
{
    top_state_clear(&live->state);
    live_view_free(live->view);
    live_numbers_free(live->now);
    live_numbers_free(live->before);
    if (live->stacks)
        g_ptr_array_unref(live->stacks);
    g_clear_error(&live->failure);
}

static void make_view(struct top_live *live)
{
    g_clear_pointer(&live->view, live_view_free);
    if (live->now)
        live->view = live_view_new(live->now, live->state.total ? NULL : live->before, live->state.sort);
}

static void draw(struct top_live *live)
{
    const struct top_content content = {live->now, live->view, live->stacks};
    g_autoptr(TopFrame) frame = top_frame_new(&live->state, &content);
    if (live->screen) {
        top_screen_draw(live->screen, frame);
        return;
    }
    g_autofree char *text = top_frame_text(frame);
    g_autofree char *block = g_strconcat(text, "\n", NULL);
    if (!live->failure && !output_write(NULL, block, strlen(block), &live->failure))
        tracing_stop();
}

/* The run so far into the session. FALSE when there is none to see. */
static gboolean take(struct top_live *live, struct tracing *tracing)
{
    if (live->recorded)
        return TRUE;
    if (!trace_snapshot(tracing, live->session, live->failure ? NULL : &live->failure))
        return FALSE;
    judging_run(live->session);
    return TRUE;
}

/* Its place is for the next snapshot, or for the whole run. */
static void give_back(struct top_live *live)
{
    if (!live->recorded)
        session_mark_return(live->session, &live->mark);
}

static void add_rounds(struct top_live *live, struct tracing *tracing)
{
    g_autoptr(GPtrArray) all = trace_rounds(tracing, live->session);
    for (guint i = 0; i < all->len; i++) {
        const struct thread_rounds *rounds = g_ptr_array_index(all, i);
        live_numbers_add_rounds(live->now, rounds->place, &rounds->durations);
    }
}

static void look_at_stacks(struct top_live *live, struct tracing *tracing)
{
    g_clear_pointer(&live->stacks, g_ptr_array_unref);
    if (live->state.page == TOP_PAGE_STACKS)
        live->stacks = trace_stacks(tracing, live->session, live->state.tid);
}

static void refresh_numbers(struct top_live *live, struct tracing *tracing)
{
    if (!take(live, tracing))
        return;
    live_numbers_free(live->before);
    live->before = live->now;
    live->now = live_numbers_new(live->session);
    add_rounds(live, tracing);
    give_back(live);
    look_at_stacks(live, tracing);
    make_view(live);
}

static void save(struct top_live *live, struct tracing *tracing)
{
    g_autoptr(GDateTime) time = g_date_time_new_now_local();
    g_autofree char *own = g_date_time_format(time, "corewise-top-%Y%m%d-%H%M%S.cw");
    g_autoptr(GError) error = NULL;
    const char *file = live->saved ? live->saved : own;
    gboolean written = take(live, tracing) && session_file_write(live->session, file, STAGE_ALL, &error);
    give_back(live);
    g_free(live->state.message);
    live->state.message = written ? g_strdup_printf("saved: corewise report %s", file)
                                  : g_strdup_printf("not saved: %s", error ? error->message : "no numbers");
}

static gboolean follow_key(struct top_live *live, struct tracing *tracing, int key)
{
    if (key == TOP_SCREEN_RESIZED) {
        measure_screen(live);
        return TRUE;
    }
    switch (top_state_key(&live->state, live->view, key)) {
    case TOP_QUIT:
        tracing_stop();
        return FALSE;
    case TOP_SAVE:
        save(live, tracing);
        break;
    case TOP_LOOK:
        look_at_stacks(live, tracing);
        break;
    case TOP_REDRAW:
        make_view(live);
        break;
    case TOP_NOTHING:
        return FALSE;
    }
    return TRUE;
}

/* TRUE when the picture is not what it was. */
static gboolean follow_keys(struct top_live *live, struct tracing *tracing, int timeout_ms)
{
    gboolean changed = FALSE;
    for (int key = top_screen_key(live->screen, timeout_ms); key; key = top_screen_key(live->screen, 0))
        changed |= follow_key(live, tracing, key);
    return changed;
}

static void stay(struct top_live *live, struct tracing *tracing)
{
    draw(live);
    while (!tracing_is_stopping()) {
        if (follow_keys(live, tracing, KEY_MS))
            draw(live);
    }
}

static void end(struct top_live *live, struct tracing *tracing)
{
    live->recorded = TRUE;
    judging_run(live->session);
    if (tracing_is_stopping())
        return;
    live->state.ended = live->state.total = TRUE;
    live->state.frozen = FALSE;
    live->state.message = g_strdup("the target has ended; all of its time is shown; q quits, s saves");
    refresh_numbers(live, tracing);
    if (live->screen)
        stay(live, tracing);
    else
        draw(live);
}

void top_live_tick(struct tracing *tracing, gboolean ended, gpointer data)
{
    struct top_live *live = data;
    if (ended) {
        end(live, tracing);
        return;
    }
    gboolean changed = live->screen && follow_keys(live, tracing, 0);
    double start = now_seconds();
    if (live->next_seconds <= 0) {
        live->next_seconds = start + MIN(live->state.interval_seconds, FIRST_SECONDS);
        changed = live->screen != NULL;
    }
    if (start >= live->next_seconds && !live->state.frozen) {
        double before = own_cpu_seconds();
        refresh_numbers(live, tracing);
        double used = own_cpu_seconds() - before;
        live->next_seconds = start + MAX(live->state.interval_seconds, used * PAUSE_FACTOR);
        changed = TRUE;
        if (!live->screen && live->frames_left && --live->frames_left == 0)
            tracing_stop();
    }
    if (changed && !(live->screen && tracing_is_stopping()))
        draw(live);
}
