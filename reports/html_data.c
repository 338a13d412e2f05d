/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "model/metric.h"
#include "reports/difference_report.h"
#include "reports/html_page.h"
#include "reports/html_sources.h"
#include "reports/json_emit.h"
#include "reports/report_index.h"

static void emit_source(JsonBuilder *builder, gconstpointer record)
{
    const struct source_file *file = record;
    json_emit_text(builder, "file", file->name);
    json_emit_text(builder, "text", file->text);
    json_emit_text(builder, "missing", file->missing);
    json_emit_boolean(builder, "changed", file->changed);
}

/* Layout is left to Graphviz; a graph that it cannot draw is told, and the rest of the page is as useful. */
static void emit_graph(JsonBuilder *builder, const struct session *session, const struct graph_kind *kind)
{
    struct graph_options options = {.source_url = "#{line}/{file}"};
    g_autoptr(GError) error = NULL;
    g_autofree char *light = graph_render_svg(session, kind->name, &options, NULL, &error);
    options.dark = TRUE;
    g_autofree char *dark = light ? graph_render_svg(session, kind->name, &options, NULL, &error) : NULL;
    json_builder_begin_object(builder);
    json_emit_text(builder, "kind", kind->name);
    json_emit_text(builder, "summary", kind->summary);
    json_emit_text(builder, "light", light);
    json_emit_text(builder, "dark", dark);
    json_emit_text(builder, "problem", error ? error->message : NULL);
    json_builder_end_object(builder);
}

static void emit_graphs(JsonBuilder *builder, const struct session *session)
{
    json_builder_set_member_name(builder, "graphs");
    json_builder_begin_array(builder);
    for (const struct graph_kind *const *kind = graph_kinds; *kind; kind++)
        emit_graph(builder, session, *kind);
    json_builder_end_array(builder);
}

static void emit_metrics(JsonBuilder *builder)
{
    json_emit_begin(builder, "metrics");
    for (const struct metric *metric = metrics; metric->name; metric++) {
        json_emit_begin(builder, metric->name);
        json_emit_text(builder, "unit", metric->unit);
        json_emit_boolean(builder, "share", metric->share);
        json_emit_text(builder, "summary", metric->summary);
        json_builder_end_object(builder);
    }
    json_builder_end_object(builder);
}

static void emit_measured_classes(JsonBuilder *builder, const struct session *session)
{
    g_autoptr(ReportIndex) index = report_index_new(session);
    json_emit_begin(builder, "measured_classes");
    for (guint i = 0; i < session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(session->regions, i);
        enum work_class class;
        if (report_index_measured_class(index, region->id, &class))
            json_emit_text(builder, region->id, work_class_name(class));
    }
    json_builder_end_object(builder);
}

JsonNode *html_data_new(const struct session *session, const struct difference *difference)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(GPtrArray) sources = html_sources_read(session);
    const struct run *run = session_last_run(session);
    json_builder_begin_object(builder);
    json_emit_begin(builder, "session");
    json_emit_session(builder, session);
    json_builder_end_object(builder);
    json_emit_text(builder, "run", run ? run->id : NULL);
    if (difference) {
        json_emit_begin(builder, "difference");
        json_emit_difference(builder, difference);
        json_builder_end_object(builder);
    }
    emit_metrics(builder);
    emit_measured_classes(builder, session);
    json_emit_records(builder, "sources", sources, emit_source);
    emit_graphs(builder, session);
    json_builder_end_object(builder);
    return json_builder_get_root(builder);
}
