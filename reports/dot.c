/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/dot.h"

#include <math.h>

#include "reports/escape.h"
#include "reports/text_page.h"

#define LABEL_COLUMNS 48
#define FONT          "fontname=\"Helvetica,Arial,sans-serif\""
#define INK           "#24292f"
#define GROUND        "#fcfcfa"
#define QUIET         "#57606a"

void dot_begin(GString *out, const char *name, const char *caption, const char *legend)
{
    g_string_append_printf(out, "digraph %s {\n", name);
    g_string_append(out,
                    "  graph [rankdir=LR, bgcolor=\"" GROUND "\", pad=0.3, nodesep=0.35, ranksep=0.7, " FONT
                    ", fontsize=10, fontcolor=\"" QUIET "\", labelloc=b, labeljust=l];\n");
    g_string_append(out, "  node [" FONT ", fontsize=11, fontcolor=\"" INK "\", color=\"" INK
                         "\", style=filled, fillcolor=white, margin=\"0.14,0.07\"];\n");
    g_string_append(out, "  edge [" FONT ", fontsize=10, fontcolor=\"" INK "\", arrowsize=0.8];\n");
    if (legend) {
        g_auto(GStrv) parts = g_strsplit(legend, "\n", -1);
        g_string_append(out, "  label=\"");
        for (char **part = parts; *part; part++) {
            escape_append_dot(out, *part);
            g_string_append(out, "\\l");
        }
        g_string_append(out, "\";\n");
    }
    /* A graph has one label: the caption is that of a cluster without a frame around everything. */
    g_string_append(
        out, "  subgraph cluster_all {\n    graph [peripheries=0, labelloc=t, labeljust=l, fontsize=14, "
             "fontcolor=\"" INK "\", ");
    dot_text(out, "label", caption);
    g_string_append(out, "];\n");
}

void dot_end(GString *out)
{
    g_string_append(out, "  }\n}\n");
}

void dot_begin_node(GString *out, const char *name)
{
    g_string_append_printf(out, "    %s [", name);
}

void dot_begin_edge(GString *out, const char *tail, const char *head)
{
    g_string_append_printf(out, "    %s -> %s [", tail, head);
}

void dot_end_attributes(GString *out)
{
    if (out->len > 0 && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    g_string_append(out, "];\n");
}

void dot_text(GString *out, const char *key, const char *text)
{
    g_string_append_printf(out, "%s=\"", key);
    escape_append_dot(out, text);
    g_string_append(out, "\" ");
}

void dot_lines(GString *out, const char *key, const char *const *lines)
{
    g_string_append_printf(out, "%s=\"", key);
    for (const char *const *line = lines; *line; line++) {
        g_autofree char *visible = escape_text(*line);
        g_autofree char *shown = text_elide(visible, LABEL_COLUMNS);
        if (line != lines)
            g_string_append(out, "\\n");
        escape_append_dot(out, shown);
    }
    g_string_append(out, "\" ");
}

void dot_number(GString *out, const char *key, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(out, "%s=\"%s\" ", key, g_ascii_formatd(buffer, sizeof buffer, "%.9g", value));
}

void dot_edge_weight(GString *out, double seconds, double longest)
{
    /* Four steps of one orange, evenly darker (after ColorBrewer's Oranges); the lightest still shows on the
     * ground. */
    static const char *const colours[] = {"#e8a15c", "#d9701e", "#a94405", "#5f2503"};
    double share = longest > 0 ? seconds / longest : 0;
    guint step = share >= 0.6 ? 3 : share >= 0.25 ? 2 : share >= 0.05 ? 1 : 0;
    dot_text(out, "color", colours[step]);
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(out, "penwidth=\"%s\" ",
                           g_ascii_formatd(buffer, sizeof buffer, "%.2f", 1.0 + 4.0 * sqrt(MAX(share, 0))));
}
