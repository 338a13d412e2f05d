/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/html_page.h"

#include <string.h>

#include "reports/escape.h"
#include "reports/json_emit.h"

/* What a source expression of a content security policy calls this text. */
static char *policy_hash(const char *text)
{
    guint8 digest[32];
    gsize length = sizeof(digest);
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(checksum, (const guchar *)text, (gssize)strlen(text));
    g_checksum_get_digest(checksum, digest, &length);
    g_autofree char *base64 = g_base64_encode(digest, length);
    return g_strdup_printf("'sha256-%s'", base64);
}

/* Nothing may be loaded, sent or framed, and no text becomes markup or code but through the one policy of
 * graph_view.js. */
static void append_policy(GString *out)
{
    g_autofree char *script = policy_hash(html_page_script);
    g_autofree char *style = policy_hash(html_page_style);
    g_string_append_printf(out,
                           "default-src 'none'; script-src %s; style-src %s; img-src data:; base-uri 'none'; "
                           "form-action 'none'; require-trusted-types-for 'script'; trusted-types corewise",
                           script, style);
}

/* JSON inside of a script element: no text of it may end the element or begin a comment. */
static void append_data(GString *out, JsonNode *data)
{
    g_autoptr(GString) json = g_string_new(NULL);
    json_print_line(data, json);
    for (const char *at = json->str; *at; at++) {
        if (*at == '<')
            g_string_append(out, "\\u003c");
        else
            g_string_append_c(out, *at);
    }
}

static void append_part(GString *out, const char *name, gsize length, const char *title, JsonNode *data)
{
    if (strncmp(name, "policy", length) == 0) {
        append_policy(out);
    } else if (strncmp(name, "title", length) == 0) {
        g_autofree char *visible = escape_text(title);
        g_autofree char *escaped = g_markup_escape_text(visible, -1);
        g_string_append(out, escaped);
    } else if (strncmp(name, "style", length) == 0) {
        g_string_append(out, html_page_style);
    } else if (strncmp(name, "script", length) == 0) {
        g_string_append(out, html_page_script);
    } else if (strncmp(name, "data", length) == 0) {
        append_data(out, data);
    }
}

void html_page_write(GString *out, const char *title, JsonNode *data)
{
    const char *rest = html_page_template;
    for (const char *open = strstr(rest, "{{"); open; open = strstr(rest, "{{")) {
        const char *close = strstr(open, "}}");
        g_string_append_len(out, rest, open - rest);
        append_part(out, open + 2, (gsize)(close - open - 2), title, data);
        rest = close + 2;
    }
    g_string_append(out, rest);
}
