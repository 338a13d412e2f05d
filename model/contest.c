/* SPDX-License-Identifier: Apache-2.0 */
#include "model/contest.h"

#include <math.h>
#include <stdlib.h>

const char *const contest_column_names[CONTEST_COLUMN_COUNT] = {
    [COLUMN_LATENCY_P50] = "latency_seconds_p50",
    [COLUMN_LATENCY_P90] = "latency_seconds_p90",
    [COLUMN_LATENCY_P99] = "latency_seconds_p99",
    [COLUMN_LATENCY_MAX] = "latency_seconds_max",
    [COLUMN_CPU_SECONDS] = "cpu_seconds",
    [COLUMN_MEMORY_BYTES] = "memory_peak_bytes",
    [COLUMN_SWITCHES] = "switches",
    [COLUMN_LOCK_WAIT_SECONDS] = "lock_wait_seconds",
    [COLUMN_PARALLELISM] = "parallelism",
    [COLUMN_FAILED_TASKS] = "tasks_failed",
};

/* A column is the sum of these measurements. What the job reports of itself is taken from runs that nobody
 * watched. */
static const struct column_source {
    gboolean untraced;
    const char *metrics[6];
} column_sources[CONTEST_COLUMN_COUNT] = {
    [COLUMN_LATENCY_P50] = {TRUE, {"task_latency_seconds_p50"}},
    [COLUMN_LATENCY_P90] = {TRUE, {"task_latency_seconds_p90"}},
    [COLUMN_LATENCY_P99] = {TRUE, {"task_latency_seconds_p99"}},
    [COLUMN_LATENCY_MAX] = {TRUE, {"task_latency_seconds_max"}},
    [COLUMN_CPU_SECONDS] = {FALSE, {"cpu_seconds"}},
    [COLUMN_MEMORY_BYTES] = {FALSE, {"memory_peak_bytes"}},
    [COLUMN_SWITCHES] = {FALSE, {"switches.voluntary", "switches.involuntary"}},
    [COLUMN_LOCK_WAIT_SECONDS] = {FALSE,
                                  {"blocked_seconds.mutex", "blocked_seconds.rwlock",
                                   "blocked_seconds.barrier", "blocked_seconds.futex",
                                   "blocked_seconds.kernel_lock"}},
    [COLUMN_PARALLELISM] = {FALSE, {"parallelism"}},
    [COLUMN_FAILED_TASKS] = {TRUE, {"tasks_failed"}},
};

static void compared_variant_free(gpointer data)
{
    struct compared_variant *variant = data;
    g_hash_table_unref(variant->rounds);
    g_free(variant);
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* By linear interpolation between the neighbours in order. */
static double quantile(const GArray *sorted, double share)
{
    double place = share * (sorted->len - 1);
    guint below = (guint)place;
    double low = g_array_index(sorted, double, below);
    double high = g_array_index(sorted, double, MIN(below + 1, sorted->len - 1));
    return low + (high - low) * (place - below);
}

static struct spread spread_of(GArray *values)
{
    if (values->len == 0)
        return (struct spread){NAN, NAN, NAN, 0};
    g_array_sort(values, compare_doubles);
    return (struct spread){quantile(values, 0.5), quantile(values, 0.25), quantile(values, 0.75),
                           values->len};
}

static double measured(const struct session *session, const struct run *run, const char *metric)
{
    const struct measurement *found =
        session_find_measurement(session, run->id, SUBJECT_PROGRAM, NULL, metric);
    return found ? found->value : (double)NAN;
}

/* NaN only when none of the metrics was measured: a metric that is 0 may be left out of a run. */
static double column_value(const struct session *session, const struct run *run,
                           const struct column_source *source)
{
    double sum = NAN;
    for (guint i = 0; i < G_N_ELEMENTS(source->metrics) && source->metrics[i]; i++) {
        double value = measured(session, run, source->metrics[i]);
        if (!isnan(value))
            sum = isnan(sum) ? value : sum + value;
    }
    return sum;
}

static gboolean is_run_of(const struct run *run, const struct compared_variant *variant)
{
    return g_strcmp0(run->variant, variant->name) == 0;
}

static struct spread variant_spread(const struct session *session, const struct compared_variant *variant,
                                    const struct column_source *source)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < session->runs->len; i++) {
        const struct run *run = g_ptr_array_index(session->runs, i);
        if (!is_run_of(run, variant) || run->untraced != source->untraced || run->failure)
            continue;
        double value = column_value(session, run, source);
        if (!isnan(value))
            g_array_append_val(values, value);
    }
    return spread_of(values);
}

static void fill_variant(const struct session *session, struct compared_variant *variant)
{
    static const struct column_source throughput = {TRUE, {"throughput"}}, traced = {FALSE, {"throughput"}};
    variant->throughput = variant_spread(session, variant, &throughput);
    variant->traced_throughput = variant_spread(session, variant, &traced);
    for (guint i = 0; i < CONTEST_COLUMN_COUNT; i++)
        variant->columns[i] = variant_spread(session, variant, &column_sources[i]);
}

/* The runs of the session by variant, in the order in which these first ran. */
static GPtrArray *collect_variants(const struct session *session, guint *rounds)
{
    GPtrArray *variants = g_ptr_array_new_with_free_func(compared_variant_free);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    *rounds = 0;
    for (guint i = 0; i < session->runs->len; i++) {
        const struct run *run = g_ptr_array_index(session->runs, i);
        if (!run->variant)
            continue;
        struct compared_variant *variant = g_hash_table_lookup(by_name, run->variant);
        if (!variant) {
            variant = g_new0(struct compared_variant, 1);
            variant->name = run->variant;
            variant->model = run->model;
            variant->workers = run->workers;
            variant->rounds = g_hash_table_new_full(NULL, NULL, NULL, g_free);
            g_hash_table_insert(by_name, run->variant, variant);
            g_ptr_array_add(variants, variant);
        }
        double value = measured(session, run, "throughput");
        if (run->failure)
            variant->failed_run = run;
        else if (run->untraced && value > 0)
            g_hash_table_insert(variant->rounds, GINT_TO_POINTER(run->round),
                                g_memdup2(&value, sizeof value));
        *rounds = MAX(*rounds, (guint)run->round);
    }
    return variants;
}

static gboolean is_failed(const struct compared_variant *variant)
{
    return variant->failed_run || variant->throughput.count == 0;
}

/* Best first, failed ones last, as they came where nothing decides. */
static int compare_variants(gconstpointer left, gconstpointer right)
{
    const struct compared_variant *a = *(struct compared_variant *const *)left;
    const struct compared_variant *b = *(struct compared_variant *const *)right;
    if (is_failed(a) || is_failed(b))
        return is_failed(a) - is_failed(b);
    return (a->throughput.median < b->throughput.median) - (a->throughput.median > b->throughput.median);
}

/* The slowest (or fastest) round of a variant. */
static double extreme_round(const struct compared_variant *variant, gboolean slowest)
{
    GHashTableIter iter;
    gpointer value;
    double extreme = NAN;
    g_hash_table_iter_init(&iter, variant->rounds);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        double throughput = *(double *)value;
        if (isnan(extreme) || (slowest ? throughput < extreme : throughput > extreme))
            extreme = throughput;
    }
    return extreme;
}

static struct paired_interval ratio_to(const struct compared_variant *variant,
                                       const struct compared_variant *best)
{
    g_autoptr(GArray) differences = g_array_new(FALSE, FALSE, sizeof(double));
    GHashTableIter iter;
    gpointer round, value;
    g_hash_table_iter_init(&iter, variant->rounds);
    while (g_hash_table_iter_next(&iter, &round, &value)) {
        const double *other = g_hash_table_lookup(best->rounds, round);
        if (!other)
            continue;
        double difference = log(*(double *)value / *other);
        g_array_append_val(differences, difference);
    }
    struct paired_interval interval =
        paired_interval_of((const double *)(gpointer)differences->data, differences->len);
    return (struct paired_interval){exp(interval.estimate), exp(interval.low), exp(interval.high)};
}

static void rank(struct compared_variant *variant, const struct compared_variant *best)
{
    variant->ratio = ratio_to(variant, best);
    if (variant == best) {
        variant->settled = TRUE;
        return;
    }
    variant->tied = variant->ratio.low >= 1 - CONTEST_TIE && variant->ratio.high <= 1 + CONTEST_TIE;
    double factor = extreme_round(best, TRUE) / extreme_round(variant, FALSE);
    variant->beaten = factor > (g_hash_table_size(variant->rounds) >= CONTEST_MIN_ROUNDS ? CONTEST_BEATEN
                                                                                         : CONTEST_HOPELESS);
    variant->settled = variant->tied || variant->beaten || variant->ratio.high < 1;
}

static void rank_all(struct contest *contest)
{
    g_ptr_array_sort(contest->variants, compare_variants);
    const struct compared_variant *first =
        contest->variants->len ? g_ptr_array_index(contest->variants, 0) : NULL;
    if (!first || is_failed(first))
        return;
    contest->best = first;
    contest->stable = TRUE;
    for (guint i = 0; i < contest->variants->len; i++) {
        struct compared_variant *variant = g_ptr_array_index(contest->variants, i);
        if (is_failed(variant))
            continue;
        rank(variant, contest->best);
        contest->stable = contest->stable && variant->settled;
    }
}

static double tracing_cost(const GPtrArray *variants)
{
    g_autoptr(GArray) costs = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < variants->len; i++) {
        const struct compared_variant *variant = g_ptr_array_index(variants, i);
        double cost = variant->throughput.median / variant->traced_throughput.median - 1;
        if (!is_failed(variant) && !isnan(cost))
            g_array_append_val(costs, cost);
    }
    return spread_of(costs).median;
}

/* --- the advisor */

static const struct advice *find_advice(const struct session *session, const char *id)
{
    if (id)
        return session_find_advice(session, id);
    for (guint i = 0; i < session->advice->len; i++) {
        const struct advice *advice = g_ptr_array_index(session->advice, i);
        if (!advice->region)
            return advice;
    }
    return NULL;
}

static const struct model_estimate *find_estimate(const struct advice *advice, enum execution_model model)
{
    for (guint i = 0; i < advice->models->len; i++) {
        const struct model_estimate *estimate = g_ptr_array_index(advice->models, i);
        if (estimate->model == model)
            return estimate;
    }
    return NULL;
}

/* Of the model's variants the fastest beside the best of all, in pairs; NULL: none was measured. */
static const struct compared_variant *fastest_of_model(const struct contest *contest,
                                                       enum execution_model model)
{
    const struct compared_variant *fastest = NULL;
    for (guint i = 0; i < contest->variants->len; i++) {
        const struct compared_variant *variant = g_ptr_array_index(contest->variants, i);
        if (!is_failed(variant) && g_strcmp0(variant->model, execution_model_name(model)) == 0 &&
            (!fastest || variant->ratio.estimate > fastest->ratio.estimate))
            fastest = variant;
    }
    return fastest;
}

/* The least predicted time of the models that ran; what did not run cannot be the measure of the others. */
static double least_predicted(const struct contest *contest)
{
    double least = INFINITY;
    for (int model = 0; model < EXECUTION_MODEL_COUNT; model++) {
        const struct model_estimate *estimate = find_estimate(contest->advice, model);
        if (estimate && estimate->predicted_seconds > 0 && fastest_of_model(contest, model))
            least = MIN(least, estimate->predicted_seconds);
    }
    return least;
}

static gboolean contradicts(const struct compared_model *one, const struct compared_model *other)
{
    double measured_step = one->measured_ratio / other->measured_ratio;
    double predicted_step = one->predicted_ratio / other->predicted_ratio;
    double tie = 1 + CONTEST_TIE;
    return (measured_step > tie && predicted_step < 1 / tie) ||
           (measured_step < 1 / tie && predicted_step > tie);
}

static void judge_models(struct contest *contest)
{
    double least = least_predicted(contest);
    for (int model = 0; model < EXECUTION_MODEL_COUNT; model++) {
        struct compared_model row = {
            .model = model,
            .variant = fastest_of_model(contest, model),
            .measured_ratio = NAN,
            .predicted_ratio = NAN,
        };
        const struct model_estimate *estimate = find_estimate(contest->advice, model);
        if (row.variant)
            row.measured_ratio = MAX(1, 1 / row.variant->ratio.estimate);
        if (estimate && estimate->predicted_seconds > 0)
            row.predicted_ratio = estimate->predicted_seconds / least;
        row.ruled_out = estimate ? estimate->ruled_out : NULL;
        double factor = row.predicted_ratio / row.measured_ratio;
        row.ratio_agrees = factor <= CONTEST_RATIO && factor >= 1 / CONTEST_RATIO;
        row.order_agrees = !isnan(factor);
        g_array_append_val(contest->models, row);
    }
    for (guint i = 0; i < contest->models->len; i++) {
        struct compared_model *one = &g_array_index(contest->models, struct compared_model, i);
        for (guint j = 0; j < contest->models->len; j++) {
            const struct compared_model *other = &g_array_index(contest->models, struct compared_model, j);
            if (contradicts(one, other))
                one->order_agrees = FALSE;
        }
    }
    const struct compared_variant *suggested = fastest_of_model(contest, contest->advice->suggested_model);
    if (suggested)
        contest->advice_loss = MAX(0, 1 / suggested->ratio.estimate - 1);
    contest->advice_hits = contest->advice_loss <= CONTEST_TIE;
}

struct contest *contest_new(const struct session *session, const char *advice)
{
    struct contest *contest = g_new0(struct contest, 1);
    contest->session = session;
    contest->models = g_array_new(FALSE, FALSE, sizeof(struct compared_model));
    contest->variants = collect_variants(session, &contest->rounds);
    contest->advice_loss = NAN;
    for (guint i = 0; i < contest->variants->len; i++)
        fill_variant(session, g_ptr_array_index(contest->variants, i));
    rank_all(contest);
    contest->tracing_cost = tracing_cost(contest->variants);
    contest->advice = find_advice(session, advice);
    if (contest->advice && contest->best)
        judge_models(contest);
    return contest;
}

void contest_free(struct contest *contest)
{
    if (!contest)
        return;
    g_ptr_array_unref(contest->variants);
    g_array_unref(contest->models);
    g_free(contest);
}

const struct compared_variant *contest_find(const struct contest *contest, const char *name)
{
    for (guint i = 0; i < contest->variants->len; i++) {
        const struct compared_variant *variant = g_ptr_array_index(contest->variants, i);
        if (g_strcmp0(variant->name, name) == 0)
            return variant;
    }
    return NULL;
}

gboolean compared_variant_failed(const struct compared_variant *variant)
{
    return is_failed(variant);
}
