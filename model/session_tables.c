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
    FIELD(place, COLUMN_TEXT, file),
    FIELD(place, COLUMN_INT, line),
    FIELD(place, COLUMN_INT, end_line),
    FIELD(place, COLUMN_TEXT, text),
    END,
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

static const struct column program_columns[] = {
    FIELD(program, COLUMN_TEXT, name),
    NAMED(program, current_model, execution_model),
    NAMED(program, suggested_model, execution_model),
    FIELD(program, COLUMN_REAL, confidence),
    END,
};
static const struct detail program_details[] = {
    DETAIL(program, DETAIL_REASONS, reasons),
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
    FIELD(finding, COLUMN_TEXT, fingerprint), FIELD(finding, COLUMN_TEXT, rule),
    NAMED(finding, severity, severity),       FIELD(finding, COLUMN_TEXT, region),
    FIELD(finding, COLUMN_TEXT, file),        FIELD(finding, COLUMN_INT, line),
    FIELD(finding, COLUMN_INT, column),       FIELD(finding, COLUMN_TEXT, message),
    FIELD(finding, COLUMN_INT, suppressed),   END,
};
static const struct detail finding_details[] = {
    DETAIL(finding, DETAIL_PLACES, path),
    {NULL, DETAIL_PLACES, 0},
};

static const struct column advice_columns[] = {
    FIELD(advice, COLUMN_TEXT, id),
    FIELD(advice, COLUMN_TEXT, region),
    NAMED(advice, current_model, execution_model),
    NAMED(advice, suggested_model, execution_model),
    FIELD(advice, COLUMN_REAL, confidence),
    END,
};
static const struct detail advice_details[] = {
    DETAIL(advice, DETAIL_REASONS, reasons),
    DETAIL(advice, DETAIL_ESTIMATES, models),
    {NULL, DETAIL_PLACES, 0},
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
    FIELD(wait_edge, COLUMN_INT, idle),
    FIELD(wait_edge, COLUMN_TEXT, file),
    FIELD(wait_edge, COLUMN_INT, line),
    FIELD(wait_edge, COLUMN_TEXT, function),
    FIELD(wait_edge, COLUMN_TEXT, unknown_holder),
    END,
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

/* The constructors return their own record type; the tables want any. */
#define CREATE(RECORD)                                                                                       \
    static gpointer RECORD##_create(void)                                                                    \
    {                                                                                                        \
        return RECORD##_new();                                                                               \
    }
CREATE(program)
CREATE(unit)
CREATE(region)
CREATE(lock)
CREATE(finding)
CREATE(advice)
CREATE(prediction)
CREATE(run)
CREATE(thread)
CREATE(measurement)
CREATE(wait_edge)
CREATE(verdict)

#define ARRAY(FIELD_NAME) G_STRUCT_OFFSET(struct session, FIELD_NAME)

const struct record_table record_tables[] = {
    {"program", STAGE_ANALYSIS, NULL, ARRAY(program), TRUE, program_create, program_columns, program_details},
    {"unit", STAGE_ANALYSIS, NULL, ARRAY(units), FALSE, unit_create, unit_columns, NO_DETAILS},
    {"region", STAGE_ANALYSIS, NULL, ARRAY(regions), FALSE, region_create, region_columns, region_details},
    {"lock", STAGE_ANALYSIS, "traced = 0", ARRAY(locks), FALSE, lock_create, lock_columns, NO_DETAILS},
    {"finding", STAGE_ANALYSIS, NULL, ARRAY(findings), FALSE, finding_create, finding_columns,
     finding_details},
    {"advice", STAGE_ANALYSIS, NULL, ARRAY(advice), FALSE, advice_create, advice_columns, advice_details},
    {"prediction", STAGE_ANALYSIS, NULL, ARRAY(predictions), FALSE, prediction_create, prediction_columns,
     NO_DETAILS},
    {"run", STAGE_TRACE, NULL, ARRAY(runs), FALSE, run_create, run_columns, NO_DETAILS},
    {"lock", STAGE_TRACE, "traced = 1", ARRAY(locks), FALSE, lock_create, lock_columns, NO_DETAILS},
    {"thread", STAGE_TRACE, NULL, ARRAY(threads), FALSE, thread_create, thread_columns, NO_DETAILS},
    {"measurement", STAGE_TRACE, NULL, ARRAY(measurements), FALSE, measurement_create, measurement_columns,
     NO_DETAILS},
    {"wait_edge", STAGE_TRACE, NULL, ARRAY(waits), FALSE, wait_edge_create, wait_columns, NO_DETAILS},
    {"verdict", STAGE_JUDGEMENT, NULL, ARRAY(verdicts), FALSE, verdict_create, verdict_columns, NO_DETAILS},
};
const guint record_table_count = G_N_ELEMENTS(record_tables);
