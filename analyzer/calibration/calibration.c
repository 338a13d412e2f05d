/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/calibration/calibration.h"

#include <errno.h>

#include "analyzer/calibration/cost_groups.h"
#include "analyzer/calibration/host_identity.h"

static const struct cost_group {
    const char *subject;
    void (*measure)(struct calibration *calibration);
} cost_groups[] = {
    {"operations of compiled code", calibrate_operations},
    {"threads", calibrate_threads},
    {"processes", calibrate_processes},
    {"coroutines", calibrate_coroutines},
    {"switches and wake-ups", calibrate_switches},
    {"locks", calibrate_locks},
    {"messages", calibrate_messages},
    {"memory", calibrate_memory},
};

/* Short batches and many: on a busy machine most are still undisturbed, and the median is one of these. */
static const struct effort thorough_effort = {0.3e-3, 0.8, 1001, NULL, 2},
                           quick_effort = {0.3e-3, 0.1, 101, NULL, 2};

void calibration_fail(struct calibration *calibration, enum host_cost_id id, const char *tried, int reason)
{
    g_ptr_array_add(
        calibration->failures,
        g_strdup_printf("cannot measure %s: %s: %s", host_cost_kinds[id].name, tried, g_strerror(reason)));
}

void calibration_pin(struct calibration *calibration)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int core = CPU_SETSIZE - 1; core >= 0; core--) {
        if (CPU_ISSET(core, &calibration->usable)) {
            CPU_SET(core, &one);
            break;
        }
    }
    sched_setaffinity(0, sizeof(one), &one);
    calibration->effort.clock = clock_spent_seconds;
}

void calibration_unpin(struct calibration *calibration)
{
    sched_setaffinity(0, sizeof(calibration->usable), &calibration->usable);
    calibration->effort.clock = NULL;
}

static void add_costs(const struct calibration *calibration, struct host *host)
{
    for (int id = 0; id < HOST_COST_COUNT; id++) {
        const struct repetition *measured = &calibration->repetitions[id];
        if (measured->samples == 0)
            continue;
        struct host_cost *cost = host_cost_new();
        cost->name = g_strdup(host_cost_kinds[id].name);
        cost->unit = g_strdup(host_cost_kinds[id].unit);
        cost->value = measured->median;
        cost->low = measured->low;
        cost->high = measured->high;
        cost->samples = measured->samples;
        g_ptr_array_add(host->costs, cost);
    }
}

struct host *calibrate(const struct calibration_options *options, GPtrArray **failures)
{
    struct calibration calibration = {
        .effort = options->quick ? quick_effort : thorough_effort,
        .quick = options->quick,
        .failures = g_ptr_array_new_with_free_func(g_free),
    };
    sched_getaffinity(0, sizeof(calibration.usable), &calibration.usable);
    for (guint i = 0; i < G_N_ELEMENTS(cost_groups); i++) {
        if (options->progress)
            options->progress(cost_groups[i].subject, i, G_N_ELEMENTS(cost_groups), options->progress_data);
        cost_groups[i].measure(&calibration);
    }
    struct host *host = host_identify();
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    host->measured_at = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    add_costs(&calibration, host);
    *failures = calibration.failures;
    return host;
}

gboolean calibration_time(struct calibration *calibration, enum host_cost_id id, repeated_work *work,
                          gpointer data, double factor)
{
    struct repetition *repetition = &calibration->repetitions[id];
    errno = 0;
    if (!repetition_measure(&calibration->effort, work, data, repetition)) {
        *repetition = (struct repetition){0};
        int reason = errno;
        if (reason == REPETITION_AGAIN)
            calibration_fail(calibration, id, "other programs kept the other cores", EBUSY);
        else
            calibration_fail(calibration, id, "the operation failed", reason);
        return FALSE;
    }
    repetition_scale(repetition, factor, 0);
    return TRUE;
}
