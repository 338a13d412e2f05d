/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "model/contest.h"

#define ROUNDS 8

static void add_run(struct session *session, const char *variant, const char *model, int round,
                    gboolean untraced, double throughput)
{
    struct run *run = run_new();
    run->id = g_strdup_printf("r%u", session->runs->len);
    run->variant = g_strdup(variant);
    run->model = g_strdup(model);
    run->round = round;
    run->untraced = untraced;
    g_ptr_array_add(session->runs, run);
    session_add_measurement(session, run->id, SUBJECT_PROGRAM, NULL, "throughput", throughput, 1);
}

/* `spread` is how much a run differs from the next one: up and down in turn, with `noise` on all of a round.
 */
static void add_rounds(struct session *session, const char *variant, const char *model, double throughput,
                       double spread)
{
    for (int round = 1; round <= ROUNDS; round++) {
        double noise = 1 + 0.2 * (round % 3), own = 1 + (round % 2 ? spread : -spread) * round / ROUNDS;
        add_run(session, variant, model, round, TRUE, throughput * noise * own);
    }
}

static void add_advice(struct session *session, enum execution_model suggested, const double *seconds)
{
    struct advice *advice = advice_new();
    advice->id = g_strdup("program/model");
    advice->suggested_model = suggested;
    for (int model = 0; model < EXECUTION_MODEL_COUNT; model++) {
        struct model_estimate *estimate = model_estimate_new(model);
        estimate->predicted_seconds = seconds[model];
        g_ptr_array_add(advice->models, estimate);
    }
    g_ptr_array_add(session->advice, advice);
}

/* Rounds differ by 40 %, variants within a round hardly: pairs see through the noise that all of a round
 * share. */
static void test_clear_order(void)
{
    g_autoptr(Session) session = session_new();
    add_rounds(session, "slow", NULL, 100, 0.01);
    add_rounds(session, "fast", NULL, 110, 0.01);
    g_autoptr(Contest) contest = contest_new(session, NULL);
    g_assert_cmpstr(contest->best->name, ==, "fast");
    g_assert_true(contest->stable);
    g_assert_cmpuint(contest->rounds, ==, ROUNDS);
    const struct compared_variant *slow = contest_find(contest, "slow");
    g_assert_cmpfloat_with_epsilon(slow->ratio.estimate, 100 / 110.0, 0.01);
    g_assert_cmpfloat(slow->ratio.high, <, 1);
    g_assert_false(slow->tied);
    g_assert_false(slow->beaten);
}

static void test_tie(void)
{
    g_autoptr(Session) session = session_new();
    add_rounds(session, "a", NULL, 100, 0.01);
    add_rounds(session, "b", NULL, 100.5, -0.01);
    g_autoptr(Contest) contest = contest_new(session, NULL);
    const struct compared_variant *second = g_ptr_array_index(contest->variants, 1);
    g_assert_true(second->tied);
    g_assert_true(contest->stable);
}

/* 3 % apart and 20 % of noise in each: eight rounds do not tell. */
static void test_unsettled(void)
{
    g_autoptr(Session) session = session_new();
    add_rounds(session, "a", NULL, 100, 0.2);
    add_rounds(session, "b", NULL, 103, -0.2);
    g_autoptr(Contest) contest = contest_new(session, NULL);
    g_assert_false(contest->stable);
}

/* Three rounds are enough where one is beaten clearly, and for nothing else. */
static void test_beaten_early(void)
{
    g_autoptr(Session) session = session_new();
    for (int round = 1; round <= 3; round++) {
        add_run(session, "best", NULL, round, TRUE, 100 + round);
        add_run(session, "near", NULL, round, TRUE, 90 + round);
        add_run(session, "far", NULL, round, TRUE, 60 + round);
    }
    g_autoptr(Contest) contest = contest_new(session, NULL);
    g_assert_true(contest_find(contest, "far")->beaten);
    g_assert_false(contest_find(contest, "near")->settled);
    g_assert_false(contest->stable);
}

/* One round is enough where it is hopeless. */
static void test_hopeless_at_once(void)
{
    g_autoptr(Session) session = session_new();
    add_run(session, "best", NULL, 1, TRUE, 100);
    add_run(session, "slow", NULL, 1, TRUE, 50);
    add_run(session, "hopeless", NULL, 1, TRUE, 15);
    g_autoptr(Contest) contest = contest_new(session, NULL);
    g_assert_true(contest_find(contest, "hopeless")->beaten);
    g_assert_false(contest_find(contest, "slow")->beaten);
    g_assert_false(contest->stable);
}

static void test_failed_is_last(void)
{
    g_autoptr(Session) session = session_new();
    add_rounds(session, "crashes", "threads", 500, 0.01);
    add_rounds(session, "survives", "processes", 100, 0.01);
    struct run *run = g_ptr_array_index(session->runs, 3);
    run->failure = g_strdup("ended by signal 11");
    g_autoptr(Contest) contest = contest_new(session, NULL);
    g_assert_cmpstr(contest->best->name, ==, "survives");
    g_assert_true(contest_find(contest, "crashes")->failed_run == run);
    g_assert_true(contest->stable);
}

static void test_all_failed(void)
{
    g_autoptr(Session) session = session_new();
    add_run(session, "crashes", NULL, 1, TRUE, 1);
    ((struct run *)g_ptr_array_index(session->runs, 0))->failure = g_strdup("ended with status 1");
    g_autoptr(Contest) contest = contest_new(session, NULL);
    g_assert_null(contest->best);
    g_assert_false(contest->stable);
    g_autoptr(Session) empty = session_new();
    g_autoptr(Contest) none = contest_new(empty, NULL);
    g_assert_null(none->best);
}

/* Traced runs do not rank; they tell what watching costs. */
static void test_tracing_cost(void)
{
    g_autoptr(Session) session = session_new();
    add_run(session, "a", NULL, 1, TRUE, 100);
    add_run(session, "a", NULL, 1, FALSE, 80);
    g_autoptr(Contest) contest = contest_new(session, NULL);
    g_assert_cmpfloat(contest->best->throughput.median, ==, 100);
    g_assert_cmpfloat_with_epsilon(contest->tracing_cost, 0.25, 1e-9);
}

/* Measured: threads 1, processes 1.25, sequential 2. Told: threads 1, processes 1.2, sequential 5. */
static void test_advice(void)
{
    g_autoptr(Session) session = session_new();
    add_rounds(session, "sequential", "sequential", 100, 0.01);
    add_rounds(session, "threads x 1", "threads", 90, 0.01);
    add_rounds(session, "threads x 2", "threads", 200, 0.01);
    add_rounds(session, "processes x 2", "processes", 160, 0.01);
    add_advice(session, MODEL_THREADS, (const double[]){5, 1, 1.2, -1, 0.5, 2});
    g_autoptr(Contest) contest = contest_new(session, NULL);
    g_assert_true(contest->advice_hits);
    g_assert_cmpfloat(contest->advice_loss, ==, 0);
    const struct compared_model *rows = (const struct compared_model *)(gpointer)contest->models->data;
    g_assert_cmpuint(contest->models->len, ==, EXECUTION_MODEL_COUNT);
    g_assert_cmpstr(rows[MODEL_THREADS].variant->name, ==, "threads x 2");
    g_assert_cmpfloat(rows[MODEL_THREADS].predicted_ratio, ==, 1);
    g_assert_true(rows[MODEL_PROCESSES].order_agrees && rows[MODEL_PROCESSES].ratio_agrees);
    g_assert_true(rows[MODEL_SEQUENTIAL].order_agrees && !rows[MODEL_SEQUENTIAL].ratio_agrees);
    g_assert_null(rows[MODEL_ASYNC].variant);
    g_assert_false(rows[MODEL_ASYNC].order_agrees);
}

static void test_wrong_advice(void)
{
    g_autoptr(Session) session = session_new();
    add_rounds(session, "threads", "threads", 100, 0.01);
    add_rounds(session, "processes", "processes", 150, 0.01);
    add_advice(session, MODEL_THREADS, (const double[]){9, 1, 2, 9, 9, 9});
    g_autoptr(Contest) contest = contest_new(session, NULL);
    g_assert_false(contest->advice_hits);
    g_assert_cmpfloat_with_epsilon(contest->advice_loss, 0.5, 0.02);
    const struct compared_model *rows = (const struct compared_model *)(gpointer)contest->models->data;
    g_assert_false(rows[MODEL_THREADS].order_agrees);
    g_assert_false(rows[MODEL_PROCESSES].order_agrees);
    g_autoptr(Contest) unknown = contest_new(session, "no/such");
    g_assert_null(unknown->advice);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/contest/clear_order", test_clear_order);
    g_test_add_func("/contest/tie", test_tie);
    g_test_add_func("/contest/unsettled", test_unsettled);
    g_test_add_func("/contest/beaten_early", test_beaten_early);
    g_test_add_func("/contest/hopeless_at_once", test_hopeless_at_once);
    g_test_add_func("/contest/failed_is_last", test_failed_is_last);
    g_test_add_func("/contest/all_failed", test_all_failed);
    g_test_add_func("/contest/tracing_cost", test_tracing_cost);
    g_test_add_func("/contest/advice", test_advice);
    g_test_add_func("/contest/wrong_advice", test_wrong_advice);
    return g_test_run();
}
