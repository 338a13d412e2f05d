/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "reports/difference_report.h"
#include "reports/json_emit.h"

#define DIFFERENCE_SCHEMA 1 /* raised when a key changes its meaning or goes; new keys do not raise it */

static void emit_side(JsonBuilder *builder, const char *member, const struct session *session,
                      const struct run *run)
{
    const struct program *program = session->program;
    json_emit_begin(builder, member);
    json_emit_text(builder, "program", program ? program->name : NULL);
    json_emit_text(builder, "current_model", program ? execution_model_name(program->current_model) : NULL);
    json_emit_text(builder, "suggested_model",
                   program ? execution_model_name(program->suggested_model) : NULL);
    json_emit_text(builder, "run", run ? run->id : NULL);
    json_emit_text(builder, "command", run ? run->command : NULL);
    json_builder_end_object(builder);
}

static void emit_metrics(JsonBuilder *builder, const struct difference *difference)
{
    json_builder_set_member_name(builder, "changes");
    json_builder_begin_array(builder);
    for (guint i = 0; i < difference->metrics->len; i++) {
        const struct metric_difference *each =
            &g_array_index(difference->metrics, struct metric_difference, i);
        json_builder_begin_object(builder);
        json_emit_text(builder, "subject", subject_kind_name(each->subject_kind));
        json_emit_text(builder, "before_id", each->before_subject);
        json_emit_text(builder, "after_id", each->after_subject);
        json_emit_text(builder, "metric", each->metric);
        json_emit_text(builder, "unit", each->unit);
        json_emit_number(builder, "before", each->before);
        json_emit_number(builder, "after", each->after);
        json_emit_number(builder, "difference", each->after - each->before);
        json_emit_number(builder, "low", each->judged ? each->low : (double)NAN);
        json_emit_number(builder, "high", each->judged ? each->high : (double)NAN);
        json_builder_set_member_name(builder, "significant");
        if (each->judged)
            json_builder_add_boolean_value(builder, each->significant);
        else
            json_builder_add_null_value(builder);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void emit_verdicts(JsonBuilder *builder, const struct difference *difference)
{
    json_builder_set_member_name(builder, "verdicts");
    json_builder_begin_array(builder);
    for (guint i = 0; i < difference->verdicts->len; i++) {
        const struct verdict_difference *each =
            &g_array_index(difference->verdicts, struct verdict_difference, i);
        json_builder_begin_object(builder);
        json_emit_text(builder, "before_prediction", each->before_prediction->id);
        json_emit_text(builder, "after_prediction", each->after_prediction->id);
        json_emit_text(builder, "before", verdict_kind_name(each->before->kind));
        json_emit_text(builder, "after", verdict_kind_name(each->after->kind));
        json_emit_text(builder, "why", each->after->why);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void emit_lone(JsonBuilder *builder, const struct difference *difference, const char *member,
                      enum difference_kind kind)
{
    json_builder_set_member_name(builder, member);
    json_builder_begin_array(builder);
    for (guint i = 0; i < difference->lone->len; i++) {
        const struct lone_record *each = &g_array_index(difference->lone, struct lone_record, i);
        if (each->kind != kind)
            continue;
        json_builder_begin_object(builder);
        json_emit_text(builder, "what", each->what);
        json_emit_text(builder, "id", each->id);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

void json_emit_difference(JsonBuilder *builder, const struct difference *difference)
{
    json_emit_integer(builder, "schema", DIFFERENCE_SCHEMA);
    json_emit_text(builder, "corewise", COREWISE_VERSION);
    emit_side(builder, "before", difference->before, difference->before_run);
    emit_side(builder, "after", difference->after, difference->after_run);
    emit_metrics(builder, difference);
    emit_verdicts(builder, difference);
    emit_lone(builder, difference, "only_before", ONLY_BEFORE);
    emit_lone(builder, difference, "only_after", ONLY_AFTER);
}

void difference_json(const struct difference *difference, const struct report_options *options, GString *out)
{
    (void)options;
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    json_emit_difference(builder, difference);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    json_print(root, out);
}
