/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/json_emit.h"

#include <math.h>

void json_emit_text(JsonBuilder *builder, const char *member, const char *text)
{
    json_builder_set_member_name(builder, member);
    if (!text) {
        json_builder_add_null_value(builder);
        return;
    }
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    json_builder_add_string_value(builder, valid);
}

void json_emit_number(JsonBuilder *builder, const char *member, double value)
{
    json_builder_set_member_name(builder, member);
    if (isfinite(value))
        json_builder_add_double_value(builder, value);
    else
        json_builder_add_null_value(builder);
}

void json_emit_estimate(JsonBuilder *builder, const char *member, double value)
{
    json_emit_number(builder, member, value < 0 ? NAN : value);
}

void json_emit_integer(JsonBuilder *builder, const char *member, gint64 value)
{
    json_builder_set_member_name(builder, member);
    json_builder_add_int_value(builder, value);
}

void json_emit_line(JsonBuilder *builder, const char *member, int line)
{
    json_builder_set_member_name(builder, member);
    if (line > 0)
        json_builder_add_int_value(builder, line);
    else
        json_builder_add_null_value(builder);
}

void json_emit_boolean(JsonBuilder *builder, const char *member, gboolean value)
{
    json_builder_set_member_name(builder, member);
    json_builder_add_boolean_value(builder, value);
}

void json_emit_texts(JsonBuilder *builder, const char *member, const GPtrArray *texts)
{
    json_builder_set_member_name(builder, member);
    json_builder_begin_array(builder);
    for (guint i = 0; i < texts->len; i++) {
        g_autofree char *valid = g_utf8_make_valid(g_ptr_array_index(texts, i), -1);
        json_builder_add_string_value(builder, valid);
    }
    json_builder_end_array(builder);
}

void json_emit_begin(JsonBuilder *builder, const char *member)
{
    json_builder_set_member_name(builder, member);
    json_builder_begin_object(builder);
}

void json_emit_places(JsonBuilder *builder, const char *member, const GPtrArray *places, gboolean extents)
{
    json_builder_set_member_name(builder, member);
    json_builder_begin_array(builder);
    for (guint i = 0; i < places->len; i++) {
        const struct place *place = g_ptr_array_index(places, i);
        json_builder_begin_object(builder);
        json_emit_text(builder, "file", place->file);
        json_emit_line(builder, "line", place->line);
        if (extents)
            json_emit_line(builder, "end_line", place->end_line);
        json_emit_text(builder, "text", place->text);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

void json_emit_records(JsonBuilder *builder, const char *member, const GPtrArray *records,
                       void (*emit)(JsonBuilder *builder, gconstpointer record))
{
    json_builder_set_member_name(builder, member);
    json_builder_begin_array(builder);
    for (guint i = 0; i < records->len; i++) {
        json_builder_begin_object(builder);
        emit(builder, g_ptr_array_index(records, i));
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

void json_emit_model(JsonBuilder *builder, gconstpointer record)
{
    const struct model_estimate *estimate = record;
    json_emit_text(builder, "model", execution_model_name(estimate->model));
    json_emit_estimate(builder, "predicted_seconds", estimate->predicted_seconds);
    json_emit_estimate(builder, "predicted_bytes", estimate->predicted_bytes);
    json_emit_text(builder, "ruled_out", estimate->ruled_out);
}

void json_emit_work(JsonBuilder *builder, const struct task_work *work)
{
    json_builder_set_member_name(builder, "work");
    if (!(work->tasks >= 1)) {
        json_builder_add_null_value(builder);
        return;
    }
    json_builder_begin_object(builder);
    json_emit_number(builder, "tasks", work->tasks);
    json_emit_number(builder, "in_flight", work->in_flight);
    json_emit_number(builder, "cpu_seconds", work->cpu_seconds);
    json_emit_number(builder, "wait_seconds", work->wait_seconds);
    json_emit_number(builder, "stop_seconds", work->stop_seconds);
    json_emit_number(builder, "serial_seconds", work->serial_seconds);
    json_emit_boolean(builder, "unbounded", work->unbounded);
    json_builder_end_object(builder);
}
