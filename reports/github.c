/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as workflow commands of GitHub Actions, which shows them beside the changed lines. */
#include <string.h>

#include "reports/escape.h"
#include "reports/formats.h"

static const char *const commands[SEVERITY_COUNT] = {
    [SEVERITY_NOTE] = "notice", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};

/* actions/toolkit, packages/core/src/command.ts: escapeData, escapeProperty. */
static void append_escaped(GString *out, const char *text, const char *special)
{
    g_autofree char *valid = escape_text(text);
    for (const char *c = valid; *c; c++) {
        if (*c == '%' || strchr(special, *c))
            g_string_append_printf(out, "%%%02X", (guchar)*c);
        else
            g_string_append_c(out, *c);
    }
}

/* A newline inside of a command is %0A. */
static void append_step(GString *out, const struct place *place)
{
    g_string_append(out, "%0A");
    append_escaped(out, place->file, "");
    g_string_append_printf(out, ":%d: ", place->line);
    append_escaped(out, place->text, "");
}

static void append_finding(GString *out, const struct finding *finding)
{
    g_string_append_printf(out, "::%s file=", commands[finding->severity]);
    append_escaped(out, finding->file, ":,");
    g_string_append_printf(out, ",line=%d", MAX(1, finding->line));
    if (finding->column > 0)
        g_string_append_printf(out, ",col=%d", finding->column);
    g_string_append(out, ",title=");
    append_escaped(out, finding->rule, ":,");
    g_string_append(out, "::");
    append_escaped(out, finding->message, "");
    for (guint i = 0; i < finding->path->len; i++)
        append_step(out, g_ptr_array_index(finding->path, i));
    g_string_append_c(out, '\n');
}

static gboolean github_render(const struct session *session, const struct report_options *options,
                              GString *out, GError **error)
{
    (void)options;
    (void)error;
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        if (!finding->suppressed)
            append_finding(out, finding);
    }
    return TRUE;
}

const struct format format_github = {"github", "the findings as annotations of GitHub Actions",
                                     github_render};
