/* SPDX-License-Identifier: Apache-2.0 */
#include "model/judge.h"

#include <math.h>

#include "model/judge_share.h"
#include "model/metric.h"

static void wilson_interval(double share, guint64 samples, double z, double *low, double *high)
{
    if (samples == 0) {
        *low = 0;
        *high = 1;
        return;
    }
    double n = (double)samples;
    double centre = (share + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    *low = MAX(0, centre - half);
    *high = MIN(1, centre + half);
}

void judge_wilson_interval(double share, guint64 samples, double *low, double *high)
{
    wilson_interval(share, samples, JUDGE_CONFIDENCE_Z, low, high);
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

static void parallelism_interval(double parallelism, guint64 samples, double z, double *low, double *high)
{
    double beside_low, beside_high;
    double beside = parallelism > 1 ? 1 - 1 / parallelism : 0;
    wilson_interval(beside, samples, z, &beside_low, &beside_high);
    *low = 1 / (1 - beside_low);
    *high = beside_high < 1 ? 1 / (1 - beside_high) : INFINITY;
}

void judge_parallelism_interval(double parallelism, guint64 samples, double *low, double *high)
{
    parallelism_interval(parallelism, samples, JUDGE_CONFIDENCE_Z, low, high);
}

void judge_interval_at(const struct measurement *measurement, double z, double *low, double *high)
{
    const struct metric *metric = metric_find(measurement->metric);
    if (metric && metric->share)
        wilson_interval(measurement->value, measurement->samples, z, low, high);
    else if (g_strcmp0(measurement->metric, "parallelism") == 0)
        parallelism_interval(measurement->value, measurement->samples, z, low, high);
    else
        *low = *high = measurement->value;
}

void judge_interval(const struct measurement *measurement, double *low, double *high)
{
    judge_interval_at(measurement, JUDGE_CONFIDENCE_Z, low, high);
}

struct verdict *judge_prediction(const struct session *session, const struct run *run,
                                 const struct prediction *prediction)
{
    struct verdict *verdict = verdict_new();
    verdict->run = g_strdup(run->id);
    verdict->prediction = g_strdup(prediction->id);
    const struct measurement *measurement =
        session_find_measurement(session, run->id, prediction->region ? SUBJECT_REGION : SUBJECT_PROGRAM,
                                 prediction->region, prediction->metric);
    if (!metric_find(prediction->metric) || !measurement) {
        verdict->kind = VERDICT_NOT_EXERCISED;
        verdict->why = not_exercised_words(session, run, prediction);
        return verdict;
    }
    enum doubt doubt;
    struct judged judged = judged_of(session, run, prediction, measurement);
    verdict->kind = judged_verdict(&judged, &doubt);
    verdict->measured = judged.value;
    verdict->low = judged.low;
    verdict->high = judged.high;
    verdict->samples = judged.samples;
    verdict->why = judged_words(&judged, verdict->kind, doubt);
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
