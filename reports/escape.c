/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/escape.h"

#include <string.h>

/* g_unichar_isprint lets the line and paragraph separators through, and some terminals break lines at them.
 */
static gboolean is_printable(gunichar character)
{
    return g_unichar_isprint(character) && character != 0x2028 && character != 0x2029;
}

static void append_visible(GString *out, gunichar character)
{
    switch (character) {
    case '\n':
        g_string_append(out, "\\n");
        return;
    case '\t':
        g_string_append(out, "\\t");
        return;
    case '\r':
        g_string_append(out, "\\r");
        return;
    default:
        break;
    }
    if (character < 0x100)
        g_string_append_printf(out, "\\x%02x", character);
    else if (character < 0x10000)
        g_string_append_printf(out, "\\u%04x", character);
    else
        g_string_append_printf(out, "\\U%08x", character);
}

char *escape_text(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    GString *out = g_string_sized_new(32);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (is_printable(character))
            g_string_append_unichar(out, character);
        else
            append_visible(out, character);
    }
    return g_string_free(out, FALSE);
}

void escape_append_dot(GString *out, const char *text)
{
    g_autofree char *visible = escape_text(text);
    for (const char *at = visible; *at; at++) {
        if (*at == '\\')
            g_string_append(out, "\\\\");
        else if (*at == '"')
            g_string_append(out, "\\\"");
        else if (*at == '&')
            g_string_append(out, "&amp;");
        else
            g_string_append_c(out, *at);
    }
}

static gboolean is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_' || (c & 0x80);
}

/* An empty comment parts what a code host would turn into a link: @name, #12, !12, http:…, www.… */
static gboolean starts_reference(const char *text, const char *at)
{
    if (strchr("@#!$%^~", *at))
        return is_word(at[1]);
    return (*at == ':' && at[1] == '/') ||
           (*at == '.' && at - text >= 3 && g_ascii_strncasecmp(at - 3, "www", 3) == 0);
}

/* What is written next starts a line, perhaps as an item of a list. */
static gboolean starts_line(const GString *out)
{
    gsize at = out->len;
    while (at > 0 && strchr(" -", out->str[at - 1]))
        at--;
    return at == 0 || out->str[at - 1] == '\n';
}

/* Whether `at` means something to Markdown: anywhere, or where `text` starts a line (a list, a heading). */
static gboolean is_markup(const char *text, const char *at, gboolean line_start)
{
    if (*at == '_')
        return at == text || !is_word(at[-1]) || !is_word(at[1]);
    if (line_start && (*at == '.' || *at == ')'))
        return at > text && strspn(text, "0123456789") == (gsize)(at - text);
    return strchr("\\`*[]|~$", *at) || (line_start && at == text && strchr("#+-=", *at));
}

static void append_markdown(GString *out, const char *text, gboolean inside_element)
{
    g_autofree char *visible = escape_text(text);
    gboolean line_start = starts_line(out);
    for (const char *at = visible; *at; at++) {
        if (*at == '<')
            g_string_append(out, "&lt;");
        else if (*at == '>')
            g_string_append(out, "&gt;");
        else if (*at == '&')
            g_string_append(out, "&amp;");
        else if (!inside_element && is_markup(visible, at, line_start))
            g_string_append_printf(out, "\\%c", *at);
        else
            g_string_append_c(out, *at);
        if (starts_reference(visible, at))
            g_string_append(out, "<!-- -->");
    }
}

void escape_append_markdown(GString *out, const char *text)
{
    append_markdown(out, text, FALSE);
}

void escape_append_markdown_element(GString *out, const char *text)
{
    append_markdown(out, text, TRUE);
}

static void append_json_unit(GString *out, guint code_unit)
{
    g_string_append_printf(out, "\\u%04x", code_unit);
}

static void append_json_character(GString *out, gunichar character)
{
    if (character == '"' || character == '\\')
        g_string_append_printf(out, "\\%c", (char)character);
    else if (character == '\n')
        g_string_append(out, "\\n");
    else if (character == '\t')
        g_string_append(out, "\\t");
    else if (is_printable(character))
        g_string_append_unichar(out, character);
    else if (character < 0x10000)
        append_json_unit(out, character);
    else { /* a surrogate pair, RFC 8259 section 7 */
        append_json_unit(out, 0xd800 + ((character - 0x10000) >> 10));
        append_json_unit(out, 0xdc00 + ((character - 0x10000) & 0x3ff));
    }
}

void escape_append_json(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    g_string_append_c(out, '"');
    for (const char *at = valid; *at; at = g_utf8_next_char(at))
        append_json_character(out, g_utf8_get_char(at));
    g_string_append_c(out, '"');
}
