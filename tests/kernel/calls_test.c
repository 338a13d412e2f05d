/* SPDX-License-Identifier: Apache-2.0 */
/* System calls: counts are exact, and equal to those of strace. `calls_test CASE TRUTH_PROGRAM`. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/kernel/traced.h"

static void assert_counts(const struct traced *traced)
{
    static const char *const names[] = {"getppid", "rt_sigreturn", "clone", "clone3", "clock_nanosleep"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *metric = g_strdup_printf("syscalls.%s", names[i]);
        assert_near(metric, measured(traced, SUBJECT_PROGRAM, NULL, metric), truth_of(traced, names[i]), 0,
                    0);
    }
}

static void check_counts(void)
{
    struct trace_options options = {.calls = CALLS_COUNTED};
    struct traced traced = trace_case_with("calls", &options);
    assert_counts(&traced);
    check_states(&traced);
    traced_clear(&traced);
}

static void check_latency(void)
{
    struct trace_options options = {.calls = CALLS_TIMED};
    struct traced traced = trace_case_with("calls", &options);
    assert_counts(&traced);
    assert_near("clock_nanosleep",
                measured(&traced, SUBJECT_PROGRAM, NULL, "syscall_seconds.clock_nanosleep"),
                truth_of(&traced, "slept"), SHARE_OF_CAUSE, SLACK_SECONDS);
    double longest = measured(&traced, SUBJECT_PROGRAM, NULL, "syscall_longest_seconds.clock_nanosleep");
    g_assert_cmpfloat(longest, >=, 0.05);
    traced_clear(&traced);
}

/* Watched for a part of the time, a steady stream of calls is estimated. */
static void check_slices(void)
{
    struct trace_options options = {.calls = CALLS_COUNTED, .call_share = 0.25};
    struct traced traced = trace_case_with("steady", &options);
    const struct measurement *found =
        session_find_measurement(traced.session, session_last_run(traced.session)->id, SUBJECT_PROGRAM, NULL,
                                 "syscalls.clock_nanosleep");
    double truth = truth_of(&traced, "clock_nanosleep");
    g_assert_nonnull(found);
    assert_near("clock_nanosleep", found->value, truth, 0.3, 0);
    g_assert_cmpuint(found->samples, <, (guint64)(truth * 0.6));
    traced_clear(&traced);
}

/* `strace -c -f` of the same program, name by name. */
static GHashTable *strace_counts(void)
{
    g_autofree char *table = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *output = g_strdup_printf("/tmp/corewise-strace-%d", getpid());
    const char *command[] = {"strace",      "-f",           "-c",    "-U",   "name,calls", "-o",
                             "/dev/stdout", traced_program, "plain", output, NULL};
    if (!g_spawn_sync(NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &table, NULL, NULL,
                      &error))
        skip("%s", error->message);
    unlink(output);
    GHashTable *counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
    for (char **line = lines; *line; line++) {
        char name[64];
        guint count = 0;
        if (sscanf(*line, "%63s %u", name, &count) == 2 && strcmp(name, "total") != 0)
            g_hash_table_insert(counts, g_strdup(name), GUINT_TO_POINTER(count));
    }
    return counts;
}

static void check_strace(void)
{
    g_autoptr(GHashTable) counts = strace_counts();
    struct trace_options options = {.calls = CALLS_COUNTED};
    struct traced traced = trace_case_with("plain", &options);
    static const char prefix[] = "syscalls.";
    guint compared = 0;
    for (guint i = 0; i < traced.session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(traced.session->measurements, i);
        if (each->subject_kind != SUBJECT_PROGRAM || !g_str_has_prefix(each->metric, prefix))
            continue;
        guint truth = GPOINTER_TO_UINT(g_hash_table_lookup(counts, each->metric + strlen(prefix)));
        assert_near(each->metric, each->value, truth, 0, 0);
        compared++;
    }
    g_assert_cmpuint(compared, ==, g_hash_table_size(counts));
    g_assert_cmpuint(compared, >, 10);
    traced_clear(&traced);
}

static const struct traced_case cases[] = {
    {"call_counts", check_counts},
    {"call_latency", check_latency},
    {"call_slices", check_slices},
    {"call_strace", check_strace},
};

int main(int argc, char **argv)
{
    return run_traced_case(argc, argv, "calls_test CASE TRUTH_PROGRAM", cases, G_N_ELEMENTS(cases));
}
