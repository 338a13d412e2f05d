/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/tracer.h"

#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "tracer/checkpoint.h"
#include "tracer/collection.h"
#include "tracer/launch.h"
#include "tracer/lock_watch.h"
#include "tracer/measure.h"
#include "tracer/plain_watch.h"
#include "tracer/privileges.h"
#include "tracer/record.h"
#include "tracer/scope.h"
#include "tracer/thread_stacks.h"
#include "tracer/watch.h"
#include "tracer/watch_markers.h"

#define POLL_MS           50
#define POLL_MS_IN_HURRY                                                                                     \
    5 /* a program that has just begun may be gone at once, a buffer may be full soon                        \
       */
#define EXEC_IS_NEW_NS     G_GUINT64_CONSTANT(100000000)
#define LAST_SWITCH_MS     200 /* an exited thread's last context switch comes this soon */
#define RESCAN_NS          G_GUINT64_CONSTANT(1000000000)
#define CHECKPOINT_SECONDS 5.0
#define CALL_SLICE_NS      G_GUINT64_CONSTANT(200000000)
#define LINKER             "/lib64/ld-linux-x86-64.so.2" /* of all programs of this ABI */
#define END_SECONDS        2.0                           /* for a launched command that is told to end */

struct tracing {
    const struct trace_options *options;
    struct session *session;
    struct launch launch;
    struct scope scope;
    struct watch *watch;
    struct collection *collection;
    struct checkpoint checkpoint;
    struct lock_watch locks;
    GArray *mapped; /* int: processes that mapped objects, to be looked at for markers */
    char *command;
    int pid; /* the launched process, or the first of those attached to */
    gboolean target_ended, finished;
    int exit_status;
    gint64 started_us; /* Unix time */
    guint64 ended_ns, rescanned_ns;
    double cpu_before, cpu_seconds; /* of the tracer itself: when it began, while it watched */
    int cores;
};

static char *command_line(const struct tracing *tracing)
{
    if (!tracing->options->command)
        return scope_describe(&tracing->scope);
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

/* Its objects come later; most programs mark their main one. */
static void look_for_markers_ahead(const struct tracing *tracing, const char *command)
{
    g_autofree char *executable = g_find_program_in_path(command);
    watch_markers_in(tracing->watch, LINKER);
    if (executable)
        watch_markers_in(tracing->watch, executable);
}

static void look_for_markers(struct tracing *tracing)
{
    for (guint i = 0; i < tracing->mapped->len; i++)
        watch_markers_of(tracing->watch, g_array_index(tracing->mapped, int, i));
    g_array_set_size(tracing->mapped, 0);
}

static gboolean follow_launched(struct tracing *tracing, GError **error)
{
    const char *const *command = tracing->options->command;
    if (!launch_prepare(&tracing->launch, command, error))
        return FALSE;
    tracing->pid = tracing->launch.pid;
    watch_set_cores(tracing->watch, usable_cores(tracing->pid));
    struct watch_scope scope = {.pids = &tracing->pid, .pid_count = 1, .launching = TRUE};
    if (!scope_add(&tracing->scope, tracing->pid, error) || !watch_follow(tracing->watch, &scope, error) ||
        !watch_switch_calls(tracing->watch, TRUE, error)) {
        launch_cancel(&tracing->launch);
        return FALSE;
    }
    lock_watch_launch(&tracing->locks, tracing->pid, command[0]);
    look_for_markers_ahead(tracing, command[0]);
    return launch_go(&tracing->launch, command, error);
}

static gboolean follow_running(struct tracing *tracing, GError **error)
{
    const struct scope *found = &tracing->scope;
    struct watch_scope scope = {.pids = (const int *)found->pids->data,
                                .pid_count = found->open ? 0 : found->pids->len,
                                .name = found->name,
                                .cgroup = found->cgroup};
    tracing->pid = found->pids->len ? g_array_index(found->pids, int, 0) : getpid();
    watch_set_cores(tracing->watch, usable_cores(tracing->pid));
    if (!watch_follow(tracing->watch, &scope, error) || !watch_switch_calls(tracing->watch, TRUE, error))
        return FALSE;
    if (watch_totals(tracing->watch)->live_threads || found->cgroup)
        return TRUE;
    g_set_error(error, TRACER_ERROR, TRACER_ERROR_TARGET,
                "cannot watch process %d: it ended while corewise attached to it", tracing->pid);
    return FALSE;
}

static guint64 deadline_of(const struct trace_options *options)
{
    return options->duration_seconds > 0 ? watch_now_ns() + (guint64)(options->duration_seconds * 1e9)
                                         : G_MAXUINT64;
}

/* Of a name or a cgroup: takes up who joined it, but for a copy of the tracer. TRUE when all have ended. */
static gboolean look_for_others(struct tracing *tracing, guint64 now)
{
    if (!tracing->scope.open || tracing->checkpoint.worker || now < tracing->rescanned_ns + RESCAN_NS)
        return FALSE;
    tracing->rescanned_ns = now;
    watch_rescan(tracing->watch, NULL);
    const volatile struct watch_totals *totals = watch_totals(tracing->watch);
    return tracing->collection->thread_list->len && !totals->live_threads;
}

/* When calls are to be watched for a part of the time only: a slice of it, then a pause. */
static void slice_calls(struct tracing *tracing, guint64 now)
{
    double share = tracing->options->call_share;
    if (share <= 0 || share >= 1)
        return;
    guint64 turn = (now - watch_totals(tracing->watch)->started_ns) % (guint64)(CALL_SLICE_NS / share);
    watch_switch_calls(tracing->watch, turn < CALL_SLICE_NS, NULL);
}

static void write_checkpoint(gpointer data);

/* Until the target ends, the time is over, or the caller wants to stop. */
static void wait_for_end(struct tracing *tracing)
{
    const struct trace_options *options = tracing->options;
    guint64 deadline = deadline_of(options);
    while (!(options->stop && *options->stop)) {
        guint64 now = watch_now_ns();
        if (now >= deadline)
            return;
        gboolean hurry =
            now - tracing->collection->exec_seen_ns < EXEC_IS_NEW_NS || watch_is_busy(tracing->watch);
        guint64 left_ms = (deadline - now) / 1000000 + 1;
        int pace = watch_is_plain(tracing->watch) ? PLAIN_PACE_MS : hurry ? POLL_MS_IN_HURRY : POLL_MS;
        int timeout = (int)MIN(left_ms, (guint64)pace);
        tracing->target_ended = scope_wait(&tracing->scope, watch_descriptor(tracing->watch), timeout);
        watch_poll(tracing->watch);
        lock_watch_tick(&tracing->locks);
        look_for_markers(tracing);
        tracing->target_ended |= look_for_others(tracing, now);
        if (tracing->target_ended)
            return;
        slice_calls(tracing, now);
        watch_cost_tick(tracing->watch, FALSE);
        checkpoint_tick(&tracing->checkpoint, write_checkpoint, tracing);
        if (options->tick && !tracing->collection->launching)
            options->tick(tracing, FALSE, options->tick_data);
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

static struct run *make_run(const struct tracing *tracing)
{
    const struct watch_totals *totals = watch_totals(tracing->watch);
    struct run *run = run_new();
    run->id =
        g_strdup_printf("r%" G_GINT64_MODIFIER "x-%d", tracing->started_us / G_USEC_PER_SEC, tracing->pid);
    run->command = g_strdup(tracing->command);
    run->host = g_strdup(g_get_host_name());
    run->started_us = tracing->started_us;
    run->seconds = (double)(end_of_run(tracing, tracing->collection) - totals->started_ns) / 1e9;
    run->exit_status = tracing->exit_status;
    run->cores = tracing->cores;
    return run;
}

static double own_cpu_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void record(struct tracing *tracing, struct session *session)
{
    struct run *run = make_run(tracing);
    g_ptr_array_add(session->runs, run);
    measure_losses(session, run, tracing->collection, tracing->watch);
    record_run(session, run, tracing->watch, tracing->collection);
    measure_cost(session, run, tracing->watch, tracing->cpu_seconds);
}

gboolean trace_snapshot(struct tracing *tracing, struct session *session, GError **error)
{
    if (!tracing->finished) {
        tracing->exit_status = -1;
        tracing->cpu_seconds = own_cpu_seconds() - tracing->cpu_before + tracing->checkpoint.cpu_seconds;
        if (!watch_peek(tracing->watch, error))
            return FALSE;
        tracing->ended_ns = watch_now_ns(); /* no thread was looked at later */
    }
    record(tracing, session);
    return TRUE;
}

GPtrArray *trace_rounds(struct tracing *tracing, const struct session *session)
{
    const GPtrArray *threads = tracing->collection->thread_list;
    g_autoptr(Attribution) attribution = attribution_new(tracing->collection, session);
    g_autoptr(GHashTable) by_thread = callback_rounds_new(attribution, tracing->watch);
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < threads->len; i++) {
        const struct traced_thread *thread = g_ptr_array_index(threads, i);
        const struct histogram *durations = g_hash_table_lookup(by_thread, GUINT_TO_POINTER(thread->serial));
        struct thread_rounds *rounds = durations ? g_new0(struct thread_rounds, 1) : NULL;
        if (!rounds)
            continue;
        rounds->place = i;
        rounds->durations = *durations;
        g_ptr_array_add(all, rounds);
    }
    return all;
}

GPtrArray *trace_stacks(struct tracing *tracing, const struct session *session, int tid)
{
    return thread_stacks_new(tracing->collection, session, tracing->watch, tid);
}

/* In a copy of this process: what it does to the session and to the collection, nobody else sees. */
static void write_checkpoint(gpointer data)
{
    struct tracing *tracing = data;
    tracing->ended_ns = watch_now_ns();
    tracing->exit_status = -1;
    if (!watch_peek(tracing->watch, NULL))
        return;
    record(tracing, tracing->session);
    tracing->options->checkpoint(tracing->session, tracing->options->checkpoint_data);
}

static gboolean watch_target(struct tracing *tracing, GError **error)
{
    if (!(tracing->options->command ? follow_launched(tracing, error) : follow_running(tracing, error)))
        return FALSE;
    if (tracing->options->drop_privileges)
        privileges_drop();
    tracing->started_us = g_get_real_time();
    tracing->cores = usable_cores(tracing->pid);
    tracing->command = command_line(tracing);
    tracing->cpu_before = own_cpu_seconds();
    watch_cost_tick(tracing->watch, FALSE);
    wait_for_end(tracing);
    checkpoint_finish(&tracing->checkpoint);
    tracing->cpu_seconds = own_cpu_seconds() - tracing->cpu_before + tracing->checkpoint.cpu_seconds;
    if (tracing->target_ended)
        wait_for_last_switch(tracing->watch);
    tracing->ended_ns = watch_now_ns();
    gboolean finished = watch_finish(tracing->watch, error);
    end_launched(tracing);
    tracing->finished = finished;
    if (!finished)
        return FALSE;
    record(tracing, tracing->session);
    if (tracing->options->tick)
        tracing->options->tick(tracing, TRUE, tracing->options->tick_data);
    return TRUE;
}

static void on_thread(const struct thread_event *event, gpointer data)
{
    struct tracing *tracing = data;
    gboolean found = event->kind == THREAD_EVENT_START && !event->parent && event->tid == event->tgid;
    if (found || event->kind == THREAD_EVENT_EXEC || event->kind == THREAD_EVENT_MAPPED)
        g_array_append_val(tracing->mapped, event->tgid);
    if (event->kind == THREAD_EVENT_MAPPED)
        return;
    collection_on_thread(event, tracing->collection);
    if (tracing->options->locks)
        lock_watch_note(&tracing->locks, event);
}

static void on_snapshot(const struct snapshot_event *event, gpointer data, struct stack_answer *answer)
{
    const struct tracing *tracing = data;
    collection_on_snapshot(event, tracing->collection, answer);
}

static void on_interval(const struct interval_event *event, gpointer data)
{
    const struct tracing *tracing = data;
    collection_on_interval(event, tracing->collection);
}

static struct watch *open_watch(struct tracing *tracing, const struct watch_options *watched,
                                const struct watch_handlers *handlers, GError **error)
{
    const struct trace_options *options = tracing->options;
    g_autoptr(GError) refused = NULL;
    struct watch *watch = watch_new(watched, handlers, &refused);
    if (watch)
        return watch;
    gboolean programs_only =
        !options->command || options->calls != CALLS_OFF || options->locks || options->timeline;
    if (programs_only || !g_error_matches(refused, TRACER_ERROR, TRACER_ERROR_PRIVILEGE)) {
        g_propagate_error(error, g_steal_pointer(&refused));
        return NULL;
    }
    if (options->warn)
        options->warn(
            "not allowed to load BPF programs: times of threads are exact, but what runs on a core, who "
            "woke whom, system calls and short waits are not seen; run as root for these",
            options->warn_data);
    tracing->checkpoint.seconds = 0;
    return watch_new_plain(handlers);
}

gboolean trace(const struct trace_options *options, struct session *session, GError **error)
{
    struct tracing tracing = {
        .options = options,
        .session = session,
        .launch = {.pid = -1, .go = -1, .failure = -1},
        .collection = collection_new(options->command != NULL),
        .mapped = g_array_new(FALSE, FALSE, sizeof(int)),
    };
    if (options->checkpoint)
        tracing.checkpoint.seconds =
            options->checkpoint_seconds > 0 ? options->checkpoint_seconds : CHECKPOINT_SECONDS;
    struct watch_handlers handlers = {on_thread, on_snapshot, on_interval, &tracing};
    gboolean traced = scope_open(&tracing.scope, options, error);
    struct watch_options watched = {.sample_hz = options->sample_hz,
                                    .calls = options->calls,
                                    .locks = options->locks,
                                    .timeline = options->timeline,
                                    .table_entries = options->table_entries,
                                    .snapshot_bytes = options->snapshot_bytes};
    lock_watch_init(&tracing.locks);
    if (traced)
        tracing.watch = tracing.locks.watch = open_watch(&tracing, &watched, &handlers, error);
    traced = tracing.watch && watch_target(&tracing, error);
    watch_free(tracing.watch);
    collection_free(tracing.collection);
    lock_watch_clear(&tracing.locks);
    g_array_unref(tracing.mapped);
    scope_clear(&tracing.scope);
    g_free(tracing.command);
    return traced;
}
