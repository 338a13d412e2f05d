/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: very many tasks that only wait: an event loop holds each of them in a few hundred bytes, where a
 * thread or a process for each would be mostly stack and switches. A clock shop: five hundred alarms, each
 * set to ring once, between one and nine milliseconds after it was wound up. How the tasks run is up to
 * COREWISE_MODEL. */
#include <stdio.h>
#include <time.h>

#include "runtime/corewise.h"

#define ALARMS 500

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The lesson: nothing but a wait. The result is how late the alarm rang. */
__attribute__((noinline)) static int ring_later(const struct corewise_task *task)
{
    double *late_seconds = task->result;
    double wound_up = now_seconds(), delay = 0.001 + 0.008 * (double)(task->index % 101) / 100;
    if (corewise_sleep(delay) != 0)
        return 1;
    *late_seconds = now_seconds() - wound_up - delay;
    return 0;
}

static void keep_latest(void *total, const void *result, void *data)
{
    double *latest = total;
    const double *late = result;
    (void)data;
    if (*late > *latest)
        *latest = *late;
}

int main(void)
{
    double latest = 0;
    const struct corewise_job job = {
        .name = "timers",
        .run = ring_later,
        .task_count = ALARMS,
        .result_bytes = sizeof latest,
        .merge = keep_latest,
        .total = &latest,
    };
    struct corewise_outcome outcome;
    struct corewise_error error;
    if (!corewise_job_run(&job, NULL, &outcome, &error)) {
        fprintf(stderr, "job_timers: %s\n", error.message);
        return 1;
    }
    printf("%d alarms in %.3f s, the latest %.1f ms too late\n", ALARMS, outcome.seconds, latest * 1e3);
    return outcome.failed > 0;
}
