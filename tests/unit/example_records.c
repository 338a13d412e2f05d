/* SPDX-License-Identifier: Apache-2.0 */
#include "example_session.h"

struct region *example_add_region(struct session *session, enum region_kind kind, const char *function,
                                  const char *file, int line, int end_line, enum work_class class,
                                  double confidence)
{
    struct region *region = region_new();
    region->id = g_strdup_printf("%s@%s:%d", function, file, line);
    region->kind = kind;
    region->function = g_strdup(function);
    region->file = g_strdup(file);
    region->line = line;
    region->end_line = end_line;
    region->class = class;
    region->confidence = confidence;
    g_ptr_array_add(session->regions, region);
    return region;
}

struct lock *example_add_lock(struct session *session, const char *name, enum lock_kind kind,
                              const char *file, int line, gboolean traced)
{
    struct lock *lock = lock_new();
    lock->id = g_strdup(name);
    lock->name = g_strdup(name);
    lock->kind = kind;
    lock->file = g_strdup(file);
    lock->line = line;
    lock->traced = traced;
    g_ptr_array_add(session->locks, lock);
    return lock;
}

struct thread *example_add_thread(struct session *session, int tid, const char *name, const char *region,
                                  double seconds)
{
    struct thread *thread = thread_new();
    thread->id = g_strdup_printf("%s/%d", EXAMPLE_RUN, tid);
    thread->run = g_strdup(EXAMPLE_RUN);
    thread->pid = 4100;
    thread->tid = tid;
    thread->name = g_strdup(name);
    thread->region = g_strdup(region);
    thread->seconds = seconds;
    g_ptr_array_add(session->threads, thread);
    return thread;
}

struct wait_edge *example_add_wait(struct session *session, int waiter, int holder, const char *lock,
                                   enum wait_cause cause, double seconds, guint64 count)
{
    struct wait_edge *wait = wait_edge_new();
    wait->run = g_strdup(EXAMPLE_RUN);
    wait->waiter = g_strdup_printf("%s/%d", EXAMPLE_RUN, waiter);
    wait->holder = holder ? g_strdup_printf("%s/%d", EXAMPLE_RUN, holder) : NULL;
    wait->lock = g_strdup(lock);
    wait->cause = cause;
    wait->seconds = seconds;
    wait->count = count;
    g_ptr_array_add(session->waits, wait);
    return wait;
}

void example_wait_place(struct wait_edge *wait, const char *file, int line, const char *function,
                        gboolean idle)
{
    wait->file = g_strdup(file);
    wait->line = line;
    wait->function = g_strdup(function);
    wait->idle = idle;
}

void example_add_run(struct session *session, const char *command, double seconds, guint64 lost_events)
{
    struct run *run = run_new();
    run->id = g_strdup(EXAMPLE_RUN);
    run->command = g_strdup(command);
    run->host = g_strdup("Linux 6.1.0 x86_64");
    run->started_us = G_GINT64_CONSTANT(1763715584250000);
    run->seconds = seconds;
    run->lost_events = lost_events;
    run->cores = 2;
    g_ptr_array_add(session->runs, run);
}

void example_add_program(struct session *session, const char *name, enum execution_model current,
                         enum execution_model suggested, double confidence, const char *const *reasons)
{
    session->program = program_new();
    session->program->name = g_strdup(name);
    session->program->current_model = current;
    session->program->suggested_model = suggested;
    session->program->shape = current == MODEL_THREADS ? SHAPE_THREAD_POOL : SHAPE_SEQUENTIAL;
    session->program->confidence = confidence;
    for (; *reasons; reasons++)
        g_ptr_array_add(session->program->reasons, g_strdup(*reasons));
    g_ptr_array_add(session->program->evidence,
                    place_new("pigz.c", 2229, "makes several threads that run compress_thread"));
}

void example_add_unit(struct session *session, const char *file, const char *error)
{
    struct unit *unit = unit_new();
    unit->file = g_strdup(file);
    unit->command = g_strdup_printf("cc -g -O2 -c %s", file);
    unit->content_hash = g_strdup("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    unit->error = g_strdup(error);
    g_ptr_array_add(session->units, unit);
}

void example_add_split(struct session *session, enum subject_kind kind, const char *subject,
                       struct time_split split, double program_active, guint64 samples)
{
    double active = time_split_active(&split), wall = active + split.idle;
    double per_active = active > 0 ? 1 / active : 0;
    struct {
        const char *metric;
        double value;
    } rows[] = {
        {"cpu_share", (split.on_cpu + split.runnable) * per_active},
        {"io_share", (split.io_wait + split.io_work) * per_active},
        {"io_wait_share", split.io_wait * per_active},
        {"io_work_share", split.io_work * per_active},
        {"lock_share", split.lock_wait * per_active},
        {"runqueue_share", split.runnable * per_active},
        {"idle_share", wall > 0 ? split.idle / wall : 0},
        {"active_share", program_active > 0 ? active / program_active : 0},
        {"wall_seconds", wall},
        {"active_seconds", active},
        {"cpu_seconds", split.on_cpu + split.io_work},
        {"runnable_seconds", split.runnable},
        {"idle_seconds", split.idle},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        session_add_measurement(session, EXAMPLE_RUN, kind, subject, rows[i].metric, rows[i].value, samples);
}

void example_add_thread_split(struct session *session, int tid, const char *name, const char *region,
                              struct time_split split, double program_active)
{
    double seconds = time_split_active(&split) + split.idle;
    const struct thread *thread = example_add_thread(session, tid, name, region, seconds);
    example_add_split(session, SUBJECT_THREAD, thread->id, split, program_active,
                      (guint64)(split.on_cpu * 997));
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_THREAD, thread->id, "switches.voluntary", 1210, 1);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_THREAD, thread->id, "switches.involuntary", 402, 1);
}

void example_add_seconds(struct region *region, const char *part, double low, double typical, double high)
{
    struct time_estimate *estimate = time_estimate_new(part);
    estimate->low = low;
    estimate->typical = typical;
    estimate->high = high;
    g_ptr_array_add(region->seconds, estimate);
}

void example_add_evidence(struct region *region, const char *file, int line, const char *text)
{
    g_ptr_array_add(region->evidence, place_new(file, line, text));
}

struct advice *example_add_advice(struct session *session, const char *id, const char *region,
                                  enum execution_model current, enum execution_model suggested,
                                  double confidence)
{
    struct advice *advice = advice_new();
    advice->id = g_strdup(id);
    advice->region = g_strdup(region);
    advice->current_model = current;
    advice->suggested_model = suggested;
    advice->shape = session->program->shape;
    advice->confidence = confidence;
    if (suggested != current)
        g_ptr_array_add(advice->changes,
                        place_new("pigz.c", 1704, "writes try_ball_t_.ret, which all threads share"));
    g_ptr_array_add(session->advice, advice);
    return advice;
}

void example_add_estimate(struct advice *advice, enum execution_model model, double seconds, double bytes,
                          const char *ruled_out)
{
    struct model_estimate *estimate = model_estimate_new(model);
    estimate->predicted_seconds = seconds;
    estimate->predicted_bytes = bytes;
    estimate->ruled_out = g_strdup(ruled_out);
    g_ptr_array_add(advice->models, estimate);
}

void example_add_unknown(struct session *session, const char *name, int calls, const char *file, int line)
{
    struct unknown_function *function = unknown_function_new();
    function->name = g_strdup(name);
    function->calls = calls;
    function->file = g_strdup(file);
    function->line = line;
    g_ptr_array_add(session->unknown_functions, function);
}

void example_add_verdict(struct session *session, const struct prediction *prediction, enum verdict_kind kind,
                         double measured, double low, double high, guint64 samples, const char *why)
{
    struct verdict *verdict = verdict_new();
    verdict->run = g_strdup(EXAMPLE_RUN);
    verdict->prediction = g_strdup(prediction->id);
    verdict->kind = kind;
    verdict->measured = measured;
    verdict->low = low;
    verdict->high = high;
    verdict->samples = samples;
    verdict->why = g_strdup(why);
    g_ptr_array_add(session->verdicts, verdict);
}
