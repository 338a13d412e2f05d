/* SPDX-License-Identifier: Apache-2.0 */
/* What the person before the live view chose, and what a key changes about it. */
#ifndef CLI_TOP_STATE_H
#define CLI_TOP_STATE_H

#include "reports/live_view.h"

enum top_page { TOP_PAGE_MAIN, TOP_PAGE_STACKS, TOP_PAGE_LOCK, TOP_PAGE_HELP };
enum top_panel { TOP_THREADS, TOP_LOCKS, TOP_LOOPS, TOP_PANEL_COUNT };

/* Keys that are no characters. */
enum top_key {
    TOP_KEY_UP = 0x110000, /* beyond Unicode */
    TOP_KEY_DOWN,
    TOP_KEY_PAGE_UP,
    TOP_KEY_PAGE_DOWN,
    TOP_KEY_HOME,
    TOP_KEY_END,
    TOP_KEY_ENTER,
    TOP_KEY_BACK,
    TOP_KEY_TAB,
};

struct top_state {
    enum top_page page;
    enum top_panel panel;
    enum live_sort sort;
    gboolean frozen; /* the picture stays */
    gboolean total;  /* since the watch began; else since the last snapshot */
    gboolean ended;  /* the target has */
    guint selected[TOP_PANEL_COUNT];
    guint scroll;  /* first line of a page other than the main one */
    int tid;       /* TOP_PAGE_STACKS: whose */
    char *lock;    /* TOP_PAGE_LOCK: id; owned */
    char *message; /* optional: for the last line; owned */
    int width, height;
    gboolean batch; /* no keys: the last line does not tell them */
    gboolean utf8;  /* the terminal shows more than ASCII */
    double interval_seconds;
};
void top_state_clear(struct top_state *state);

enum top_action { TOP_NOTHING, TOP_REDRAW, TOP_LOOK, TOP_SAVE, TOP_QUIT };

/* TOP_LOOK: the stacks of `tid` are wanted. `view` is what is shown; NULL before the first snapshot. */
enum top_action top_state_key(struct top_state *state, const struct live_view *view, int key);

guint top_panel_rows(const struct live_view *view, enum top_panel panel);
const char *top_sort_name(enum live_sort sort);

#endif
