/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/first_actions.h"

#include <math.h>

#include "reports/quantity.h"

#define WORTH_DOING   0.05 /* of the run: less is not told */
#define ERROR_WEIGHT  0.10 /* of the run: what a hazard is worth that is wrong whenever it runs */
#define MEMORY_WEIGHT 0.06 /* the same for advice that saves memory only */
#define MEMORY_FACTOR 4    /* times less: worth a change */

static void action_free(gpointer data)
{
    struct action *action = data;
    g_free(action->text);
    g_free(action->file);
    g_free(action);
}

/* `text` is taken. */
static struct action *action_add(GPtrArray *actions, char *text, const struct place *place, const char *basis)
{
    struct action *action = g_new0(struct action, 1);
    action->text = text;
    action->file = place ? g_strdup(place->file) : NULL;
    action->line = place ? place->line : 0;
    action->saved_seconds = action->gain = action->memory_gain = NAN;
    action->basis = basis;
    g_ptr_array_add(actions, action);
    return action;
}

static gboolean suggests_change(const struct advice *advice)
{
    return advice->current_model != advice->suggested_model || advice->changes->len > 0;
}

static double bytes_of(const GPtrArray *estimates, enum execution_model model)
{
    for (guint i = 0; i < estimates->len; i++) {
        const struct model_estimate *estimate = g_ptr_array_index(estimates, i);
        if (estimate->model == model && estimate->predicted_bytes > 0)
            return estimate->predicted_bytes;
    }
    return NAN;
}

static char *advice_text(const struct advice *advice)
{
    const struct place *change = advice->changes->len ? g_ptr_array_index(advice->changes, 0) : NULL;
    const char *what = change                 ? change->text
                       : advice->reasons->len ? g_ptr_array_index(advice->reasons, 0)
                                              : "see the advice below";
    const char *site = advice->site ? advice->site : "the program";
    if (advice->current_model == advice->suggested_model)
        return g_strdup_printf("%s: %s", site, what);
    return g_strdup_printf("%s → %s for %s: %s", execution_model_name(advice->current_model),
                           execution_model_name(advice->suggested_model), site, what);
}

/* Of the run. Where it is not known how many tasks come, of the time that the site was active. */
static double part_saved(const struct report_index *index, const struct advice *advice,
                         const struct advice_verdict *verdict)
{
    double active = report_index_value(index, advice->site ? SUBJECT_REGION : SUBJECT_PROGRAM, advice->site,
                                       "active_seconds");
    if (!isnan(verdict->saved_seconds) || !verdict->work.unbounded || !(verdict->measured_gain > 1))
        return verdict->saved_seconds / index->run->seconds;
    return MIN(1, active / index->run->seconds) * (1 - 1 / verdict->measured_gain);
}

static void add_advice(const struct report_index *index, const struct advice *advice, GPtrArray *actions)
{
    const struct advice_verdict *verdict = report_index_advice_verdict(index, advice->id);
    if (!verdict || !suggests_change(advice) ||
        (verdict->kind != VERDICT_CONFIRMED && verdict->kind != VERDICT_INCONCLUSIVE))
        return;
    const struct place *change = advice->changes->len ? g_ptr_array_index(advice->changes, 0) : NULL;
    struct action *action =
        action_add(actions, advice_text(advice), change, verdict_kind_name(verdict->kind));
    action->saved_seconds = verdict->saved_seconds;
    action->gain = verdict->measured_gain;
    double less =
        bytes_of(verdict->models, advice->current_model) / bytes_of(verdict->models, advice->suggested_model);
    if (less >= MEMORY_FACTOR)
        action->memory_gain = less;
    action->weight = part_saved(index, advice, verdict);
    if (isnan(action->weight) || (less >= MEMORY_FACTOR && action->weight < MEMORY_WEIGHT))
        action->weight = less >= MEMORY_FACTOR ? MEMORY_WEIGHT : 0;
}

/* Said already, by advice on the same code. */
static gboolean is_advised(const struct report_index *index, const struct finding *finding)
{
    for (guint i = 0; i < index->session->advice->len; i++) {
        const struct advice *advice = g_ptr_array_index(index->session->advice, i);
        for (guint j = 0; j < advice->changes->len; j++) {
            const struct place *change = g_ptr_array_index(advice->changes, j);
            if (finding->line >= change->line && finding->line <= MAX(change->line, change->end_line) &&
                g_strcmp0(finding->file, change->file) == 0)
                return TRUE;
        }
    }
    return FALSE;
}

static void add_finding(const struct report_index *index, const struct finding *finding, GPtrArray *actions)
{
    const struct finding_verdict *verdict = report_index_finding_verdict(index, finding->fingerprint);
    gboolean seen = verdict && verdict->kind == SIGHTING_SEEN;
    if (!verdict || finding->suppressed || (!seen && finding->severity != SEVERITY_ERROR) ||
        is_advised(index, finding))
        return;
    const struct place place = {.file = finding->file, .line = finding->line};
    struct action *action =
        action_add(actions, g_strdup(finding->message), &place, sighting_name(verdict->kind));
    if (verdict->seconds > 0) {
        action->saved_seconds = MIN(verdict->seconds, index->run->seconds);
        action->weight = action->saved_seconds / index->run->seconds;
    }
    if (finding->severity == SEVERITY_ERROR)
        action->weight = MAX(action->weight, ERROR_WEIGHT);
}

/* The wait for the lock that took longest in sum. */
static const struct wait_edge *worst_wait(const struct report_index *index, const char *lock)
{
    const struct wait_edge *worst = NULL;
    for (guint i = 0; i < index->session->waits->len; i++) {
        const struct wait_edge *wait = g_ptr_array_index(index->session->waits, i);
        if (!wait->idle && wait->file && g_strcmp0(wait->lock, lock) == 0 &&
            report_index_is_shown(index, wait->run) && (!worst || wait->seconds > worst->seconds))
            worst = wait;
    }
    return worst;
}

static gboolean is_named(const GPtrArray *actions, const char *name)
{
    for (guint i = 0; i < actions->len; i++) {
        if (g_strrstr(((const struct action *)g_ptr_array_index(actions, i))->text, name))
            return TRUE;
    }
    return FALSE;
}

/* Threads that wait side by side do not make the program longer by the sum of it. */
static void add_lock(const struct report_index *index, const struct lock *lock, GPtrArray *actions)
{
    double waited = report_index_value(index, SUBJECT_LOCK, lock->id, "lock_wait_seconds");
    double threads = report_index_value(index, SUBJECT_PROGRAM, NULL, "threads_peak");
    const struct wait_edge *worst = worst_wait(index, lock->id);
    gboolean owned = lock->kind == LOCK_MUTEX || lock->kind == LOCK_RWLOCK || lock->kind == LOCK_SPINLOCK;
    if (!worst || !owned || !(waited > 0) || !(threads > 0) || is_named(actions, lock->name))
        return;
    g_autofree char *seconds = quantity_seconds(waited);
    const struct place place = {.file = worst->file, .line = worst->line};
    struct action *action = action_add(
        actions,
        g_strdup_printf("%s: threads waited %s for it; hold it for less, or split it", lock->name, seconds),
        &place, "seen");
    action->saved_seconds = MIN(waited / threads, index->run->seconds);
    action->weight = action->saved_seconds / index->run->seconds;
}

static gint compare_actions(gconstpointer a, gconstpointer b)
{
    const struct action *left = *(const struct action *const *)a, *right = *(const struct action *const *)b;
    return left->weight < right->weight ? 1 : left->weight > right->weight ? -1 : 0;
}

GPtrArray *first_actions_find(const struct report_index *index)
{
    const struct session *session = index->session;
    GPtrArray *actions = g_ptr_array_new_with_free_func(action_free);
    if (!index->run || !(index->run->seconds > 0))
        return actions;
    for (guint i = 0; i < session->advice->len; i++)
        add_advice(index, g_ptr_array_index(session->advice, i), actions);
    for (guint i = 0; i < session->findings->len; i++)
        add_finding(index, g_ptr_array_index(session->findings, i), actions);
    for (guint i = 0; i < session->locks->len; i++)
        add_lock(index, g_ptr_array_index(session->locks, i), actions);
    g_ptr_array_sort(actions, compare_actions);
    guint worth = 0;
    while (worth < MIN(actions->len, FIRST_ACTIONS) &&
           ((const struct action *)g_ptr_array_index(actions, worth))->weight >= WORTH_DOING)
        worth++;
    g_ptr_array_set_size(actions, (gint)worth);
    return actions;
}
