/* SPDX-License-Identifier: Apache-2.0 */
/* The live view while a watch goes on: takes snapshots, shows them, follows the keys. */
#ifndef CLI_TOP_LIVE_H
#define CLI_TOP_LIVE_H

#include "cli/top_screen.h"
#include "model/session_mark.h"
#include "tracer/tracer.h"

struct top_live {
    struct top_state state;
    struct session *session;   /* of the analysis, or empty; borrowed */
    struct session_mark mark;  /* of that, without the run */
    struct top_screen *screen; /* NULL: frames go to stdout */
    guint frames_left;         /* without a screen */
    const char *saved;         /* file for the session, or NULL for a new name each time */
    struct live_numbers *now, *before;
    struct live_view *view;
    GPtrArray *stacks;   /* struct thread_stack */
    double next_seconds; /* when the next snapshot is due; 0 before the first look */
    gboolean recorded;   /* the session has the whole run */
    GError *failure;     /* of the first snapshot that could not be taken, or of stdout */
};

/* Borrows the session and the screen. */
void top_live_init(struct top_live *live, struct session *session, struct top_screen *screen,
                   double interval_seconds);
void top_live_clear(struct top_live *live);

/* `tick` of struct trace_options; `data` is the view. After the end it returns when the person quits. */
void top_live_tick(struct tracing *tracing, gboolean ended, gpointer data);

#endif
