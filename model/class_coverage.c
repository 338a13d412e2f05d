/* SPDX-License-Identifier: Apache-2.0 */
#include "model/class_coverage.h"

#include "model/judge.h"
#include "model/work_class.h"

gboolean class_is_guess(const struct region *region)
{
    return region->confidence < CLASS_CLAIM_CONFIDENCE;
}

static double value_of(const struct session *session, const struct run *run, enum subject_kind kind,
                       const char *subject, const char *metric)
{
    const struct measurement *found = session_find_measurement(session, run->id, kind, subject, metric);
    return found ? found->value : 0;
}

static struct verdict *judge_share(const struct session *session, const struct run *run,
                                   const struct region *region, const char *metric,
                                   enum comparison comparison, double value)
{
    const struct prediction claim = {
        .region = region->id, .metric = (char *)metric, .comparison = comparison, .value = value};
    return judge_prediction(session, run, &claim);
}

/* Neither of the three: refuted by one that is surely reached, and no surer than the least sure. */
static struct verdict *judge_mixed(const struct session *session, const struct run *run,
                                   const struct region *region)
{
    static const struct {
        const char *metric;
        double threshold;
    } parts[] = {
        {"cpu_share", CLASS_CPU_SHARE}, {"io_share", CLASS_IO_SHARE}, {"lock_share", CLASS_LOCK_SHARE}};
    struct verdict *decides = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        struct verdict *verdict =
            judge_share(session, run, region, parts[i].metric, COMPARE_BELOW, parts[i].threshold);
        gboolean better = !decides || verdict->kind == VERDICT_REFUTED ||
                          (decides->kind == VERDICT_CONFIRMED && verdict->kind != VERDICT_CONFIRMED);
        if (better && !(decides && decides->kind == VERDICT_REFUTED)) {
            verdict_free(decides);
            decides = verdict;
        } else {
            verdict_free(verdict);
        }
    }
    return decides;
}

struct verdict *class_verdict(const struct session *session, const struct run *run,
                              const struct region *region)
{
    switch (region->class) {
    case WORK_CPU:
        return judge_share(session, run, region, "cpu_share", COMPARE_AT_LEAST, CLASS_CPU_SHARE);
    case WORK_IO:
        return judge_share(session, run, region, "io_share", COMPARE_AT_LEAST, CLASS_IO_SHARE);
    case WORK_LOCK:
        return judge_share(session, run, region, "lock_share", COMPARE_AT_LEAST, CLASS_LOCK_SHARE);
    case WORK_LIGHT:
        return judge_share(session, run, region, "active_share", COMPARE_BELOW, CLASS_LIGHT_SHARE);
    default:
        return judge_mixed(session, run, region);
    }
}

static void judgement_free(gpointer data)
{
    struct class_judgement *judgement = data;
    verdict_free(judgement->verdict);
    g_free(judgement);
}

static gint compare_judgements(gconstpointer left, gconstpointer right)
{
    const struct class_judgement *one = *(struct class_judgement *const *)left,
                                 *other = *(struct class_judgement *const *)right;
    if (one->seconds != other->seconds)
        return one->seconds > other->seconds ? -1 : 1;
    return g_strcmp0(one->region->id, other->region->id);
}

GPtrArray *class_judgements(const struct session *session, const struct run *run)
{
    GPtrArray *judgements = g_ptr_array_new_with_free_func(judgement_free);
    for (guint i = 0; i < session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(session->regions, i);
        double own = value_of(session, run, SUBJECT_REGION, region->id, "self_cpu_seconds") +
                     value_of(session, run, SUBJECT_REGION, region->id, "self_blocked_seconds");
        /* Parts of functions have no time that is not their function's. */
        if (region->kind == REGION_LOOP || region->kind == REGION_CRITICAL_SECTION || own <= 0)
            continue;
        struct class_judgement *judgement = g_new0(struct class_judgement, 1);
        *judgement = (struct class_judgement){region, own, class_verdict(session, run, region)};
        g_ptr_array_add(judgements, judgement);
    }
    g_ptr_array_sort(judgements, compare_judgements);
    return judgements;
}

struct class_coverage class_coverage_of(const struct session *session, const struct run *run)
{
    g_autoptr(GPtrArray) judgements = class_judgements(session, run);
    struct class_coverage coverage = {0};
    double attributed = 0;
    coverage.active = value_of(session, run, SUBJECT_PROGRAM, NULL, "active_seconds") -
                      value_of(session, run, SUBJECT_PROGRAM, NULL, "runnable_seconds");
    for (guint i = 0; i < judgements->len; i++) {
        const struct class_judgement *judgement = g_ptr_array_index(judgements, i);
        coverage.seconds[judgement->verdict->kind] += judgement->seconds;
        if (class_is_guess(judgement->region))
            coverage.guessed[judgement->verdict->kind] += judgement->seconds;
        attributed += judgement->seconds;
    }
    coverage.active = MAX(coverage.active, attributed);
    coverage.unattributed = coverage.active - attributed;
    return coverage;
}
