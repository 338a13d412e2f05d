/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/live_advice.h"

#include <math.h>

#include "model/judge.h"
#include "model/work_class.h"
#include "reports/first_actions.h"
#include "reports/quantity.h"

/* docs/advice.md, Put to the test */
#define ONE_AT_A_TIME 1.3 /* running threads under one lock that all want */
#define CROWDED       2.0 /* runnable threads per core */
#define ONE_CORE      1.2 /* running threads of what computes on one core */
#define STOPPED       0.1 /* of the run: waits that stop a loop */

struct bounds {
    double value, low, high; /* NaN when not measured */
    guint64 samples;
};

static struct bounds bounds_of(const struct report_index *index, const char *metric)
{
    struct bounds bounds = {NAN, NAN, NAN, 0};
    const struct measurement *measured =
        session_find_measurement(index->session, index->run->id, SUBJECT_PROGRAM, NULL, metric);
    if (!measured || measured->samples < JUDGE_MINIMUM_SAMPLES)
        return bounds;
    bounds.value = measured->value;
    bounds.samples = measured->samples;
    judge_interval(measured, &bounds.low, &bounds.high);
    return bounds;
}

static void add_actions(const struct report_index *index, GPtrArray *said)
{
    g_autoptr(GPtrArray) actions = first_actions_find(index);
    for (guint i = 0; i < actions->len; i++) {
        const struct action *action = g_ptr_array_index(actions, i);
        GString *text = g_string_new(action->text);
        if (action->file)
            g_string_append_printf(text, " (%s:%d)", action->file, action->line);
        if (action->saved_seconds > 0) {
            g_autofree char *saved = quantity_percent(action->saved_seconds / index->run->seconds);
            g_string_append_printf(text, "; worth up to %s of the time", saved);
        }
        if (action->gain >= 1.05)
            g_string_append_printf(text, ", that part %.1f times as fast", action->gain);
        g_ptr_array_add(said, g_string_free(text, FALSE));
    }
}

static void add_serial(const struct report_index *index, GPtrArray *said)
{
    struct bounds lock = bounds_of(index, "lock_share"), parallel = bounds_of(index, "parallelism");
    if (!(lock.low >= CLASS_LOCK_SHARE) || !(parallel.high <= ONE_AT_A_TIME))
        return;
    g_autofree char *share = quantity_percent(lock.value);
    g_ptr_array_add(said, g_strdup_printf("threads wait for each other %s of their active time, and %.2f run "
                                          "at once: one lock lets through one at a time",
                                          share, parallel.value));
}

static void add_crowd(const struct report_index *index, GPtrArray *said)
{
    struct bounds parallel = bounds_of(index, "parallelism");
    int cores = MAX(1, index->run->cores);
    if (parallel.low / cores >= CROWDED)
        g_ptr_array_add(said, g_strdup_printf("%.1f runnable threads on %d cores: those that compute only "
                                              "queue; as many threads as cores are enough",
                                              parallel.value, cores));
}

static void add_waiting(const struct report_index *index, GPtrArray *said)
{
    struct bounds waits = bounds_of(index, "io_wait_share");
    double threads = report_index_value(index, SUBJECT_PROGRAM, NULL, "threads_peak");
    if (!(waits.low >= CLASS_IO_SHARE))
        return;
    g_autofree char *share = quantity_percent(waits.value);
    g_ptr_array_add(said, g_strdup_printf("waits for the outside %s of its active time with %.0f thread%s: "
                                          "more tasks at once would overlap the waits",
                                          share, threads, threads > 1 ? "s" : ""));
}

static void add_one_core(const struct report_index *index, GPtrArray *said)
{
    struct bounds computes = bounds_of(index, "cpu_share"), parallel = bounds_of(index, "parallelism");
    if (!(computes.low >= CLASS_CPU_SHARE) || !(parallel.high <= ONE_CORE) || index->run->cores < 2)
        return;
    g_autofree char *share = quantity_percent(computes.value);
    g_ptr_array_add(said,
                    g_strdup_printf("computes %s of its active time on one of %d cores: work that does not "
                                    "depend on itself could use the others (corewise check says which)",
                                    share, index->run->cores));
}

static gboolean serves_a_loop(const struct report_index *index, const char *thread)
{
    for (guint i = 0; i < index->session->waits->len; i++) {
        const struct wait_edge *wait = g_ptr_array_index(index->session->waits, i);
        if (wait->idle && wait->cause == CAUSE_POLL && g_strcmp0(wait->waiter, thread) == 0 &&
            report_index_is_shown(index, wait->run))
            return TRUE;
    }
    return FALSE;
}

/* A wait that stops an event loop stops all its tasks. */
static void add_stopped_loop(const struct report_index *index, GPtrArray *said)
{
    const struct wait_edge *worst = NULL;
    for (guint i = 0; i < index->session->waits->len; i++) {
        const struct wait_edge *wait = g_ptr_array_index(index->session->waits, i);
        if (!wait->idle && wait->seconds >= STOPPED * index->run->seconds &&
            report_index_is_shown(index, wait->run) && (!worst || wait->seconds > worst->seconds) &&
            serves_a_loop(index, wait->waiter))
            worst = wait;
    }
    if (!worst)
        return;
    g_autofree char *share = quantity_percent(worst->seconds / index->run->seconds);
    g_autofree char *place = worst->file       ? g_strdup_printf(" at %s:%d", worst->file, worst->line)
                             : worst->function ? g_strdup_printf(" in %s", worst->function)
                                               : g_strdup("");
    g_ptr_array_add(said,
                    g_strdup_printf("the event loop of %s stands still %s of the time, blocked on %s%s: "
                                    "a thread of a pool could wait instead",
                                    report_index_thread_group(index, worst->waiter), share,
                                    wait_cause_name(worst->cause), place));
}

GPtrArray *live_advice_new(const struct report_index *index)
{
    GPtrArray *said = g_ptr_array_new_with_free_func(g_free);
    if (index->run && index->run->seconds > 0) {
        add_actions(index, said);
        if (!index->session->program) {
            add_stopped_loop(index, said);
            add_serial(index, said);
            add_crowd(index, said);
            add_waiting(index, said);
            add_one_core(index, said);
        }
    }
    if (!said->len)
        g_ptr_array_add(said, g_strdup(index->session->program
                                           ? "nothing yet: no advice of the analysis would be felt so far"
                                           : "nothing yet: the numbers so far support no change"));
    return said;
}
