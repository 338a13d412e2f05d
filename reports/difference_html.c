/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/difference_report.h"
#include "reports/html_page.h"

void difference_html(const struct difference *difference, const struct report_options *options, GString *out)
{
    (void)options;
    const struct session *after = difference->after;
    g_autoptr(JsonNode) data = html_data_new(after, difference);
    g_autofree char *title = g_strdup_printf("%s: before and after · corewise",
                                             after->program ? after->program->name : "comparison");
    html_page_write(out, title, data);
}
