/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/tracer.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracer/collection.h"
#include "tracer/launch.h"
#include "tracer/record.h"
#include "tracer/watch.h"

#define SAMPLE_HZ_DEFAULT  997
#define POLL_MS            50
#define POLL_MS_AFTER_EXEC 5 /* a program that has just begun may be gone at once */
#define EXEC_IS_NEW_NS     G_GUINT64_CONSTANT(100000000)
#define LAST_SWITCH_MS     200 /* an exited thread's last context switch comes this soon */
#define END_SECONDS        2.0 /* for a launched command that is told to end */

struct tracing {
    const struct trace_options *options;
    struct launch launch;
    int pid;
    int pid_descriptor;
    gboolean target_ended;
    int exit_status;
    gint64 started_us; /* Unix time */
    guint64 ended_ns;
    int cores;
};

static char *command_of(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", pid);
    char *text = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &text, &length, NULL) || !length) {
        g_free(text);
        return g_strdup_printf("process %d", pid);
    }
    for (gsize i = 0; i + 1 < length; i++) {
        if (!text[i])
            text[i] = ' ';
    }
    char *valid = g_utf8_make_valid(text, -1);
    g_free(text);
    return g_strchomp(valid); /* servers that set their title pad it with spaces */
}

static char *command_line(const struct tracing *tracing)
{
    if (!tracing->options->command)
        return command_of(tracing->pid);
    g_autofree char *joined = g_strjoinv(" ", (char **)tracing->options->command);
    return g_utf8_make_valid(joined, -1);
}

static int usable_cores(int pid)
{
    cpu_set_t set;
    if (sched_getaffinity(pid, sizeof(set), &set) == 0)
        return CPU_COUNT(&set);
    return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static gboolean open_target(struct tracing *tracing, GError **error)
{
    tracing->pid_descriptor = (int)syscall(SYS_pidfd_open, tracing->pid, 0);
    if (tracing->pid_descriptor >= 0)
        return TRUE;
    if (errno == EINVAL)
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                    "cannot watch %d: it is a thread; give the number of its process", tracing->pid);
    else
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET, "cannot watch process %d: %s", tracing->pid,
                    errno == ESRCH ? "there is no such process; it may have ended already"
                                   : g_strerror(errno));
    return FALSE;
}

static gboolean follow_launched(struct tracing *tracing, struct watch *watch, GError **error)
{
    const char *const *command = tracing->options->command;
    if (!launch_prepare(&tracing->launch, command, error))
        return FALSE;
    tracing->pid = tracing->launch.pid;
    if (!open_target(tracing, error) || !watch_follow(watch, tracing->pid, TRUE, error)) {
        launch_cancel(&tracing->launch);
        return FALSE;
    }
    return launch_go(&tracing->launch, command, error);
}

static gboolean follow_running(struct tracing *tracing, struct watch *watch, GError **error)
{
    tracing->pid = tracing->options->pid;
    if (!open_target(tracing, error) || !watch_follow(watch, tracing->pid, FALSE, error))
        return FALSE;
    if (watch_totals(watch)->live_threads)
        return TRUE;
    g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                "cannot watch process %d: it ended while corewise attached to it", tracing->pid);
    return FALSE;
}

/* Until the target ends, the time is over, or the caller wants to stop. */
static void wait_for_end(struct tracing *tracing, struct watch *watch, const struct collection *collection)
{
    const struct trace_options *options = tracing->options;
    guint64 deadline = options->duration_seconds > 0
                           ? watch_now_ns() + (guint64)(options->duration_seconds * 1e9)
                           : G_MAXUINT64;
    while (!(options->stop && *options->stop)) {
        guint64 now = watch_now_ns();
        if (now >= deadline)
            return;
        gboolean fresh = now - collection->exec_seen_ns < EXEC_IS_NEW_NS;
        guint64 left_ms = (deadline - now) / 1000000 + 1;
        int timeout = (int)MIN(left_ms, (guint64)(fresh ? POLL_MS_AFTER_EXEC : POLL_MS));
        struct pollfd descriptors[] = {{tracing->pid_descriptor, POLLIN, 0},
                                       {watch_descriptor(watch), POLLIN, 0}};
        int ready = poll(descriptors, G_N_ELEMENTS(descriptors), timeout);
        watch_poll(watch);
        if (ready > 0 && descriptors[0].revents) {
            tracing->target_ended = TRUE;
            return;
        }
    }
}

/* The kernel reports a process as ended a little before its last thread left its core for good. */
static void wait_for_last_switch(struct watch *watch)
{
    const volatile struct watch_totals *totals = watch_totals(watch);
    for (guint i = 0; i < LAST_SWITCH_MS && totals->live_threads; i++) {
        g_usleep(1000);
        watch_poll(watch);
    }
}

static void end_launched(struct tracing *tracing)
{
    tracing->exit_status = -1;
    if (!tracing->options->command)
        return;
    if (!tracing->target_ended)
        kill(tracing->launch.pid, SIGTERM); /* as `timeout` does: it was started for this measurement only */
    tracing->exit_status = launch_wait(&tracing->launch, END_SECONDS);
}

static guint64 lost_events(const struct watch_totals *totals)
{
    return totals->lost_waits + totals->lost_samples + totals->lost_stacks + totals->lost_snapshots +
           totals->lost_threads;
}

/* A target's end is the last switch of its first thread, not the moment at which this was noticed. */
static guint64 end_of_run(const struct tracing *tracing, const struct collection *collection)
{
    for (guint i = 0; tracing->target_ended && i < collection->thread_list->len; i++) {
        const struct traced_thread *thread = g_ptr_array_index(collection->thread_list, i);
        if (thread->tid == tracing->pid && thread->ended)
            return thread->ended_ns;
    }
    return tracing->ended_ns;
}

static struct run *make_run(const struct tracing *tracing, const struct watch *watch,
                            const struct collection *collection, char *command)
{
    const struct watch_totals *totals = watch_totals(watch);
    struct run *run = run_new();
    run->id =
        g_strdup_printf("r%" G_GINT64_MODIFIER "x-%d", tracing->started_us / G_USEC_PER_SEC, tracing->pid);
    run->command = command;
    run->host = g_strdup(g_get_host_name());
    run->started_us = tracing->started_us;
    run->seconds = (double)(end_of_run(tracing, collection) - totals->started_ns) / 1e9;
    run->lost_events = lost_events(totals);
    run->exit_status = tracing->exit_status;
    run->cores = tracing->cores;
    return run;
}

static gboolean trace_target(struct tracing *tracing, struct session *session, GError **error)
{
    const struct trace_options *options = tracing->options;
    g_autoptr(Collection) collection = collection_new(options->command != NULL);
    struct watch_handlers handlers = {collection_on_thread, collection_on_snapshot, collection};
    g_autoptr(Watch) watch =
        watch_new(options->sample_hz ? options->sample_hz : SAMPLE_HZ_DEFAULT, &handlers, error);
    if (!watch)
        return FALSE;
    if (!(options->command ? follow_launched(tracing, watch, error) : follow_running(tracing, watch, error)))
        return FALSE;
    tracing->started_us = g_get_real_time();
    tracing->cores = usable_cores(tracing->pid);
    g_autofree char *command = command_line(tracing);
    wait_for_end(tracing, watch, collection);
    if (tracing->target_ended)
        wait_for_last_switch(watch);
    tracing->ended_ns = watch_now_ns();
    gboolean finished = watch_finish(watch, error);
    end_launched(tracing);
    if (!finished)
        return FALSE;
    struct run *run = make_run(tracing, watch, collection, g_steal_pointer(&command));
    g_ptr_array_add(session->runs, run);
    record_run(session, run, watch, collection);
    return TRUE;
}

gboolean trace(const struct trace_options *options, struct session *session, GError **error)
{
    struct tracing tracing = {
        .options = options, .launch = {.pid = -1, .go = -1, .failure = -1}, .pid_descriptor = -1};
    gboolean traced = trace_target(&tracing, session, error);
    if (tracing.pid_descriptor >= 0)
        close(tracing.pid_descriptor);
    return traced;
}
