/* SPDX-License-Identifier: Apache-2.0 */
#include "model/difference.h"

#include <math.h>
#include <string.h>

static void add_region(struct session *session, const char *id, const char *function, int line)
{
    struct region *region = region_new();
    region->id = g_strdup(id);
    region->function = g_strdup(function);
    region->file = g_strdup("f.c");
    region->line = line;
    g_ptr_array_add(session->regions, region);
}

static struct session *session_of(const char *run_id)
{
    struct session *session = session_new();
    struct run *run = run_new();
    run->id = g_strdup(run_id);
    g_ptr_array_add(session->runs, run);
    return session;
}

static void add_share(struct session *session, const char *region, const char *metric, double share,
                      guint64 samples)
{
    session_add_measurement(session, session_last_run(session)->id, region ? SUBJECT_REGION : SUBJECT_PROGRAM,
                            region, metric, share, samples);
}

static void add_verdict(struct session *session, const char *region, enum verdict_kind kind)
{
    const struct prediction *prediction =
        session_add_prediction(session, NULL, region, "lock_share", COMPARE_AT_LEAST, 0.3);
    struct verdict *verdict = verdict_new();
    verdict->run = g_strdup(session_last_run(session)->id);
    verdict->prediction = g_strdup(prediction->id);
    verdict->kind = kind;
    g_ptr_array_add(session->verdicts, verdict);
}

static const struct metric_difference *row_of(const struct difference *difference, const char *metric)
{
    for (guint i = 0; i < difference->metrics->len; i++) {
        const struct metric_difference *each =
            &g_array_index(difference->metrics, struct metric_difference, i);
        if (strcmp(each->metric, metric) == 0)
            return each;
    }
    return NULL;
}

static void test_interval(void)
{
    /* R. G. Newcombe's table II, case (a), method 10: 56/70 - 48/80 is 0.0524 to 0.3339. */
    double low, high;
    difference_interval(0.6, 0.4905, 0.7003, 0.8, 0.6920, 0.8770, &low, &high);
    g_assert_cmpfloat_with_epsilon(low, 0.0524, 0.0003);
    g_assert_cmpfloat_with_epsilon(high, 0.3339, 0.0003);
}

static void test_moved_region(void)
{
    g_autoptr(Session) before = session_of("r1");
    g_autoptr(Session) after = session_of("r2");
    add_region(before, "work@f.c:10", "work", 10);
    add_region(before, "gone@f.c:20", "gone", 20);
    add_region(after, "work@f.c:12", "work", 12);
    add_share(before, "work@f.c:10", "lock_share", 0.8, 500);
    add_share(after, "work@f.c:12", "lock_share", 0.1, 500);
    add_verdict(before, "work@f.c:10", VERDICT_CONFIRMED);
    add_verdict(after, "work@f.c:12", VERDICT_REFUTED);
    g_autoptr(Difference) difference = difference_new(before, after);
    const struct metric_difference *row = row_of(difference, "lock_share");
    g_assert_cmpstr(row->before_subject, ==, "work@f.c:10");
    g_assert_cmpstr(row->after_subject, ==, "work@f.c:12");
    g_assert_true(row->significant);
    g_assert_cmpfloat(row->high, <, -0.5);
    g_assert_cmpuint(difference->verdicts->len, ==, 1);
    g_assert_true(difference_newly_refuted(difference));
    g_assert_cmpuint(difference->lone->len, ==, 1);
    g_assert_cmpstr(g_array_index(difference->lone, struct lone_record, 0).id, ==, "gone@f.c:20");
}

static void test_chance(void)
{
    g_autoptr(Session) before = session_of("r1");
    g_autoptr(Session) after = session_of("r2");
    add_share(before, NULL, "cpu_share", 0.50, 100);
    add_share(after, NULL, "cpu_share", 0.58, 100);
    add_share(before, NULL, "cpu_seconds", 1.00, 1000);
    add_share(after, NULL, "cpu_seconds", 1.05, 1000);
    add_share(before, NULL, "wall_seconds", 9, 1);
    add_share(after, NULL, "wall_seconds", 1, 1);
    g_autoptr(Difference) difference = difference_new(before, after);
    g_assert_false(difference_significant(difference));
    g_assert_false(row_of(difference, "wall_seconds")->judged);
    g_assert_true(row_of(difference, "cpu_share")->judged);
}

static void test_busy_cores_change_nothing(void)
{
    g_autoptr(Session) quiet = session_of("r1");
    g_autoptr(Session) busy = session_of("r2");
    add_share(quiet, NULL, "io_share", 0.8, 1000);
    add_share(busy, NULL, "io_share", 0.4, 1000);
    add_share(busy, NULL, "runqueue_share", 0.5, 1000);
    g_autoptr(Difference) difference = difference_new(quiet, busy);
    g_assert_false(difference_significant(difference));
    g_assert_cmpfloat_with_epsilon(row_of(difference, "io_share")->after, 0.8, 1e-9);
}

static void test_unmeasured(void)
{
    g_autoptr(Session) before = session_new();
    g_autoptr(Session) after = session_new();
    g_autoptr(Difference) difference = difference_new(before, after);
    g_assert_cmpuint(difference->metrics->len, ==, 0);
    g_assert_false(difference_newly_refuted(difference));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/difference/interval", test_interval);
    g_test_add_func("/difference/moved-region", test_moved_region);
    g_test_add_func("/difference/chance", test_chance);
    g_test_add_func("/difference/busy-cores", test_busy_cores_change_nothing);
    g_test_add_func("/difference/unmeasured", test_unmeasured);
    return g_test_run();
}
