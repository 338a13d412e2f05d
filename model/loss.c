/* SPDX-License-Identifier: Apache-2.0 */
#include "model/loss.h"

#include <string.h>

#define ON_WAITS   1u
#define ON_SAMPLES 2u
#define ON_STACKS  4u
#define ON_THREADS 8u
#define ON_CALLS   16u
#define ON_USES    32u
#define ON_ROUNDS  64u
#define ON_MARKERS 128u
#define ON_TIMES   (ON_WAITS | ON_SAMPLES | ON_STACKS | ON_THREADS)

static const struct {
    const char *name, *metric;
    guint bit;
} kinds[] = {
    {"waits", "lost_events.waits", ON_WAITS},
    {"samples", "lost_events.samples", ON_SAMPLES},
    {"stacks", "lost_events.stacks", ON_STACKS},
    {"threads", "lost_events.threads", ON_THREADS},
    {"calls", "lost_events.calls", ON_CALLS},
    {"uses of locks", "lost_events.lock_uses", ON_USES},
    {"callbacks", "lost_events.callbacks", ON_ROUNDS},
    {"calls of markers", "lost_events.markers", ON_MARKERS},
};

/* What metrics are made of; the first row that fits the beginning of the name. The time split of a region or
 * of the program needs all of ON_TIMES: idle waits and most lock waits are known by their stack. */
static const struct {
    const char *prefix;
    guint program, region;
} needs[] = {
    {"syscall", ON_CALLS | ON_THREADS, ON_CALLS | ON_THREADS},
    {"callback_seconds", ON_ROUNDS | ON_STACKS | ON_THREADS, ON_ROUNDS | ON_STACKS | ON_THREADS},
    {"longest_callback", ON_ROUNDS | ON_STACKS | ON_THREADS, ON_ROUNDS | ON_STACKS | ON_THREADS},
    {"call_seconds", ON_MARKERS | ON_THREADS, ON_MARKERS | ON_THREADS},
    {"calls", ON_MARKERS | ON_THREADS, ON_MARKERS | ON_THREADS},
    {"lock_acquisitions", ON_USES | ON_THREADS, ON_USES | ON_THREADS},
    {"lock_hold", ON_USES | ON_THREADS, ON_USES | ON_THREADS},
    {"lock_longest_hold", ON_USES | ON_THREADS, ON_USES | ON_THREADS},
    {"threads_", ON_THREADS, ON_THREADS},
    {"processes_", ON_THREADS, ON_THREADS},
    {"parallelism", ON_THREADS, ON_THREADS},
    {"switches.", ON_THREADS, ON_THREADS},
    {"migrations", ON_THREADS, ON_THREADS},
    {"wakeup_latency", ON_THREADS, ON_THREADS},
    {"wall_seconds", ON_THREADS, ON_TIMES},
    {"cpu_seconds", ON_SAMPLES | ON_THREADS, ON_SAMPLES | ON_STACKS | ON_THREADS},
    {"self_cpu_seconds", ON_SAMPLES | ON_THREADS, ON_SAMPLES | ON_STACKS | ON_THREADS},
    {"io_work_seconds", ON_SAMPLES | ON_THREADS, ON_SAMPLES | ON_STACKS | ON_THREADS},
    {"blocked_seconds", ON_WAITS | ON_STACKS | ON_THREADS, ON_WAITS | ON_STACKS | ON_THREADS},
    {"longest_block", ON_WAITS | ON_STACKS | ON_THREADS, ON_WAITS | ON_STACKS | ON_THREADS},
    {"idle_seconds", ON_WAITS | ON_STACKS | ON_THREADS, ON_WAITS | ON_STACKS | ON_THREADS},
    {"lock_", ON_WAITS | ON_STACKS | ON_THREADS, ON_WAITS | ON_STACKS | ON_THREADS},
    {"", ON_TIMES, ON_TIMES},
};

static guint needs_of(const char *metric, gboolean of_region)
{
    guint row = 0;
    /* `lock_share` is a share of the time, not a figure of a lock. */
    if (g_str_has_suffix(metric, "_share"))
        return ON_TIMES;
    while (!g_str_has_prefix(metric, needs[row].prefix))
        row++;
    return of_region ? needs[row].region : needs[row].program;
}

/* For sessions of versions that did not tell losses apart: of what the program's measurement counted plus the
 * lost ones. */
static double share_of_all(const struct session *session, const struct run *run)
{
    const struct measurement *program =
        session_find_measurement(session, run->id, SUBJECT_PROGRAM, NULL, "cpu_share");
    double seen = program ? (double)program->samples : 0;
    return run->lost_events ? (double)run->lost_events / (seen + (double)run->lost_events) : 0;
}

double loss_share(const struct session *session, const struct run *run, const char *metric,
                  gboolean of_region, const char **kind)
{
    guint wanted = needs_of(metric, of_region);
    gboolean told_apart = FALSE;
    double most = 0;
    *kind = "events";
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const struct measurement *lost =
            session_find_measurement(session, run->id, SUBJECT_PROGRAM, NULL, kinds[i].metric);
        if (!lost || lost->value <= 0)
            continue;
        told_apart = TRUE;
        double share = lost->value / MAX((double)lost->samples, lost->value);
        if ((kinds[i].bit & wanted) && share > most) {
            most = share;
            *kind = kinds[i].name;
        }
    }
    return told_apart ? most : share_of_all(session, run);
}
