/* SPDX-License-Identifier: Apache-2.0 */
/* The tracer against programs that know their own truth: `trace_test CASE TRUTH_PROGRAM`. Exit status 77
 * where this host does not let it trace. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/metric.h"
#include "tests/kernel/traced.h"
#include "tracer/record_stacks.h"
#include "tracer/sampler.h"

/* The thread of another process that ended the waits is named, whatever they were for. */
static void check_blamed(const struct traced *traced, enum wait_cause cause)
{
    double seconds = 0, blamed = 0;
    for (guint i = 0; i < traced->session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(traced->session->waits, i);
        if (edge->cause != cause)
            continue;
        const struct thread *waiter = session_find_thread(traced->session, edge->waiter),
                            *holder = session_find_thread(traced->session, edge->holder);
        seconds += edge->seconds;
        blamed += holder && holder->pid != waiter->pid ? edge->seconds : 0;
    }
    assert_near("time that blames another process", blamed, seconds, 0.05, 0);
}

static void check_cause(const char *name, enum wait_cause cause)
{
    struct traced traced = trace_case(name);
    check_blamed(&traced, cause);
    double seen = measured(&traced, SUBJECT_PROGRAM, NULL, metric_blocked_seconds(cause));
    assert_waited(&traced, NULL, seen, truth_of(&traced, name));
    check_states(&traced);
    traced_clear(&traced);
}

static void check_timer(void)
{
    struct traced traced = trace_case("sleep");
    assert_waited(&traced, NULL, measured(&traced, SUBJECT_PROGRAM, NULL, "blocked_seconds.timer"),
                  truth_of(&traced, "timer"));
    const struct wait_edge *longest = NULL;
    for (guint i = 0; i < traced.session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(traced.session->waits, i);
        if (!longest || edge->seconds > longest->seconds)
            longest = edge;
    }
    g_assert_cmpstr(longest->function, ==, "sleep_seconds");
    g_assert_true(g_str_has_suffix(longest->file, "truth.h"));
    check_states(&traced);
    traced_clear(&traced);
}

static void check_pipe(void)
{
    check_cause("pipe", CAUSE_PIPE);
}

static void check_socket(void)
{
    check_cause("socket", CAUSE_SOCKET);
}

static void check_poll(void)
{
    check_cause("poll", CAUSE_POLL);
}

static void check_child(void)
{
    check_cause("child", CAUSE_CHILD);
}

static void check_disk(void)
{
    struct traced traced = trace_case("disk");
    double truth = truth_of(&traced, "disk");
    if (truth < LEAST_DISK_TIME)
        skip("fsync hardly waits on this file system (%.6f s)", truth);
    const struct run *run = session_last_run(traced.session);
    const struct measurement *disk =
        session_find_measurement(traced.session, run->id, SUBJECT_PROGRAM, NULL, "blocked_seconds.disk");
    g_assert_nonnull(disk);
    assert_waited(&traced, NULL, disk->value, truth);
    check_states(&traced);
    traced_clear(&traced);
}

/* The waits of `waiter` for one cause: their sum is the truth, they are on the named lock, and at least 95 %
 * of their time blames the holder. */
static void check_lock(const char *name, enum wait_cause cause, const char *waiter_name, const char *lock)
{
    struct traced traced = trace_case(name);
    const struct thread *waiter = thread_named(&traced, waiter_name),
                        *holder = thread_named(&traced, "holder");
    double seconds = 0, blamed = 0;
    g_assert_nonnull(waiter);
    g_assert_nonnull(holder);
    for (guint i = 0; i < traced.session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(traced.session->waits, i);
        if (edge->cause != cause || strcmp(edge->waiter, waiter->id) != 0 ||
            (lock && g_strcmp0(edge->lock, lock) != 0))
            continue;
        seconds += edge->seconds;
        blamed += g_strcmp0(edge->holder, holder->id) == 0 ? edge->seconds : 0;
    }
    assert_waited(&traced, waiter->id, seconds, truth_of(&traced, name));
    assert_near("time that blames the holder", blamed, seconds, 0.05, 0);
    check_states(&traced);
    traced_clear(&traced);
}

static void check_mutex(void)
{
    check_lock("mutex", CAUSE_MUTEX, "waiter", "shared_lock");
}

static void check_condition(void)
{
    check_lock("condition", CAUSE_CONDITION, "waiter", "queue.arrived");
}

static void check_semaphore(void)
{
    check_lock("semaphore", CAUSE_SEMAPHORE, "waiter", "slots_free");
}

static void check_rwlock(void)
{
    check_lock("rwlock", CAUSE_RWLOCK, "waiter", "table_lock");
}

static void check_barrier(void)
{
    check_lock("barrier", CAUSE_BARRIER, "waiter", "phase_end");
}

static void check_join(void)
{
    check_lock("join", CAUSE_JOIN, "truth", NULL);
}

static void check_cpu(void)
{
    struct traced traced = trace_case("cpu");
    guint compared = 0;
    for (guint i = 0; i < traced.session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(traced.session->threads, i);
        g_autofree char *name = g_strdup_printf("cpu.%d", thread->tid);
        const double *truth = g_hash_table_lookup(traced.truth, name);
        if (!truth)
            continue;
        assert_near(name, measured(&traced, SUBJECT_THREAD, thread->id, "cpu_seconds"), *truth, SHARE_OF_CPU,
                    0.002);
        compared++;
    }
    g_assert_cmpuint(compared, ==, 4);
    g_assert_cmpfloat(measured(&traced, SUBJECT_PROGRAM, NULL, "threads_peak"), ==, 5);
    check_states(&traced);
    traced_clear(&traced);
}

/* What the watch costs is told, and is a small part of what it watches. */
static void check_cost(void)
{
    struct traced traced = trace_case("switches");
    double programs = 0;
    for (guint i = 0; i < traced.session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(traced.session->measurements, i);
        if (g_str_has_prefix(each->metric, "tracer_program_seconds."))
            programs += each->value;
    }
    double own = measured(&traced, SUBJECT_PROGRAM, NULL, "tracer_cpu_seconds");
    double cpu = measured(&traced, SUBJECT_PROGRAM, NULL, "cpu_seconds");
    g_print("programs %.6f s, corewise %.6f s, target %.6f s\n", programs, own, cpu);
    g_assert_cmpfloat(measured(&traced, SUBJECT_PROGRAM, NULL, "tracer_program_seconds.on_switch"), >, 0);
    g_assert_cmpfloat(programs, <, cpu / 2);
    g_assert_cmpfloat(own, >, 0);
    traced_clear(&traced);
}

static guint64 samples_of_turns(guint hz)
{
    struct trace_options options = {.sample_hz = hz};
    struct traced traced = trace_case_with("turns", &options);
    guint64 samples = 0;
    for (guint i = 0; i < traced.session->call_stacks->len; i++) {
        const struct call_stack *stack = g_ptr_array_index(traced.session->call_stacks, i);
        samples += stack->activity == ACTIVITY_RUNNING ? stack->count : 0;
    }
    g_print("%.0f turns per second, %" G_GUINT64_FORMAT " samples\n", truth_of(&traced, "turns"), samples);
    check_states(&traced);
    traced_clear(&traced);
    return samples;
}

/* Where threads wait for each other all the time, few samples are taken. */
static void check_turns(void)
{
    guint64 all = samples_of_turns(SAMPLE_HZ_DEFAULT), few = samples_of_turns(0);
    g_assert_cmpuint(few, >, 0);
    g_assert_cmpuint(all, >, 3 * few);
}

/* What each thread did when leaves no gap, and adds up to its life. */
static void check_timeline(void)
{
    struct trace_options options = {.timeline = 100000};
    struct traced traced = trace_case_with("mutex", &options);
    g_autoptr(GHashTable) ends = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    double blocked = 0;
    g_assert_cmpuint(traced.session->timeline->len, >, 30);
    for (guint i = 0; i < traced.session->timeline->len; i++) {
        const struct interval *each = g_ptr_array_index(traced.session->timeline, i);
        const double *before = g_hash_table_lookup(ends, each->thread);
        double end = each->start_seconds + each->seconds;
        if (before)
            assert_near("no gap", each->start_seconds, *before, 0, 1e-6);
        g_hash_table_insert(ends, each->thread, g_memdup2(&end, sizeof(end)));
        if (each->activity == ACTIVITY_BLOCKED && g_strcmp0(each->cause, "mutex") == 0 &&
            g_strcmp0(each->function, "want_mutex") == 0)
            blocked += each->seconds;
    }
    assert_waited(&traced, thread_named(&traced, "waiter")->id, blocked, truth_of(&traced, "mutex"));
    traced_clear(&traced);
    struct trace_options few = {.timeline = 10};
    struct traced bounded = trace_case_with("mutex", &few);
    g_assert_cmpuint(bounded.session->timeline->len, <=, 10);
    g_assert_cmpfloat(measured(&bounded, SUBJECT_PROGRAM, NULL, "timeline_left_out"), >, 10);
    traced_clear(&bounded);
}

static double switches_of(const struct traced *traced, const struct thread *thread, const char *kind)
{
    g_autofree char *name = g_strdup_printf("%s.%d", kind, thread->tid);
    g_autofree char *metric = g_strdup_printf("switches.%s", kind);
    const double *truth = g_hash_table_lookup(traced->truth, name);
    if (!truth)
        return -1;
    double seen = measured(traced, SUBJECT_THREAD, thread->id, metric);
    g_print("%s: traced %.0f, truth %.0f\n", name, seen, *truth);
    return seen - *truth;
}

static void check_switches(void)
{
    struct traced traced = trace_case("switches");
    guint compared = 0;
    for (guint i = 0; i < traced.session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(traced.session->threads, i);
        g_autofree char *name = g_strdup_printf("voluntary.%d", thread->tid);
        if (!g_hash_table_lookup(traced.truth, name))
            continue;
        double voluntary = switches_of(&traced, thread, "voluntary");
        double involuntary = switches_of(&traced, thread, "involuntary");
        /* Equal, but for what comes after the thread has read its own numbers: its end, for one. */
        g_assert_cmpfloat(voluntary, >=, 1);
        g_assert_cmpfloat(voluntary, <=, 3);
        g_assert_cmpfloat(involuntary, >=, 0);
        g_assert_cmpfloat(involuntary, <=, 5);
        compared++;
    }
    g_assert_cmpuint(compared, ==, 2);
    check_states(&traced);
    traced_clear(&traced);
}

static void check_threads(void)
{
    struct traced traced = trace_case("threads");
    g_assert_cmpfloat(measured(&traced, SUBJECT_PROGRAM, NULL, "threads_created"), ==,
                      truth_of(&traced, "threads"));
    g_assert_cmpuint(traced.session->threads->len, ==, 2001);
    check_states(&traced);
    traced_clear(&traced);
}

static void check_forks(void)
{
    struct traced traced = trace_case("forks");
    g_assert_cmpfloat(measured(&traced, SUBJECT_PROGRAM, NULL, "processes_created"), ==,
                      truth_of(&traced, "processes"));
    g_assert_cmpuint(traced.session->threads->len, ==, 201);
    check_states(&traced);
    traced_clear(&traced);
}

static void check_names(void)
{
    struct traced traced = trace_case("names");
    g_assert_nonnull(thread_named(&traced, "</script>\033[31m"));
    for (guint i = 0; i < traced.session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(traced.session->threads, i);
        g_assert_true(g_utf8_validate(thread->name, -1, NULL));
    }
    traced_clear(&traced);
}

/* Waits that began before the watch and are not over at its end. */
static void check_attach(void)
{
    pid_t child = start_case("wait");
    g_usleep(300000);
    g_autoptr(GError) error = NULL;
    struct traced traced = {.session = session_new(),
                            .truth = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    struct trace_options options = {.pids = (int[]){child, 0}, .duration_seconds = 1};
    trace(&options, traced.session, &error);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    g_assert_no_error(error);
    g_assert_cmpint(session_last_run(traced.session)->exit_status, ==, -1);
    assert_near("join", measured(&traced, SUBJECT_PROGRAM, NULL, "blocked_seconds.join"), 1, SHARE_OF_CAUSE,
                0);
    assert_near("timer", measured(&traced, SUBJECT_PROGRAM, NULL, "blocked_seconds.timer"), 1, SHARE_OF_CAUSE,
                0);
    gboolean placed = FALSE;
    for (guint i = 0; i < traced.session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(traced.session->waits, i);
        placed |= edge->cause == CAUSE_JOIN && g_strcmp0(edge->function, "truth_wait") == 0;
    }
    g_assert_true(placed);
    traced_clear(&traced);
}

static void check_exit_status(void)
{
    static const struct {
        const char *script;
        int status;
    } cases[] = {{"exit 7", 7}, {"kill -9 $$", 137}, {"exec true", 0}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *command[] = {"sh", "-c", cases[i].script, NULL};
        struct trace_options options = {.command = command};
        g_autoptr(GError) error = NULL;
        g_autoptr(Session) session = session_new();
        trace(&options, session, &error);
        g_assert_no_error(error);
        g_assert_cmpint(session_last_run(session)->exit_status, ==, cases[i].status);
    }
}

static void assert_refused(const struct trace_options *options, enum tracer_error code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Session) session = session_new();
    g_assert_false(trace(options, session, &error));
    g_assert_error(error, TRACER_ERROR, (gint)code);
    g_print("%s\n", error->message);
    g_assert_cmpuint(session->runs->len, ==, 0);
}

static void check_refusals(void)
{
    const char *missing[] = {"./no-such-program", NULL};
    struct trace_options launch = {.command = missing};
    assert_refused(&launch, TRACER_ERROR_TARGET);
    pid_t gone = fork();
    if (gone == 0)
        _exit(0);
    waitpid(gone, NULL, 0);
    struct trace_options attach = {.pids = (int[]){gone, 0}};
    assert_refused(&attach, TRACER_ERROR_TARGET);
}

/* More distinct stacks than a session keeps: the rest is summed, and no second is lost (check_states). */
static void check_ways(void)
{
    struct traced traced = trace_case("ways");
    guint kept = 0, merged = 0, sleeps = 0;
    for (guint i = 0; i < traced.session->call_stacks->len; i++) {
        const struct call_stack *stack = g_ptr_array_index(traced.session->call_stacks, i);
        g_autoptr(GPtrArray) frames = session_stack_frames(traced.session, stack);
        kept += stack->activity == ACTIVITY_BLOCKED && !stack->merged;
        merged += (guint)stack->merged;
        if (stack->activity == ACTIVITY_BLOCKED && g_strcmp0(stack->cause, "timer") == 0)
            sleeps += (guint)stack->count;
        g_assert_true(stack->merged == 0 || stack->frame == 0);
        g_assert_true((frames->len > 0) == (stack->frame > 0));
    }
    /* A sleep may be over before the thread has left its core. */
    assert_near("sleeps", sleeps, truth_of(&traced, "ways"), 0.01, 0);
    g_assert_cmpuint(kept, <=, STACKS_KEPT);
    g_assert_cmpuint(kept, >, STACKS_KEPT / 2);
    g_assert_cmpuint(merged, >, 0);
    g_assert_cmpuint(traced.session->call_frames->len, <=, FRAMES_KEPT);
    check_states(&traced);
    traced_clear(&traced);
}

static const struct traced_case cases[] = {
    {"timer", check_timer},         {"pipe", check_pipe},
    {"socket", check_socket},       {"poll", check_poll},
    {"child", check_child},         {"disk", check_disk},
    {"mutex", check_mutex},         {"condition", check_condition},
    {"semaphore", check_semaphore}, {"turns", check_turns},
    {"rwlock", check_rwlock},       {"barrier", check_barrier},
    {"join", check_join},           {"cpu", check_cpu},
    {"switches", check_switches},   {"cost", check_cost},
    {"timeline", check_timeline},   {"threads", check_threads},
    {"forks", check_forks},         {"names", check_names},
    {"attach", check_attach},       {"exit_status", check_exit_status},
    {"refusals", check_refusals},   {"ways", check_ways},
};

int main(int argc, char **argv)
{
    return run_traced_case(argc, argv, "trace_test CASE TRUTH_PROGRAM", cases, G_N_ELEMENTS(cases));
}
