/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "model/judge_share.h"
#include "model/metric.h"

/* Below this share of active time the queue for a core is not worth a word. */
#define QUEUE_WORTH_TELLING 0.02

static void append_run_needed(GString *why, const struct judged *judged)
{
    guint64 samples = judged->samples;
    guint64 needed = judge_samples_needed(judged->value, judged->prediction->value);
    if (!needed || judged->high - judged->low <= 0) {
        g_string_append(why, "; it is too close to the threshold for any run to decide");
        return;
    }
    needed = MAX(needed, samples + 1);
    g_string_append_printf(why, "; about %" G_GUINT64_FORMAT " observations would decide", needed);
    if (samples)
        g_string_append_printf(why, ", a run of %.0f s like this one",
                               ceil(judged->run->seconds * (double)needed / (double)samples));
}

static void append_doubt(GString *why, const struct judged *judged, enum doubt doubt)
{
    const char *metric = judged->measurement->metric;
    switch (doubt) {
    case DOUBT_NONE:
        break;
    case DOUBT_LOST:
        g_string_append_printf(why, "; %.2f %% of the %s were lost", 100 * judged->lost_share,
                               judged->lost_kind);
        break;
    case DOUBT_FEW:
    case DOUBT_NEAR:
        if (metric_find(metric)->share)
            append_run_needed(why, judged);
        else
            g_string_append_printf(why, "; at least %d samples, and more near the threshold, are needed",
                                   JUDGE_MINIMUM_SAMPLES);
        break;
    case DOUBT_QUEUE:
        g_string_append_printf(why,
                               "; %.3f of the time that it had a core or was blocked: the cores were busy",
                               share_without_queue(metric, judged->value, judged->queue_share));
        break;
    case DOUBT_HOLDER:
        g_string_append_printf(why,
                               "; %.3f without the time in which the threads that it waited for had to wait "
                               "for a core themselves: the cores were busy",
                               share_without_holders_queue(metric, judged->value, judged->holder_share));
        break;
    case DOUBT_COLD:
        g_string_append_printf(why,
                               "; %.3f without the reads that filled the page cache: run it again, now that "
                               "the cache is warm",
                               share_without_cold_cache(metric, judged->value, judged->cold_share));
        break;
    }
}

char *judged_words(const struct judged *judged, enum verdict_kind kind, enum doubt doubt)
{
    const struct prediction *prediction = judged->prediction;
    const struct measurement *measurement = judged->measurement;
    gboolean plain = *measurement->unit == '1';
    GString *why = g_string_new(NULL);
    g_string_append_printf(why, "%s of %s was %.4g%s%s", prediction->metric,
                           prediction->region ? prediction->region : "the program", judged->value,
                           plain ? "" : " ", plain ? "" : measurement->unit);
    if (judged->low < judged->high)
        g_string_append_printf(why, " (95 %% interval %.3f to %.3f)", judged->low, judged->high);
    g_string_append_printf(why, " in %" G_GUINT64_FORMAT " samples; predicted %s %.4g", judged->samples,
                           comparison_name(prediction->comparison), prediction->value);
    if (judged->queue_is_of_others && judged->queue_share >= QUEUE_WORTH_TELLING)
        g_string_append_printf(
            why, "; left out is the %.0f %% of its time in which other programs had the core it waited for",
            100 * judged->queue_share);
    if (kind == VERDICT_INCONCLUSIVE)
        append_doubt(why, judged, doubt);
    return g_string_free(why, FALSE);
}

/* Regions that the run reached. */
static guint regions_seen(const struct session *session, const struct run *run)
{
    guint seen = 0;
    for (guint i = 0; i < session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(session->measurements, i);
        seen += each->subject_kind == SUBJECT_REGION && g_strcmp0(each->metric, "wall_seconds") == 0 &&
                g_strcmp0(each->run, run->id) == 0;
    }
    return seen;
}

char *not_exercised_words(const struct session *session, const struct run *run,
                          const struct prediction *prediction)
{
    if (!metric_find(prediction->metric))
        return g_strdup_printf("the metric %s is unknown to this version", prediction->metric);
    guint seen = regions_seen(session, run), all = session->regions->len;
    const char *subject = prediction->region ? prediction->region : prediction->metric;
    if (!seen || !all)
        return g_strdup_printf("%s was not seen in this run", subject);
    return g_strdup_printf(
        "%s was not seen in this run of %.3g s, which reached %u of %u regions; it did not run, or "
        "for less than the millisecond between two samples",
        subject, run->seconds, seen, all);
}
