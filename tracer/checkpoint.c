/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/checkpoint.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer/watch.h"

#define PAUSE_FACTOR 10 /* checkpoints may use this part of a core */

static guint64 time_ns(const struct timeval *time)
{
    return (guint64)time->tv_sec * G_GUINT64_CONSTANT(1000000000) + (guint64)time->tv_usec * 1000;
}

static void note_end(struct checkpoint *checkpoint, const struct rusage *usage)
{
    guint64 used = time_ns(&usage->ru_utime) + time_ns(&usage->ru_stime);
    checkpoint->worker = 0;
    checkpoint->cpu_seconds += (double)used / 1e9;
    checkpoint->next_ns = watch_now_ns() + MAX((guint64)(checkpoint->seconds * 1e9), used * PAUSE_FACTOR);
}

void checkpoint_tick(struct checkpoint *checkpoint, void (*write)(gpointer data), gpointer data)
{
    if (checkpoint->seconds <= 0)
        return;
    struct rusage usage = {0};
    guint64 now = watch_now_ns();
    if (checkpoint->worker) {
        pid_t ended = wait4(checkpoint->worker, NULL, WNOHANG, &usage);
        if (ended == checkpoint->worker || (ended < 0 && errno == ECHILD))
            note_end(checkpoint, &usage);
        return;
    }
    if (!checkpoint->next_ns)
        checkpoint->next_ns = now + (guint64)(checkpoint->seconds * 1e9);
    if (now < checkpoint->next_ns)
        return;
    pid_t worker = fork();
    if (worker == 0) {
        write(data);
        _exit(0);
    }
    if (worker > 0)
        checkpoint->worker = worker;
    else
        note_end(checkpoint, &usage);
}

void checkpoint_finish(struct checkpoint *checkpoint)
{
    struct rusage usage = {0};
    while (checkpoint->worker && wait4(checkpoint->worker, NULL, 0, &usage) < 0 && errno == EINTR)
        ;
    if (checkpoint->worker)
        note_end(checkpoint, &usage);
}
