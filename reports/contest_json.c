/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/contest_report.h"
#include "reports/json_emit.h"

#define CONTEST_SCHEMA 1 /* raised when a key changes its meaning or goes; new keys do not raise it */

static void emit_spread(JsonBuilder *builder, const char *member, const struct spread *spread)
{
    json_emit_begin(builder, member);
    json_emit_number(builder, "median", spread->median);
    json_emit_number(builder, "low", spread->low);
    json_emit_number(builder, "high", spread->high);
    json_emit_integer(builder, "runs", spread->count);
    json_builder_end_object(builder);
}

static void emit_variant(JsonBuilder *builder, gconstpointer record)
{
    const struct compared_variant *variant = record;
    json_emit_text(builder, "name", variant->name);
    json_emit_text(builder, "model", variant->model);
    json_emit_integer(builder, "workers", variant->workers);
    json_emit_text(builder, "failure", variant->failed_run ? variant->failed_run->failure : NULL);
    emit_spread(builder, "throughput", &variant->throughput);
    emit_spread(builder, "traced_throughput", &variant->traced_throughput);
    json_emit_begin(builder, "ratio");
    json_emit_number(builder, "estimate", variant->ratio.estimate);
    json_emit_number(builder, "low", variant->ratio.low);
    json_emit_number(builder, "high", variant->ratio.high);
    json_builder_end_object(builder);
    json_emit_boolean(builder, "tied", variant->tied);
    json_emit_boolean(builder, "beaten", variant->beaten);
    json_emit_boolean(builder, "settled", variant->settled);
    for (guint i = 0; i < CONTEST_COLUMN_COUNT; i++)
        emit_spread(builder, contest_column_names[i], &variant->columns[i]);
}

static void emit_advice(JsonBuilder *builder, const struct contest *contest)
{
    json_builder_set_member_name(builder, "advice");
    if (!contest->advice || !contest->best) {
        json_builder_add_null_value(builder);
        return;
    }
    json_builder_begin_object(builder);
    json_emit_text(builder, "id", contest->advice->id);
    json_emit_text(builder, "suggested_model", execution_model_name(contest->advice->suggested_model));
    json_emit_boolean(builder, "hits", contest->advice_hits);
    json_emit_number(builder, "loss", contest->advice_loss);
    json_builder_set_member_name(builder, "models");
    json_builder_begin_array(builder);
    for (guint i = 0; i < contest->models->len; i++) {
        const struct compared_model *row = &g_array_index(contest->models, struct compared_model, i);
        json_builder_begin_object(builder);
        json_emit_text(builder, "model", execution_model_name(row->model));
        json_emit_text(builder, "variant", row->variant ? row->variant->name : NULL);
        json_emit_number(builder, "measured_ratio", row->measured_ratio);
        json_emit_number(builder, "predicted_ratio", row->predicted_ratio);
        json_emit_boolean(builder, "order_agrees", row->order_agrees);
        json_emit_boolean(builder, "ratio_agrees", row->ratio_agrees);
        json_emit_text(builder, "ruled_out", row->ruled_out);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

void contest_json(const struct contest *contest, const struct report_options *options, GString *out)
{
    (void)options;
    const struct run *run = session_last_run(contest->session);
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    json_emit_integer(builder, "schema", CONTEST_SCHEMA);
    json_emit_text(builder, "corewise", COREWISE_VERSION);
    json_emit_text(builder, "host", run ? run->host : NULL);
    json_emit_integer(builder, "cores", run ? run->cores : 0);
    json_emit_integer(builder, "rounds", contest->rounds);
    json_emit_text(builder, "best", contest->best ? contest->best->name : NULL);
    json_emit_boolean(builder, "settled", contest->stable);
    json_emit_number(builder, "tracing_cost", contest->tracing_cost);
    json_emit_records(builder, "variants", contest->variants, emit_variant);
    emit_advice(builder, contest);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    json_print(root, out);
}
