/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kernel/traced.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *traced_program, *traced_argument;

void skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_print("SKIP: %s\n", reason);
    exit(77);
}

void skip_unless_possible(void)
{
    if (geteuid() != 0)
        skip("needs root");
    if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        skip("the kernel has no BTF");
}

int run_traced_case(int argc, char **argv, const char *usage, const struct traced_case *cases, guint count)
{
    g_auto(GStrv) words = g_strsplit(usage, " ", -1);
    if (argc != (int)g_strv_length(words)) {
        g_printerr("usage: %s\n", usage);
        return 2;
    }
    skip_unless_possible();
    traced_program = argv[2];
    traced_argument = argv[3]; /* NULL, the end of the arguments, where the usage names none */
    for (guint i = 0; i < count; i++) {
        if (strcmp(cases[i].name, argv[1]) == 0) {
            cases[i].run();
            return 0;
        }
    }
    g_printerr("no such case: %s\n", argv[1]);
    return 2;
}

GHashTable *truth_read(const char *path)
{
    GHashTable *truth = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        char *space = strchr(*line, ' ');
        if (!space)
            continue;
        double value = g_ascii_strtod(space + 1, NULL);
        g_hash_table_insert(truth, g_strndup(*line, (gsize)(space - *line)),
                            g_memdup2(&value, sizeof(value)));
    }
    return truth;
}

struct traced trace_case_with(const char *name, const struct trace_options *options)
{
    return trace_case_into(session_new(), name, options);
}

struct traced trace_case_into(struct session *session, const char *name, const struct trace_options *options)
{
    g_autoptr(GError) error = NULL;
    char path[] = "/tmp/corewise-truth-XXXXXX";
    int file = mkstemp(path);
    g_assert_cmpint(file, >=, 0);
    close(file);
    const char *command[] = {traced_program, name, path, traced_argument, NULL};
    struct trace_options own = *options;
    own.command = command;
    struct traced traced = {.session = session};
    trace(&own, traced.session, &error);
    g_assert_no_error(error);
    const struct run *run = session_last_run(traced.session);
    g_assert_nonnull(run);
    g_assert_cmpint(run->exit_status, ==, 0);
    g_assert_cmpuint(run->lost_events, ==, 0);
    traced.truth = truth_read(path);
    unlink(path);
    return traced;
}

struct traced trace_case(const char *name)
{
    struct trace_options options = {0};
    return trace_case_with(name, &options);
}

void traced_clear(struct traced *traced)
{
    session_free(traced->session);
    g_hash_table_unref(traced->truth);
}

pid_t start_case(const char *name)
{
    const char *arguments[] = {traced_program, name, "/dev/null", NULL};
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        execv(traced_program, (char *const *)arguments);
        _exit(127);
    }
    return child;
}

void end_case(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

double truth_of(const struct traced *traced, const char *name)
{
    const double *value = g_hash_table_lookup(traced->truth, name);
    g_assert_nonnull(value);
    return *value;
}

double measured(const struct traced *traced, enum subject_kind kind, const char *subject, const char *metric)
{
    const struct run *run = session_last_run(traced->session);
    const struct measurement *found =
        session_find_measurement(traced->session, run->id, kind, subject, metric);
    g_assert_nonnull(found);
    return found->value;
}

const struct thread *thread_named(const struct traced *traced, const char *name)
{
    for (guint i = 0; i < traced->session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(traced->session->threads, i);
        if (strcmp(thread->name, name) == 0)
            return thread;
    }
    return NULL;
}

void assert_near(const char *what, double seen, double expected, double share, double slack)
{
    g_print("%s: traced %.6f, truth %.6f\n", what, seen, expected);
    g_assert_cmpfloat(fabs(seen - expected), <=, expected * share + slack);
}

void assert_waited(const struct traced *traced, const char *thread, double blocked, double expected)
{
    double runnable = measured(traced, thread ? SUBJECT_THREAD : SUBJECT_PROGRAM, thread, "runnable_seconds");
    g_print("traced %.6f blocked, %.6f runnable, truth %.6f\n", blocked, runnable, expected);
    g_assert_cmpfloat(blocked, <=, expected * (1 + SHARE_OF_CAUSE) + SLACK_SECONDS);
    g_assert_cmpfloat(blocked + runnable, >=, expected * (1 - SHARE_OF_CAUSE) - SLACK_SECONDS);
}

/* Every second on the core and every blocked one belongs to a stack. */
static void check_stacks(const struct traced *traced)
{
    double stacked[ACTIVITY_COUNT] = {0}, blocked = 0;
    for (guint i = 0; i < traced->session->call_stacks->len; i++) {
        const struct call_stack *stack = g_ptr_array_index(traced->session->call_stacks, i);
        stacked[stack->activity] += stack->seconds;
    }
    for (guint i = 0; i < traced->session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(traced->session->measurements, i);
        if (each->subject_kind == SUBJECT_PROGRAM && g_str_has_prefix(each->metric, "blocked_seconds."))
            blocked += each->value;
    }
    assert_near("stacks on the core", stacked[ACTIVITY_RUNNING],
                measured(traced, SUBJECT_PROGRAM, NULL, "cpu_seconds"), 1e-6, 1e-6);
    assert_near("blocked stacks", stacked[ACTIVITY_BLOCKED], blocked, 1e-6, 1e-4);
}

void check_states(const struct traced *traced)
{
    check_stacks(traced);
    g_autoptr(GHashTable) sums = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < traced->session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(traced->session->measurements, i);
        if (each->subject_kind == SUBJECT_THREAD && strcmp(each->metric, "wall_seconds") == 0)
            g_hash_table_insert(sums, each->subject, (gpointer)each);
    }
    for (guint i = 0; i < traced->session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(traced->session->threads, i);
        const struct measurement *sum = g_hash_table_lookup(sums, thread->id);
        g_assert_nonnull(sum);
        g_assert_cmpfloat(fabs(sum->value - thread->seconds), <=, thread->seconds * 0.001 + 0.00005);
    }
}
