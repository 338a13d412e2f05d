/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "reports/json_emit.h"

static void emit_program(JsonBuilder *builder, const struct program *program)
{
    json_builder_set_member_name(builder, "program");
    if (!program) {
        json_builder_add_null_value(builder);
        return;
    }
    json_builder_begin_object(builder);
    json_emit_text(builder, "name", program->name);
    json_emit_text(builder, "current_model", execution_model_name(program->current_model));
    json_emit_text(builder, "suggested_model", execution_model_name(program->suggested_model));
    json_emit_text(builder, "shape", execution_shape_name(program->shape));
    json_emit_number(builder, "confidence", program->confidence);
    json_emit_texts(builder, "reasons", program->reasons);
    json_emit_places(builder, "evidence", program->evidence, FALSE);
    json_builder_end_object(builder);
}

static void emit_host_cost(JsonBuilder *builder, gconstpointer record)
{
    const struct host_cost *cost = record;
    json_emit_text(builder, "name", cost->name);
    json_emit_text(builder, "unit", cost->unit);
    json_emit_number(builder, "value", cost->value);
    json_emit_number(builder, "low", cost->low);
    json_emit_number(builder, "high", cost->high);
    json_emit_integer(builder, "samples", cost->samples);
}

static void emit_host(JsonBuilder *builder, const struct host *host)
{
    json_builder_set_member_name(builder, "host");
    if (!host) {
        json_builder_add_null_value(builder);
        return;
    }
    json_builder_begin_object(builder);
    json_emit_text(builder, "name", host->name);
    json_emit_text(builder, "kernel", host->kernel);
    json_emit_text(builder, "processor", host->processor);
    json_emit_text(builder, "measured_at", host->measured_at);
    json_emit_text(builder, "corewise", host->corewise);
    json_emit_integer(builder, "cores", host->cores);
    json_emit_number(builder, "quota_cores", host->quota_cores > 0 ? host->quota_cores : NAN);
    json_emit_records(builder, "costs", host->costs, emit_host_cost);
    json_builder_end_object(builder);
}

static void emit_units(JsonBuilder *builder, const GPtrArray *units)
{
    guint failed = 0;
    for (guint i = 0; i < units->len; i++)
        failed += ((const struct unit *)g_ptr_array_index(units, i))->error != NULL;
    json_emit_begin(builder, "units");
    json_emit_integer(builder, "total", units->len);
    json_emit_integer(builder, "analysed", units->len - failed);
    json_builder_set_member_name(builder, "failed");
    json_builder_begin_array(builder);
    for (guint i = 0; i < units->len; i++) {
        const struct unit *unit = g_ptr_array_index(units, i);
        if (!unit->error)
            continue;
        json_builder_begin_object(builder);
        json_emit_text(builder, "file", unit->file);
        json_emit_text(builder, "error", unit->error);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

static void emit_time(JsonBuilder *builder, const struct time_estimate *estimate)
{
    json_emit_begin(builder, estimate->part);
    json_emit_number(builder, "low", estimate->low);
    json_emit_number(builder, "typical", estimate->typical);
    json_emit_number(builder, "high", estimate->high);
    json_builder_end_object(builder);
}

/* Wait causes stand under `blocked`, time on the core beside it. */
static void emit_seconds(JsonBuilder *builder, const GPtrArray *seconds)
{
    int ignored;
    json_emit_begin(builder, "seconds");
    for (guint i = 0; i < seconds->len; i++) {
        const struct time_estimate *estimate = g_ptr_array_index(seconds, i);
        if (!vocabulary_find(&wait_cause_vocabulary, estimate->part, &ignored))
            emit_time(builder, estimate);
    }
    json_emit_begin(builder, "blocked");
    for (guint i = 0; i < seconds->len; i++) {
        const struct time_estimate *estimate = g_ptr_array_index(seconds, i);
        if (vocabulary_find(&wait_cause_vocabulary, estimate->part, &ignored))
            emit_time(builder, estimate);
    }
    json_builder_end_object(builder);
    json_builder_end_object(builder);
}

static void emit_region(JsonBuilder *builder, gconstpointer record)
{
    const struct region *region = record;
    json_emit_text(builder, "id", region->id);
    json_emit_text(builder, "kind", region_kind_name(region->kind));
    json_emit_text(builder, "function", region->function);
    json_emit_text(builder, "file", region->file);
    json_emit_line(builder, "line", region->line);
    json_emit_line(builder, "end_line", region->end_line);
    json_emit_text(builder, "class", work_class_name(region->class));
    json_emit_number(builder, "confidence", region->confidence);
    json_emit_places(builder, "evidence", region->evidence, FALSE);
    emit_seconds(builder, region->seconds);
    json_emit_places(builder, "idle_sites", region->idle_sites, TRUE);
    json_emit_text(builder, "lock", region->lock);
}

static void emit_lock(JsonBuilder *builder, gconstpointer record)
{
    const struct lock *lock = record;
    json_emit_text(builder, "id", lock->id);
    json_emit_text(builder, "name", lock->name);
    json_emit_text(builder, "kind", lock_kind_name(lock->kind));
    json_emit_text(builder, "file", lock->file);
    json_emit_line(builder, "line", lock->line);
    json_emit_boolean(builder, "traced", lock->traced);
}

static void emit_advice(JsonBuilder *builder, gconstpointer record)
{
    const struct advice *advice = record;
    json_emit_text(builder, "id", advice->id);
    json_emit_text(builder, "region", advice->region);
    json_emit_text(builder, "site", advice->site);
    json_emit_text(builder, "current_model", execution_model_name(advice->current_model));
    json_emit_text(builder, "suggested_model", execution_model_name(advice->suggested_model));
    json_emit_text(builder, "shape", execution_shape_name(advice->shape));
    json_emit_number(builder, "confidence", advice->confidence);
    json_emit_texts(builder, "reasons", advice->reasons);
    json_emit_work(builder, &advice->work);
    json_emit_records(builder, "models", advice->models, json_emit_model);
    json_emit_places(builder, "changes", advice->changes, FALSE);
}

static void emit_finding(JsonBuilder *builder, gconstpointer record)
{
    const struct finding *finding = record;
    json_emit_text(builder, "rule", finding->rule);
    json_emit_text(builder, "severity", severity_name(finding->severity));
    json_emit_text(builder, "region", finding->region);
    json_emit_text(builder, "function", finding->function);
    json_emit_text(builder, "file", finding->file);
    json_emit_line(builder, "line", finding->line);
    json_emit_line(builder, "column", finding->column);
    json_emit_text(builder, "message", finding->message);
    json_emit_places(builder, "path", finding->path, FALSE);
    json_emit_text(builder, "fingerprint", finding->fingerprint);
    json_emit_boolean(builder, "suppressed", finding->suppressed);
    json_emit_text(builder, "justification", finding->justification);
}

static void emit_lock_order(JsonBuilder *builder, gconstpointer record)
{
    const struct lock_order *order = record;
    json_emit_text(builder, "first", order->first);
    json_emit_text(builder, "second", order->second);
    json_emit_text(builder, "function", order->function);
    json_emit_text(builder, "file", order->file);
    json_emit_line(builder, "line", order->line);
    json_emit_text(builder, "thread", order->thread);
    json_emit_text(builder, "finding", order->finding);
    json_emit_places(builder, "path", order->path, FALSE);
}

static void emit_unknown_function(JsonBuilder *builder, gconstpointer record)
{
    const struct unknown_function *function = record;
    json_emit_text(builder, "name", function->name);
    json_emit_integer(builder, "calls", function->calls);
    json_emit_text(builder, "file", function->file);
    json_emit_line(builder, "line", function->line);
}

static void emit_prediction(JsonBuilder *builder, gconstpointer record)
{
    const struct prediction *prediction = record;
    json_emit_text(builder, "id", prediction->id);
    json_emit_text(builder, "advice", prediction->advice);
    json_emit_text(builder, "region", prediction->region);
    json_emit_text(builder, "metric", prediction->metric);
    json_emit_text(builder, "comparison", comparison_name(prediction->comparison));
    json_emit_number(builder, "value", prediction->value);
}

void json_emit_analysis(JsonBuilder *builder, const struct session *session)
{
    emit_program(builder, session->program);
    json_emit_text(builder, "root", session->root);
    emit_host(builder, session->host);
    emit_units(builder, session->units);
    json_emit_records(builder, "regions", session->regions, emit_region);
    json_emit_records(builder, "locks", session->locks, emit_lock);
    json_emit_records(builder, "advice", session->advice, emit_advice);
    json_emit_records(builder, "findings", session->findings, emit_finding);
    json_emit_records(builder, "lock_orders", session->lock_orders, emit_lock_order);
    json_emit_records(builder, "unknown_functions", session->unknown_functions, emit_unknown_function);
    json_emit_records(builder, "predictions", session->predictions, emit_prediction);
}
