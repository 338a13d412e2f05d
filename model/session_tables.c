/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session_tables.h"

#define FIELD(RECORD, TYPE, FIELD_NAME) {#FIELD_NAME, TYPE, G_STRUCT_OFFSET(struct RECORD, FIELD_NAME), NULL}
#define NAMED(RECORD, FIELD_NAME, VOCABULARY)                                                                \
    {#FIELD_NAME, COLUMN_NAME, G_STRUCT_OFFSET(struct RECORD, FIELD_NAME), &VOCABULARY##_vocabulary}
#define END                              {NULL, COLUMN_TEXT, 0, NULL}
#define DETAIL(RECORD, TYPE, FIELD_NAME) {#FIELD_NAME, TYPE, G_STRUCT_OFFSET(struct RECORD, FIELD_NAME)}
#define NO_DETAILS                       ((const struct detail[]){{NULL, DETAIL_PLACES, 0}})

G_STATIC_ASSERT(sizeof(enum work_class) == sizeof(int) && sizeof(gboolean) == sizeof(int));

const struct column place_columns[] = {
    FIELD(place, COLUMN_TEXT, file), FIELD(place, COLUMN_INT, line),    FIELD(place, COLUMN_INT, end_line),
    FIELD(place, COLUMN_TEXT, text), FIELD(place, COLUMN_TEXT, thread), END,
};

const struct column estimate_columns[] = {
    NAMED(model_estimate, model, execution_model),
    FIELD(model_estimate, COLUMN_REAL, predicted_seconds),
    FIELD(model_estimate, COLUMN_REAL, predicted_bytes),
    FIELD(model_estimate, COLUMN_TEXT, ruled_out),
    END,
};

const struct column time_columns[] = {
    FIELD(time_estimate, COLUMN_TEXT, part),
    FIELD(time_estimate, COLUMN_REAL, low),
    FIELD(time_estimate, COLUMN_REAL, typical),
    FIELD(time_estimate, COLUMN_REAL, high),
    END,
};

const struct column host_cost_columns[] = {
    FIELD(host_cost, COLUMN_TEXT, name),
    FIELD(host_cost, COLUMN_TEXT, unit),
    FIELD(host_cost, COLUMN_REAL, value),
    FIELD(host_cost, COLUMN_REAL, low),
    FIELD(host_cost, COLUMN_REAL, high),
    FIELD(host_cost, COLUMN_INT64, samples),
    END,
};

static const struct column host_columns[] = {
    FIELD(host, COLUMN_TEXT, name),        FIELD(host, COLUMN_TEXT, kernel),
    FIELD(host, COLUMN_TEXT, processor),   FIELD(host, COLUMN_TEXT, measured_at),
    FIELD(host, COLUMN_TEXT, corewise),    FIELD(host, COLUMN_INT, cores),
    FIELD(host, COLUMN_REAL, quota_cores), END,
};
static const struct detail host_details[] = {
    DETAIL(host, DETAIL_COSTS, costs),
    {NULL, DETAIL_PLACES, 0},
};

static const struct column program_columns[] = {
    FIELD(program, COLUMN_TEXT, name),
    NAMED(program, current_model, execution_model),
    NAMED(program, suggested_model, execution_model),
    NAMED(program, shape, execution_shape),
    FIELD(program, COLUMN_REAL, confidence),
    END,
};
static const struct detail program_details[] = {
    DETAIL(program, DETAIL_REASONS, reasons),
    DETAIL(program, DETAIL_PLACES, evidence),
    {NULL, DETAIL_PLACES, 0},
};

static const struct column unit_columns[] = {
    FIELD(unit, COLUMN_TEXT, file),
    FIELD(unit, COLUMN_TEXT, command),
    FIELD(unit, COLUMN_TEXT, content_hash),
    FIELD(unit, COLUMN_TEXT, error),
    END,
};

static const struct column region_columns[] = {
    FIELD(region, COLUMN_TEXT, id),       NAMED(region, kind, region_kind),
    FIELD(region, COLUMN_TEXT, function), FIELD(region, COLUMN_TEXT, file),
    FIELD(region, COLUMN_INT, line),      FIELD(region, COLUMN_INT, end_line),
    NAMED(region, class, work_class),     FIELD(region, COLUMN_REAL, confidence),
    FIELD(region, COLUMN_TEXT, lock),     END,
};
static const struct detail region_details[] = {
    DETAIL(region, DETAIL_PLACES, evidence),
    DETAIL(region, DETAIL_PLACES, idle_sites),
    DETAIL(region, DETAIL_TIMES, seconds),
    {NULL, DETAIL_PLACES, 0},
};

static const struct column lock_columns[] = {
    FIELD(lock, COLUMN_TEXT, id),
    FIELD(lock, COLUMN_TEXT, name),
    NAMED(lock, kind, lock_kind),
    FIELD(lock, COLUMN_TEXT, file),
    FIELD(lock, COLUMN_INT, line),
    FIELD(lock, COLUMN_INT, traced),
    END,
};

static const struct column finding_columns[] = {
    FIELD(finding, COLUMN_TEXT, fingerprint),   FIELD(finding, COLUMN_TEXT, rule),
    NAMED(finding, severity, severity),         FIELD(finding, COLUMN_TEXT, region),
    FIELD(finding, COLUMN_TEXT, function),      FIELD(finding, COLUMN_TEXT, file),
    FIELD(finding, COLUMN_INT, line),           FIELD(finding, COLUMN_INT, column),
    FIELD(finding, COLUMN_TEXT, message),       FIELD(finding, COLUMN_INT, suppressed),
    FIELD(finding, COLUMN_TEXT, justification), END,
};
static const struct detail finding_details[] = {
    DETAIL(finding, DETAIL_PLACES, path),
    {NULL, DETAIL_PLACES, 0},
};

static const struct column lock_order_columns[] = {
    FIELD(lock_order, COLUMN_TEXT, first),    FIELD(lock_order, COLUMN_TEXT, second),
    FIELD(lock_order, COLUMN_TEXT, function), FIELD(lock_order, COLUMN_TEXT, file),
    FIELD(lock_order, COLUMN_INT, line),      FIELD(lock_order, COLUMN_TEXT, thread),
    FIELD(lock_order, COLUMN_TEXT, finding),  END,
};
static const struct detail lock_order_details[] = {
    DETAIL(lock_order, DETAIL_PLACES, path),
    {NULL, DETAIL_PLACES, 0},
};

#define WORK(RECORD, FIELD_NAME)                                                                             \
    {#FIELD_NAME, COLUMN_REAL, G_STRUCT_OFFSET(struct RECORD, work.FIELD_NAME), NULL}
#define WORK_COLUMNS(RECORD)                                                                                 \
    WORK(RECORD, tasks), WORK(RECORD, in_flight), WORK(RECORD, cpu_seconds), WORK(RECORD, wait_seconds),     \
        WORK(RECORD, stop_seconds), WORK(RECORD, serial_seconds), WORK(RECORD, message_bytes),               \
        WORK(RECORD, resident_bytes),                                                                        \
    {                                                                                                        \
        "unbounded", COLUMN_INT, G_STRUCT_OFFSET(struct RECORD, work.unbounded), NULL                        \
    }

static const struct column advice_columns[] = {
    FIELD(advice, COLUMN_TEXT, id),
    FIELD(advice, COLUMN_TEXT, region),
    FIELD(advice, COLUMN_TEXT, site),
    NAMED(advice, current_model, execution_model),
    NAMED(advice, suggested_model, execution_model),
    NAMED(advice, shape, execution_shape),
    FIELD(advice, COLUMN_REAL, confidence),
    WORK_COLUMNS(advice),
    END,
};
static const struct detail advice_details[] = {
    DETAIL(advice, DETAIL_REASONS, reasons),
    DETAIL(advice, DETAIL_ESTIMATES, models),
    DETAIL(advice, DETAIL_PLACES, changes),
    {NULL, DETAIL_PLACES, 0},
};

static const struct column unknown_function_columns[] = {
    FIELD(unknown_function, COLUMN_TEXT, name),
    FIELD(unknown_function, COLUMN_INT, calls),
    FIELD(unknown_function, COLUMN_TEXT, file),
    FIELD(unknown_function, COLUMN_INT, line),
    END,
};

static const struct column prediction_columns[] = {
    FIELD(prediction, COLUMN_TEXT, id),
    FIELD(prediction, COLUMN_TEXT, advice),
    FIELD(prediction, COLUMN_TEXT, region),
    FIELD(prediction, COLUMN_TEXT, metric),
    NAMED(prediction, comparison, comparison),
    FIELD(prediction, COLUMN_REAL, value),
    END,
};

static const struct column run_columns[] = {
    FIELD(run, COLUMN_TEXT, id),
    FIELD(run, COLUMN_TEXT, command),
    FIELD(run, COLUMN_TEXT, host),
    FIELD(run, COLUMN_INT64, started_us),
    FIELD(run, COLUMN_REAL, seconds),
    FIELD(run, COLUMN_INT64, lost_events),
    FIELD(run, COLUMN_INT, exit_status),
    FIELD(run, COLUMN_INT, cores),
    FIELD(run, COLUMN_TEXT, variant),
    FIELD(run, COLUMN_TEXT, model),
    FIELD(run, COLUMN_INT, workers),
    FIELD(run, COLUMN_INT, round),
    FIELD(run, COLUMN_TEXT, failure),
    FIELD(run, COLUMN_INT, untraced),
    END,
};

static const struct column thread_columns[] = {
    FIELD(thread, COLUMN_TEXT, id),      FIELD(thread, COLUMN_TEXT, run),
    FIELD(thread, COLUMN_INT, pid),      FIELD(thread, COLUMN_INT, tid),
    FIELD(thread, COLUMN_TEXT, name),    FIELD(thread, COLUMN_TEXT, region),
    FIELD(thread, COLUMN_REAL, seconds), END,
};

static const struct column measurement_columns[] = {
    FIELD(measurement, COLUMN_TEXT, run),      NAMED(measurement, subject_kind, subject_kind),
    FIELD(measurement, COLUMN_TEXT, subject),  FIELD(measurement, COLUMN_TEXT, metric),
    FIELD(measurement, COLUMN_REAL, value),    FIELD(measurement, COLUMN_INTERNED, unit),
    FIELD(measurement, COLUMN_INT64, samples), END,
};

static const struct column wait_columns[] = {
    FIELD(wait_edge, COLUMN_TEXT, run),
    FIELD(wait_edge, COLUMN_TEXT, waiter),
    FIELD(wait_edge, COLUMN_TEXT, holder),
    FIELD(wait_edge, COLUMN_TEXT, lock),
    NAMED(wait_edge, cause, wait_cause),
    FIELD(wait_edge, COLUMN_REAL, seconds),
    FIELD(wait_edge, COLUMN_INT64, count),
    FIELD(wait_edge, COLUMN_REAL, longest_seconds),
    FIELD(wait_edge, COLUMN_REAL, wakeup_seconds),
    FIELD(wait_edge, COLUMN_INT, idle),
    FIELD(wait_edge, COLUMN_TEXT, file),
    FIELD(wait_edge, COLUMN_INT, line),
    FIELD(wait_edge, COLUMN_TEXT, function),
    FIELD(wait_edge, COLUMN_TEXT, unknown_holder),
    END,
};

static const struct column gap_columns[] = {
    FIELD(gap, COLUMN_TEXT, run),     FIELD(gap, COLUMN_TEXT, what),
    FIELD(gap, COLUMN_TEXT, name),    FIELD(gap, COLUMN_TEXT, file),
    FIELD(gap, COLUMN_INT, line),     FIELD(gap, COLUMN_REAL, seconds),
    FIELD(gap, COLUMN_TEXT, missing), END,
};

static const struct column call_frame_columns[] = {
    FIELD(call_frame, COLUMN_INT, caller),  FIELD(call_frame, COLUMN_TEXT, function),
    FIELD(call_frame, COLUMN_TEXT, file),   FIELD(call_frame, COLUMN_INT, line),
    FIELD(call_frame, COLUMN_TEXT, module), END,
};

static const struct column call_stack_columns[] = {
    FIELD(call_stack, COLUMN_TEXT, run),
    FIELD(call_stack, COLUMN_TEXT, thread_group),
    FIELD(call_stack, COLUMN_INT, frame),
    NAMED(call_stack, activity, activity),
    FIELD(call_stack, COLUMN_TEXT, cause),
    FIELD(call_stack, COLUMN_INT, idle),
    FIELD(call_stack, COLUMN_REAL, seconds),
    FIELD(call_stack, COLUMN_REAL, runnable_seconds),
    FIELD(call_stack, COLUMN_INT64, count),
    FIELD(call_stack, COLUMN_INT, merged),
    END,
};

static const struct column interval_columns[] = {
    FIELD(interval, COLUMN_TEXT, run),           FIELD(interval, COLUMN_TEXT, thread),
    FIELD(interval, COLUMN_REAL, start_seconds), FIELD(interval, COLUMN_REAL, seconds),
    NAMED(interval, activity, activity),         FIELD(interval, COLUMN_TEXT, cause),
    FIELD(interval, COLUMN_TEXT, function),      END,
};

static const struct column verdict_columns[] = {
    FIELD(verdict, COLUMN_TEXT, run),
    FIELD(verdict, COLUMN_TEXT, prediction),
    {"verdict", COLUMN_NAME, G_STRUCT_OFFSET(struct verdict, kind), &verdict_kind_vocabulary},
    FIELD(verdict, COLUMN_REAL, measured),
    FIELD(verdict, COLUMN_REAL, low),
    FIELD(verdict, COLUMN_REAL, high),
    FIELD(verdict, COLUMN_INT64, samples),
    FIELD(verdict, COLUMN_TEXT, why),
    END,
};

static const struct column advice_verdict_columns[] = {
    FIELD(advice_verdict, COLUMN_TEXT, run),
    FIELD(advice_verdict, COLUMN_TEXT, advice),
    {"verdict", COLUMN_NAME, G_STRUCT_OFFSET(struct advice_verdict, kind), &verdict_kind_vocabulary},
    FIELD(advice_verdict, COLUMN_REAL, predicted_gain),
    FIELD(advice_verdict, COLUMN_REAL, measured_gain),
    FIELD(advice_verdict, COLUMN_REAL, saved_seconds),
    WORK_COLUMNS(advice_verdict),
    FIELD(advice_verdict, COLUMN_TEXT, why),
    END,
};
static const struct detail advice_verdict_details[] = {
    DETAIL(advice_verdict, DETAIL_ESTIMATES, models),
    DETAIL(advice_verdict, DETAIL_REASONS, observations),
    {NULL, DETAIL_PLACES, 0},
};

static const struct column finding_verdict_columns[] = {
    FIELD(finding_verdict, COLUMN_TEXT, run),
    FIELD(finding_verdict, COLUMN_TEXT, finding),
    {"verdict", COLUMN_NAME, G_STRUCT_OFFSET(struct finding_verdict, kind), &sighting_vocabulary},
    FIELD(finding_verdict, COLUMN_REAL, seconds),
    FIELD(finding_verdict, COLUMN_INT64, count),
    FIELD(finding_verdict, COLUMN_TEXT, why),
    END,
};

/* Constructors and destructors know their own record type; the tables want any. */
#define LIFE(RECORD)                                                                                         \
    static gpointer RECORD##_create(void)                                                                    \
    {                                                                                                        \
        return RECORD##_new();                                                                               \
    }                                                                                                        \
    static void RECORD##_destroy(gpointer record)                                                            \
    {                                                                                                        \
        RECORD##_free(record);                                                                               \
    }
LIFE(host)
LIFE(program)
LIFE(unit)
LIFE(region)
LIFE(lock)
LIFE(finding)
LIFE(lock_order)
LIFE(advice)
LIFE(unknown_function)
LIFE(prediction)
LIFE(run)
LIFE(thread)
LIFE(measurement)
LIFE(wait_edge)
LIFE(interval)
LIFE(call_frame)
LIFE(call_stack)
LIFE(gap)
LIFE(verdict)
LIFE(advice_verdict)
LIFE(finding_verdict)

#define LIFE_OF(RECORD)   RECORD##_create, RECORD##_destroy
#define ARRAY(FIELD_NAME) G_STRUCT_OFFSET(struct session, FIELD_NAME)

const struct record_table record_tables[] = {
    {"host", STAGE_ANALYSIS, NULL, ARRAY(host), TRUE, LIFE_OF(host), host_columns, host_details},
    {"program", STAGE_ANALYSIS, NULL, ARRAY(program), TRUE, LIFE_OF(program), program_columns,
     program_details},
    {"unit", STAGE_ANALYSIS, NULL, ARRAY(units), FALSE, LIFE_OF(unit), unit_columns, NO_DETAILS},
    {"region", STAGE_ANALYSIS, "kind <> 'marker'", ARRAY(regions), FALSE, LIFE_OF(region), region_columns,
     region_details},
    {"lock", STAGE_ANALYSIS, "traced = 0", ARRAY(locks), FALSE, LIFE_OF(lock), lock_columns, NO_DETAILS},
    {"finding", STAGE_ANALYSIS, NULL, ARRAY(findings), FALSE, LIFE_OF(finding), finding_columns,
     finding_details},
    {"lock_order", STAGE_ANALYSIS, NULL, ARRAY(lock_orders), FALSE, LIFE_OF(lock_order), lock_order_columns,
     lock_order_details},
    {"advice", STAGE_ANALYSIS, NULL, ARRAY(advice), FALSE, LIFE_OF(advice), advice_columns, advice_details},
    {"unknown_function", STAGE_ANALYSIS, NULL, ARRAY(unknown_functions), FALSE, LIFE_OF(unknown_function),
     unknown_function_columns, NO_DETAILS},
    {"prediction", STAGE_ANALYSIS, NULL, ARRAY(predictions), FALSE, LIFE_OF(prediction), prediction_columns,
     NO_DETAILS},
    {"run", STAGE_TRACE, NULL, ARRAY(runs), FALSE, LIFE_OF(run), run_columns, NO_DETAILS},
    {"region", STAGE_TRACE, "kind = 'marker'", ARRAY(regions), FALSE, LIFE_OF(region), region_columns,
     region_details},
    {"lock", STAGE_TRACE, "traced = 1", ARRAY(locks), FALSE, LIFE_OF(lock), lock_columns, NO_DETAILS},
    {"thread", STAGE_TRACE, NULL, ARRAY(threads), FALSE, LIFE_OF(thread), thread_columns, NO_DETAILS},
    {"measurement", STAGE_TRACE, NULL, ARRAY(measurements), FALSE, LIFE_OF(measurement), measurement_columns,
     NO_DETAILS},
    {"wait_edge", STAGE_TRACE, NULL, ARRAY(waits), FALSE, LIFE_OF(wait_edge), wait_columns, NO_DETAILS},
    {"timeline", STAGE_TRACE, NULL, ARRAY(timeline), FALSE, LIFE_OF(interval), interval_columns, NO_DETAILS},
    {"call_frame", STAGE_TRACE, NULL, ARRAY(call_frames), FALSE, LIFE_OF(call_frame), call_frame_columns,
     NO_DETAILS},
    {"call_stack", STAGE_TRACE, NULL, ARRAY(call_stacks), FALSE, LIFE_OF(call_stack), call_stack_columns,
     NO_DETAILS},
    {"gap", STAGE_TRACE, NULL, ARRAY(gaps), FALSE, LIFE_OF(gap), gap_columns, NO_DETAILS},
    {"verdict", STAGE_JUDGEMENT, NULL, ARRAY(verdicts), FALSE, LIFE_OF(verdict), verdict_columns, NO_DETAILS},
    {"advice_verdict", STAGE_JUDGEMENT, NULL, ARRAY(advice_verdicts), FALSE, LIFE_OF(advice_verdict),
     advice_verdict_columns, advice_verdict_details},
    {"finding_verdict", STAGE_JUDGEMENT, NULL, ARRAY(finding_verdicts), FALSE, LIFE_OF(finding_verdict),
     finding_verdict_columns, NO_DETAILS},
};
const guint record_table_count = G_N_ELEMENTS(record_tables);
