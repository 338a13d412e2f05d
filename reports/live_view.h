/* SPDX-License-Identifier: Apache-2.0 */
/* What happened between two snapshots of a run, as rows to look at. */
#ifndef REPORTS_LIVE_VIEW_H
#define REPORTS_LIVE_VIEW_H

#include "reports/live_numbers.h"

enum live_sort {
    LIVE_SORT_ON_CORE,
    LIVE_SORT_RUNNABLE,
    LIVE_SORT_BLOCKED,
    LIVE_SORT_LOCK,
    LIVE_SORT_IDLE,
    LIVE_SORT_NAME,
    LIVE_SORT_COUNT
};

/* Of the numbers that the view was made from, which must outlive it. */
struct live_thread_row {
    const struct live_thread *thread;
    struct live_states states;     /* in the view's time */
    double blocked, on_lock;       /* sums of these, idle left out */
    const struct live_wait *worst; /* what it was blocked in for longest; NULL: it was not */
};

struct live_lock_row {
    const char *id, *name;
    enum lock_kind kind;
    double waited; /* seconds, over all threads */
    gint64 count;
    double longest;                   /* since the watch began */
    const struct live_thread *holder; /* who held it, or woke, for most of that time; NULL: unknown */
    const struct live_thread *waiter; /* who waited for longest */
    const char *place;                /* and where; NULL: unknown */
    double holder_seconds, waiter_seconds;
};

/* A thread with an event loop. */
struct live_loop_row {
    const struct live_thread *thread;
    guint64 count;                 /* rounds of callbacks that ended */
    double longest, busy;          /* seconds: of one round, of all that is not idle */
    double longest_ever;           /* since the watch began */
    gboolean goes_on;              /* busy in all of the time, without the end of a round */
    const struct live_wait *worst; /* what stopped it for longest; NULL when nothing did */
};

struct live_view {
    double seconds;     /* of the time that is shown */
    double cpu_seconds; /* of the program in it */
    double tracer_seconds;
    GPtrArray *threads; /* struct live_thread_row, of those that lived in it */
    GPtrArray *locks;   /* struct live_lock_row, most waited for first */
    GPtrArray *loops;   /* struct live_loop_row, longest callback first */
};

/* `before` may be NULL: since the watch began. */
struct live_view *live_view_new(const struct live_numbers *now, const struct live_numbers *before,
                                enum live_sort sort);
void live_view_free(struct live_view *view);
typedef struct live_view LiveView;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiveView, live_view_free)

/* What people call a thread: its body's function, else its own name. */
const char *live_thread_label(const struct live_thread *thread);

#endif
