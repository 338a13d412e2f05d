/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session.h"

#include "model/metric.h"

#define LIST(NAME, FREE) {G_STRUCT_OFFSET(struct session, NAME), (GDestroyNotify)(FREE)}

static const struct {
    gsize offset;
    GDestroyNotify free_record;
} lists[] = {
    LIST(units, unit_free),
    LIST(regions, region_free),
    LIST(locks, lock_free),
    LIST(findings, finding_free),
    LIST(lock_orders, lock_order_free),
    LIST(advice, advice_free),
    LIST(unknown_functions, unknown_function_free),
    LIST(predictions, prediction_free),
    LIST(runs, run_free),
    LIST(threads, thread_free),
    LIST(measurements, measurement_free),
    LIST(waits, wait_edge_free),
    LIST(timeline, interval_free),
    LIST(call_frames, call_frame_free),
    LIST(call_stacks, call_stack_free),
    LIST(gaps, gap_free),
    LIST(verdicts, verdict_free),
    LIST(advice_verdicts, advice_verdict_free),
    LIST(finding_verdicts, finding_verdict_free),
};
G_STATIC_ASSERT(G_N_ELEMENTS(lists) == SESSION_LISTS);

GPtrArray *session_list(const struct session *session, guint number)
{
    return G_STRUCT_MEMBER(GPtrArray *, session, lists[number].offset);
}

struct session *session_new(void)
{
    struct session *session = g_new0(struct session, 1);
    for (guint i = 0; i < SESSION_LISTS; i++)
        G_STRUCT_MEMBER(GPtrArray *, session, lists[i].offset) =
            g_ptr_array_new_with_free_func(lists[i].free_record);
    return session;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    program_free(session->program);
    g_free(session->root);
    host_free(session->host);
    for (guint i = 0; i < SESSION_LISTS; i++)
        g_ptr_array_unref(session_list(session, i));
    g_free(session);
}

/* Every identified record starts with its id, which is what lets one search serve them all. */
static gconstpointer find_by_id(const GPtrArray *records, const char *id)
{
    for (guint i = 0; id && i < records->len; i++) {
        const char *const *record = g_ptr_array_index(records, i);
        if (g_strcmp0(*record, id) == 0)
            return record;
    }
    return NULL;
}

G_STATIC_ASSERT(G_STRUCT_OFFSET(struct region, id) == 0 && G_STRUCT_OFFSET(struct lock, id) == 0 &&
                G_STRUCT_OFFSET(struct thread, id) == 0 && G_STRUCT_OFFSET(struct run, id) == 0 &&
                G_STRUCT_OFFSET(struct prediction, id) == 0 && G_STRUCT_OFFSET(struct advice, id) == 0);

const struct region *session_find_region(const struct session *session, const char *id)
{
    return find_by_id(session->regions, id);
}

const struct lock *session_find_lock(const struct session *session, const char *id)
{
    return find_by_id(session->locks, id);
}

const struct thread *session_find_thread(const struct session *session, const char *id)
{
    return find_by_id(session->threads, id);
}

const struct run *session_find_run(const struct session *session, const char *id)
{
    return find_by_id(session->runs, id);
}

const struct prediction *session_find_prediction(const struct session *session, const char *id)
{
    return find_by_id(session->predictions, id);
}

const struct measurement *session_find_measurement(const struct session *session, const char *run,
                                                   enum subject_kind kind, const char *subject,
                                                   const char *metric)
{
    for (guint i = 0; i < session->measurements->len; i++) {
        const struct measurement *measurement = g_ptr_array_index(session->measurements, i);
        if (measurement->subject_kind == kind && g_strcmp0(measurement->subject, subject) == 0 &&
            g_strcmp0(measurement->metric, metric) == 0 && g_strcmp0(measurement->run, run) == 0)
            return measurement;
    }
    return NULL;
}

const struct advice *session_find_advice(const struct session *session, const char *id)
{
    return find_by_id(session->advice, id);
}

const struct advice_verdict *session_find_advice_verdict(const struct session *session, const char *advice)
{
    for (guint i = session->advice_verdicts->len; i > 0; i--) {
        const struct advice_verdict *verdict = g_ptr_array_index(session->advice_verdicts, i - 1);
        if (g_strcmp0(verdict->advice, advice) == 0)
            return verdict;
    }
    return NULL;
}

const struct finding_verdict *session_find_finding_verdict(const struct session *session,
                                                           const char *fingerprint)
{
    for (guint i = session->finding_verdicts->len; i > 0; i--) {
        const struct finding_verdict *verdict = g_ptr_array_index(session->finding_verdicts, i - 1);
        if (g_strcmp0(verdict->finding, fingerprint) == 0)
            return verdict;
    }
    return NULL;
}

const struct verdict *session_find_verdict(const struct session *session, const char *prediction)
{
    for (guint i = session->verdicts->len; i > 0; i--) {
        const struct verdict *verdict = g_ptr_array_index(session->verdicts, i - 1);
        if (g_strcmp0(verdict->prediction, prediction) == 0)
            return verdict;
    }
    return NULL;
}

const struct call_frame *session_find_frame(const struct session *session, int number)
{
    return number > 0 && (guint)number <= session->call_frames->len
               ? g_ptr_array_index(session->call_frames, (guint)number - 1)
               : NULL;
}

GPtrArray *session_stack_frames(const struct session *session, const struct call_stack *stack)
{
    GPtrArray *frames = g_ptr_array_new();
    int number = stack->frame;
    for (const struct call_frame *frame = session_find_frame(session, number); frame;
         frame = session_find_frame(session, number)) {
        g_ptr_array_add(frames, (gpointer)frame);
        if (frame->caller >= number) /* a damaged file must not lead in a circle */
            break;
        number = frame->caller;
    }
    return frames;
}

const struct run *session_last_run(const struct session *session)
{
    const struct run *newest = NULL;
    for (guint i = 0; i < session->runs->len; i++) {
        const struct run *run = g_ptr_array_index(session->runs, i);
        if (!newest || run->started_us >= newest->started_us)
            newest = run;
    }
    return newest;
}

void session_add_measurement(struct session *session, const char *run, enum subject_kind kind,
                             const char *subject, const char *metric, double value, guint64 samples)
{
    const struct metric *known = metric_find(metric);
    g_return_if_fail(known != NULL);
    struct measurement *measurement = measurement_new();
    measurement->run = g_strdup(run);
    measurement->subject_kind = kind;
    measurement->subject = g_strdup(subject);
    measurement->metric = g_strdup(metric);
    measurement->value = value;
    measurement->unit = known->unit;
    measurement->samples = samples;
    g_ptr_array_add(session->measurements, measurement);
}

struct prediction *session_add_prediction(struct session *session, const char *advice, const char *region,
                                          const char *metric, enum comparison comparison, double value)
{
    g_return_val_if_fail(metric_find(metric) != NULL, NULL);
    struct prediction *prediction = prediction_new();
    prediction->id = g_strdup_printf("%s/%s", region ? region : "program", metric);
    for (guint suffix = 2; session_find_prediction(session, prediction->id); suffix++) {
        g_free(prediction->id);
        prediction->id = g_strdup_printf("%s/%s#%u", region ? region : "program", metric, suffix);
    }
    prediction->advice = g_strdup(advice);
    prediction->region = g_strdup(region);
    prediction->metric = g_strdup(metric);
    prediction->comparison = comparison;
    prediction->value = value;
    g_ptr_array_add(session->predictions, prediction);
    return prediction;
}
