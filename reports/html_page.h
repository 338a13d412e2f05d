/* SPDX-License-Identifier: Apache-2.0 */
/* The self-contained HTML page around data that its script draws: no network, and a content security policy
 * that lets only the page's own script and style run. */
#ifndef REPORTS_HTML_PAGE_H
#define REPORTS_HTML_PAGE_H

#include <json-glib/json-glib.h>

#include "model/difference.h"

/* The parts in reports/html, embedded by embed_page.cmake. */
extern const char html_page_template[], html_page_style[], html_page_script[];

/* Appends the whole page; `title` as it was recorded, `data` what the script reads. */
void html_page_write(GString *out, const char *title, JsonNode *data);

/* What the page shows: the session with sources and graphs, and with `difference` (may be NULL, else
 * difference->after is `session`) what changed. The node is the caller's. */
JsonNode *html_data_new(const struct session *session, const struct difference *difference);

#endif
