/* SPDX-License-Identifier: Apache-2.0 */
/* The whole session as one JSON object: DESIGN.md fixes its names, docs/session.schema.json checks them. */
#include "reports/formats.h"
#include "reports/json_emit.h"

#define JSON_SCHEMA 1 /* raised when a key changes its meaning or goes; new keys do not raise it */

void json_emit_session(JsonBuilder *builder, const struct session *session)
{
    json_emit_integer(builder, "schema", JSON_SCHEMA);
    json_emit_text(builder, "corewise", COREWISE_VERSION);
    json_emit_analysis(builder, session);
    json_emit_trace(builder, session);
}

static gboolean json_render(const struct session *session, const struct report_options *options, GString *out,
                            GError **error)
{
    (void)options;
    (void)error;
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    json_emit_session(builder, session);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    json_print(root, out);
    return TRUE;
}

const struct format format_json = {"json", "the whole session as one object, for scripts", json_render};
