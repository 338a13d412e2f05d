/* SPDX-License-Identifier: Apache-2.0 */
/* A session in memory: everything one analysis and its runs have said. Stages append records and never change
 * those of another stage. session_file.h reads and writes it. */
#ifndef MODEL_SESSION_H
#define MODEL_SESSION_H

#include <glib.h>

#include "model/records.h"

struct session {
    struct program *program; /* NULL until analysed */
    char *root;              /* absolute project root; NULL until analysed */
    struct host *host;       /* whose costs the advice uses; NULL until analysed or calibrated */
    GPtrArray *units;        /* struct unit */
    GPtrArray *regions;      /* struct region */
    GPtrArray *locks;        /* struct lock */
    GPtrArray *findings;     /* struct finding */
    GPtrArray *lock_orders;  /* struct lock_order, by names; found together with the findings */
    GPtrArray *advice;       /* struct advice */
    GPtrArray *predictions;  /* struct prediction */
    GPtrArray *runs;         /* struct run */
    GPtrArray *threads;      /* struct thread */
    GPtrArray *measurements; /* struct measurement */
    GPtrArray *waits;        /* struct wait_edge */
    GPtrArray *timeline;     /* struct interval, by start */
    GPtrArray *call_frames;  /* struct call_frame: number 1 first, callers before callees */
    GPtrArray *call_stacks;  /* struct call_stack */
    GPtrArray *gaps;         /* struct gap, the largest of a run first */
    GPtrArray *verdicts;     /* struct verdict */
    /* struct advice_verdict, struct finding_verdict */
    GPtrArray *advice_verdicts, *finding_verdicts;
    /* struct unknown_function, most called first */
    GPtrArray *unknown_functions;
};

/* What is done with all lists alike: each by a number below SESSION_LISTS, in no order. */
enum { SESSION_LISTS = 19 };
GPtrArray *session_list(const struct session *session, guint number);

struct session *session_new(void);
void session_free(struct session *session);
/* The typedef exists only for g_autoptr(Session); everything else says struct session. */
typedef struct session Session;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

/* Linear searches: fine for printing, build a hash table for bulk work. NULL when there is none. */
const struct region *session_find_region(const struct session *session, const char *id);
const struct lock *session_find_lock(const struct session *session, const char *id);
const struct thread *session_find_thread(const struct session *session, const char *id);
const struct run *session_find_run(const struct session *session, const char *id);
const struct measurement *session_find_measurement(const struct session *session, const char *run,
                                                   enum subject_kind kind, const char *subject,
                                                   const char *metric);
const struct prediction *session_find_prediction(const struct session *session, const char *id);
const struct advice *session_find_advice(const struct session *session, const char *id);
/* The last verdict on a prediction, an advice, or the finding with this fingerprint. */
const struct verdict *session_find_verdict(const struct session *session, const char *prediction);
const struct advice_verdict *session_find_advice_verdict(const struct session *session, const char *advice);
const struct finding_verdict *session_find_finding_verdict(const struct session *session,
                                                           const char *fingerprint);
/* The frame with this number; NULL for 0 and for numbers that no frame has. */
const struct call_frame *session_find_frame(const struct session *session, int number);
/* The frames of a stack, innermost first; empty when it is not known. The caller frees the array only. */
GPtrArray *session_stack_frames(const struct session *session, const struct call_stack *stack);
/* The newest run, or NULL. */
const struct run *session_last_run(const struct session *session);

/* Appends a measurement; the unit comes from the metric table (metric.h), so the metric must be known there.
 */
void session_add_measurement(struct session *session, const char *run, enum subject_kind kind,
                             const char *subject, const char *metric, double value, guint64 samples);

/* Appends a prediction with the id `REGION/METRIC` (`program/METRIC` without a region), made unique by a
 * suffix. */
struct prediction *session_add_prediction(struct session *session, const char *advice, const char *region,
                                          const char *metric, enum comparison comparison, double value);

#endif
