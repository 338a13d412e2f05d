/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a session (docs/model.md has the table behind each). A record owns its strings and arrays; a
 * string that names another record holds that record's id. NULL means "none" wherever a field is marked
 * optional. File names are relative to the project root, with `/`. Times are seconds, sizes bytes, lines and
 * columns 1-based. */
#ifndef MODEL_RECORDS_H
#define MODEL_RECORDS_H

#include <glib.h>

#include "model/names.h"

/* One clickable place of an evidence path, a finding's path or an idle site. */
struct place {
    char *file;
    int line;
    int end_line; /* equal to line unless the expression spans several */
    char *text;   /* what happens there, one line */
    char *thread; /* optional: who does it, in the path of a finding that needs several threads */
};

/* How long one call of a region takes in one part of its time: what is sure, the bounds, and what is likely
 * between them. */
struct time_estimate {
    char *part; /* `cpu`: on the core, `io_work`: of that inside I/O system calls; or a wait cause: blocked */
    double low, typical, high; /* seconds */
};

/* What something costs on a host: one of the advisor's inputs. */
struct host_cost {
    char *name;
    char *unit; /* "s", "B" or "ns" */
    double value;
    double low, high; /* quartiles of the repetitions; NaN when not measured */
    gint64 samples;   /* repetitions; 0: a default */
};

/* The machine that the advice is for. Without a measurement it has neither name nor time, and all costs are
 * defaults. */
struct host {
    char *name;         /* optional: of the network node */
    char *kernel;       /* optional: release */
    char *processor;    /* optional: model as the kernel names it */
    char *measured_at;  /* optional: ISO 8601, UTC */
    char *corewise;     /* optional: version that measured */
    int cores;          /* workers that can run at once: usable cores, a quota rounded up; 0 unknown */
    double quota_cores; /* CPU seconds per second that a control group grants; 0: no quota */
    GPtrArray *costs;   /* struct host_cost */
};

/* What the analyzer says of the whole program. */
struct program {
    char *name;
    enum execution_model current_model;
    enum execution_model suggested_model;
    enum execution_shape shape; /* of the current model */
    double confidence;          /* 0 … 1 */
    GPtrArray *reasons;         /* char * */
    GPtrArray *evidence;        /* struct place: what makes the shape */
};

/* One translation unit of the compilation database. */
struct unit {
    char *file;
    char *command;
    char *content_hash; /* SHA-256 of the main file, lower-case hex */
    char *error;        /* optional: why it could not be analysed */
};

struct region {
    char *id; /* readable and stable: deflate_slow@deflate.c:1820 */
    enum region_kind kind;
    char *function;
    char *file;
    int line, end_line;
    enum work_class class;
    double confidence;   /* 0 … 1 */
    GPtrArray *evidence; /* struct place: the call path to the hot loop or to the blocking call */
    GPtrArray *seconds;  /* struct time_estimate: of one call, idle time excluded; parts that are never zero,
                            `cpu` first */
    GPtrArray
        *idle_sites; /* struct place: calls in this region that wait for the next task, not for this one */
    char *lock;      /* optional: id of the lock that a critical section holds */
};

struct lock {
    char *id;   /* equal to name unless that is taken */
    char *name; /* as the source writes it: `cache_lock`, `struct conn.lock`, `compress_have->cond` */
    enum lock_kind kind;
    char *file; /* optional: where it is declared */
    int line;
    gboolean traced; /* added by the tracer: not known to the analysis */
};

struct finding {
    char *rule;
    enum severity severity;
    char *region;   /* optional */
    char *function; /* optional: that it is in */
    char *file;
    int line, column;
    char *message;
    GPtrArray *path;   /* struct place */
    char *fingerprint; /* contains no line number */
    gboolean suppressed;
    char *justification; /* optional: why it is suppressed */
};

/* Some thread takes `second` while it holds `first`: an edge of the graph of lock orders, whose circles are
 * possible deadlocks. */
struct lock_order {
    char *first, *second; /* names of locks, as in lock.name */
    char *function;       /* that holds the first when the second is taken, here or below */
    char *file;           /* where the second is taken, or the call that leads to it */
    int line;
    char *thread;    /* optional: `main`, `thread worker`; the first of several that do it */
    char *finding;   /* optional: fingerprint of the inversion that it is part of */
    GPtrArray *path; /* struct place: from the thread to where both are taken */
};

/* What one of the six models would cost at a site. */
struct model_estimate {
    enum execution_model model;
    double predicted_seconds; /* negative: not predicted */
    double predicted_bytes;   /* negative: not predicted */
    char *ruled_out;          /* optional: the reason */
};

/* The work of a site in numbers: what the formulas of the six models need (docs/advice.md). */
struct task_work {
    double tasks;          /* n; 0: not told */
    double in_flight;      /* w: tasks that exist at once */
    double cpu_seconds;    /* c: of one task, on the core, I/O work included */
    double wait_seconds;   /* b: of one task, blocked on descriptors that an event loop can watch */
    double stop_seconds;   /* s: of one task, blocked on what no event loop can watch */
    double serial_seconds; /* l: of one task, under a lock that all tasks share */
    double message_bytes;  /* of one task, between processes; 0: a few */
    double resident_bytes; /* of the process that forks; 0: little */
    gboolean unbounded;    /* the number in flight is up to the outside */
};

struct advice {
    char *id;
    char *region; /* optional: the whole program */
    char *site;   /* optional: the region whose work it is about, also when the advice is for the program */
    enum execution_model current_model;
    enum execution_model suggested_model;
    enum execution_shape shape; /* of the current model */
    double confidence;
    struct task_work work; /* as estimated */
    GPtrArray *reasons;    /* char * */
    GPtrArray *models;     /* struct model_estimate, one per model */
    GPtrArray *changes;    /* struct place: what to change in the code for the suggested model, or to make the
                              current one work */
};

/* A function outside the program of which nothing is known. */
struct unknown_function {
    char *name;
    int calls;  /* call sites in the program */
    char *file; /* of the first of them */
    int line;
};

/* A statement that a measurement can refute. */
struct prediction {
    char *id;     /* `deflate_slow@deflate.c:1820/cpu_share` */
    char *advice; /* optional */
    char *region; /* optional: the whole program */
    char *metric;
    enum comparison comparison;
    double value;
};

struct run {
    char *id;
    char *command;
    char *host;
    gint64 started_us; /* Unix time in microseconds */
    double seconds;
    guint64 lost_events;
    int exit_status; /* of a launched command: exit code, or 128 + signal; -1 when attached */
    int cores;       /* usable by the target */
    /* Of `corewise compare` (contest.h): */
    char *variant;     /* optional: the way to run the job; none of the following without it */
    char *model;       /* optional: that of the variant, one of the six */
    int workers;       /* of the variant; 0: not told */
    int round;         /* from 1; the runs of a round stand beside each other */
    char *failure;     /* optional: why it has no result */
    gboolean untraced; /* nobody watched: only what the job itself, or its load, reports */
};

struct thread {
    char *id; /* unique in the session: `RUN/TID` with a suffix when a tid was used again */
    char *run;
    int pid, tid;
    char *name;
    char *region;   /* optional: the thread or process body it runs */
    double seconds; /* life inside the run */
};

/* One number that the tracer measured; raw, no opinion. */
struct measurement {
    char *run;
    enum subject_kind subject_kind;
    char *subject; /* id; NULL for SUBJECT_PROGRAM */
    char *metric;
    double value;
    const char *unit; /* from the metric table, static */
    guint64 samples;  /* independent observations behind the value */
};

/* Who waited for whom, on what. */
struct wait_edge {
    char *run;
    char *waiter; /* thread id */
    char *holder; /* optional: thread id of the lock's owner, or of the waker where nothing is owned */
    char *lock;   /* optional */
    enum wait_cause cause;
    double seconds;
    guint64 count;
    double longest_seconds;
    double wakeup_seconds; /* mean time from the end of such a wait to running */
    gboolean idle;         /* a wait for the next task */
    char *file; /* optional: source place of the waiter, the innermost frame of the program itself */
    int line;
    char *function;       /* optional: function at that place */
    char *unknown_holder; /* optional: why there is no holder */
};

/* What one thread did for a while: with --timeline. */
struct interval {
    char *run;
    char *thread;         /* id */
    double start_seconds; /* since the run began */
    double seconds;
    enum activity activity;
    char *cause;    /* optional: why it was blocked */
    char *function; /* optional: where it was blocked */
};

/* One frame of the tree in which the call stacks of all runs share their callers. */
struct call_frame {
    int caller;     /* number of the calling frame, smaller than its own; 0: the outermost */
    char *function; /* `libc.so.6+0x89134` where nothing names it */
    char *file;     /* optional: as in regions; absolute outside of the root */
    int line;       /* that is executed, or of the call; 0: unknown */
    char *module;   /* optional: path of the object file */
};

/* Time that threads spent with one call stack: on the core, or blocked for one cause. The stacks of a run
 * without their run-queue time add up to what its threads were on the core and blocked. */
struct call_stack {
    char *run;
    char *thread_group; /* optional: the body that the threads run, or their name; NULL: several groups */
    int frame; /* number of the innermost frame: its place in session->call_frames, from 1; 0: not known */
    enum activity activity;  /* ACTIVITY_RUNNING or ACTIVITY_BLOCKED */
    char *cause;             /* optional: why it was blocked */
    gboolean idle;           /* a wait for the next task */
    double seconds;          /* on the core, or blocked */
    double runnable_seconds; /* waiting for a core, beside that */
    guint64 count;           /* samples on the core, or waits */
    int merged; /* stacks that were too light to be kept and are summed here; 0: this is one stack */
};

/* What a run saw and the analysis does not know. */
struct gap {
    char *run;
    char *what; /* "hot" "blocking" "thread" "lock" */
    char *name; /* of a function, a region, a library, a thread or a lock */
    char *file; /* optional */
    int line;
    double seconds; /* on the core, blocked, active, or waited for */
    char *missing;  /* what the analysis would have needed */
};

struct verdict {
    char *run;        /* optional: none when no run exercised it */
    char *prediction; /* id */
    enum verdict_kind kind;
    double measured, low, high; /* NaN where nothing was measured */
    guint64 samples;
    char *why; /* one sentence with the numbers */
};

/* What a run says of an advice: the formulas again, with measured numbers. */
struct advice_verdict {
    char *run;
    char *advice; /* id */
    enum verdict_kind kind;
    double predicted_gain; /* time today by that under the advice, as estimated from the source; NaN: none */
    double measured_gain;  /* the same from what was measured; NaN where nothing was */
    double saved_seconds;  /* of the run, by the measured estimate; NaN where nothing was measured, and where
                              it depends on how many tasks come: then the gain is one of tasks per second */
    struct task_work work; /* measured; tasks as predicted where they could not be counted */
    GPtrArray *models; /* struct model_estimate, from the measured work; empty when nothing was measured */
    GPtrArray *observations; /* char *: what the verdict rests on, a sentence with the numbers each */
    char *why;               /* the sentence that decided */
};

/* What a run says of a finding. */
struct finding_verdict {
    char *run;
    char *finding; /* fingerprint */
    enum sighting kind;
    double seconds; /* waited there; 0 where that is not what is seen */
    guint64 count;  /* of such waits */
    char *why;      /* one sentence with the numbers, or why no run can tell */
};

/* Each _new returns a zeroed record with empty arrays; each _free accepts NULL. */
struct place *place_new(const char *file, int line, const char *text);
struct host_cost *host_cost_new(void);
struct host *host_new(void);
struct program *program_new(void);
struct unit *unit_new(void);
struct region *region_new(void);
struct lock *lock_new(void);
struct finding *finding_new(void);
struct lock_order *lock_order_new(void);
struct advice *advice_new(void);
struct unknown_function *unknown_function_new(void);
struct prediction *prediction_new(void);
struct run *run_new(void);
struct thread *thread_new(void);
struct measurement *measurement_new(void);
struct wait_edge *wait_edge_new(void);
struct interval *interval_new(void);
struct call_frame *call_frame_new(void);
struct call_stack *call_stack_new(void);
struct gap *gap_new(void);
struct verdict *verdict_new(void);
struct advice_verdict *advice_verdict_new(void);
struct finding_verdict *finding_verdict_new(void);
struct model_estimate *model_estimate_new(enum execution_model model);
struct time_estimate *time_estimate_new(const char *part);

void place_free(struct place *place);
void host_cost_free(struct host_cost *cost);
void host_free(struct host *host);
void program_free(struct program *program);
void unit_free(struct unit *unit);
void region_free(struct region *region);
void lock_free(struct lock *lock);
void finding_free(struct finding *finding);
void lock_order_free(struct lock_order *order);
void advice_free(struct advice *advice);
void unknown_function_free(struct unknown_function *function);
void prediction_free(struct prediction *prediction);
void run_free(struct run *run);
void thread_free(struct thread *thread);
void measurement_free(struct measurement *measurement);
void wait_edge_free(struct wait_edge *wait);
void interval_free(struct interval *interval);
void call_frame_free(struct call_frame *frame);
void call_stack_free(struct call_stack *stack);
void gap_free(struct gap *gap);
void verdict_free(struct verdict *verdict);
void advice_verdict_free(struct advice_verdict *verdict);
void finding_verdict_free(struct finding_verdict *verdict);
void model_estimate_free(struct model_estimate *estimate);
void time_estimate_free(struct time_estimate *estimate);

typedef struct host Host;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Host, host_free)

#endif
