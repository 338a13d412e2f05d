/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_state.h"

#define PAGE_ROWS 10

void top_state_clear(struct top_state *state)
{
    g_clear_pointer(&state->lock, g_free);
    g_clear_pointer(&state->message, g_free);
}

guint top_panel_rows(const struct live_view *view, enum top_panel panel)
{
    if (!view)
        return 0;
    return panel == TOP_LOCKS ? view->locks->len : panel == TOP_LOOPS ? view->loops->len : view->threads->len;
}

static const struct {
    int key;
    const char *name;
} sorts[LIVE_SORT_COUNT] = {
    [LIVE_SORT_ON_CORE] = {'c', "time on the core"}, [LIVE_SORT_RUNNABLE] = {'r', "time in the queue"},
    [LIVE_SORT_BLOCKED] = {'b', "blocked time"},     [LIVE_SORT_LOCK] = {'l', "waits for locks"},
    [LIVE_SORT_IDLE] = {'i', "idle time"},           [LIVE_SORT_NAME] = {'n', "name"},
};

const char *top_sort_name(enum live_sort sort)
{
    return sorts[sort].name;
}

static guint moved(guint from, int by, guint rows)
{
    if (by < 0)
        return from > (guint)-by ? from - (guint)-by : 0;
    return rows ? MIN(from + (guint)by, rows - 1) : 0;
}

static enum top_action move(struct top_state *state, const struct live_view *view, int by)
{
    if (state->page == TOP_PAGE_MAIN) {
        guint *selected = &state->selected[state->panel];
        *selected = moved(*selected, by, top_panel_rows(view, state->panel));
    } else {
        state->scroll = moved(state->scroll, by, G_MAXINT);
    }
    return TOP_REDRAW;
}

static enum top_action open_page(struct top_state *state, enum top_page page)
{
    state->page = page;
    state->scroll = 0;
    return TOP_REDRAW;
}

/* What the selected row is about. */
static enum top_action drill(struct top_state *state, const struct live_view *view)
{
    guint rows = top_panel_rows(view, state->panel), at = state->selected[state->panel];
    if (state->page != TOP_PAGE_MAIN || !rows)
        return TOP_NOTHING;
    at = MIN(at, rows - 1);
    if (state->panel == TOP_LOCKS) {
        g_free(state->lock);
        state->lock = g_strdup(((const struct live_lock_row *)g_ptr_array_index(view->locks, at))->id);
        return open_page(state, TOP_PAGE_LOCK);
    }
    const struct live_thread *thread =
        state->panel == TOP_LOOPS
            ? ((const struct live_loop_row *)g_ptr_array_index(view->loops, at))->thread
            : ((const struct live_thread_row *)g_ptr_array_index(view->threads, at))->thread;
    state->tid = thread->tid;
    open_page(state, TOP_PAGE_STACKS);
    return TOP_LOOK;
}

static enum top_action sort_by(struct top_state *state, int key)
{
    for (enum live_sort sort = 0; sort < LIVE_SORT_COUNT; sort++) {
        if (sorts[sort].key == key) {
            state->sort = sort;
            state->selected[TOP_THREADS] = 0;
            return TOP_REDRAW;
        }
    }
    return TOP_NOTHING;
}

static enum top_action command(struct top_state *state, const struct live_view *view, int key)
{
    switch (key) {
    case TOP_KEY_TAB:
        state->panel = (state->panel + 1) % TOP_PANEL_COUNT;
        return TOP_REDRAW;
    case TOP_KEY_ENTER:
        return drill(state, view);
    case ' ':
    case 'f':
        state->frozen = !state->frozen;
        return TOP_REDRAW;
    case 't':
        state->total = !state->total;
        return TOP_REDRAW;
    case 's':
        return TOP_SAVE;
    case '?':
    case 'h':
        return open_page(state, TOP_PAGE_HELP);
    case 'q':
        return TOP_QUIT;
    default:
        return sort_by(state, key);
    }
}

enum top_action top_state_key(struct top_state *state, const struct live_view *view, int key)
{
    g_clear_pointer(&state->message, g_free);
    switch (key) {
    case TOP_KEY_UP:
    case 'k':
        return move(state, view, -1);
    case TOP_KEY_DOWN:
    case 'j':
        return move(state, view, 1);
    case TOP_KEY_PAGE_UP:
        return move(state, view, -PAGE_ROWS);
    case TOP_KEY_PAGE_DOWN:
        return move(state, view, PAGE_ROWS);
    case TOP_KEY_HOME:
        return move(state, view, -G_MAXINT);
    case TOP_KEY_END:
        return move(state, view, G_MAXINT / 2);
    default:
        break;
    }
    gboolean back = key == TOP_KEY_BACK || key == 'q' || key == TOP_KEY_ENTER;
    if (state->page != TOP_PAGE_MAIN && back)
        return open_page(state, TOP_PAGE_MAIN);
    return command(state, view, key);
}
