/* SPDX-License-Identifier: Apache-2.0 */
#include "model/class_coverage.h"

#include "model/judge.h"
#include "model/work_class.h"

static double value_of(const struct session *session, const struct run *run, enum subject_kind kind,
                       const char *subject, const char *metric)
{
    const struct measurement *found = session_find_measurement(session, run->id, kind, subject, metric);
    return found ? found->value : 0;
}

static enum verdict_kind judge_share(const struct session *session, const struct run *run,
                                     const struct region *region, const char *metric,
                                     enum comparison comparison, double value)
{
    const struct prediction claim = {
        .region = region->id, .metric = (char *)metric, .comparison = comparison, .value = value};
    struct verdict *verdict = judge_prediction(session, run, &claim);
    enum verdict_kind kind = verdict->kind;
    verdict_free(verdict);
    return kind;
}

/* Neither of the three: refuted by one that is surely reached. */
static enum verdict_kind judge_mixed(const struct session *session, const struct run *run,
                                     const struct region *region)
{
    const enum verdict_kind parts[] = {
        judge_share(session, run, region, "cpu_share", COMPARE_BELOW, CLASS_CPU_SHARE),
        judge_share(session, run, region, "io_share", COMPARE_BELOW, CLASS_IO_SHARE),
        judge_share(session, run, region, "lock_share", COMPARE_BELOW, CLASS_LOCK_SHARE)};
    enum verdict_kind whole = VERDICT_CONFIRMED;
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (parts[i] == VERDICT_REFUTED)
            return VERDICT_REFUTED;
        if (parts[i] != VERDICT_CONFIRMED)
            whole = parts[i];
    }
    return whole;
}

enum verdict_kind class_verdict(const struct session *session, const struct run *run,
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

struct class_coverage class_coverage_of(const struct session *session, const struct run *run)
{
    struct class_coverage coverage = {0};
    double attributed = 0;
    coverage.active = value_of(session, run, SUBJECT_PROGRAM, NULL, "active_seconds") -
                      value_of(session, run, SUBJECT_PROGRAM, NULL, "runnable_seconds");
    for (guint i = 0; i < session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(session->regions, i);
        double own = value_of(session, run, SUBJECT_REGION, region->id, "self_cpu_seconds") +
                     value_of(session, run, SUBJECT_REGION, region->id, "self_blocked_seconds");
        /* Parts of functions have no time that is not their function's. */
        if (region->kind == REGION_LOOP || region->kind == REGION_CRITICAL_SECTION || own <= 0)
            continue;
        coverage.seconds[class_verdict(session, run, region)] += own;
        attributed += own;
    }
    coverage.active = MAX(coverage.active, attributed);
    coverage.unattributed = coverage.active - attributed;
    return coverage;
}
