/* SPDX-License-Identifier: Apache-2.0 */
/* Every output format, one line each; the format itself is in the file of its name. */
#include "reports/formats.h"

const struct format *const formats[] = {
    &format_text,
    &format_json,
    &format_html,
    &format_sarif,
    &format_findings,
    &format_github,
    &format_gitlab,
    &format_rdjsonl,
    &format_markdown,
    &format_csv,
    &format_trace_events,
    &format_openmetrics,
    &format_folded,
    &format_folded_off_cpu,
    &format_speedscope,
    &format_pprof,
    NULL,
};

G_DEFINE_QUARK(format - error - quark, format_error)

const struct format *format_find(const char *name)
{
    for (const struct format *const *format = formats; *format; format++) {
        if (g_strcmp0((*format)->name, name) == 0)
            return *format;
    }
    return NULL;
}
