/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/dot.h"

#include <math.h>

#include "reports/escape.h"
#include "reports/text_page.h"

#define LABEL_COLUMNS 48
#define MAP_NODES     120 /* from here on a map */
#define FONT          "fontname=\"Helvetica,Arial,sans-serif\""

static const struct graph_options no_options;

void dot_init(struct dot *dot, GString *out, const struct graph_options *options, guint nodes)
{
    dot->out = out;
    dot->options = options ? options : &no_options;
    dot->theme = dot_theme_find(dot->options->dark);
    dot->legend = g_string_new(NULL);
    dot->is_map = nodes >= MAP_NODES;
}

void dot_clear(struct dot *dot)
{
    g_string_free(dot->legend, TRUE);
}

/* Inside of an HTML-like label, which lies between angle brackets and not between quotes. */
static void append_markup(GString *out, const char *text)
{
    g_autofree char *visible = escape_text(text);
    g_autofree char *escaped = g_markup_escape_text(visible, -1);
    g_string_append(out, escaped);
}

static void append_row(struct dot *dot, const char *sign, const char *colour, const char *text)
{
    g_string_append_printf(dot->legend,
                           "<tr><td align=\"left\"><font color=\"%s\">%s</font></td><td align=\"left\">",
                           colour, sign);
    append_markup(dot->legend, text);
    g_string_append(dot->legend, "</td></tr>");
}

void dot_legend(struct dot *dot, const char *sign, const char *colour, const char *text)
{
    if (!dot->options->no_legend)
        append_row(dot, sign, colour, text);
}

void dot_remark(struct dot *dot, const char *text)
{
    append_row(dot, " ", dot->theme->quiet, text);
}

static void append_legend(struct dot *dot, const char *caption)
{
    if (!dot->legend->len && !caption)
        return;
    g_string_append(dot->out,
                    "  label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"1\">");
    if (caption) {
        g_string_append_printf(dot->out,
                               "<tr><td colspan=\"2\" align=\"left\"><font point-size=\"20\" color=\"%s\">",
                               dot->theme->ink);
        append_markup(dot->out, caption);
        g_string_append(dot->out, "</font></td></tr>");
    }
    g_string_append(dot->out, dot->legend->str);
    g_string_append(dot->out, "</table>>;\n");
}

static void begin_layers(struct dot *dot, const char *caption)
{
    const struct dot_theme *theme = dot->theme;
    g_string_append_printf(dot->out,
                           "  graph [rankdir=LR, bgcolor=\"%s\", pad=0.3, nodesep=0.35, ranksep=0.7, " FONT
                           ", fontsize=10, fontcolor=\"%s\", labelloc=b, labeljust=l];\n",
                           theme->ground, theme->quiet);
    append_legend(dot, NULL);
    /* A graph has one label: the caption is that of a cluster without a frame around everything. */
    g_string_append_printf(dot->out,
                           "  subgraph cluster_all {\n    graph [peripheries=0, labelloc=t, labeljust=l, "
                           "fontsize=14, fontcolor=\"%s\", ",
                           theme->ink);
    dot_text(dot, "label", caption);
    g_string_append(dot->out, "];\n");
}

/* sfdp knows no clusters: everything stands in the one label. */
static void begin_map(struct dot *dot, const char *caption)
{
    g_string_append_printf(dot->out,
                           "  graph [layout=sfdp, overlap=prism60, overlap_scaling=-24, splines=line, "
                           "outputorder=edgesfirst, K=0.6, bgcolor=\"%s\", pad=0.4, " FONT
                           ", fontsize=14, fontcolor=\"%s\", labelloc=t, labeljust=l];\n",
                           dot->theme->ground, dot->theme->quiet);
    append_legend(dot, caption);
    g_string_append(dot->out, "  {\n");
}

void dot_begin(struct dot *dot, const char *name, const char *caption)
{
    const struct dot_theme *theme = dot->theme;
    g_string_append_printf(dot->out, "digraph %s {\n", name);
    g_string_append_printf(dot->out,
                           "  node [" FONT ", fontsize=11, fontcolor=\"%s\", color=\"%s\", style=filled, "
                           "fillcolor=\"%s\", margin=\"0.14,0.07\"];\n",
                           theme->ink, theme->ink, theme->ground);
    g_string_append_printf(dot->out, "  edge [" FONT ", fontsize=10, fontcolor=\"%s\", arrowsize=%s];\n",
                           theme->ink, dot->is_map ? "0.5" : "0.8");
    if (dot->is_map)
        begin_map(dot, caption);
    else
        begin_layers(dot, caption);
}

void dot_end(struct dot *dot)
{
    g_string_append(dot->out, "  }\n}\n");
}

void dot_begin_node(struct dot *dot, const char *name)
{
    g_string_append_printf(dot->out, "    %s [", name);
}

void dot_begin_edge(struct dot *dot, const char *tail, const char *head)
{
    g_string_append_printf(dot->out, "    %s -> %s [", tail, head);
}

void dot_end_attributes(struct dot *dot)
{
    if (dot->out->len > 0 && dot->out->str[dot->out->len - 1] == ' ')
        g_string_truncate(dot->out, dot->out->len - 1);
    g_string_append(dot->out, "];\n");
}

void dot_text(struct dot *dot, const char *key, const char *text)
{
    g_string_append_printf(dot->out, "%s=\"", key);
    escape_append_dot(dot->out, text);
    g_string_append(dot->out, "\" ");
}

void dot_lines(struct dot *dot, const char *key, const char *const *lines)
{
    g_string_append_printf(dot->out, "%s=\"", key);
    for (const char *const *line = lines; *line; line++) {
        g_autofree char *visible = escape_text(*line);
        g_autofree char *shown = text_elide(visible, LABEL_COLUMNS);
        if (line != lines)
            g_string_append(dot->out, "\\n");
        escape_append_dot(dot->out, shown);
    }
    g_string_append(dot->out, "\" ");
}

void dot_number(struct dot *dot, const char *key, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(dot->out, "%s=\"%s\" ", key,
                           g_ascii_formatd(buffer, sizeof buffer, "%.9g", value));
}

void dot_tip(struct dot *dot, const char *text)
{
    dot_text(dot, "tooltip", text);
    dot_text(dot, "labeltooltip", text);
}

void dot_thread_look(struct dot *dot)
{
    dot_text(dot, "shape", "box");
    dot_text(dot, "style", "rounded,filled");
    dot_text(dot, "fillcolor", dot->theme->thread_fill);
    dot_text(dot, "color", dot->theme->thread_line);
}

void dot_point(struct dot *dot, double share, gboolean is_named)
{
    if (!dot->is_map)
        return;
    if (is_named) {
        dot_text(dot, "margin", "0.06,0.03");
        dot_number(dot, "fontsize", 13 + 13 * sqrt(CLAMP(share, 0, 1)));
        return;
    }
    dot_text(dot, "label", "");
    dot_text(dot, "fixedsize", "true");
    dot_number(dot, "width", 0.12 + 0.6 * sqrt(CLAMP(share, 0, 1)));
    dot_number(dot, "height", 0.12 + 0.6 * sqrt(CLAMP(share, 0, 1)));
}

static void replace(GString *text, const char *mark, const char *with)
{
    g_string_replace(text, mark, with, 0);
}

void dot_source_link(struct dot *dot, const char *file, int line)
{
    if (!dot->options->source_url || !file || line <= 0)
        return;
    g_autofree char *valid = g_utf8_make_valid(file, -1);
    g_autofree char *escaped = g_uri_escape_string(valid, "/", FALSE);
    g_autofree char *number = g_strdup_printf("%d", line);
    g_autoptr(GString) url = g_string_new(dot->options->source_url);
    replace(url, "{line}", number);
    replace(url, "{file}", escaped); /* last: a file may be named {line} */
    dot_text(dot, "URL", url->str);
    dot_text(dot, "target", "_blank");
}

void dot_edge_look(struct dot *dot, const char *style, double seconds, double longest, const char *colour)
{
    double share = longest > 0 ? seconds / longest : 0;
    guint step = share >= 0.6 ? 3 : share >= 0.25 ? 2 : share >= 0.05 ? 1 : 0;
    /* In a map thousands of light edges make a mist, which must neither hide the rest nor take long to draw.
     */
    gboolean is_mist = dot->is_map && !step && !colour;
    g_autofree char *thin = g_strconcat(dot->theme->ramp[0], "48", NULL);
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    dot_text(dot, "style", is_mist ? "solid" : style);
    dot_text(dot, "color", is_mist ? thin : colour ? colour : dot->theme->ramp[step]);
    if (is_mist)
        dot_text(dot, "arrowhead", "none");
    g_string_append_printf(
        dot->out, "penwidth=\"%s\" ",
        g_ascii_formatd(buffer, sizeof buffer, "%.2f", is_mist ? 0.7 : 1.0 + 4.0 * sqrt(MAX(share, 0))));
}

void dot_empty(struct dot *dot, const char *text)
{
    dot_begin_node(dot, "empty");
    dot_text(dot, "label", text);
    dot_text(dot, "shape", "plaintext");
    dot_text(dot, "fillcolor", "transparent");
    dot_text(dot, "kind", "empty");
    dot_end_attributes(dot);
}
