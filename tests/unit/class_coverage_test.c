/* SPDX-License-Identifier: Apache-2.0 */
#include "model/class_coverage.h"

struct row {
    const char *id;
    enum work_class class;
    double cpu_share, io_share, own_cpu, own_blocked;
    guint64 samples;
    enum verdict_kind expected;
    double confidence;
};

/* 10 s of active time, of which 1 s was spent in the queue for a core. */
static void test_by_own_time(void)
{
    static const struct row rows[] = {
        {"a@f.c:1", WORK_CPU, 0.95, 0.05, 4, 0.2, 500, VERDICT_CONFIRMED, 0.95},
        {"b@f.c:9", WORK_CPU, 0.1, 0.9, 0.1, 0.9, 500, VERDICT_REFUTED, 0.4},
        {"c@f.c:19", WORK_IO, 0.3, 0.7, 0.5, 0.5, 40, VERDICT_INCONCLUSIVE, 0.5},
        {"d@f.c:29", WORK_MIXED, 0.5, 0.5, 0.5, 0.5, 500, VERDICT_CONFIRMED, 0.49},
        {"e@f.c:39", WORK_MIXED, 0.05, 0.95, 0.1, 0.2, 500, VERDICT_REFUTED, 0.3},
        {"f@f.c:49", WORK_LIGHT, 1, 0, 0, 0, 500, VERDICT_NOT_EXERCISED, 0.8},
    };
    g_autoptr(Session) session = session_new();
    struct run *run = run_new();
    run->id = g_strdup("r1");
    g_ptr_array_add(session->runs, run);
    session_add_measurement(session, "r1", SUBJECT_PROGRAM, NULL, "active_seconds", 10, 1000);
    session_add_measurement(session, "r1", SUBJECT_PROGRAM, NULL, "runnable_seconds", 1, 1000);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct region *region = region_new();
        region->id = g_strdup(rows[i].id);
        region->class = rows[i].class;
        region->confidence = rows[i].confidence;
        g_ptr_array_add(session->regions, region);
        const struct {
            const char *metric;
            double value;
        } values[] = {{"cpu_share", rows[i].cpu_share},
                      {"io_share", rows[i].io_share},
                      {"lock_share", 0},
                      {"self_cpu_seconds", rows[i].own_cpu},
                      {"self_blocked_seconds", rows[i].own_blocked}};
        for (guint j = 0; j < G_N_ELEMENTS(values); j++)
            session_add_measurement(session, "r1", SUBJECT_REGION, rows[i].id, values[j].metric,
                                    values[j].value, rows[i].samples);
        struct verdict *verdict = class_verdict(session, run, region);
        g_assert_cmpstr(verdict_kind_name(verdict->kind), ==, verdict_kind_name(rows[i].expected));
        verdict_free(verdict);
    }
    struct class_coverage coverage = class_coverage_of(session, run);
    g_assert_cmpfloat_with_epsilon(coverage.active, 9, 1e-9);
    g_assert_cmpfloat_with_epsilon(coverage.seconds[VERDICT_CONFIRMED], 4.2 + 1, 1e-9);
    g_assert_cmpfloat_with_epsilon(coverage.seconds[VERDICT_REFUTED], 1 + 0.3, 1e-9);
    g_assert_cmpfloat_with_epsilon(coverage.seconds[VERDICT_INCONCLUSIVE], 1, 1e-9);
    g_assert_cmpfloat_with_epsilon(coverage.guessed[VERDICT_CONFIRMED], 1, 1e-9);
    g_assert_cmpfloat_with_epsilon(coverage.guessed[VERDICT_REFUTED], 1 + 0.3, 1e-9);
    g_assert_cmpfloat_with_epsilon(coverage.guessed[VERDICT_INCONCLUSIVE], 0, 1e-9);
    g_assert_cmpfloat_with_epsilon(coverage.unattributed, 9 - 5.2 - 1.3 - 1, 1e-9);
    g_autoptr(GPtrArray) judgements = class_judgements(session, run);
    const struct class_judgement *longest = g_ptr_array_index(judgements, 0),
                                 *shortest = g_ptr_array_index(judgements, judgements->len - 1);
    g_assert_cmpuint(judgements->len, ==, G_N_ELEMENTS(rows) - 1); /* one had no time */
    g_assert_cmpstr(longest->region->id, ==, "a@f.c:1");
    g_assert_cmpstr(shortest->region->id, ==, "e@f.c:39");
    g_assert_nonnull(strstr(shortest->verdict->why, "io_share of e@f.c:39 was 0.95"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/coverage/by-own-time", test_by_own_time);
    return g_test_run();
}
