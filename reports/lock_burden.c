/* SPDX-License-Identifier: Apache-2.0 */
/* Big locks, convoys, and what is done under a lock: from the waits and measurements of a run. */
#include <math.h>

#include "model/work_class.h"
#include "reports/contention_graph.h"
#include "reports/quantity.h"

#define BIG_LOCK_PARALLELISM 1.3  /* hardly more than one thread runs; the advice's own bound */
#define BIG_LOCK_SHARE       0.30 /* of its threads' active time is waiting for it: lock-bound */
#define BIG_LOCK_HELD        0.80 /* of the run */
#define CONVOY_THREADS       3
#define CONVOY_QUEUE         1.0
#define CONVOY_ROUND         0.5 /* of those who wait for it hold it, too */
#define CONVOY_WAITS         20  /* it goes round again and again: a deadlock does not */

void lock_burden_clear(struct lock_burden *burden)
{
    g_clear_pointer(&burden->sections, g_ptr_array_unref);
    g_clear_pointer(&burden->held, g_free);
}

static double positive(double value)
{
    return value > 0 ? value : 0; /* NaN is not */
}

static double region_value(const struct report_index *index, const struct region *region, const char *metric)
{
    return positive(report_index_value(index, SUBJECT_REGION, region->id, metric));
}

static gboolean begins_at(const struct region *section, const struct wait_edge *wait)
{
    return wait->line == section->line && g_strcmp0(wait->file, section->file) == 0;
}

/* `forks[3]` as the analysis calls it: `forks[]`. */
static char *element_name(const char *lock)
{
    GString *name = g_string_new(NULL);
    for (gboolean inside = FALSE; *lock; lock++) {
        inside = *lock == '[' || (inside && *lock != ']');
        if (!inside || *lock == '[')
            g_string_append_c(name, *lock);
    }
    return g_string_free(name, FALSE);
}

/* A section is of the lock that the analysis says, or of that for which threads waited at its first line: the
 * analysis names locks by type, the trace by object. */
static gboolean is_section_of(const struct region *region, const struct contention_node *node,
                              const char *element)
{
    if (region->kind != REGION_CRITICAL_SECTION)
        return FALSE;
    if (element && g_strcmp0(region->lock, element) == 0)
        return TRUE;
    for (guint i = 0; i < node->waits->len; i++) {
        if (begins_at(region, g_ptr_array_index(node->waits, i)))
            return TRUE;
    }
    return FALSE;
}

static gint compare_sections(gconstpointer left, gconstpointer right, gpointer data)
{
    const struct region *a = *(struct region *const *)left, *b = *(struct region *const *)right;
    double first = region_value(data, a, "active_seconds"), second = region_value(data, b, "active_seconds");
    if (first != second)
        return first > second ? -1 : 1;
    return g_strcmp0(a->id, b->id);
}

static GPtrArray *find_sections(const struct report_index *index, const struct contention_node *node)
{
    GPtrArray *sections = g_ptr_array_new();
    g_autofree char *element = node->id ? element_name(node->id) : NULL;
    for (guint i = 0; i < index->session->regions->len; i++) {
        struct region *region = g_ptr_array_index(index->session->regions, i);
        if (is_section_of(region, node, element))
            g_ptr_array_add(sections, region);
    }
    g_ptr_array_sort_with_data(sections, compare_sections, (gpointer)index);
    return sections;
}

enum { PART_COMPUTING = WAIT_CAUSE_COUNT, PART_COUNT };

static void add_parts(const struct report_index *index, const struct region *section, double *parts)
{
    /* As in the classes: what is ready to compute counts as computing. */
    parts[PART_COMPUTING] += region_value(index, section, "cpu_seconds");
    parts[PART_COMPUTING] += region_value(index, section, "runnable_seconds");
    for (enum wait_cause cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        g_autofree char *metric = g_strdup_printf("blocked_seconds.%s", wait_cause_name(cause));
        parts[cause] += region_value(index, section, metric);
    }
    parts[CAUSE_CONDITION] = 0; /* gives the lock up meanwhile */
    /* Waits on the first line are for the lock, and not under it. */
    for (guint i = 0; i < index->session->waits->len; i++) {
        const struct wait_edge *wait = g_ptr_array_index(index->session->waits, i);
        if (report_index_is_shown(index, wait->run) && begins_at(section, wait))
            parts[wait->cause] = MAX(0, parts[wait->cause] - wait->seconds);
    }
}

static char *describe_held(const struct report_index *index, const struct contention_node *node)
{
    const GPtrArray *sections = node->burden.sections;
    double parts[PART_COUNT] = {0}, sum = 0;
    guint most = 0;
    for (guint i = 0; i < sections->len; i++)
        add_parts(index, g_ptr_array_index(sections, i), parts);
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        sum += parts[i];
        most = parts[i] > parts[most] ? i : most;
    }
    if (sum <= 0)
        return NULL;
    g_autofree char *share = quantity_percent(parts[most] / sum);
    if (most == PART_COMPUTING)
        return g_strdup_printf("%s computing", share);
    return g_strdup_printf("%s waiting: %s", share, wait_cause_name((enum wait_cause)most));
}

static gboolean is_big(const struct report_index *index, const struct contention_node *node)
{
    double parallelism = report_index_value(index, SUBJECT_PROGRAM, NULL, "parallelism"), active = 0;
    GHashTableIter iterator;
    gpointer thread = NULL;
    g_hash_table_iter_init(&iterator, node->members);
    while (g_hash_table_iter_next(&iterator, &thread, NULL))
        active += positive(report_index_value(index, SUBJECT_THREAD, thread, "active_seconds"));
    gboolean bounds = active > 0 && node->seconds >= BIG_LOCK_SHARE * active;
    gboolean always_held = node->burden.hold_seconds >= BIG_LOCK_HELD * index->run->seconds;
    return index->run->cores >= 2 && g_hash_table_size(node->members) >= 2 &&
           parallelism <= BIG_LOCK_PARALLELISM && (bounds || always_held);
}

/* M. Blasgen et al., The convoy phenomenon, ACM Operating Systems Review 13(2), 1979: threads that take the
 * lock again and again find each other in the queue each time. */
static gboolean is_convoy(const struct contention_node *node)
{
    guint round = 0, waiters = g_hash_table_size(node->members);
    GHashTableIter iterator;
    gpointer thread = NULL;
    g_hash_table_iter_init(&iterator, node->members);
    while (g_hash_table_iter_next(&iterator, &thread, NULL))
        round += g_hash_table_contains(node->holders, thread);
    return waiters >= CONVOY_THREADS && node->burden.queue >= CONVOY_QUEUE && node->count >= CONVOY_WAITS &&
           round >= CONVOY_ROUND * waiters;
}

void lock_burden_measure(const struct report_index *index, struct contention_node *node)
{
    struct lock_burden *burden = &node->burden;
    if (node->kind != CONTENTION_LOCK || !index->run)
        return;
    double acquisitions = positive(report_index_value(index, SUBJECT_LOCK, node->id, "lock_acquisitions"));
    burden->hold_seconds = report_index_value(index, SUBJECT_LOCK, node->id, "lock_hold_seconds");
    burden->acquisitions = (guint64)acquisitions;
    burden->sections = find_sections(index, node);
    burden->held = describe_held(index, node);
    if (node->lock_kind == LOCK_CONDITION || node->lock_kind == LOCK_SEMAPHORE ||
        node->lock_kind == LOCK_BARRIER)
        return;
    burden->queue = index->run->seconds > 0 ? node->seconds / index->run->seconds : 0;
    burden->is_big = is_big(index, node);
    burden->is_convoy = is_convoy(node);
}
