/* SPDX-License-Identifier: Apache-2.0 */
/* Findings in reviewdog's diagnostic format, one JSON object per line. */
#include "reports/formats.h"
#include "reports/json_emit.h"

static const char *const severities[SEVERITY_COUNT] = {
    [SEVERITY_NOTE] = "INFO", [SEVERITY_WARNING] = "WARNING", [SEVERITY_ERROR] = "ERROR"};

static void emit_location(JsonBuilder *builder, const char *file, int line, int column)
{
    json_emit_begin(builder, "location");
    json_emit_text(builder, "path", file);
    json_emit_begin(builder, "range");
    json_emit_begin(builder, "start");
    json_emit_integer(builder, "line", MAX(1, line));
    if (column > 0)
        json_emit_integer(builder, "column", column);
    json_builder_end_object(builder);
    json_builder_end_object(builder);
    json_builder_end_object(builder);
}

static void emit_step(JsonBuilder *builder, gconstpointer record)
{
    const struct place *place = record;
    json_emit_text(builder, "message", place->text);
    emit_location(builder, place->file, place->line, 0);
}

static void emit_finding(JsonBuilder *builder, const struct finding *finding)
{
    json_builder_begin_object(builder);
    json_emit_text(builder, "message", finding->message);
    emit_location(builder, finding->file, finding->line, finding->column);
    json_emit_text(builder, "severity", severities[finding->severity]);
    json_emit_begin(builder, "source");
    json_emit_text(builder, "name", "corewise");
    json_builder_end_object(builder);
    json_emit_begin(builder, "code");
    json_emit_text(builder, "value", finding->rule);
    json_builder_end_object(builder);
    if (finding->path->len > 0)
        json_emit_records(builder, "related_locations", finding->path, emit_step);
    json_builder_end_object(builder);
}

static gboolean rdjsonl_render(const struct session *session, const struct report_options *options,
                               GString *out, GError **error)
{
    (void)options;
    (void)error;
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        if (finding->suppressed)
            continue;
        g_autoptr(JsonBuilder) builder = json_builder_new();
        emit_finding(builder, finding);
        g_autoptr(JsonNode) root = json_builder_get_root(builder);
        json_print_line(root, out);
    }
    return TRUE;
}

const struct format format_rdjsonl = {"rdjsonl", "the findings for reviewdog, one JSON object per line",
                                      rdjsonl_render};
