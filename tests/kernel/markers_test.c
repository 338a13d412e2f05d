/* SPDX-License-Identifier: Apache-2.0 */
/* Regions that a program marks itself, against what it knows of them:
 * `markers_test CASE MARKERS_PROGRAM LIBRARY`. */
#include <stdlib.h>
#include <unistd.h>

#include "tests/kernel/traced.h"

static double of(const struct traced *traced, const char *name, const char *metric)
{
    g_autofree char *id = g_strdup_printf("marker/%s", name);
    const struct region *region = session_find_region(traced->session, id);
    g_assert_nonnull(region);
    g_assert_cmpint(region->kind, ==, REGION_MARKER);
    double value = measured(traced, SUBJECT_REGION, id, metric);
    g_print("%s %s: %.6f\n", id, metric, value);
    return value;
}

static void check_sum(const struct traced *traced, const char *name)
{
    assert_near("states",
                of(traced, name, "cpu_seconds") + of(traced, name, "runnable_seconds") +
                    of(traced, name, "blocked_seconds"),
                of(traced, name, "wall_seconds"), 1e-6, 1e-6);
}

/* As long as the program saw itself, which cannot tell a wait from the queue for a core after it. */
static void check_slept(const struct traced *traced, const char *name, const char *truth)
{
    double blocked = of(traced, name, "blocked_seconds"), slept = truth_of(traced, truth);
    g_assert_cmpfloat(blocked, <=, slept * 1.03 + SLACK_SECONDS);
    g_assert_cmpfloat(blocked + of(traced, name, "runnable_seconds"), >=, slept * 0.97 - SLACK_SECONDS);
}

static void check_two_threads(void)
{
    struct traced traced = trace_case("two_threads");
    static const char *const names[] = {"outer", "compute", "sleep"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        assert_near(names[i], of(&traced, names[i], "calls"), 2, 0, 0);
        check_sum(&traced, names[i]);
    }
    assert_near("compute", of(&traced, "compute", "cpu_seconds"), 2 * 0.2, 0.03, 0.01);
    assert_near("compute", of(&traced, "compute", "blocked_seconds"), 0, 0, 0.01);
    check_slept(&traced, "sleep", "sleep");
    assert_near("sleep", of(&traced, "sleep", "cpu_seconds"), 0, 0, 0.01);
    assert_near("outer", of(&traced, "outer", "cpu_seconds"), 2 * 0.2, 0.03, 0.01);
    check_slept(&traced, "outer", "sleep");
    g_assert_cmpfloat(of(&traced, "outer", "call_seconds_p50"), >=, 0.3 * 0.97);
    const struct region *region = session_find_region(traced.session, "marker/compute");
    g_assert_cmpstr(region->function, ==, "two_parts");
    g_assert_true(g_str_has_suffix(region->file, "markers.c"));
    g_assert_cmpint(region->line, >, 0);
    check_states(&traced);
    traced_clear(&traced);
}

static void check_odd_ways(void)
{
    struct traced traced = trace_case("odd_ways");
    /* Inside itself: five calls of 10 … 50 ms, 50 ms in all. */
    assert_near("descend", of(&traced, "descend", "calls"), 5, 0, 0);
    check_slept(&traced, "descend", "descend");
    g_assert_cmpfloat(of(&traced, "descend", "call_seconds_p50"), >=, 0.03 * 0.97);
    /* A call that was left by longjmp is none, and takes no place for long. */
    assert_near("jump", of(&traced, "jump", "calls"), 1, 0, 0);
    check_slept(&traced, "jump", "jump");
    assert_near("often", of(&traced, "often", "calls"), 10, 0, 0);
    check_slept(&traced, "often", "often");
    assert_near("never ended", of(&traced, "never ended", "calls"), 0, 0, 0);
    check_slept(&traced, "never ended", "never_ended");
    traced_clear(&traced);
}

static void check_in_library(void)
{
    struct traced traced = trace_case("in_library");
    assert_near("in a library", of(&traced, "in a library", "calls"), 1, 0, 0);
    assert_near("in a library", of(&traced, "in a library", "blocked_seconds"), 0.1, 0.03, SLACK_SECONDS);
    g_assert_cmpstr(session_find_region(traced.session, "marker/in a library")->function, ==,
                    "library_region");
    traced_clear(&traced);
}

/* What the scheduler has not counted yet at a marker belongs to its region, what others had of the core does
 * not. A pass through both markers takes microseconds that the program sees on top. */
static void check_edges(void)
{
    struct traced traced = trace_case("edges");
    assert_near("edges", of(&traced, "edges", "calls"), 100, 0, 0);
    assert_near("edges", of(&traced, "edges", "cpu_seconds"), truth_of(&traced, "edges"), 0.01,
                SLACK_SECONDS);
    check_sum(&traced, "edges");
    traced_clear(&traced);
}

/* While nobody watches, a call is two instructions; while it is watched, none is lost. */
static void check_cost(void)
{
    g_autofree char *path = g_strdup_printf("%s/corewise-markers-%d", g_get_tmp_dir(), (int)getpid());
    const char *command[] = {traced_program, "cost", path, traced_argument, NULL};
    int status = -1;
    g_assert_true(
        g_spawn_sync(NULL, (char **)command, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
    g_autoptr(GHashTable) untraced = truth_read(path);
    unlink(path);
    struct traced traced = trace_case("cost");
    const double *alone = g_hash_table_lookup(untraced, "call");
    g_assert_nonnull(alone);
    g_print("a call takes %.1f ns, watched %.0f ns\n", *alone * 1e9, truth_of(&traced, "call") * 1e9);
    g_assert_cmpfloat(*alone, <, 100e-9);
    assert_near("empty", of(&traced, "empty", "calls"), 20000, 0, 0);
    traced_clear(&traced);
}

static const struct traced_case cases[] = {
    {"marker_threads", check_two_threads}, {"marker_ways", check_odd_ways},
    {"marker_library", check_in_library},  {"marker_edges", check_edges},
    {"marker_cost", check_cost},
};

int main(int argc, char **argv)
{
    return run_traced_case(argc, argv, "markers_test CASE MARKERS_PROGRAM LIBRARY", cases,
                           G_N_ELEMENTS(cases));
}
