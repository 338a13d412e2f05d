/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/yaml_complaint.h"

#include <stdlib.h>
#include <string.h>

/* The message comes first, then a backtrace from the inside out. */
G_GNUC_PRINTF(3, 0)
static void collect_message(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    struct yaml_complaint *complaint = context;
    if (level < CYAML_LOG_ERROR)
        return;
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    g_strstrip(message);
    const char *line = strstr(message, "line: ");
    if (line && complaint->line == 0)
        complaint->line = strtol(line + strlen("line: "), NULL, 10);
    const char *text = g_str_has_prefix(message, "Load: ") ? message + strlen("Load: ") : message;
    gboolean of_backtrace = g_str_has_prefix(text, "in ") || g_str_has_prefix(text, "Backtrace");
    if (!of_backtrace)
        g_string_append_printf(complaint->text, ": %s", text);
    else if (complaint->backtrace)
        g_string_append_printf(complaint->backtrace, "%s\n", text);
}

cyaml_config_t yaml_complaint_config(struct yaml_complaint *complaint)
{
    return (cyaml_config_t){
        .log_fn = collect_message,
        .log_ctx = complaint,
        .log_level = CYAML_LOG_ERROR,
        .mem_fn = cyaml_mem,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}
