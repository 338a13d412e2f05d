/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/measured_work.h"

#include <math.h>
#include <string.h>

#include "model/metric.h"

/* What no event loop can watch. */
static const enum wait_cause unwatched[] = {CAUSE_DISK,       CAUSE_TIMER,   CAUSE_CHILD,
                                            CAUSE_PAGE_FAULT, CAUSE_STOPPED, CAUSE_OTHER};

static double value_of(const struct measured_site *site, enum subject_kind kind, const char *subject,
                       const char *metric)
{
    const struct measurement *found =
        session_find_measurement(site->session, site->run->id, kind, subject, metric);
    return found ? found->value : NAN;
}

double measured_site_value(const struct measured_site *site, const char *metric)
{
    const char *region = site->advice->site;
    return value_of(site, region ? SUBJECT_REGION : SUBJECT_PROGRAM, region, metric);
}

double measured_program_value(const struct measured_site *site, const char *metric)
{
    return value_of(site, SUBJECT_PROGRAM, NULL, metric);
}

double measured_loop_value(const struct measured_site *site, const char *metric, guint64 *rounds)
{
    const struct measurement *most = NULL;
    for (guint i = 0; i < site->session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(site->session->measurements, i);
        if (each->subject_kind == SUBJECT_THREAD && strcmp(each->metric, metric) == 0 &&
            g_strcmp0(each->run, site->run->id) == 0 && (!most || each->samples > most->samples))
            most = each;
    }
    *rounds = most ? most->samples : 0;
    return most ? most->value : NAN;
}

gboolean measured_site_is_open(const struct measured_site *site)
{
    return site->work.unbounded && !site->counted;
}

static double or_zero(double value)
{
    return isnan(value) ? 0 : value;
}

static double task_seconds(const struct task_work *work)
{
    return work->cpu_seconds + work->wait_seconds + work->stop_seconds;
}

gboolean task_work_is_serial(const struct task_work *work)
{
    double together = MIN(work->tasks, work->in_flight) * work->serial_seconds;
    return work->serial_seconds > 0 && together > task_seconds(work);
}

static enum measured_shape shape_of(const struct advice *advice)
{
    switch (advice->shape) {
    case SHAPE_SEQUENTIAL:
    case SHAPE_EXTENSION_MODULE:
        return MEASURED_LOOP;
    case SHAPE_THREAD_PER_CONNECTION:
    case SHAPE_FORK_PER_CONNECTION:
    case SHAPE_FORK_PER_JOB:
        return MEASURED_PER_TASK;
    case SHAPE_ONE_LOOP:
    case SHAPE_COROUTINES:
    case SHAPE_LOOP_PER_PROCESS:
    case SHAPE_LOOP_PER_THREAD:
    case SHAPE_LOOP_PLUS_POOL:
        return MEASURED_EVENT_LOOP;
    default:
        return MEASURED_WORKERS;
    }
}

/* Tasks that were seen: a thread or process of the body each. Events are not counted: a loop that is never
 * out of work does not wait for each. */
static double tasks_counted(const struct measured_site *site)
{
    return site->shape == MEASURED_PER_TASK ? measured_site_value(site, "threads") : NAN;
}

/* Blocked, idle waits too: each such thread is a task that waits. */
static double waiting_at_once(const struct measured_site *site)
{
    double all = or_zero(measured_site_value(site, "wall_seconds"));
    double busy = site->cpu_seconds + or_zero(measured_site_value(site, "runnable_seconds"));
    return site->run->seconds > 0 ? MAX(0, all - busy) / site->run->seconds : 0;
}

/* Under a lock that all want, the time that passes is that of one task after the other. Where only one task
 * runs at a time nobody waits for a lock: the estimated part of the task stays under it. */
static void set_serial(struct measured_site *site)
{
    const struct task_work *estimated = &site->advice->work;
    struct task_work *work = &site->work;
    work->serial_seconds = 0;
    if (site->advice->current_model == MODEL_SEQUENTIAL && task_seconds(estimated) > 0)
        work->serial_seconds = estimated->serial_seconds / task_seconds(estimated) * task_seconds(work);
    else if (site->lock_seconds > 0 && site->advice->work.serial_seconds > 0)
        work->serial_seconds = work->cpu_seconds / MAX(1, site->parallelism);
}

static void set_work(struct measured_site *site)
{
    const struct task_work *estimated = &site->advice->work;
    struct task_work *work = &site->work;
    double waited = or_zero(measured_site_value(site, "io_wait_share")) * site->active_seconds;
    double stopped = 0;
    /* A sleep that gives way to others looks like any other; only the source tells. */
    gboolean gives_way = estimated->wait_seconds > 0 && estimated->stop_seconds <= 0;
    for (gsize i = 0; i < G_N_ELEMENTS(unwatched); i++)
        if (unwatched[i] != CAUSE_TIMER || !gives_way)
            stopped += or_zero(measured_site_value(site, metric_blocked_seconds(unwatched[i])));
    stopped = MIN(stopped, waited);
    *work = *estimated;
    double counted = tasks_counted(site);
    site->counted = counted >= 1;
    if (site->counted)
        work->tasks = counted;
    work->cpu_seconds = site->cpu_seconds / work->tasks;
    work->stop_seconds = stopped / work->tasks;
    work->wait_seconds = (waited - stopped) / work->tasks;
    if (site->shape == MEASURED_EVENT_LOOP) {
        /* Whatever a callback waits for stops the loop; the peers are waited for outside. */
        work->stop_seconds = waited / work->tasks;
        work->wait_seconds = MAX(0, estimated->wait_seconds);
    } else if (site->counted) {
        work->in_flight = CLAMP(or_zero(measured_program_value(site, "threads_peak")), 1, counted);
    } else if (site->shape == MEASURED_WORKERS) {
        /* Each worker has one task at a time. */
        work->in_flight = CLAMP(or_zero(measured_site_value(site, "threads")), 1, work->in_flight);
    }
    set_serial(site);
}

gboolean measured_site_init(struct measured_site *site, const struct session *session, const struct run *run,
                            const struct advice *advice)
{
    *site = (struct measured_site){.session = session, .run = run, .advice = advice};
    double active = measured_site_value(site, "active_seconds");
    if (!(active > 0) || !(advice->work.tasks >= 1))
        return FALSE;
    site->shape = shape_of(advice);
    site->active_seconds = active;
    site->cpu_seconds = or_zero(measured_site_value(site, "cpu_seconds"));
    site->lock_seconds = or_zero(measured_site_value(site, "lock_share")) * active;
    site->waiting = waiting_at_once(site);
    site->parallelism = MAX(1, or_zero(measured_program_value(site, "parallelism")));
    set_work(site);
    return TRUE;
}
