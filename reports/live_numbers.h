/* SPDX-License-Identifier: Apache-2.0 */
/* What a live view keeps of one snapshot of a run: sums since the watch began, without the session that they
 * came from. Two of them make a view (live_view.h). Names are as recorded, not escaped. */
#ifndef REPORTS_LIVE_NUMBERS_H
#define REPORTS_LIVE_NUMBERS_H

#include "model/histogram.h"
#include "model/session.h"

/* Seconds of a thread by state; disjoint. */
struct live_states {
    double on_core; /* outside I/O system calls */
    double io_work; /* on the core inside I/O system calls */
    double runnable;
    double blocked[WAIT_CAUSE_COUNT]; /* idle waits left out */
    double idle;
};

struct live_thread {
    char *id;
    char *name;
    char *body; /* optional: function of the thread body it runs */
    int pid, tid;
    struct live_states states;
};

/* Waits of one thread, for one cause, at one place. */
struct live_wait {
    char *key; /* tells it apart from all others */
    char *waiter;
    char *holder; /* optional: thread id */
    char *lock;   /* optional: id */
    enum wait_cause cause;
    gboolean idle;
    double seconds, longest;
    gint64 count;
    char *place; /* `file:line` or the function; optional */
};

struct live_lock_name {
    char *id, *name;
    enum lock_kind kind;
};

/* How long the rounds of callbacks of an event loop took, since the watch began. */
struct live_rounds {
    char *thread; /* id */
    struct histogram durations;
};

struct live_numbers {
    char *command;
    double seconds; /* since the watch began */
    int cores;
    double cpu_seconds, tracer_seconds;
    double parallelism; /* NaN when not measured */
    guint64 lost_events;
    GPtrArray *threads;     /* struct live_thread */
    GPtrArray *waits;       /* struct live_wait */
    GPtrArray *locks;       /* struct live_lock_name */
    GPtrArray *rounds;      /* struct live_rounds; filled by who took the snapshot */
    GPtrArray *suggestions; /* char *: what the numbers since the beginning support, most worthwhile first */
    GHashTable *thread_by_id, *wait_by_key, *lock_by_id;
};

/* Of the newest run of a judged session; nothing but zeros when there is none. */
struct live_numbers *live_numbers_new(const struct session *session);
void live_numbers_free(struct live_numbers *numbers);
typedef struct live_numbers LiveNumbers;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiveNumbers, live_numbers_free)

/* `place` is that of the thread among those of the run; an unknown one is left out. */
void live_numbers_add_rounds(struct live_numbers *numbers, guint place, const struct histogram *durations);
/* NULL when the thread is no loop. */
const struct live_rounds *live_numbers_rounds(const struct live_numbers *numbers, const char *thread);

double live_states_blocked(const struct live_states *states);
double live_states_sum(const struct live_states *states);

#endif
