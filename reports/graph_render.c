/* SPDX-License-Identifier: Apache-2.0 */
/* The only user of libgvc. */
#include <gvc.h>
#include <string.h>

#include "reports/graph_render.h"
#include "reports/reports.h"

GQuark graph_error_quark(void)
{
    return g_quark_from_static_string("corewise-graph-error");
}

/* Graphviz reports to a callback without user data; left alone it would print to stderr. */
static GString *messages;

static int take_message(char *message)
{
    if (messages)
        g_string_append(messages, message);
    return 0;
}

static void set_error(GError **error, enum graph_error code, const char *what)
{
    g_strchomp(messages->str);
    g_set_error(error, GRAPH_ERROR, code, "%s: %s", what,
                *messages->str ? messages->str : "Graphviz gave no reason");
}

/* One for the life of the process: libgvc 2.43's text plug-in remembers a font's name in a static variable,
 * and reads it again after gvFreeContext has freed it. */
static GVC_t *shared_context(void)
{
    static GVC_t *context;
    if (!context)
        context = gvContext();
    return context;
}

static GBytes *render_graph(graph_t *graph, const char *type, GError **error)
{
    GVC_t *context = shared_context();
    GBytes *bytes = NULL;
    char *data = NULL;
    unsigned length = 0;
    /* The graph itself says how it wants to be laid out, as it does for Graphviz's own programs. */
    const char *engine = agget(graph, (char *)"layout");
    if (gvLayout(context, graph, engine && *engine ? engine : "dot") != 0) {
        set_error(error, GRAPH_ERROR_LAYOUT, "cannot lay out the graph");
    } else {
        if (gvRenderData(context, graph, type, &data, &length) == 0 && data)
            bytes = g_bytes_new(data, length);
        else
            set_error(error, GRAPH_ERROR_LAYOUT,
                      "cannot render the graph (the package graphviz installs all it needs)");
        if (data)
            gvFreeRenderData(data);
        gvFreeLayout(context, graph);
    }
    return bytes;
}

static gboolean is_rendered_type(const char *type)
{
    static const char *const types[] = {"svg", "png", "pdf"};
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_strcmp0(type, types[i]) == 0)
            return TRUE;
    }
    return FALSE;
}

GBytes *graph_render(const char *dot, const char *type, GError **error)
{
    if (g_strcmp0(type, "dot") == 0)
        return g_bytes_new(dot, strlen(dot));
    if (!is_rendered_type(type)) {
        g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_TYPE,
                    "cannot write a graph as '%s': use svg, png, pdf or dot", type ? type : "");
        return NULL;
    }
    messages = g_string_new(NULL);
    agusererrf previous = agseterrf(take_message);
    graph_t *graph = agmemread(dot);
    GBytes *bytes = NULL;
    if (graph)
        bytes = render_graph(graph, type, error);
    else
        set_error(error, GRAPH_ERROR_DOT, "cannot read the DOT text of the graph");
    if (graph)
        agclose(graph);
    agseterrf(previous);
    g_string_free(messages, TRUE);
    messages = NULL;
    return bytes;
}

char *graph_render_svg(const struct session *session, const char *kind, const struct graph_options *options,
                       const char *prefix, GError **error)
{
    const struct graph_kind *graph = graph_kind_find(kind);
    if (!graph) {
        g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_KIND, "cannot draw a graph of kind '%s': there is none",
                    kind);
        return NULL;
    }
    g_autoptr(GString) dot = g_string_new(NULL);
    graph->write_dot(session, options, dot);
    /* Graphviz puts the graph's id before the ids of everything inside. */
    const char *body = strchr(dot->str, '{');
    if (prefix && body) {
        g_autofree char *id = g_strdup_printf(" graph [id=\"%s\"];", prefix);
        g_string_insert(dot, body + 1 - dot->str, id);
    }
    g_autoptr(GBytes) bytes = graph_render(dot->str, "svg", error);
    if (!bytes)
        return NULL;
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    const char *start = g_strstr_len(data, (gssize)size, "<svg");
    return start ? g_strndup(start, size - (gsize)(start - data)) : g_strndup(data, size);
}
