/* SPDX-License-Identifier: Apache-2.0 */
/* One self-contained page to explore a session in: reports/html is what it looks like and does. */
#include "reports/formats.h"
#include "reports/html_page.h"

static gboolean html_render(const struct session *session, const struct report_options *options, GString *out,
                            GError **error)
{
    (void)options;
    (void)error;
    g_autoptr(JsonNode) data = html_data_new(session, NULL);
    const struct run *run = session_last_run(session);
    g_autofree char *title = g_strdup_printf("%s · corewise", session->program ? session->program->name
                                                              : run            ? run->command
                                                                               : "empty session");
    html_page_write(out, title, data);
    return TRUE;
}

const struct format format_html = {"html", "one page to explore in a browser, without network", html_render};
