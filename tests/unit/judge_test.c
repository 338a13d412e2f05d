/* SPDX-License-Identifier: Apache-2.0 */
#include "model/judge.h"

#include <math.h>
#include <string.h>

#include "model/effective_samples.h"
#include "model/metric.h"
#include "model/work_class.h"

/* A session with one run that lasted 2 s, one region f@f.c:1 and its measurement of `metric`. */
static struct session *session_with(const char *metric, double value, guint64 samples, guint64 lost)
{
    struct session *session = session_new();
    struct run *run = run_new();
    run->id = g_strdup("r1");
    run->seconds = 2;
    run->lost_events = lost;
    g_ptr_array_add(session->runs, run);
    session_add_measurement(session, "r1", SUBJECT_REGION, "f@f.c:1", metric, value, samples);
    session_add_measurement(session, "r1", SUBJECT_PROGRAM, NULL, "cpu_share", 0.5, 1000);
    return session;
}

static void assert_verdict(const char *metric, double value, guint64 samples, guint64 lost,
                           enum comparison comparison, double predicted, enum verdict_kind expected)
{
    g_autoptr(Session) session = session_with(metric, value, samples, lost);
    session_add_prediction(session, NULL, "f@f.c:1", metric, comparison, predicted);
    judge_session(session);
    g_assert_cmpuint(session->verdicts->len, ==, 1);
    const struct verdict *verdict = g_ptr_array_index(session->verdicts, 0);
    g_test_message("%s", verdict->why);
    g_assert_cmpstr(verdict_kind_name(verdict->kind), ==, verdict_kind_name(expected));
    g_assert_cmpfloat(verdict->measured, ==, value);
}

static void test_wilson(void)
{
    double low, high;
    judge_wilson_interval(0.5, 0, &low, &high);
    g_assert_cmpfloat(low, ==, 0);
    g_assert_cmpfloat(high, ==, 1);
    /* Reference values of the closed formula: 8 of 10. */
    judge_wilson_interval(0.8, 10, &low, &high);
    g_assert_cmpfloat_with_epsilon(low, 0.4902, 0.0002);
    g_assert_cmpfloat_with_epsilon(high, 0.9433, 0.0002);
    judge_wilson_interval(1, 100, &low, &high);
    g_assert_cmpfloat_with_epsilon(low, 0.9630, 0.0002);
    g_assert_cmpfloat_with_epsilon(high, 1, 1e-9);
}

static void test_samples_needed(void)
{
    guint64 needed = judge_samples_needed(0.75, 0.70);
    double low, high;
    judge_wilson_interval(0.75, needed, &low, &high);
    g_assert_cmpfloat(low, >, 0.70);
    judge_wilson_interval(0.75, needed - 1, &low, &high);
    g_assert_cmpfloat(low, <=, 0.70);
    g_assert_cmpuint(judge_samples_needed(0.70, 0.70), ==, 0);
    g_assert_cmpuint(judge_samples_needed(1.0, 0.70), ==, JUDGE_MINIMUM_SAMPLES);
}

static void test_shares(void)
{
    assert_verdict("cpu_share", 0.95, 500, 0, COMPARE_AT_LEAST, 0.70, VERDICT_CONFIRMED);
    assert_verdict("cpu_share", 0.95, 500, 0, COMPARE_BELOW, 0.70, VERDICT_REFUTED);
    assert_verdict("cpu_share", 0.20, 500, 0, COMPARE_AT_LEAST, 0.70, VERDICT_REFUTED);
    assert_verdict("cpu_share", 0.71, 100, 0, COMPARE_AT_LEAST, 0.70, VERDICT_INCONCLUSIVE);
    assert_verdict("cpu_share", 1.00, 5, 0, COMPARE_AT_LEAST, 0.70, VERDICT_INCONCLUSIVE);
    assert_verdict("io_share", 0.10, 500, 0, COMPARE_AT_MOST, 0.70, VERDICT_CONFIRMED);
}

static void test_counts_are_exact(void)
{
    assert_verdict("threads_created", 8, 8, 0, COMPARE_AT_LEAST, 8, VERDICT_CONFIRMED);
    assert_verdict("threads_created", 7, 7, 0, COMPARE_AT_LEAST, 8, VERDICT_REFUTED);
    assert_verdict("threads_created", 8, 8, 0, COMPARE_ABOVE, 8, VERDICT_REFUTED);
    assert_verdict("longest_block_seconds", 0.02, 1, 0, COMPARE_AT_LEAST, 0.001, VERDICT_CONFIRMED);
    assert_verdict("parallelism", 1.9, 3, 0, COMPARE_AT_LEAST, 1.2, VERDICT_INCONCLUSIVE);
    assert_verdict("parallelism", 1.9, 300, 0, COMPARE_AT_LEAST, 1.2, VERDICT_CONFIRMED);
}

static void test_losses_are_inconclusive(void)
{
    assert_verdict("cpu_share", 0.95, 500, 100, COMPARE_AT_LEAST, 0.70, VERDICT_INCONCLUSIVE);
    assert_verdict("cpu_share", 0.95, 500, 1, COMPARE_AT_LEAST, 0.70, VERDICT_CONFIRMED);
}

/* Only what rests on the lost kind is in doubt. */
static void test_losses_by_kind(void)
{
    static const struct {
        const char *lost, *metric;
        double value, threshold;
        enum verdict_kind expected;
    } rows[] = {
        {"lost_events.waits", "io_share", 0.9, 0.7, VERDICT_INCONCLUSIVE},
        {"lost_events.waits", "cpu_seconds", 3, 1, VERDICT_CONFIRMED},
        {"lost_events.waits", "threads_created", 8, 8, VERDICT_CONFIRMED},
        {"lost_events.stacks", "cpu_seconds", 3, 1, VERDICT_INCONCLUSIVE},
        {"lost_events.stacks", "threads_created", 8, 8, VERDICT_CONFIRMED},
        {"lost_events.stacks", "lock_share", 0.9, 0.3, VERDICT_INCONCLUSIVE},
        {"lost_events.threads", "threads_created", 8, 8, VERDICT_INCONCLUSIVE},
        {"lost_events.calls", "syscalls.read", 8, 8, VERDICT_INCONCLUSIVE},
        {"lost_events.calls", "io_share", 0.9, 0.7, VERDICT_CONFIRMED},
        {"lost_events.lock_uses", "lock_share", 0.9, 0.3, VERDICT_CONFIRMED},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Session) session = session_with(rows[i].metric, rows[i].value, 500, 10);
        session_add_measurement(session, "r1", SUBJECT_PROGRAM, NULL, rows[i].lost, 10, 1000);
        session_add_prediction(session, NULL, "f@f.c:1", rows[i].metric, COMPARE_AT_LEAST, rows[i].threshold);
        judge_session(session);
        const struct verdict *verdict = g_ptr_array_index(session->verdicts, 0);
        g_test_message("%s, %s: %s", rows[i].lost, rows[i].metric, verdict->why);
        g_assert_cmpstr(verdict_kind_name(verdict->kind), ==, verdict_kind_name(rows[i].expected));
    }
}

static void test_stolen_time_refutes_nothing(void)
{
    for (int stolen = 0; stolen <= 1; stolen++) {
        g_autoptr(Session) session = session_with("io_share", 0.45, 500, 0);
        session_add_measurement(session, "r1", SUBJECT_REGION, "f@f.c:1", "runqueue_share",
                                stolen ? 0.5 : 0.1, 500);
        session_add_prediction(session, NULL, "f@f.c:1", "io_share", COMPARE_AT_LEAST, 0.70);
        judge_session(session);
        const struct verdict *verdict = g_ptr_array_index(session->verdicts, 0);
        g_test_message("%s", verdict->why);
        g_assert_cmpint(verdict->kind, ==, stolen ? VERDICT_INCONCLUSIVE : VERDICT_REFUTED);
    }
}

/* A region that was runnable for half of its time, in a program of two threads. */
static struct session *session_on_busy_cores(const char *metric, double value, int cores)
{
    struct session *session = session_with(metric, value, 500, 0);
    ((struct run *)g_ptr_array_index(session->runs, 0))->cores = cores;
    session_add_measurement(session, "r1", SUBJECT_REGION, "f@f.c:1", "runqueue_share", 0.5, 500);
    session_add_measurement(session, "r1", SUBJECT_PROGRAM, NULL, "threads_peak", 2, 2);
    return session;
}

static void test_queue_of_others_is_left_out(void)
{
    static const struct {
        const char *metric;
        double measured, judged;
        int cores;
        enum verdict_kind expected;
    } rows[] = {
        {"io_share", 0.45, 0.90, 2, VERDICT_CONFIRMED},    /* the program cannot queue for itself */
        {"io_share", 0.45, 0.45, 1, VERDICT_INCONCLUSIVE}, /* it may */
        {"cpu_share", 0.75, 0.50, 2, VERDICT_REFUTED},
        {"cpu_share", 0.75, 0.75, 1, VERDICT_INCONCLUSIVE},
        {"cpu_share", 0.98, 0.96, 2, VERDICT_CONFIRMED},
        {"cpu_share", 0.98, 0.98, 1, VERDICT_CONFIRMED}, /* either way */
        {"lock_share", 0.05, 0.10, 2, VERDICT_REFUTED},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Session) session = session_on_busy_cores(rows[i].metric, rows[i].measured, rows[i].cores);
        session_add_prediction(session, NULL, "f@f.c:1", rows[i].metric, COMPARE_AT_LEAST,
                               g_str_equal(rows[i].metric, "lock_share") ? 0.30 : 0.70);
        judge_session(session);
        const struct verdict *verdict = g_ptr_array_index(session->verdicts, 0);
        g_test_message("%s", verdict->why);
        g_assert_cmpstr(verdict_kind_name(verdict->kind), ==, verdict_kind_name(rows[i].expected));
        g_assert_cmpfloat_with_epsilon(verdict->measured, rows[i].judged, 1e-9);
    }
}

static void test_cold_page_cache_refutes_nothing(void)
{
    /* 0.6 s of 1 s went into reads of a cold cache: without them, 0.36 of 0.40 are the core's. */
    for (int cold = 0; cold <= 1; cold++) {
        g_autoptr(Session) session = session_with("cpu_share", 0.36, 500, 0);
        session_add_measurement(session, "r1", SUBJECT_REGION, "f@f.c:1", "active_seconds", 1, 500);
        if (cold)
            session_add_measurement(session, "r1", SUBJECT_REGION, "f@f.c:1", "cold_cache_seconds", 0.6, 90);
        session_add_prediction(session, NULL, "f@f.c:1", "cpu_share", COMPARE_AT_LEAST, 0.70);
        judge_session(session);
        const struct verdict *verdict = g_ptr_array_index(session->verdicts, 0);
        g_test_message("%s", verdict->why);
        g_assert_cmpint(verdict->kind, ==, cold ? VERDICT_INCONCLUSIVE : VERDICT_REFUTED);
        g_assert_true(!cold || strstr(verdict->why, "0.900 without the reads"));
    }
}

/* Bio threads that sleep for ever are more threads than cores, and queue for nothing. */
static void test_crowd_tells_whose_queue_it_is(void)
{
    static const struct {
        double crowded;
        enum verdict_kind expected;
    } rows[] = {{0.001, VERDICT_CONFIRMED}, {0.02, VERDICT_INCONCLUSIVE}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Session) session = session_on_busy_cores("io_share", 0.45, 1);
        session_add_measurement(session, "r1", SUBJECT_PROGRAM, NULL, "crowded_seconds", rows[i].crowded, 1);
        session_add_measurement(session, "r1", SUBJECT_REGION, "f@f.c:1", "active_seconds", 1, 500);
        session_add_prediction(session, NULL, "f@f.c:1", "io_share", COMPARE_AT_LEAST, 0.70);
        judge_session(session);
        const struct verdict *verdict = g_ptr_array_index(session->verdicts, 0);
        g_test_message("%s", verdict->why);
        g_assert_cmpstr(verdict_kind_name(verdict->kind), ==, verdict_kind_name(rows[i].expected));
    }
}

static void test_holders_queue_refutes_nothing(void)
{
    /* 0.5 s of 1 s were waits for a lock, during 0.4 s of which its holder had no core; `share` is that of
     * the rest. */
    static const struct {
        const char *metric;
        double measured, threshold, queued;
        enum comparison comparison;
        enum verdict_kind expected;
    } rows[] = {
        {"cpu_share", 0.50, 0.70, 0, COMPARE_AT_LEAST, VERDICT_REFUTED},
        {"cpu_share", 0.50, 0.70, 0.4, COMPARE_AT_LEAST, VERDICT_INCONCLUSIVE},
        {"cpu_share", 0.50, 0.70, 0.1, COMPARE_AT_LEAST, VERDICT_REFUTED},
        {"lock_share", 0.50, 0.30, 0.4, COMPARE_BELOW, VERDICT_INCONCLUSIVE},
        {"lock_share", 0.50, 0.30, 0.1, COMPARE_BELOW, VERDICT_REFUTED},
        {"lock_share", 0.50, 0.30, 0.4, COMPARE_AT_LEAST, VERDICT_CONFIRMED},
        {"lock_share", 0.05, 0.30, 0.04, COMPARE_AT_LEAST, VERDICT_REFUTED},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Session) session = session_with(rows[i].metric, rows[i].measured, 500, 0);
        session_add_measurement(session, "r1", SUBJECT_REGION, "f@f.c:1", "active_seconds", 1, 500);
        if (rows[i].queued > 0)
            session_add_measurement(session, "r1", SUBJECT_REGION, "f@f.c:1", "holder_queue_seconds",
                                    rows[i].queued, 500);
        session_add_prediction(session, NULL, "f@f.c:1", rows[i].metric, rows[i].comparison,
                               rows[i].threshold);
        judge_session(session);
        const struct verdict *verdict = g_ptr_array_index(session->verdicts, 0);
        g_test_message("%s", verdict->why);
        g_assert_cmpstr(verdict_kind_name(verdict->kind), ==, verdict_kind_name(rows[i].expected));
        g_assert_true(verdict->kind != VERDICT_INCONCLUSIVE ||
                      strstr(verdict->why, "had to wait for a core"));
    }
}

/* Slices of which every second one has twice the part of the other, in turn and in two halves. */
static void test_slices(void)
{
    double turns[40], halves[40], equal[40], wholes[40];
    for (guint i = 0; i < 40; i++) {
        turns[i] = i % 2 ? 0.4 : 0.2;
        halves[i] = i < 20 ? 0.4 : 0.2;
        equal[i] = 0.3;
        wholes[i] = 1;
    }
    /* Share 0.3; the residuals are 0.1 each: variance 40 · 0.01 · (40 / 39) / 40² · (1 + 1.5 / 39)². */
    double variance = 40 * 0.01 * 40 / 39 / 1600 * 1.0384615 * 1.0384615;
    g_assert_cmpfloat_with_epsilon(effective_samples_of_slices(turns, wholes, 40), 0.21 / variance, 0.01);
    /* Neighbours are alike but once: the most that is believed is 0.6, which makes the variance four times as
     * large. */
    g_assert_cmpfloat_with_epsilon(effective_samples_of_slices(halves, wholes, 40), 0.21 / variance / 4,
                                   0.01);
    g_assert_cmpfloat(effective_samples_of_slices(equal, wholes, 40), >, 1e6);
    g_assert_cmpfloat(effective_samples_of_slices(equal, wholes, 0), ==, 0);
}

static void test_effective_samples(void)
{
    /* Pieces of equal length: as many as there are. */
    g_assert_cmpfloat_with_epsilon(effective_samples(0.3, 0.003, 0.7, 0.007), 100, 1e-9);
    g_assert_cmpfloat_with_epsilon(effective_samples(0, 0, 1, 0.001), 1000, 1e-9);
    g_assert_cmpfloat_with_epsilon(effective_samples(1, 0.5, 0, 0), 2, 1e-9);
    /* One wait of half a second among 500 samples says little about the share of waiting. */
    double one_wait = effective_samples(0.5, 0.25, 0.5, 0.0005);
    g_assert_cmpfloat(one_wait, >, 3.9);
    g_assert_cmpfloat(one_wait, <, 4.1);
    g_assert_cmpfloat(effective_samples(0, 0, 0, 0), ==, 0);
}

static void test_parallelism(void)
{
    double low, high;
    judge_parallelism_interval(1, 1000, &low, &high); /* one thread cannot be less than one */
    g_assert_cmpfloat_with_epsilon(low, 1, 1e-9);
    g_assert_cmpfloat(high, <, 1.01);
    judge_parallelism_interval(2, 1000, &low, &high);
    g_assert_cmpfloat_with_epsilon(low, 1.883, 0.001);
    g_assert_cmpfloat_with_epsilon(high, 2.132, 0.001);
    assert_verdict("parallelism", 1.25, 100, 0, COMPARE_AT_LEAST, 1.2, VERDICT_INCONCLUSIVE);
}

static void test_not_exercised_tells_coverage(void)
{
    g_autoptr(Session) session = session_with("wall_seconds", 0.9, 100, 0);
    for (int i = 0; i < 3; i++) {
        struct region *region = region_new();
        region->id = g_strdup_printf("%c@f.c:1", 'f' + i);
        g_ptr_array_add(session->regions, region);
    }
    session_add_prediction(session, NULL, "g@f.c:1", "cpu_share", COMPARE_AT_LEAST, 0.70);
    judge_session(session);
    const struct verdict *verdict = g_ptr_array_index(session->verdicts, 0);
    g_assert_nonnull(strstr(verdict->why, "reached 1 of 3 regions"));
}

static void test_not_exercised(void)
{
    g_autoptr(Session) session = session_with("cpu_share", 0.9, 100, 0);
    session_add_prediction(session, NULL, "g@f.c:9", "cpu_share", COMPARE_AT_LEAST, 0.70);
    judge_session(session);
    const struct verdict *verdict = g_ptr_array_index(session->verdicts, 0);
    g_assert_cmpint(verdict->kind, ==, VERDICT_NOT_EXERCISED);
    g_assert_true(isnan(verdict->measured));
}

static void test_classes(void)
{
    g_assert_cmpint(time_split_class(&(struct time_split){.on_cpu = 7, .io_wait = 3}, 10), ==, WORK_CPU);
    g_assert_cmpint(time_split_class(&(struct time_split){.on_cpu = 1, .runnable = 8, .io_wait = 1}, 10), ==,
                    WORK_CPU);
    g_assert_cmpint(time_split_class(&(struct time_split){.io_work = 4, .io_wait = 3, .on_cpu = 3}, 10), ==,
                    WORK_IO);
    g_assert_cmpint(time_split_class(&(struct time_split){.lock_wait = 3, .on_cpu = 7}, 10), ==, WORK_LOCK);
    g_assert_cmpint(time_split_class(&(struct time_split){.io_wait = 5, .on_cpu = 5}, 10), ==, WORK_MIXED);
    g_assert_cmpint(time_split_class(&(struct time_split){.on_cpu = 1, .idle = 99}, 1), ==, WORK_CPU);
    g_assert_cmpint(time_split_class(&(struct time_split){.on_cpu = 0.0005}, 1), ==, WORK_LIGHT);
    g_assert_cmpint(time_split_class(&(struct time_split){.idle = 5}, 10), ==, WORK_LIGHT);
}

static void test_every_cause_has_a_metric(void)
{
    for (int cause = 0; cause < WAIT_CAUSE_COUNT; cause++)
        g_assert_nonnull(metric_find(metric_blocked_seconds((enum wait_cause)cause)));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/judge/wilson", test_wilson);
    g_test_add_func("/judge/samples-needed", test_samples_needed);
    g_test_add_func("/judge/shares", test_shares);
    g_test_add_func("/judge/counts", test_counts_are_exact);
    g_test_add_func("/judge/losses", test_losses_are_inconclusive);
    g_test_add_func("/judge/losses-by-kind", test_losses_by_kind);
    g_test_add_func("/judge/stolen-time", test_stolen_time_refutes_nothing);
    g_test_add_func("/judge/queue-of-others", test_queue_of_others_is_left_out);
    g_test_add_func("/judge/crowd", test_crowd_tells_whose_queue_it_is);
    g_test_add_func("/judge/holders-queue", test_holders_queue_refutes_nothing);
    g_test_add_func("/judge/cold-page-cache", test_cold_page_cache_refutes_nothing);
    g_test_add_func("/judge/effective-samples", test_effective_samples);
    g_test_add_func("/judge/parallelism", test_parallelism);
    g_test_add_func("/judge/coverage", test_not_exercised_tells_coverage);
    g_test_add_func("/judge/not-exercised", test_not_exercised);
    g_test_add_func("/judge/classes", test_classes);
    g_test_add_func("/judge/metric-per-cause", test_every_cause_has_a_metric);
    g_test_add_func("/judge/slices", test_slices);
    return g_test_run();
}
