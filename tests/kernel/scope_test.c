/* SPDX-License-Identifier: Apache-2.0 */
/* What is followed and for how long: several processes, names, cgroups, namespaces, crowds, and what is left
 * when the tracer itself is killed. `scope_test CASE TRUTH_PROGRAM`. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/session_file.h"
#include "tests/kernel/traced.h"

#define CGROUP_ROOT "/sys/fs/cgroup/unified"

static guint count_processes(const struct session *session)
{
    guint count = 0;
    for (guint i = 0; i < session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(session->threads, i);
        count += thread->pid == thread->tid;
    }
    return count;
}

static struct traced trace_running(const struct trace_options *options)
{
    g_autoptr(GError) error = NULL;
    struct traced traced = {.session = session_new(),
                            .truth = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    trace(options, traced.session, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(session_last_run(traced.session)->lost_events, ==, 0);
    return traced;
}

static void check_pids(void)
{
    pid_t one = start_case("wait"), other = start_case("wait");
    g_usleep(200000);
    struct trace_options options = {.pids = (int[]){one, other, 0}, .duration_seconds = 1};
    struct traced traced = trace_running(&options);
    end_case(one);
    end_case(other);
    g_assert_cmpuint(count_processes(traced.session), ==, 2);
    assert_near("timer", measured(&traced, SUBJECT_PROGRAM, NULL, "blocked_seconds.timer"), 2, SHARE_OF_CAUSE,
                SLACK_SECONDS);
    check_states(&traced);
    traced_clear(&traced);
}

/* A child that runs `body` after half a second. */
static pid_t start_late(void (*body)(const char *text), const char *text)
{
    pid_t child = fork();
    if (child)
        return child;
    g_usleep(500000);
    body(text);
    _exit(127);
}

static void execute_wait(const char *path)
{
    execl(path, path, "wait", "/dev/null", (char *)NULL);
}

/* Those of the name that run, and one that starts later. */
static void check_name(void)
{
    g_autofree char *content = NULL;
    gsize size = 0;
    g_assert_true(g_file_get_contents(traced_program, &content, &size, NULL));
    g_autofree char *path = g_strdup_printf("/tmp/cw-name-%d", getpid());
    g_assert_true(
        g_file_set_contents_full(path, content, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    g_autofree char *name = g_path_get_basename(path);
    pid_t first = fork();
    if (first == 0) {
        execute_wait(path);
        _exit(127);
    }
    pid_t late = start_late(execute_wait, path);
    g_usleep(200000);
    struct trace_options options = {.process_name = name, .duration_seconds = 1.5};
    struct traced traced = trace_running(&options);
    end_case(first);
    end_case(late);
    unlink(path);
    g_assert_cmpuint(count_processes(traced.session), ==, 2);
    g_assert_cmpuint(traced.session->threads->len, ==, 4);
    check_states(&traced);
    traced_clear(&traced);
}

static char *make_cgroup(void)
{
    char *path = g_strdup_printf(CGROUP_ROOT "/corewise-test-%d", getpid());
    if (mkdir(path, 0755))
        skip("cannot make a cgroup in " CGROUP_ROOT ": %s", g_strerror(errno));
    return path;
}

static void join_cgroup(const char *path)
{
    g_autofree char *list = g_strdup_printf("%s/cgroup.procs", path);
    int file = open(list, O_WRONLY | O_CLOEXEC);
    g_assert_cmpint((int)write(file, "0", 1), ==, 1);
    close(file);
}

static void wait_in_cgroup(const char *path)
{
    join_cgroup(path);
    execute_wait(traced_program);
}

/* One that is inside, one that joins later, and not the one outside. */
static void check_cgroup(void)
{
    g_autofree char *path = make_cgroup();
    pid_t inside = fork();
    if (inside == 0) {
        wait_in_cgroup(path);
        _exit(127);
    }
    pid_t outside = start_case("wait"), late = start_late(wait_in_cgroup, path);
    g_usleep(200000);
    struct trace_options options = {.cgroup = path, .duration_seconds = 1.5};
    struct traced traced = trace_running(&options);
    end_case(inside);
    end_case(outside);
    end_case(late);
    for (int i = 0; i < 100 && rmdir(path); i++)
        g_usleep(10000);
    g_assert_cmpuint(count_processes(traced.session), ==, 2);
    g_assert_cmpuint(traced.session->threads->len, ==, 4);
    check_states(&traced);
    traced_clear(&traced);
}

/* In a pid namespace the lock's owner word holds a number that only the target knows. */
static void check_namespace(void)
{
    g_autoptr(GError) error = NULL;
    const char *command[] = {"unshare", "--pid",     "--fork", "--mount-proc", "--kill-child", traced_program,
                             "mutex",   "/dev/null", NULL};
    struct trace_options options = {.command = command};
    struct traced traced = {.session = session_new(),
                            .truth = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    trace(&options, traced.session, &error);
    g_assert_no_error(error);
    if (session_last_run(traced.session)->exit_status != 0)
        skip("unshare cannot make a pid namespace");
    const struct thread *holder = thread_named(&traced, "holder"), *waiter = thread_named(&traced, "waiter");
    g_assert_nonnull(holder);
    double blamed = 0;
    for (guint i = 0; i < traced.session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(traced.session->waits, i);
        if (edge->cause == CAUSE_MUTEX && strcmp(edge->waiter, waiter->id) == 0 &&
            g_strcmp0(edge->holder, holder->id) == 0)
            blamed += edge->seconds;
    }
    assert_near("time that blames the holder", blamed, 0.4, 0.1, 0.05);
    check_states(&traced);
    traced_clear(&traced);
}

static void save(struct session *session, gpointer path)
{
    session_file_write(session, path, STAGE_ALL, NULL);
}

/* How long that takes is up to the machine: checkpoints may use a tenth of a core only. */
static void wait_for_checkpoint(const char *path, double seconds)
{
    for (guint i = 0; i < 400; i++) {
        g_autoptr(Session) session = session_file_read(path, NULL);
        const struct run *run = session ? session_last_run(session) : NULL;
        if (run && run->seconds > seconds)
            return;
        g_usleep(50000);
    }
}

/* SIGKILL of the tracer: the last checkpoint is there, and the target runs on. */
static void check_killed(void)
{
    g_autofree char *path = g_strdup_printf("/tmp/corewise-killed-%d.cw", getpid());
    pid_t target = start_case("wait");
    g_usleep(200000);
    pid_t tracer = fork();
    if (tracer == 0) {
        g_autoptr(Session) session = session_new();
        struct trace_options options = {.pids = (int[]){target, 0},
                                        .checkpoint = save,
                                        .checkpoint_data = path,
                                        .checkpoint_seconds = 0.2};
        trace(&options, session, NULL);
        _exit(0);
    }
    wait_for_checkpoint(path, 0.5);
    end_case(tracer);
    g_usleep(300000); /* a copy may be writing still */
    g_assert_cmpint(kill(target, 0), ==, 0);
    g_assert_cmpint(waitpid(target, NULL, WNOHANG), ==, 0);
    end_case(target);
    g_autoptr(GError) error = NULL;
    struct traced traced = {.session = session_file_read(path, &error),
                            .truth = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    g_assert_no_error(error);
    unlink(path);
    double seconds = session_last_run(traced.session)->seconds;
    g_print("the last checkpoint was made after %.3f s\n", seconds);
    g_assert_cmpfloat(seconds, >, 0.5);
    assert_near("timer", measured(&traced, SUBJECT_PROGRAM, NULL, "blocked_seconds.timer"), seconds,
                SHARE_OF_CAUSE, SLACK_SECONDS);
    check_states(&traced);
    traced_clear(&traced);
}

/* Targets that end while the tracer attaches: measured, or refused with the reason, and never waited for
 * (attaching itself takes seconds on a busy host). */
static void check_vanishing(void)
{
    for (useconds_t life = 0; life < 400000; life += 40000) {
        pid_t child = fork();
        if (child == 0) {
            usleep(life);
            _exit(0);
        }
        g_autoptr(GError) error = NULL;
        g_autoptr(Session) session = session_new();
        struct trace_options options = {.pids = (int[]){child, 0}, .duration_seconds = 60};
        gint64 before = g_get_monotonic_time();
        if (!trace(&options, session, &error))
            g_assert_error(error, TRACER_ERROR, TRACER_ERROR_TARGET);
        g_assert_cmpint(g_get_monotonic_time() - before, <, 30 * G_USEC_PER_SEC);
        waitpid(child, NULL, 0);
    }
}

static void check_crowd(void)
{
    struct traced traced = trace_case("crowd");
    double threads = truth_of(&traced, "threads");
    g_assert_cmpfloat(measured(&traced, SUBJECT_PROGRAM, NULL, "threads_created"), ==, threads);
    g_assert_cmpuint(traced.session->threads->len, ==, (guint)threads + 1);
    check_states(&traced);
    traced_clear(&traced);
}

static void check_many(void)
{
    struct traced traced = trace_case("many");
    double threads = truth_of(&traced, "threads");
    g_assert_cmpfloat(measured(&traced, SUBJECT_PROGRAM, NULL, "threads_peak"), ==, threads + 1);
    g_assert_cmpuint(traced.session->threads->len, ==, (guint)threads + 1);
    check_states(&traced);
    traced_clear(&traced);
}

static void check_storm(void)
{
    struct traced traced = trace_case("storm");
    double processes = truth_of(&traced, "processes");
    g_assert_cmpfloat(measured(&traced, SUBJECT_PROGRAM, NULL, "processes_created"), ==, processes);
    g_assert_cmpuint(count_processes(traced.session), ==, (guint)processes + 1);
    check_states(&traced);
    traced_clear(&traced);
}

/* One thread through all its programs. */
static void check_chain(void)
{
    struct traced traced = trace_case("chain");
    g_assert_cmpfloat(truth_of(&traced, "links"), ==, 20);
    g_assert_cmpuint(traced.session->threads->len, ==, 1);
    assert_waited(&traced, NULL, measured(&traced, SUBJECT_PROGRAM, NULL, "blocked_seconds.timer"),
                  truth_of(&traced, "timer"));
    check_states(&traced);
    traced_clear(&traced);
}

static const struct traced_case cases[] = {
    {"pids", check_pids},           {"name", check_name},     {"cgroup", check_cgroup},
    {"namespace", check_namespace}, {"killed", check_killed}, {"vanishing", check_vanishing},
    {"crowd", check_crowd},         {"many", check_many},     {"storm", check_storm},
    {"chain", check_chain},
};

int main(int argc, char **argv)
{
    return run_traced_case(argc, argv, "scope_test CASE TRUTH_PROGRAM", cases, G_N_ELEMENTS(cases));
}
