/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups that a report makes by the thousand, over one session and its newest run. Borrows the session,
 * which must outlive it and stay as it is. */
#ifndef REPORTS_REPORT_INDEX_H
#define REPORTS_REPORT_INDEX_H

#include "model/session.h"

struct report_index {
    const struct session *session;
    const struct run *run;    /* the newest; NULL when nothing was traced */
    GHashTable *regions;      /* id → struct region */
    GHashTable *locks;        /* id → struct lock */
    GHashTable *threads;      /* id → struct thread */
    GHashTable *verdicts;     /* prediction id → struct verdict of the run, or of no run */
    GHashTable *measurements; /* of the run, by subject and metric */
};

struct report_index *report_index_new(const struct session *session);
void report_index_free(struct report_index *index);
typedef struct report_index ReportIndex;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReportIndex, report_index_free)

/* NaN when the run did not measure it. */
double report_index_value(const struct report_index *index, enum subject_kind kind, const char *subject,
                          const char *metric);

/* The class that the run itself would give a region; FALSE when it did not run. */
gboolean report_index_measured_class(const struct report_index *index, const char *region,
                                     enum work_class *class);

/* What the newest run says of an advice, and of the finding with a fingerprint; NULL when nothing. */
const struct advice_verdict *report_index_advice_verdict(const struct report_index *index,
                                                         const char *advice);
const struct finding_verdict *report_index_finding_verdict(const struct report_index *index,
                                                           const char *fingerprint);

/* TRUE for records of the newest run. */
gboolean report_index_is_shown(const struct report_index *index, const char *run);

/* What people call the threads of one kind: the body's function where it is known, else the thread's own
 * name; both as they were recorded (not escaped). `thread` is an id; an unknown one is returned as it is. */
const char *report_index_thread_group(const struct report_index *index, const char *thread);

/* How the source calls a lock; an unknown id is returned as it is. */
const char *report_index_lock_name(const struct report_index *index, const char *lock);

/* What the wait itself showed of its lock, else what is recorded of the lock: a structure may hold both a
 * mutex and a condition under one name. */
enum lock_kind report_index_lock_kind(const struct report_index *index, const struct wait_edge *wait);

#endif
