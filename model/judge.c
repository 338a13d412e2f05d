/* SPDX-License-Identifier: Apache-2.0 */
#include "model/judge.h"

#include <math.h>

#include "model/loss.h"
#include "model/metric.h"

void judge_wilson_interval(double share, guint64 samples, double *low, double *high)
{
    if (samples == 0) {
        *low = 0;
        *high = 1;
        return;
    }
    double n = (double)samples;
    double z2 = JUDGE_CONFIDENCE_Z * JUDGE_CONFIDENCE_Z;
    double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
    double half = JUDGE_CONFIDENCE_Z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    *low = MAX(0, centre - half);
    *high = MIN(1, centre + half);
}

static gboolean interval_excludes(double share, guint64 samples, double threshold)
{
    double low, high;
    judge_wilson_interval(share, samples, &low, &high);
    return low > threshold || high < threshold;
}

guint64 judge_samples_needed(double share, double threshold)
{
    const guint64 most = G_GUINT64_CONSTANT(1) << 40; /* beyond any run: the share equals the threshold */
    guint64 enough = JUDGE_MINIMUM_SAMPLES;
    while (!interval_excludes(share, enough, threshold)) {
        enough *= 2;
        if (enough > most)
            return 0;
    }
    guint64 too_few = enough == JUDGE_MINIMUM_SAMPLES ? enough - 1 : enough / 2;
    while (enough - too_few > 1) {
        guint64 middle = too_few + (enough - too_few) / 2;
        if (interval_excludes(share, middle, threshold))
            enough = middle;
        else
            too_few = middle;
    }
    return enough;
}

/* VERDICT_CONFIRMED when every value of the interval satisfies the comparison, VERDICT_REFUTED when none
 * does. */
static enum verdict_kind compare_interval(enum comparison comparison, double low, double high, double value)
{
    gboolean low_fits = FALSE, high_fits = FALSE;
    switch (comparison) {
    case COMPARE_AT_LEAST:
        low_fits = low >= value;
        high_fits = high >= value;
        break;
    case COMPARE_AT_MOST:
        low_fits = low <= value;
        high_fits = high <= value;
        break;
    case COMPARE_ABOVE:
        low_fits = low > value;
        high_fits = high > value;
        break;
    case COMPARE_BELOW:
        low_fits = low < value;
        high_fits = high < value;
        break;
    case COMPARISON_COUNT:
        g_assert_not_reached();
    }
    if (low_fits && high_fits)
        return VERDICT_CONFIRMED;
    return low_fits || high_fits ? VERDICT_INCONCLUSIVE : VERDICT_REFUTED;
}

/* The share with the time that the region waited for a core left out: other programs steal that time, and it
 * must not refute a class. A prediction about the run queue or the core itself is judged as measured. */
static double share_without_run_queue(const struct session *session, const struct measurement *measurement)
{
    if (!g_str_has_prefix(measurement->metric, "io_") && g_strcmp0(measurement->metric, "lock_share") != 0)
        return measurement->value;
    const struct measurement *queue = session_find_measurement(
        session, measurement->run, measurement->subject_kind, measurement->subject, "runqueue_share");
    return queue && queue->value < 1 ? MIN(1, measurement->value / (1 - queue->value)) : measurement->value;
}

static char *describe_inconclusive(const struct run *run, const struct measurement *measurement,
                                   const struct prediction *prediction)
{
    guint64 needed = judge_samples_needed(measurement->value, prediction->value);
    if (needed <= measurement->samples)
        return g_strdup("the share is too close to the threshold to decide");
    double seconds = measurement->samples ? run->seconds * (double)needed / (double)measurement->samples : 0;
    if (seconds <= 0)
        return g_strdup_printf("at least %" G_GUINT64_FORMAT " samples are needed", needed);
    return g_strdup_printf("about %" G_GUINT64_FORMAT " samples would decide, a run of %.0f s like this one",
                           needed, ceil(seconds));
}

/* The verdict of a share: refuted only when it stays refuted without the time that others stole. */
static enum verdict_kind judge_share(const struct session *session, const struct measurement *measurement,
                                     const struct prediction *prediction, const struct verdict *verdict)
{
    enum verdict_kind kind =
        compare_interval(prediction->comparison, verdict->low, verdict->high, prediction->value);
    if (kind != VERDICT_REFUTED)
        return kind;
    double low, high;
    judge_wilson_interval(share_without_run_queue(session, measurement), measurement->samples, &low, &high);
    return compare_interval(prediction->comparison, low, high, prediction->value) == VERDICT_REFUTED
               ? VERDICT_REFUTED
               : VERDICT_INCONCLUSIVE;
}

static char *describe(const struct session *session, const struct run *run,
                      const struct measurement *measurement, const struct prediction *prediction,
                      const struct verdict *verdict, gboolean share)
{
    const char *subject = prediction->region ? prediction->region : "the program";
    GString *why = g_string_new(NULL);
    g_string_append_printf(why, "%s of %s was %.4g%s%s", prediction->metric, subject, measurement->value,
                           *measurement->unit == '1' ? "" : " ",
                           *measurement->unit == '1' ? "" : measurement->unit);
    if (share)
        g_string_append_printf(why, " (95 %% interval %.3f to %.3f)", verdict->low, verdict->high);
    g_string_append_printf(why, " in %" G_GUINT64_FORMAT " samples; predicted %s %.4g", measurement->samples,
                           comparison_name(prediction->comparison), prediction->value);
    if (verdict->kind != VERDICT_INCONCLUSIVE)
        return g_string_free(why, FALSE);
    const char *kind;
    double lost = loss_share(session, run, prediction->metric, prediction->region != NULL, &kind);
    if (lost > JUDGE_LOSS_LIMIT) {
        g_string_append_printf(why, "; %.2f %% of the %s were lost", 100 * lost, kind);
    } else if (share && share_without_run_queue(session, measurement) > measurement->value &&
               measurement->samples >= JUDGE_MINIMUM_SAMPLES && verdict->high < prediction->value) {
        g_string_append_printf(
            why, "; %.3f of the time that it had a core or was blocked: others kept the cores busy",
            share_without_run_queue(session, measurement));
    } else if (share) {
        g_autofree char *needed = describe_inconclusive(run, measurement, prediction);
        g_string_append_printf(why, "; %s", needed);
    } else {
        g_string_append_printf(why, "; at least %d samples are needed", JUDGE_MINIMUM_SAMPLES);
    }
    return g_string_free(why, FALSE);
}

struct verdict *judge_prediction(const struct session *session, const struct run *run,
                                 const struct prediction *prediction)
{
    struct verdict *verdict = verdict_new();
    verdict->run = g_strdup(run->id);
    verdict->prediction = g_strdup(prediction->id);
    const struct metric *metric = metric_find(prediction->metric);
    const struct measurement *measurement =
        session_find_measurement(session, run->id, prediction->region ? SUBJECT_REGION : SUBJECT_PROGRAM,
                                 prediction->region, prediction->metric);
    if (!metric || !measurement) {
        verdict->kind = VERDICT_NOT_EXERCISED;
        verdict->why = metric
                           ? g_strdup_printf("%s was not seen in this run",
                                             prediction->region ? prediction->region : prediction->metric)
                           : g_strdup_printf("the metric %s is unknown to this version", prediction->metric);
        return verdict;
    }
    verdict->measured = verdict->low = verdict->high = measurement->value;
    verdict->samples = measurement->samples;
    if (metric->share)
        judge_wilson_interval(measurement->value, measurement->samples, &verdict->low, &verdict->high);
    /* Counts and sums are exact; averages over too little are not. */
    gboolean counted = g_strcmp0(metric->unit, "count") == 0 || g_strcmp0(metric->unit, "s") == 0;
    const char *kind;
    if ((!counted && measurement->samples < JUDGE_MINIMUM_SAMPLES) ||
        loss_share(session, run, prediction->metric, prediction->region != NULL, &kind) > JUDGE_LOSS_LIMIT)
        verdict->kind = VERDICT_INCONCLUSIVE;
    else if (metric->share)
        verdict->kind = judge_share(session, measurement, prediction, verdict);
    else
        verdict->kind =
            compare_interval(prediction->comparison, verdict->low, verdict->high, prediction->value);
    verdict->why = describe(session, run, measurement, prediction, verdict, metric->share);
    return verdict;
}

void judge_session(struct session *session)
{
    g_ptr_array_set_size(session->verdicts, 0);
    for (guint i = 0; i < session->predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(session->predictions, i);
        for (guint r = 0; r < session->runs->len; r++)
            g_ptr_array_add(session->verdicts,
                            judge_prediction(session, g_ptr_array_index(session->runs, r), prediction));
        if (session->runs->len == 0) {
            struct verdict *verdict = verdict_new();
            verdict->prediction = g_strdup(prediction->id);
            verdict->kind = VERDICT_NOT_EXERCISED;
            verdict->why = g_strdup("nothing was run");
            g_ptr_array_add(session->verdicts, verdict);
        }
    }
}
