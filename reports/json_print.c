/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "reports/escape.h"
#include "reports/json_emit.h"

#define ONE_LINE            G_MAXUINT          /* instead of a depth */
#define EXACT_INTEGER_LIMIT 9007199254740992.0 /* 2^53 */

static void print_node(JsonNode *node, guint depth, GString *out);

static void print_indent(guint depth, GString *out)
{
    if (depth == ONE_LINE)
        return;
    g_string_append_c(out, '\n');
    for (guint i = 0; i < depth; i++)
        g_string_append(out, "  ");
}

static guint deeper(guint depth)
{
    return depth == ONE_LINE ? depth : depth + 1;
}

static void print_double(double value, GString *out)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    gboolean whole = value == floor(value) && fabs(value) < EXACT_INTEGER_LIMIT;
    g_string_append(out, g_ascii_formatd(buffer, sizeof buffer, whole ? "%.0f" : "%.9g", value));
}

static void print_value(JsonNode *node, GString *out)
{
    switch (json_node_get_value_type(node)) {
    case G_TYPE_STRING:
        escape_append_json(out, json_node_get_string(node));
        break;
    case G_TYPE_INT64:
        g_string_append_printf(out, "%" G_GINT64_FORMAT, json_node_get_int(node));
        break;
    case G_TYPE_BOOLEAN:
        g_string_append(out, json_node_get_boolean(node) ? "true" : "false");
        break;
    case G_TYPE_DOUBLE:
        print_double(json_node_get_double(node), out);
        break;
    default:
        g_assert_not_reached();
    }
}

static void print_array(JsonArray *array, guint depth, GString *out)
{
    guint length = json_array_get_length(array);
    g_string_append_c(out, '[');
    for (guint i = 0; i < length; i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        print_indent(deeper(depth), out);
        print_node(json_array_get_element(array, i), deeper(depth), out);
    }
    if (length > 0)
        print_indent(depth, out);
    g_string_append_c(out, ']');
}

static void print_object(JsonObject *object, guint depth, GString *out)
{
    JsonObjectIter iterator;
    const char *member = NULL;
    JsonNode *value = NULL;
    gboolean first = TRUE;
    g_string_append_c(out, '{');
    json_object_iter_init_ordered(&iterator, object);
    while (json_object_iter_next_ordered(&iterator, &member, &value)) {
        if (!first)
            g_string_append_c(out, ',');
        first = FALSE;
        print_indent(deeper(depth), out);
        escape_append_json(out, member);
        g_string_append(out, ": ");
        print_node(value, deeper(depth), out);
    }
    if (!first)
        print_indent(depth, out);
    g_string_append_c(out, '}');
}

static void print_node(JsonNode *node, guint depth, GString *out)
{
    switch (json_node_get_node_type(node)) {
    case JSON_NODE_OBJECT:
        print_object(json_node_get_object(node), depth, out);
        break;
    case JSON_NODE_ARRAY:
        print_array(json_node_get_array(node), depth, out);
        break;
    case JSON_NODE_VALUE:
        print_value(node, out);
        break;
    case JSON_NODE_NULL:
        g_string_append(out, "null");
        break;
    }
}

void json_print(JsonNode *node, GString *out)
{
    print_node(node, 0, out);
    g_string_append_c(out, '\n');
}

void json_print_line(JsonNode *node, GString *out)
{
    print_node(node, ONE_LINE, out);
    g_string_append_c(out, '\n');
}
