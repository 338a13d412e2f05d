/* SPDX-License-Identifier: Apache-2.0 */
/* The closed vocabularies of corewise: every enum of the model and the one spelling each value has in session
 * files, JSON and messages. Names are static strings; a value outside its enum is a programming error. */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include <glib.h>

enum work_class { WORK_CPU, WORK_IO, WORK_LOCK, WORK_MIXED, WORK_LIGHT, WORK_CLASS_COUNT };

enum execution_model {
    MODEL_SEQUENTIAL,
    MODEL_THREADS,
    MODEL_PROCESSES,
    MODEL_ASYNC,
    MODEL_ASYNC_PROCESSES,
    MODEL_ASYNC_THREADS,
    EXECUTION_MODEL_COUNT
};

/* The form that a model takes in a program; several forms share one model. */
enum execution_shape {
    SHAPE_SEQUENTIAL,
    SHAPE_PARALLEL_REGION,       /* threads: a team for one loop or block (OpenMP) */
    SHAPE_THREAD_POOL,           /* threads: several run the same body */
    SHAPE_THREAD_PER_CONNECTION, /* threads: one for each that is accepted */
    SHAPE_SEPARATE_THREADS,      /* threads: each has a job of its own */
    SHAPE_PROCESS_POOL,          /* processes: several made ahead run the same body */
    SHAPE_FORK_PER_CONNECTION,   /* processes: one for each that is accepted */
    SHAPE_FORK_PER_JOB,          /* processes: one for each piece of work */
    SHAPE_HELPER_PROCESSES,      /* processes: unrelated jobs side by side, other programs too */
    SHAPE_PIPELINE,              /* processes: each passes its results on through a pipe */
    SHAPE_ONE_LOOP,              /* async */
    SHAPE_COROUTINES,            /* async */
    SHAPE_LOOP_PER_PROCESS,      /* async+processes */
    SHAPE_LOOP_PER_THREAD,       /* async+threads */
    SHAPE_LOOP_PLUS_POOL,        /* async+threads: one loop, and threads that take work from it */
    SHAPE_EXTENSION_MODULE,      /* no program: an interpreter calls its methods with its lock held */
    EXECUTION_SHAPE_COUNT
};

enum region_kind {
    REGION_FUNCTION,
    REGION_LOOP,
    REGION_THREAD_BODY,
    REGION_PROCESS_BODY,
    REGION_CALLBACK,
    REGION_PARALLEL_REGION,
    REGION_CRITICAL_SECTION,
    REGION_MARKER, /* marked by the program itself, found by the tracer */
    REGION_KIND_COUNT
};

enum lock_kind {
    LOCK_MUTEX,
    LOCK_CONDITION,
    LOCK_RWLOCK,
    LOCK_SEMAPHORE,
    LOCK_SPINLOCK,
    LOCK_BARRIER,
    LOCK_UNKNOWN,
    LOCK_KIND_COUNT
};

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_COUNT };

enum comparison { COMPARE_AT_LEAST, COMPARE_AT_MOST, COMPARE_ABOVE, COMPARE_BELOW, COMPARISON_COUNT };

enum verdict_kind {
    VERDICT_CONFIRMED,
    VERDICT_REFUTED,
    VERDICT_INCONCLUSIVE,
    VERDICT_NOT_EXERCISED,
    VERDICT_KIND_COUNT
};

/* What a run says of a finding. */
enum sighting {
    SIGHTING_SEEN,           /* it happened */
    SIGHTING_NOT_SEEN,       /* the code ran, and it did not happen */
    SIGHTING_NOT_EXERCISED,  /* the code did not run */
    SIGHTING_NOT_OBSERVABLE, /* no trace can tell */
    SIGHTING_COUNT
};

/* What a measurement is about. */
enum subject_kind { SUBJECT_PROGRAM, SUBJECT_REGION, SUBJECT_THREAD, SUBJECT_LOCK, SUBJECT_KIND_COUNT };

/* Why a thread was blocked. The same words follow `blocked_seconds.` in metric names. */
enum wait_cause {
    CAUSE_DISK,
    CAUSE_SOCKET,
    CAUSE_PIPE,
    CAUSE_TERMINAL,
    CAUSE_MUTEX,
    CAUSE_CONDITION,
    CAUSE_RWLOCK,
    CAUSE_SEMAPHORE,
    CAUSE_BARRIER,
    CAUSE_JOIN,
    CAUSE_FUTEX, /* a futex wait that no known primitive explains */
    CAUSE_TIMER,
    CAUSE_POLL,
    CAUSE_ACCEPT,
    CAUSE_CHILD,
    CAUSE_PAGE_FAULT,
    CAUSE_IO_URING,
    CAUSE_KERNEL_LOCK,
    CAUSE_STOPPED,
    CAUSE_OTHER,
    WAIT_CAUSE_COUNT
};

/* What a thread did for a while. */
enum activity { ACTIVITY_RUNNING, ACTIVITY_RUNNABLE, ACTIVITY_BLOCKED, ACTIVITY_COUNT };

/* The names of one enum, indexed by its values. */
struct vocabulary {
    const char *const *names;
    int count;
};

extern const struct vocabulary work_class_vocabulary, execution_model_vocabulary, execution_shape_vocabulary,
    region_kind_vocabulary, lock_kind_vocabulary, severity_vocabulary, comparison_vocabulary,
    verdict_kind_vocabulary, sighting_vocabulary, subject_kind_vocabulary, wait_cause_vocabulary,
    activity_vocabulary;

const char *work_class_name(enum work_class value);
const char *execution_model_name(enum execution_model value);
const char *execution_shape_name(enum execution_shape value);
const char *region_kind_name(enum region_kind value);
const char *lock_kind_name(enum lock_kind value);
const char *severity_name(enum severity value);
const char *comparison_name(enum comparison value); /* ">=" "<=" ">" "<" */
const char *verdict_kind_name(enum verdict_kind value);
const char *sighting_name(enum sighting value);
const char *subject_kind_name(enum subject_kind value);
const char *wait_cause_name(enum wait_cause value);
const char *activity_name(enum activity value);

/* The reverse direction: FALSE when `name` is none of the vocabulary; *value is then untouched. */
gboolean vocabulary_find(const struct vocabulary *vocabulary, const char *name, int *value);

#endif
