/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as a code quality report of GitLab, which shows them in merge requests. */
#include "reports/formats.h"
#include "reports/json_emit.h"

/* GitLab knows info, minor, major, critical and blocker. */
static const char *const severities[SEVERITY_COUNT] = {
    [SEVERITY_NOTE] = "info", [SEVERITY_WARNING] = "major", [SEVERITY_ERROR] = "critical"};

static void emit_finding(JsonBuilder *builder, const struct finding *finding)
{
    json_builder_begin_object(builder);
    json_emit_text(builder, "description", finding->message);
    json_emit_text(builder, "check_name", finding->rule);
    json_emit_text(builder, "fingerprint", finding->fingerprint);
    json_emit_text(builder, "severity", severities[finding->severity]);
    json_emit_begin(builder, "location");
    json_emit_text(builder, "path", finding->file);
    json_emit_begin(builder, "lines");
    json_emit_integer(builder, "begin", MAX(1, finding->line));
    json_builder_end_object(builder);
    json_builder_end_object(builder);
    json_builder_end_object(builder);
}

static gboolean gitlab_render(const struct session *session, const struct report_options *options,
                              GString *out, GError **error)
{
    (void)options;
    (void)error;
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_array(builder);
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        if (!finding->suppressed)
            emit_finding(builder, finding);
    }
    json_builder_end_array(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    json_print(root, out);
    return TRUE;
}

const struct format format_gitlab = {"gitlab", "the findings as a code quality report of GitLab",
                                     gitlab_render};
