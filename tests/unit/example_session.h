/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions made by hand for tests, as analysis, trace and judge would leave them. The caller owns each. */
#ifndef TESTS_UNIT_EXAMPLE_SESSION_H
#define TESTS_UNIT_EXAMPLE_SESSION_H

#include "model/session.h"
#include "model/work_class.h"

#define EXAMPLE_RUN "r69202a00-4100"

/* A run of pigz with two compressing threads: every record type, every verdict kind. */
struct session *example_session_pigz(void);

/* A server whose analysis suggests another model, never run; one unit failed, one finding. */
struct session *example_session_analysis(void);

/* A program of which only a run is known: no regions, no predictions; its single run lost events. */
struct session *example_session_trace(void);

/* Thread, file, function, lock and command names meant to break out of every format. */
struct session *example_session_hostile(void);

/* `workers` threads of one body that all queue for `cache_lock` behind the first. */
struct session *example_session_crowd(guint workers);

/* What the run says of the session's first advice, and two findings with what it says of them. */
void example_add_hazards(struct session *session);

/* Call stacks of the run, of threads that compress and of the first: named, lost, merged, idle. */
void example_add_stacks(struct session *session, const char *compressing);

/* The bricks, for tests that need one record more; all strings are copied. Those that belong to a run belong
 * to EXAMPLE_RUN. */
void example_add_run(struct session *session, const char *command, double seconds, guint64 lost_events);
/* Sets session->program; `reasons` ends with NULL. */
void example_add_program(struct session *session, const char *name, enum execution_model current,
                         enum execution_model suggested, double confidence, const char *const *reasons);
/* `error` may be NULL. */
void example_add_unit(struct session *session, const char *file, const char *error);
struct region *example_add_region(struct session *session, enum region_kind kind, const char *function,
                                  const char *file, int line, int end_line, enum work_class class,
                                  double confidence);
void example_add_evidence(struct region *region, const char *file, int line, const char *text);
/* What a part of the region's time is estimated to be. */
void example_add_seconds(struct region *region, const char *part, double low, double typical, double high);
struct lock *example_add_lock(struct session *session, const char *name, enum lock_kind kind,
                              const char *file, int line, gboolean traced);
void example_add_unknown(struct session *session, const char *name, int calls, const char *file, int line);
/* The session has a program; `region` NULL is the whole of it. */
struct advice *example_add_advice(struct session *session, const char *id, const char *region,
                                  enum execution_model current, enum execution_model suggested,
                                  double confidence);
/* `ruled_out` may be NULL. */
void example_add_estimate(struct advice *advice, enum execution_model model, double seconds, double bytes,
                          const char *ruled_out);
struct thread *example_add_thread(struct session *session, int tid, const char *name, const char *region,
                                  double seconds);
/* Every measurement that the tracer makes of a split, for a region, a thread or the program. */
void example_add_split(struct session *session, enum subject_kind kind, const char *subject,
                       struct time_split split, double program_active, guint64 samples);
/* A thread and its split. */
void example_add_thread_split(struct session *session, int tid, const char *name, const char *region,
                              struct time_split split, double program_active);
/* `holder` 0 is none; ids are those of example_add_thread. */
struct wait_edge *example_add_wait(struct session *session, int waiter, int holder, const char *lock,
                                   enum wait_cause cause, double seconds, guint64 count);
void example_wait_place(struct wait_edge *wait, const char *file, int line, const char *function,
                        gboolean idle);
void example_add_verdict(struct session *session, const struct prediction *prediction, enum verdict_kind kind,
                         double measured, double low, double high, guint64 samples, const char *why);
/* Returns the number of the frame. */
int example_add_frame(struct session *session, int caller, const char *function, const char *file, int line);
struct call_stack *example_add_stack(struct session *session, const char *group, int frame,
                                     enum activity activity, double seconds, guint64 count);

#endif
