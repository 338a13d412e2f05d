/* SPDX-License-Identifier: Apache-2.0 */
#include "model/judge_share.h"

#include "model/loss.h"
#include "model/metric.h"

/* Of a region's active time: what the program may have queued for itself, and is still called the doing of
 * others. */
#define OWN_QUEUE_LIMIT 0.01

gboolean is_class_share(const char *metric)
{
    static const char *const names[] = {"cpu_share",     "io_share",   "io_wait_share",
                                        "io_work_share", "lock_share", NULL};
    return g_strv_contains(names, metric);
}

/* The core's share has the queue in it, and no wait for the page cache; the shares of waiting the reverse. */
static double without(double share, double taken, gboolean contained)
{
    if (taken >= 1)
        return share;
    return CLAMP((share - (contained ? taken : 0)) / (1 - taken), 0, 1);
}

double share_without_queue(const char *metric, double share, double queue_share)
{
    return without(share, queue_share, g_strcmp0(metric, "cpu_share") == 0);
}

double share_without_cold_cache(const char *metric, double share, double cold_share)
{
    return without(share, cold_share,
                   g_strcmp0(metric, "io_share") == 0 || g_strcmp0(metric, "io_wait_share") == 0);
}

double share_without_holders_queue(const char *metric, double share, double holder_share)
{
    return without(share, holder_share, g_strcmp0(metric, "lock_share") == 0);
}

static double value_beside(const struct judged *judged, const char *metric)
{
    const struct measurement *found =
        session_find_measurement(judged->session, judged->run->id, judged->measurement->subject_kind,
                                 judged->measurement->subject, metric);
    return found ? found->value : 0;
}

static const struct measurement *program_value(const struct session *session, const struct run *run,
                                               const char *metric)
{
    return session_find_measurement(session, run->id, SUBJECT_PROGRAM, NULL, metric);
}

/* Threads that never were more than the cores do not queue for each other. Where they were, those too many had
 * to, at most for as long as more of them were active than there are cores. */
static gboolean queue_is_of_others(const struct session *session, const struct run *run, double active)
{
    const struct measurement *peak = program_value(session, run, "threads_peak"),
                             *crowded = program_value(session, run, "crowded_seconds");
    if (!peak || run->cores <= 0)
        return FALSE;
    double too_many = peak->value - run->cores;
    return too_many <= 0 || (crowded && crowded->value * too_many <= OWN_QUEUE_LIMIT * active);
}

/* Observations that are left when `taken` of the time is: most of a region may be the queue. */
static guint64 samples_without(guint64 samples, double taken)
{
    return (guint64)((double)samples * (1 - CLAMP(taken, 0, 1)) + 0.5);
}

static void leave_queue_out(struct judged *judged)
{
    const struct measurement *measured = judged->measurement;
    judged->value = share_without_queue(measured->metric, measured->value, judged->queue_share);
    judged->samples = samples_without(measured->samples, judged->queue_share);
    judge_wilson_interval(judged->value, judged->samples, &judged->low, &judged->high);
}

struct judged judged_of(const struct session *session, const struct run *run,
                        const struct prediction *prediction, const struct measurement *measurement)
{
    struct judged judged = {.session = session,
                            .run = run,
                            .prediction = prediction,
                            .measurement = measurement,
                            .value = measurement->value,
                            .samples = measurement->samples};
    judged.lost_share =
        loss_share(session, run, prediction->metric, prediction->region != NULL, &judged.lost_kind);
    judge_interval(measurement, &judged.low, &judged.high);
    if (!is_class_share(measurement->metric))
        return judged;
    double active = value_beside(&judged, "active_seconds");
    judged.queue_share = value_beside(&judged, "runqueue_share");
    judged.cold_share = active > 0 ? MIN(1, value_beside(&judged, "cold_cache_seconds") / active) : 0;
    judged.queue_is_of_others = judged.queue_share > 0 && queue_is_of_others(session, run, active);
    if (judged.queue_is_of_others)
        leave_queue_out(&judged);
    double rest = judged.queue_is_of_others ? active * (1 - judged.queue_share) : active;
    judged.holder_share = rest > 0 ? MIN(1, value_beside(&judged, "holder_queue_seconds") / rest) : 0;
    return judged;
}

static gboolean fits(enum comparison comparison, double value, double threshold)
{
    switch (comparison) {
    case COMPARE_AT_LEAST:
        return value >= threshold;
    case COMPARE_AT_MOST:
        return value <= threshold;
    case COMPARE_ABOVE:
        return value > threshold;
    case COMPARE_BELOW:
        return value < threshold;
    case COMPARISON_COUNT:
        break;
    }
    g_assert_not_reached();
}

/* VERDICT_CONFIRMED when every value of the interval satisfies the comparison, VERDICT_REFUTED when none
 * does. */
static enum verdict_kind compare_interval(const struct prediction *prediction, double low, double high)
{
    gboolean low_fits = fits(prediction->comparison, low, prediction->value),
             high_fits = fits(prediction->comparison, high, prediction->value);
    if (low_fits && high_fits)
        return VERDICT_CONFIRMED;
    return low_fits || high_fits ? VERDICT_INCONCLUSIVE : VERDICT_REFUTED;
}

/* The verdict when `taken` of the time is left out, and `share` remains. */
static enum verdict_kind compare_share(const struct judged *judged, double share, double taken)
{
    double low, high;
    judge_wilson_interval(share, samples_without(judged->samples, taken), &low, &high);
    return compare_interval(judged->prediction, low, high);
}

/* Counts and sums are exact; shares and averages over too little are not. */
static gboolean is_exact(const struct measurement *measurement)
{
    return g_strcmp0(measurement->unit, "count") == 0 || g_strcmp0(measurement->unit, "s") == 0;
}

enum verdict_kind judged_verdict(const struct judged *judged, enum doubt *doubt)
{
    const char *metric = judged->measurement->metric;
    enum verdict_kind kind = compare_interval(judged->prediction, judged->low, judged->high);
    *doubt = DOUBT_NONE;
    if (judged->lost_share > JUDGE_LOSS_LIMIT)
        *doubt = DOUBT_LOST;
    else if (!is_exact(judged->measurement) && judged->samples < JUDGE_MINIMUM_SAMPLES)
        *doubt = DOUBT_FEW;
    else if (judged->queue_share > 0 && !judged->queue_is_of_others && kind != VERDICT_INCONCLUSIVE &&
             compare_share(judged, share_without_queue(metric, judged->value, judged->queue_share),
                           judged->queue_share) != kind)
        *doubt = DOUBT_QUEUE;
    else if (judged->cold_share > 0 && kind == VERDICT_REFUTED &&
             compare_share(judged, share_without_cold_cache(metric, judged->value, judged->cold_share),
                           judged->cold_share) != kind)
        *doubt = DOUBT_COLD;
    else if (judged->holder_share > 0 && kind == VERDICT_REFUTED &&
             compare_share(judged, share_without_holders_queue(metric, judged->value, judged->holder_share),
                           judged->holder_share) != kind)
        *doubt = DOUBT_HOLDER;
    else if (kind == VERDICT_INCONCLUSIVE)
        *doubt = DOUBT_NEAR;
    return *doubt == DOUBT_NONE ? kind : VERDICT_INCONCLUSIVE;
}
