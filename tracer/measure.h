/* SPDX-License-Identifier: Apache-2.0 */
/* Tallies to measurements: the rows of the metric table (model/metric.h) for regions, threads, locks, the
 * program. */
#ifndef TRACER_MEASURE_H
#define TRACER_MEASURE_H

#include "model/histogram.h"
#include "tracer/attribute.h"

/* What happened at one lock. */
struct lock_tally {
    double seconds, longest; /* blocked, idle waits left out */
    double woken;            /* from being woken to running, over all waits */
    guint64 waits, handoffs; /* handoffs: waits that a thread ended, and not a timeout or a signal */
    guint64 acquisitions;    /* with --locks=all, as the rest */
    double hold, longest_hold;
};

/* Regions without any time get no measurement: they were not exercised. */
void measure_regions(struct session *session, const struct run *run, const struct attribution *attribution);
/* `threads`: serial → struct thread. */
void measure_threads(struct session *session, const struct run *run, const struct attribution *attribution,
                     GHashTable *threads);
/* `locks`: lock id → struct lock_tally. */
void measure_locks(struct session *session, const struct run *run, GHashTable *locks);
/* Of critical sections, when the watch saw every use of a lock: how often and how long they held it. */
void measure_holds(struct session *session, const struct run *run, struct attribution *attribution,
                   const struct watch *watch);
/* System calls, when the watch saw them. `threads` as above. */
void measure_calls(struct session *session, const struct run *run, const struct collection *collection,
                   const struct watch *watch, GHashTable *threads);
/* Of thread and process bodies: how many threads ran them, how long these lived, how many ran at once. */
void measure_bodies(struct session *session, const struct run *run, const struct attribution *attribution);
/* From the timeline, sorted by start: how long a thread was busy between two waits for the next task. A wait
 * is taken for the end of the task before it also when intervals in between were left out. `threads` as
 * above. */
void measure_tasks(struct session *session, const struct run *run, struct attribution *attribution,
                   GHashTable *threads);
/* Of threads with an event loop, and of the regions that wait in it: how long a round of callbacks took.
 * `threads` as above. */
void measure_callbacks(struct session *session, const struct run *run, struct attribution *attribution,
                       const struct watch *watch, GHashTable *threads);
/* The same by thread alone: serial → struct histogram; the caller's. */
GHashTable *callback_rounds_new(struct attribution *attribution, const struct watch *watch);
/* `median` and `tail` (99 %) of durations; their number is that of the samples. */
void measure_quantiles(struct session *session, const struct run *run, enum subject_kind kind,
                       const char *subject, const char *median, const char *tail,
                       const struct histogram *durations);
/* Of the regions that the program marks itself, which are added to the session: last of all that measures. */
void measure_markers(struct session *session, const struct run *run, const struct attribution *attribution,
                     const struct watch *watch);
/* What the watch itself cost: `cpu_seconds` of the tracer, and its programs in the kernel. */
void measure_cost(struct session *session, const struct run *run, const struct watch *watch,
                  double cpu_seconds);
/* Adds up what was lost, by kind (model/loss.h), also in run->lost_events. */
void measure_losses(struct session *session, struct run *run, const struct collection *collection,
                    const struct watch *watch);
/* How far the stacks could be followed, what that took, and what nothing of the program accounts for. */
void measure_stacks(struct session *session, const struct run *run, const struct attribution *attribution,
                    const struct watch *watch);
void measure_program(struct session *session, const struct run *run, const struct attribution *attribution,
                     const struct watch *watch);

#endif
