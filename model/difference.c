/* SPDX-License-Identifier: Apache-2.0 */
#include "model/difference.h"

#include <math.h>
#include <string.h>

#include "model/judge_share.h"
#include "model/metric.h"

/* What is worth comparing; everything else follows from these or differs in every run. */
static const char *const compared[] = {
    "wall_seconds",    "parallelism",       "cpu_seconds",       "cpu_share",         "io_share",
    "lock_share",      "idle_share",        "active_share",      "threads_peak",      "longest_block_seconds",
    "threads_created", "processes_created", "lock_wait_seconds", "lock_hold_seconds",
};

void difference_interval(double x, double x_low, double x_high, double y, double y_low, double y_high,
                         double *low, double *high)
{
    double change = y - x;
    *low = change - hypot(y - y_low, x_high - x);
    *high = change + hypot(y_high - y, x - x_low);
}

/* The quantile of the normal distribution that leaves `error` outside on both sides, by bisection. */
static double quantile(double error)
{
    double low = 0, high = 40;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        *(erfc(middle / G_SQRT2) > error ? &low : &high) = middle;
    }
    return low;
}

/* Times are sums of pieces whose number and lengths vary: of exponential lengths, the relative variance is 2
 * / n. */
static void interval_of(const struct measurement *measurement, double z, double *low, double *high)
{
    gboolean time = g_strcmp0(measurement->unit, "s") == 0;
    if (!time) {
        judge_interval_at(measurement, z, low, high);
        return;
    }
    double half = measurement->samples ? z * sqrt(2.0 / (double)measurement->samples) : INFINITY;
    *low = measurement->value * MAX(0, 1 - half);
    *high = measurement->value * (1 + half);
}

/* Both sides of a row of `metrics`. */
struct pair {
    struct measurement before, after;
};

/* One run has one duration and one longest wait: how far the next run's would be off, it does not tell. */
static gboolean varies_unseen(const struct metric_difference *metric)
{
    return g_strcmp0(metric->metric, "longest_block_seconds") == 0 ||
           (metric->subject_kind == SUBJECT_PROGRAM && g_strcmp0(metric->metric, "wall_seconds") == 0);
}

static const struct measurement *value_of(const struct session *session, const struct run *run,
                                          enum subject_kind kind, const char *subject, const char *metric)
{
    return run ? session_find_measurement(session, run->id, kind, subject, metric) : NULL;
}

/* The measurement as it is compared: how busy the cores were with other programs must not make a difference.
 */
static gboolean compared_value(const struct session *session, const struct run *run, enum subject_kind kind,
                               const char *subject, const char *metric, struct measurement *value)
{
    const struct measurement *found = value_of(session, run, kind, subject, metric);
    const struct measurement *queue = value_of(session, run, kind, subject, "runqueue_share");
    if (!found)
        return FALSE;
    *value = *found;
    if (queue && is_class_share(metric))
        value->value = share_without_queue(metric, found->value, queue->value);
    return TRUE;
}

static void compare_subject(struct difference *difference, enum subject_kind kind, const char *before,
                            const char *after)
{
    for (guint i = 0; i < G_N_ELEMENTS(compared); i++) {
        const char *metric = compared[i];
        struct pair pair;
        /* A region's time in all states says nothing that its shares do not, and how many threads ran beside
         * it is seen in samples that are not independent. */
        if (kind != SUBJECT_PROGRAM &&
            (g_strcmp0(metric, "wall_seconds") == 0 || g_strcmp0(metric, "parallelism") == 0))
            continue;
        if (!compared_value(difference->before, difference->before_run, kind, before, metric, &pair.before) ||
            !compared_value(difference->after, difference->after_run, kind, after, metric, &pair.after))
            continue;
        struct metric_difference row = {.subject_kind = kind,
                                        .before_subject = before,
                                        .after_subject = after,
                                        .metric = metric,
                                        .unit = pair.before.unit,
                                        .before = pair.before.value,
                                        .after = pair.after.value};
        g_array_append_val(difference->metrics, row);
        g_array_append_val(difference->pairs, pair);
    }
}

static void add_lone(struct difference *difference, enum difference_kind kind, const char *what,
                     const char *id)
{
    struct lone_record lone = {kind, what, id};
    g_array_append_val(difference->lone, lone);
}

/* What a region is called without its lines. */
static char *region_key(const struct region *region, int occurrence)
{
    return g_strdup_printf("%d\1%s\1%s\1%d", region->kind, region->function ? region->function : "",
                           region->file ? region->file : "", occurrence);
}

/* Key → id of every region. */
static GHashTable *region_keys(const struct session *session)
{
    GHashTable *keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(session->regions, i);
        int occurrence = 0;
        char *key = region_key(region, occurrence);
        while (g_hash_table_contains(keys, key)) {
            g_free(key);
            key = region_key(region, ++occurrence);
        }
        g_hash_table_insert(keys, key, region->id);
    }
    return keys;
}

static GHashTable *lock_keys(const struct session *session)
{
    GHashTable *keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < session->locks->len; i++) {
        const struct lock *lock = g_ptr_array_index(session->locks, i);
        g_hash_table_insert(keys, g_strdup(lock->name), lock->id);
    }
    return keys;
}

static GHashTable *finding_keys(const struct session *session)
{
    GHashTable *keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        g_hash_table_insert(keys, g_strdup(finding->fingerprint), finding->message);
    }
    return keys;
}

/* Keys in a fixed order: what comes out must not depend on the hash. */
static GList *sorted_keys(GHashTable *keys)
{
    return g_list_sort(g_hash_table_get_keys(keys), (GCompareFunc)strcmp);
}

static void compare_keys(struct difference *difference, GHashTable *before, GHashTable *after,
                         const char *what, const enum subject_kind *kind)
{
    GList *before_keys = sorted_keys(before), *after_keys = sorted_keys(after);
    for (const GList *key = before_keys; key; key = key->next) {
        const char *id = g_hash_table_lookup(before, key->data),
                   *same = g_hash_table_lookup(after, key->data);
        if (!same)
            add_lone(difference, ONLY_BEFORE, what, id);
        else if (kind)
            compare_subject(difference, *kind, id, same);
    }
    for (const GList *key = after_keys; key; key = key->next) {
        if (!g_hash_table_contains(before, key->data))
            add_lone(difference, ONLY_AFTER, what, g_hash_table_lookup(after, key->data));
    }
    g_list_free(before_keys);
    g_list_free(after_keys);
}

/* The id that a region of `before` has in `after`; NULL when it is gone. */
static const char *counterpart(GHashTable *before, GHashTable *after, const char *id)
{
    GHashTableIter iterator;
    gpointer key, value;
    g_hash_table_iter_init(&iterator, before);
    while (g_hash_table_iter_next(&iterator, &key, &value)) {
        if (g_strcmp0(value, id) == 0)
            return g_hash_table_lookup(after, key);
    }
    return NULL;
}

static const struct verdict *verdict_of(const struct session *session, const struct run *run,
                                        const char *prediction)
{
    for (guint i = 0; run && i < session->verdicts->len; i++) {
        const struct verdict *verdict = g_ptr_array_index(session->verdicts, i);
        if (g_strcmp0(verdict->prediction, prediction) == 0 && g_strcmp0(verdict->run, run->id) == 0)
            return verdict;
    }
    return NULL;
}

static const struct prediction *same_prediction(const struct session *session,
                                                const struct prediction *prediction, const char *region)
{
    for (guint i = 0; i < session->predictions->len; i++) {
        const struct prediction *each = g_ptr_array_index(session->predictions, i);
        if (g_strcmp0(each->region, region) == 0 && g_strcmp0(each->metric, prediction->metric) == 0 &&
            each->comparison == prediction->comparison && each->value == prediction->value)
            return each;
    }
    return NULL;
}

static void compare_verdicts(struct difference *difference, GHashTable *before, GHashTable *after)
{
    for (guint i = 0; i < difference->before->predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(difference->before->predictions, i);
        const char *region = prediction->region ? counterpart(before, after, prediction->region) : NULL;
        if (prediction->region && !region)
            continue;
        const struct prediction *same = same_prediction(difference->after, prediction, region);
        if (!same)
            continue;
        struct verdict_difference verdicts = {
            prediction, same, verdict_of(difference->before, difference->before_run, prediction->id),
            verdict_of(difference->after, difference->after_run, same->id)};
        if (verdicts.before && verdicts.after && verdicts.before->kind != verdicts.after->kind)
            g_array_append_val(difference->verdicts, verdicts);
    }
}

static void judge_metric(struct metric_difference *metric, const struct pair *pair, double z)
{
    double before_low, before_high, after_low, after_high;
    interval_of(&pair->before, z, &before_low, &before_high);
    interval_of(&pair->after, z, &after_low, &after_high);
    difference_interval(metric->before, before_low, before_high, metric->after, after_low, after_high,
                        &metric->low, &metric->high);
    metric->judged = !varies_unseen(metric);
    metric->significant = metric->judged && (metric->low > 0 || metric->high < 0);
}

/* Holds for all comparisons together (C. E. Bonferroni, 1936): each may err that much more rarely. */
static void judge_metrics(struct difference *difference)
{
    double z = quantile(DIFFERENCE_ERROR / MAX(1, difference->metrics->len));
    for (guint i = 0; i < difference->metrics->len; i++)
        judge_metric(&g_array_index(difference->metrics, struct metric_difference, i),
                     &g_array_index(difference->pairs, struct pair, i), z);
}

struct difference *difference_new(const struct session *before, const struct session *after)
{
    static const enum subject_kind region_kind = SUBJECT_REGION, lock_kind = SUBJECT_LOCK;
    struct difference *difference = g_new0(struct difference, 1);
    difference->before = before;
    difference->after = after;
    difference->before_run = session_last_run(before);
    difference->after_run = session_last_run(after);
    difference->metrics = g_array_new(FALSE, FALSE, sizeof(struct metric_difference));
    difference->pairs = g_array_new(FALSE, FALSE, sizeof(struct pair));
    difference->verdicts = g_array_new(FALSE, FALSE, sizeof(struct verdict_difference));
    difference->lone = g_array_new(FALSE, FALSE, sizeof(struct lone_record));
    g_autoptr(GHashTable) before_regions = region_keys(before);
    g_autoptr(GHashTable) after_regions = region_keys(after);
    g_autoptr(GHashTable) before_locks = lock_keys(before);
    g_autoptr(GHashTable) after_locks = lock_keys(after);
    g_autoptr(GHashTable) before_findings = finding_keys(before);
    g_autoptr(GHashTable) after_findings = finding_keys(after);
    compare_subject(difference, SUBJECT_PROGRAM, NULL, NULL);
    compare_keys(difference, before_regions, after_regions, "region", &region_kind);
    compare_keys(difference, before_locks, after_locks, "lock", &lock_kind);
    compare_keys(difference, before_findings, after_findings, "finding", NULL);
    compare_verdicts(difference, before_regions, after_regions);
    judge_metrics(difference);
    return difference;
}

void difference_free(struct difference *difference)
{
    if (!difference)
        return;
    g_array_unref(difference->metrics);
    g_array_unref(difference->pairs);
    g_array_unref(difference->verdicts);
    g_array_unref(difference->lone);
    g_free(difference);
}

gboolean difference_newly_refuted(const struct difference *difference)
{
    for (guint i = 0; i < difference->verdicts->len; i++) {
        if (g_array_index(difference->verdicts, struct verdict_difference, i).after->kind == VERDICT_REFUTED)
            return TRUE;
    }
    return FALSE;
}

gboolean difference_significant(const struct difference *difference)
{
    for (guint i = 0; i < difference->metrics->len; i++) {
        if (g_array_index(difference->metrics, struct metric_difference, i).significant)
            return TRUE;
    }
    return FALSE;
}
