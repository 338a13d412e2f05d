/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session.h"

#include "model/metric.h"

#define NEW_ARRAY(FREE) g_ptr_array_new_with_free_func((GDestroyNotify)(FREE))

struct session *session_new(void)
{
    struct session *session = g_new0(struct session, 1);
    session->units = NEW_ARRAY(unit_free);
    session->regions = NEW_ARRAY(region_free);
    session->locks = NEW_ARRAY(lock_free);
    session->findings = NEW_ARRAY(finding_free);
    session->lock_orders = NEW_ARRAY(lock_order_free);
    session->advice = NEW_ARRAY(advice_free);
    session->unknown_functions = NEW_ARRAY(unknown_function_free);
    session->predictions = NEW_ARRAY(prediction_free);
    session->runs = NEW_ARRAY(run_free);
    session->threads = NEW_ARRAY(thread_free);
    session->measurements = NEW_ARRAY(measurement_free);
    session->waits = NEW_ARRAY(wait_edge_free);
    session->timeline = NEW_ARRAY(interval_free);
    session->call_frames = NEW_ARRAY(call_frame_free);
    session->call_stacks = NEW_ARRAY(call_stack_free);
    session->gaps = NEW_ARRAY(gap_free);
    session->verdicts = NEW_ARRAY(verdict_free);
    session->advice_verdicts = NEW_ARRAY(advice_verdict_free);
    session->finding_verdicts = NEW_ARRAY(finding_verdict_free);
    return session;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    program_free(session->program);
    g_free(session->root);
    host_free(session->host);
    GPtrArray *arrays[] = {session->units,
                           session->regions,
                           session->locks,
                           session->findings,
                           session->advice,
                           session->predictions,
                           session->runs,
                           session->threads,
                           session->measurements,
                           session->waits,
                           session->verdicts,
                           session->timeline,
                           session->call_frames,
                           session->call_stacks,
                           session->gaps,
                           session->unknown_functions,
                           session->advice_verdicts,
                           session->finding_verdicts,
                           session->lock_orders};
    for (guint i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_ptr_array_unref(arrays[i]);
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
