/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as compilers print warnings, so that editors and CI systems find the places. */
#include "reports/escape.h"
#include "reports/formats.h"

static const char *const severity_colours[SEVERITY_COUNT] = {
    [SEVERITY_NOTE] = "\033[1;36m", [SEVERITY_WARNING] = "\033[1;35m", [SEVERITY_ERROR] = "\033[1;31m"};

static void append_place(GString *out, const char *file, int line, int column)
{
    g_autofree char *shown = escape_text(file);
    g_string_append_printf(out, "%s:%d", shown, line);
    if (column > 0)
        g_string_append_printf(out, ":%d", column);
}

static void append_severity(GString *out, const char *name, const char *colour, gboolean coloured)
{
    g_string_append_printf(out, ": %s%s:%s ", coloured ? colour : "", name, coloured ? "\033[0m" : "");
}

static void append_finding(GString *out, const struct finding *finding, gboolean coloured)
{
    g_autofree char *message = escape_text(finding->message);
    append_place(out, finding->file, finding->line, finding->column);
    append_severity(out, severity_name(finding->severity), severity_colours[finding->severity], coloured);
    g_string_append_printf(out, "%s [%s]\n", message, finding->rule);
    if (finding->suppressed) {
        g_autofree char *reason = escape_text(finding->justification);
        append_place(out, finding->file, finding->line, finding->column);
        append_severity(out, "note", severity_colours[SEVERITY_NOTE], coloured);
        g_string_append_printf(out, "suppressed: %s\n", reason);
    }
    for (guint i = 0; i < finding->path->len; i++) {
        const struct place *place = g_ptr_array_index(finding->path, i);
        g_autofree char *text = escape_text(place->text);
        append_place(out, place->file, place->line, 0);
        append_severity(out, "note", severity_colours[SEVERITY_NOTE], coloured);
        g_string_append_printf(out, "%s\n", text);
    }
}

static gboolean findings_render(const struct session *session, const struct report_options *options,
                                GString *out, GError **error)
{
    (void)error;
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        if (!finding->suppressed || options->all)
            append_finding(out, finding, options->colour);
    }
    return TRUE;
}

const struct format format_findings = {"findings", "the findings alone, as compilers print warnings",
                                       findings_render};
