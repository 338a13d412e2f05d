/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as SARIF 2.1.0 (OASIS standard), for code hosting services. */
#include "reports/formats.h"
#include "reports/json_emit.h"
#include "reports/rule_pages.h"
#include "reports/source_columns.h"

#define SARIF_SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"
#define ROOT_BASE    "SRCROOT"
#define TEXTS_KEY    "source texts"
#define ROOT_KEY     "root"

static const char *const levels[SEVERITY_COUNT] = {
    [SEVERITY_NOTE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};

/* Relative to the root; files outside keep their absolute path. */
static void emit_location(JsonBuilder *builder, const char *file, int line, int column, const char *text)
{
    g_autofree char *uri = g_uri_escape_string(file, "/", FALSE);
    json_emit_begin(builder, "physicalLocation");
    json_emit_begin(builder, "artifactLocation");
    if (g_path_is_absolute(file)) {
        g_autofree char *absolute = g_strconcat("file://", uri, NULL);
        json_emit_text(builder, "uri", absolute);
    } else {
        json_emit_text(builder, "uri", uri);
        json_emit_text(builder, "uriBaseId", ROOT_BASE);
    }
    json_builder_end_object(builder);
    json_emit_begin(builder, "region");
    json_emit_integer(builder, "startLine", MAX(1, line));
    if (column > 0) {
        GHashTable *texts = g_object_get_data(G_OBJECT(builder), TEXTS_KEY);
        const char *root = g_object_get_data(G_OBJECT(builder), ROOT_KEY);
        json_emit_integer(builder, "startColumn", source_column_utf16(texts, root, file, line, column));
    }
    json_builder_end_object(builder);
    json_builder_end_object(builder);
    if (text) {
        json_emit_begin(builder, "message");
        json_emit_text(builder, "text", text);
        json_builder_end_object(builder);
    }
}

static void emit_step(JsonBuilder *builder, gconstpointer record)
{
    const struct place *place = record;
    json_emit_begin(builder, "location");
    emit_location(builder, place->file, place->line, 0, place->text);
    json_builder_end_object(builder);
}

/* The places from `from` on that are the same thread's; returns where the next one begins. */
static guint emit_thread_flow(JsonBuilder *builder, const GPtrArray *path, guint from)
{
    const char *thread = ((const struct place *)g_ptr_array_index(path, from))->thread;
    g_autoptr(GPtrArray) steps = g_ptr_array_new();
    for (guint i = from; i < path->len; i++) {
        struct place *place = g_ptr_array_index(path, i);
        if (g_strcmp0(place->thread, thread) != 0)
            break;
        g_ptr_array_add(steps, place);
    }
    json_builder_begin_object(builder);
    if (thread)
        json_emit_text(builder, "id", thread);
    json_emit_records(builder, "locations", steps, emit_step);
    json_builder_end_object(builder);
    return from + steps->len;
}

static void emit_code_flow(JsonBuilder *builder, const GPtrArray *path)
{
    json_builder_set_member_name(builder, "codeFlows");
    json_builder_begin_array(builder);
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "threadFlows");
    json_builder_begin_array(builder);
    for (guint next = 0; next < path->len;)
        next = emit_thread_flow(builder, path, next);
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    json_builder_end_array(builder);
}

static void emit_result(JsonBuilder *builder, gconstpointer record)
{
    const struct finding *finding = record;
    json_emit_text(builder, "ruleId", finding->rule);
    json_emit_text(builder, "level", levels[finding->severity]);
    json_emit_begin(builder, "message");
    json_emit_text(builder, "text", finding->message);
    json_builder_end_object(builder);
    json_builder_set_member_name(builder, "locations");
    json_builder_begin_array(builder);
    json_builder_begin_object(builder);
    emit_location(builder, finding->file, finding->line, finding->column, NULL);
    json_builder_end_object(builder);
    json_builder_end_array(builder);
    json_emit_begin(builder, "partialFingerprints");
    json_emit_text(builder, "corewise/v1", finding->fingerprint);
    json_builder_end_object(builder);
    if (finding->path->len > 0)
        emit_code_flow(builder, finding->path);
    if (finding->suppressed) {
        json_builder_set_member_name(builder, "suppressions");
        json_builder_begin_array(builder);
        json_builder_begin_object(builder);
        json_emit_text(builder, "kind", "inSource");
        if (finding->justification)
            json_emit_text(builder, "justification", finding->justification);
        json_builder_end_object(builder);
        json_builder_end_array(builder);
    }
}

static void emit_message(JsonBuilder *builder, const char *member, const char *text)
{
    json_emit_begin(builder, member);
    json_emit_text(builder, "text", text);
    json_builder_end_object(builder);
}

static void emit_rule(JsonBuilder *builder, gconstpointer record)
{
    g_autofree char *summary = rule_page_summary(record);
    const char *page = rule_page_find(record);
    json_emit_text(builder, "id", record);
    if (!summary || !page)
        return;
    emit_message(builder, "shortDescription", summary);
    json_emit_begin(builder, "help");
    json_emit_text(builder, "text", page);
    json_emit_text(builder, "markdown", page);
    json_builder_end_object(builder);
}

static void emit_driver(JsonBuilder *builder, const struct session *session)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        if (!g_ptr_array_find_with_equal_func(names, finding->rule, g_str_equal, NULL))
            g_ptr_array_add(names, finding->rule);
    }
    json_emit_begin(builder, "tool");
    json_emit_begin(builder, "driver");
    json_emit_text(builder, "name", "corewise");
    json_emit_text(builder, "semanticVersion", COREWISE_VERSION);
    json_emit_records(builder, "rules", names, emit_rule);
    json_builder_end_object(builder);
    json_builder_end_object(builder);
}

/* A unit that could not be analysed. */
static void emit_notification(JsonBuilder *builder, gconstpointer record)
{
    const struct unit *unit = record;
    json_emit_text(builder, "level", "error");
    emit_message(builder, "message", unit->error);
    json_builder_set_member_name(builder, "locations");
    json_builder_begin_array(builder);
    json_builder_begin_object(builder);
    emit_location(builder, unit->file, 1, 0, NULL);
    json_builder_end_object(builder);
    json_builder_end_array(builder);
}

/* How much of the program the results speak of. */
static void emit_invocation(JsonBuilder *builder, const GPtrArray *units)
{
    g_autoptr(GPtrArray) failed = g_ptr_array_new();
    for (guint i = 0; i < units->len; i++) {
        struct unit *unit = g_ptr_array_index(units, i);
        if (unit->error)
            g_ptr_array_add(failed, unit);
    }
    json_builder_set_member_name(builder, "invocations");
    json_builder_begin_array(builder);
    json_builder_begin_object(builder);
    json_emit_boolean(builder, "executionSuccessful", failed->len == 0);
    if (failed->len > 0)
        json_emit_records(builder, "toolExecutionNotifications", failed, emit_notification);
    json_builder_end_object(builder);
    json_builder_end_array(builder);
}

static void emit_root(JsonBuilder *builder, const char *root)
{
    g_autofree char *folder = g_strconcat(root, g_str_has_suffix(root, "/") ? "" : "/", NULL);
    g_autofree char *escaped = g_uri_escape_string(folder, "/", FALSE);
    g_autofree char *uri = g_strconcat("file://", escaped, NULL);
    json_emit_begin(builder, "originalUriBaseIds");
    json_emit_begin(builder, ROOT_BASE);
    json_emit_text(builder, "uri", uri);
    json_builder_end_object(builder);
    json_builder_end_object(builder);
}

static gboolean sarif_render(const struct session *session, const struct report_options *options,
                             GString *out, GError **error)
{
    (void)options;
    (void)error;
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_object_set_data_full(G_OBJECT(builder), TEXTS_KEY, source_texts_new(),
                           (GDestroyNotify)g_hash_table_unref);
    g_object_set_data(G_OBJECT(builder), ROOT_KEY, session->root);
    json_builder_begin_object(builder);
    json_emit_text(builder, "$schema", SARIF_SCHEMA);
    json_emit_text(builder, "version", "2.1.0");
    json_builder_set_member_name(builder, "runs");
    json_builder_begin_array(builder);
    json_builder_begin_object(builder);
    emit_driver(builder, session);
    emit_invocation(builder, session->units);
    if (session->root)
        emit_root(builder, session->root);
    json_emit_text(builder, "columnKind", "utf16CodeUnits");
    json_emit_records(builder, "results", session->findings, emit_result);
    json_builder_end_object(builder);
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    json_print(root, out);
    return TRUE;
}

const struct format format_sarif = {"sarif", "the findings as SARIF 2.1.0, for code hosting services",
                                    sarif_render};
