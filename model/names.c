/* SPDX-License-Identifier: Apache-2.0 */
#include "model/names.h"

static const char *const work_class_names[WORK_CLASS_COUNT] = {
    [WORK_CPU] = "cpu",     [WORK_IO] = "io",       [WORK_LOCK] = "lock",
    [WORK_MIXED] = "mixed", [WORK_LIGHT] = "light",
};

static const char *const execution_model_names[EXECUTION_MODEL_COUNT] = {
    [MODEL_SEQUENTIAL] = "sequential",
    [MODEL_THREADS] = "threads",
    [MODEL_PROCESSES] = "processes",
    [MODEL_ASYNC] = "async",
    [MODEL_ASYNC_PROCESSES] = "async+processes",
    [MODEL_ASYNC_THREADS] = "async+threads",
};

static const char *const execution_shape_names[EXECUTION_SHAPE_COUNT] = {
    [SHAPE_SEQUENTIAL] = "sequential",
    [SHAPE_PARALLEL_REGION] = "parallel_region",
    [SHAPE_THREAD_POOL] = "thread_pool",
    [SHAPE_THREAD_PER_CONNECTION] = "thread_per_connection",
    [SHAPE_SEPARATE_THREADS] = "separate_threads",
    [SHAPE_PROCESS_POOL] = "process_pool",
    [SHAPE_FORK_PER_CONNECTION] = "fork_per_connection",
    [SHAPE_FORK_PER_JOB] = "fork_per_job",
    [SHAPE_HELPER_PROCESSES] = "helper_processes",
    [SHAPE_EXTENSION_MODULE] = "extension_module",
    [SHAPE_PIPELINE] = "pipeline",
    [SHAPE_ONE_LOOP] = "one_loop",
    [SHAPE_COROUTINES] = "coroutines",
    [SHAPE_LOOP_PER_PROCESS] = "loop_per_process",
    [SHAPE_LOOP_PER_THREAD] = "loop_per_thread",
    [SHAPE_LOOP_PLUS_POOL] = "loop_plus_pool",
};

static const char *const region_kind_names[REGION_KIND_COUNT] = {
    [REGION_FUNCTION] = "function",
    [REGION_LOOP] = "loop",
    [REGION_THREAD_BODY] = "thread_body",
    [REGION_PROCESS_BODY] = "process_body",
    [REGION_CALLBACK] = "callback",
    [REGION_PARALLEL_REGION] = "parallel_region",
    [REGION_CRITICAL_SECTION] = "critical_section",
    [REGION_MARKER] = "marker",
};

static const char *const lock_kind_names[LOCK_KIND_COUNT] = {
    [LOCK_MUTEX] = "mutex",         [LOCK_CONDITION] = "condition", [LOCK_RWLOCK] = "rwlock",
    [LOCK_SEMAPHORE] = "semaphore", [LOCK_SPINLOCK] = "spinlock",   [LOCK_BARRIER] = "barrier",
    [LOCK_UNKNOWN] = "unknown",
};

static const char *const severity_names[SEVERITY_COUNT] = {
    [SEVERITY_NOTE] = "note",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_ERROR] = "error",
};

static const char *const comparison_names[COMPARISON_COUNT] = {
    [COMPARE_AT_LEAST] = ">=",
    [COMPARE_AT_MOST] = "<=",
    [COMPARE_ABOVE] = ">",
    [COMPARE_BELOW] = "<",
};

static const char *const verdict_kind_names[VERDICT_KIND_COUNT] = {
    [VERDICT_CONFIRMED] = "confirmed",
    [VERDICT_REFUTED] = "refuted",
    [VERDICT_INCONCLUSIVE] = "inconclusive",
    [VERDICT_NOT_EXERCISED] = "not_exercised",
};

static const char *const sighting_names[SIGHTING_COUNT] = {
    [SIGHTING_SEEN] = "seen",
    [SIGHTING_NOT_SEEN] = "not_seen",
    [SIGHTING_NOT_EXERCISED] = "not_exercised",
    [SIGHTING_NOT_OBSERVABLE] = "not_observable",
};

static const char *const wait_cause_names[WAIT_CAUSE_COUNT] = {
    [CAUSE_DISK] = "disk",         [CAUSE_SOCKET] = "socket",
    [CAUSE_PIPE] = "pipe",         [CAUSE_TERMINAL] = "terminal",
    [CAUSE_MUTEX] = "mutex",       [CAUSE_CONDITION] = "condition",
    [CAUSE_RWLOCK] = "rwlock",     [CAUSE_SEMAPHORE] = "semaphore",
    [CAUSE_BARRIER] = "barrier",   [CAUSE_JOIN] = "join",
    [CAUSE_FUTEX] = "futex",       [CAUSE_TIMER] = "timer",
    [CAUSE_POLL] = "poll",         [CAUSE_ACCEPT] = "accept",
    [CAUSE_CHILD] = "child",       [CAUSE_PAGE_FAULT] = "page_fault",
    [CAUSE_IO_URING] = "io_uring", [CAUSE_KERNEL_LOCK] = "kernel_lock",
    [CAUSE_STOPPED] = "stopped",   [CAUSE_OTHER] = "other",
};

static const char *const subject_kind_names[SUBJECT_KIND_COUNT] = {
    [SUBJECT_PROGRAM] = "program",
    [SUBJECT_REGION] = "region",
    [SUBJECT_THREAD] = "thread",
    [SUBJECT_LOCK] = "lock",
};

static const char *const activity_names[ACTIVITY_COUNT] = {
    [ACTIVITY_RUNNING] = "running",
    [ACTIVITY_RUNNABLE] = "runnable",
    [ACTIVITY_BLOCKED] = "blocked",
};

gboolean vocabulary_find(const struct vocabulary *vocabulary, const char *name, int *value)
{
    for (int i = 0; i < vocabulary->count; i++) {
        if (g_strcmp0(vocabulary->names[i], name) == 0) {
            *value = i;
            return TRUE;
        }
    }
    return FALSE;
}

/* One vocabulary and one function per enum: the only thing that differs is the table. */
#define DEFINE_NAMES(TYPE)                                                                                   \
    const struct vocabulary TYPE##_vocabulary = {TYPE##_names, G_N_ELEMENTS(TYPE##_names)};                  \
    const char *TYPE##_name(enum TYPE value)                                                                 \
    {                                                                                                        \
        g_assert((int)value >= 0 && (int)value < TYPE##_vocabulary.count);                                   \
        return TYPE##_names[value];                                                                          \
    }

DEFINE_NAMES(work_class)
DEFINE_NAMES(execution_model)
DEFINE_NAMES(execution_shape)
DEFINE_NAMES(region_kind)
DEFINE_NAMES(lock_kind)
DEFINE_NAMES(severity)
DEFINE_NAMES(comparison)
DEFINE_NAMES(verdict_kind)
DEFINE_NAMES(sighting)
DEFINE_NAMES(subject_kind)
DEFINE_NAMES(wait_cause)
DEFINE_NAMES(activity)
