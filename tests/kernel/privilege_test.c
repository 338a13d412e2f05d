/* SPDX-License-Identifier: Apache-2.0 */
/* Less than root: a few capabilities, none at all, and what is given up. `privilege_test CASE TRUTH_PROGRAM`.
 */
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/metric.h"
#include "tests/kernel/traced.h"

#define NOBODY 65534

static void set_capabilities(guint64 mask)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {{(guint32)mask, (guint32)mask, 0},
                                             {(guint32)(mask >> 32), (guint32)(mask >> 32), 0}};
    g_assert_cmpint(syscall(SYS_capset, &header, sets), ==, 0);
}

static guint64 effective_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {{0}};
    g_assert_cmpint(syscall(SYS_capget, &header, sets), ==, 0);
    return sets[0].effective | (guint64)sets[1].effective << 32;
}

/* Becomes another user that keeps only these capabilities. The program moves to where that user can run it.
 */
static char *become_nobody(guint64 capabilities)
{
    g_autofree char *content = NULL;
    gsize size = 0;
    g_assert_true(g_file_get_contents(traced_program, &content, &size, NULL));
    g_assert_cmpint(prctl(PR_SET_KEEPCAPS, 1), ==, 0);
    g_assert_cmpint(setresgid(NOBODY, NOBODY, NOBODY), ==, 0);
    g_assert_cmpint(setresuid(NOBODY, NOBODY, NOBODY), ==, 0);
    set_capabilities(capabilities);
    /* a process that changed its user is not its own to look at, but for this */
    g_assert_cmpint(prctl(PR_SET_DUMPABLE, 1), ==, 0);
    char *path = g_strdup_printf("/tmp/cw-truth-%d", getpid());
    g_assert_true(
        g_file_set_contents_full(path, content, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    traced_program = path;
    g_assert_cmpint(chdir("/tmp"), ==, 0);
    return path;
}

static double blamed_on_holder(const struct traced *traced)
{
    const struct thread *holder = thread_named(traced, "holder");
    double blamed = 0;
    for (guint i = 0; i < traced->session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(traced->session->waits, i);
        if (edge->cause == CAUSE_MUTEX && g_strcmp0(edge->lock, "shared_lock") == 0 &&
            g_strcmp0(edge->holder, holder->id) == 0)
            blamed += edge->seconds;
    }
    return blamed;
}

/* CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE do what root does. */
static void check_capabilities(void)
{
    g_autofree char *path = become_nobody(1ull << CAP_BPF | 1ull << CAP_PERFMON | 1ull << CAP_SYS_PTRACE);
    struct trace_options options = {.calls = CALLS_COUNTED};
    struct traced traced = trace_case_with("mutex", &options);
    unlink(path);
    assert_waited(&traced, thread_named(&traced, "waiter")->id, blamed_on_holder(&traced),
                  truth_of(&traced, "mutex"));
    measured(&traced, SUBJECT_PROGRAM, NULL, "syscalls.futex");
    check_states(&traced);
    traced_clear(&traced);
}

static void count_warning(const char *message, gpointer data)
{
    g_print("%s\n", message);
    ++*(guint *)data;
}

static struct traced trace_plain(const char *name)
{
    g_autoptr(GError) error = NULL;
    guint warnings = 0;
    g_autofree char *output = g_strdup_printf("/tmp/cw-plain-%d", getpid());
    const char *command[] = {traced_program, name, output, NULL};
    struct trace_options options = {.command = command, .warn = count_warning, .warn_data = &warnings};
    struct traced traced = {.session = session_new()};
    trace(&options, traced.session, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(warnings, ==, 1);
    g_assert_cmpint(session_last_run(traced.session)->exit_status, ==, 0);
    traced.truth = truth_read(output);
    unlink(output);
    check_states(&traced);
    return traced;
}

/* Nothing granted: a launched command is watched all the same. */
static void check_plain(void)
{
    g_autofree char *path = become_nobody(0);
    struct traced mutex = trace_plain("mutex");
    assert_near("time that blames the holder", blamed_on_holder(&mutex), truth_of(&mutex, "mutex"), 0.1,
                0.01);
    traced_clear(&mutex);
    struct traced sleep = trace_plain("sleep");
    assert_near("timer", measured(&sleep, SUBJECT_PROGRAM, NULL, "blocked_seconds.timer"),
                truth_of(&sleep, "timer"), 0.1, 0.01);
    traced_clear(&sleep);
    struct traced forks = trace_plain("forks");
    g_assert_cmpfloat(measured(&forks, SUBJECT_PROGRAM, NULL, "processes_created"), ==,
                      truth_of(&forks, "processes"));
    g_assert_cmpuint(session_last_run(forks.session)->lost_events, >, 0); /* short waits have no cause */
    traced_clear(&forks);
    unlink(path);
}

static void check_plain_cpu(void)
{
    g_autofree char *path = become_nobody(0);
    struct traced traced = trace_plain("cpu");
    unlink(path);
    guint compared = 0;
    for (guint i = 0; i < traced.session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(traced.session->threads, i);
        g_autofree char *name = g_strdup_printf("cpu.%d", thread->tid);
        const double *truth = g_hash_table_lookup(traced.truth, name);
        if (!truth)
            continue;
        /* By the clock: what a hypervisor takes away counts as time on the core here. */
        double seen = measured(&traced, SUBJECT_THREAD, thread->id, "cpu_seconds");
        g_print("%s: traced %.6f, truth %.6f\n", name, seen, *truth);
        g_assert_cmpfloat(seen, >=, *truth * 0.98 - 0.002);
        compared++;
    }
    g_assert_cmpuint(compared, ==, 4);
    traced_clear(&traced);
}

static void check_plain_attach(void)
{
    g_autofree char *path = become_nobody(0);
    g_autoptr(GError) error = NULL;
    g_autoptr(Session) session = session_new();
    pid_t child = start_case("wait");
    struct trace_options options = {.pids = (int[]){child, 0}, .duration_seconds = 1};
    g_assert_false(trace(&options, session, &error));
    end_case(child);
    unlink(path);
    g_assert_error(error, TRACER_ERROR, TRACER_ERROR_PRIVILEGE);
    g_print("%s\n", error->message);
    g_assert_cmpuint(session->runs->len, ==, 0);
}

/* What a watch does not need is gone after it, but not for the command that it launched. */
static void check_dropped(void)
{
    const char *command[] = {"sh", "-c", "grep -q 'CapEff:.*ff$' /proc/self/status", NULL};
    struct trace_options options = {.command = command, .drop_privileges = TRUE};
    g_autoptr(GError) error = NULL;
    g_autoptr(Session) session = session_new();
    if (!(effective_capabilities() & 1ull << CAP_SYS_MODULE))
        skip("has not all capabilities");
    trace(&options, session, &error);
    g_assert_no_error(error);
    g_assert_cmpint(session_last_run(session)->exit_status, ==, 0);
    guint64 left = effective_capabilities();
    g_assert_cmpuint(left & (1ull << CAP_SYS_MODULE | 1ull << CAP_NET_ADMIN | 1ull << CAP_SETUID), ==, 0);
    g_assert_true(left & 1ull << CAP_BPF);
    struct traced again = trace_case("sleep");
    traced_clear(&again);
}

static const struct traced_case cases[] = {
    {"capabilities", check_capabilities}, {"plain", check_plain},     {"plain_cpu", check_plain_cpu},
    {"plain_attach", check_plain_attach}, {"dropped", check_dropped},
};

int main(int argc, char **argv)
{
    return run_traced_case(argc, argv, "privilege_test CASE TRUTH_PROGRAM", cases, G_N_ELEMENTS(cases));
}
