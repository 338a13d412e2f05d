/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/report_index.h"

#include <math.h>

#include "model/work_class.h"

static char *measurement_key(enum subject_kind kind, const char *subject, const char *metric)
{
    return g_strdup_printf("%d\n%s\n%s", (int)kind, metric, subject ? subject : "");
}

/* Every identified record starts with its id. */
static GHashTable *table_by_id(const GPtrArray *records)
{
    GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < records->len; i++) {
        gpointer record = g_ptr_array_index(records, i);
        g_hash_table_insert(table, *(char **)record, record);
    }
    return table;
}

static GHashTable *verdict_table(const struct report_index *index)
{
    GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < index->session->verdicts->len; i++) {
        struct verdict *verdict = g_ptr_array_index(index->session->verdicts, i);
        if (!verdict->run || report_index_is_shown(index, verdict->run))
            g_hash_table_insert(table, verdict->prediction, verdict);
    }
    return table;
}

static GHashTable *measurement_table(const struct report_index *index)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < index->session->measurements->len; i++) {
        struct measurement *measurement = g_ptr_array_index(index->session->measurements, i);
        if (report_index_is_shown(index, measurement->run))
            g_hash_table_insert(
                table, measurement_key(measurement->subject_kind, measurement->subject, measurement->metric),
                measurement);
    }
    return table;
}

struct report_index *report_index_new(const struct session *session)
{
    struct report_index *index = g_new0(struct report_index, 1);
    index->session = session;
    index->run = session_last_run(session);
    index->regions = table_by_id(session->regions);
    index->locks = table_by_id(session->locks);
    index->threads = table_by_id(session->threads);
    index->verdicts = verdict_table(index);
    index->measurements = measurement_table(index);
    return index;
}

void report_index_free(struct report_index *index)
{
    if (!index)
        return;
    g_hash_table_unref(index->regions);
    g_hash_table_unref(index->locks);
    g_hash_table_unref(index->threads);
    g_hash_table_unref(index->verdicts);
    g_hash_table_unref(index->measurements);
    g_free(index);
}

double report_index_value(const struct report_index *index, enum subject_kind kind, const char *subject,
                          const char *metric)
{
    g_autofree char *key = measurement_key(kind, subject, metric);
    const struct measurement *measurement = g_hash_table_lookup(index->measurements, key);
    return measurement ? measurement->value : NAN;
}

gboolean report_index_is_shown(const struct report_index *index, const char *run)
{
    return index->run && g_strcmp0(index->run->id, run) == 0;
}

const char *report_index_thread_group(const struct report_index *index, const char *thread)
{
    const struct thread *known = thread ? g_hash_table_lookup(index->threads, thread) : NULL;
    if (!known)
        return thread;
    const struct region *body = known->region ? g_hash_table_lookup(index->regions, known->region) : NULL;
    return body && body->function ? body->function : known->name ? known->name : known->id;
}

const char *report_index_lock_name(const struct report_index *index, const char *lock)
{
    const struct lock *known = lock ? g_hash_table_lookup(index->locks, lock) : NULL;
    return known && known->name ? known->name : lock;
}

enum lock_kind report_index_lock_kind(const struct report_index *index, const struct wait_edge *wait)
{
    const struct lock *lock = wait->lock ? g_hash_table_lookup(index->locks, wait->lock) : NULL;
    switch (wait->cause) {
    case CAUSE_MUTEX:
        return LOCK_MUTEX;
    case CAUSE_CONDITION:
        return LOCK_CONDITION;
    case CAUSE_RWLOCK:
        return LOCK_RWLOCK;
    case CAUSE_SEMAPHORE:
        return LOCK_SEMAPHORE;
    case CAUSE_BARRIER:
        return LOCK_BARRIER;
    default:
        return lock ? lock->kind : LOCK_UNKNOWN;
    }
}

gboolean report_index_measured_class(const struct report_index *index, const char *region,
                                     enum work_class *class)
{
    double active = report_index_value(index, SUBJECT_REGION, region, "active_seconds");
    double cpu = report_index_value(index, SUBJECT_REGION, region, "cpu_share");
    if (!isfinite(active) || !isfinite(cpu))
        return FALSE;
    const struct time_split split = {
        .on_cpu = cpu * active,
        .io_wait = report_index_value(index, SUBJECT_REGION, region, "io_share") * active,
        .lock_wait = report_index_value(index, SUBJECT_REGION, region, "lock_share") * active,
    };
    double program_active = report_index_value(index, SUBJECT_PROGRAM, NULL, "active_seconds");
    *class = time_split_class(&split, isfinite(program_active) ? program_active : active);
    return TRUE;
}

const struct advice_verdict *report_index_advice_verdict(const struct report_index *index, const char *advice)
{
    const struct advice_verdict *verdict = session_find_advice_verdict(index->session, advice);
    return verdict && report_index_is_shown(index, verdict->run) ? verdict : NULL;
}

const struct finding_verdict *report_index_finding_verdict(const struct report_index *index,
                                                           const char *fingerprint)
{
    const struct finding_verdict *verdict = session_find_finding_verdict(index->session, fingerprint);
    return verdict && report_index_is_shown(index, verdict->run) ? verdict : NULL;
}
