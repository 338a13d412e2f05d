/* SPDX-License-Identifier: Apache-2.0 */
#include "graph_reading.h"

#include <string.h>

char *graph_write(const struct session *session, const char *kind, const struct graph_options *options)
{
    GString *out = g_string_new(NULL);
    graph_kind_find(kind)->write_dot(session, options, out);
    return g_string_free(out, FALSE);
}

Agraph_t *graph_read(struct session *session, const char *kind, const struct graph_options *options)
{
    g_autofree char *dot = graph_write(session, kind, options);
    session_free(session);
    Agraph_t *graph = agmemread(dot);
    if (!graph)
        g_error("not DOT:\n%s", dot);
    return graph;
}

const char *graph_attribute(void *object, const char *name)
{
    char *value = agget(object, (char *)name);
    return value ? value : "";
}

double graph_number(void *object, const char *name)
{
    return g_ascii_strtod(graph_attribute(object, name), NULL);
}

guint graph_count_nodes(Agraph_t *graph, const char *kind)
{
    guint count = 0;
    for (Agnode_t *node = agfstnode(graph); node; node = agnxtnode(graph, node))
        count += strcmp(graph_attribute(node, "kind"), kind) == 0;
    return count;
}

Agnode_t *graph_find_node(Agraph_t *graph, const char *label)
{
    Agnode_t *found = NULL;
    for (Agnode_t *node = agfstnode(graph); node; node = agnxtnode(graph, node)) {
        if (!g_str_has_prefix(graph_attribute(node, "label"), label))
            continue;
        g_assert_null(found);
        found = node;
    }
    if (!found)
        g_error("no node is labelled '%s'", label);
    return found;
}

Agedge_t *graph_find_edge(Agraph_t *graph, Agnode_t *tail, Agnode_t *head)
{
    return agedge(graph, tail, head, NULL, FALSE);
}

void graph_assert_edge(Agraph_t *graph, Agnode_t *tail, Agnode_t *head, double seconds, const char *count)
{
    Agedge_t *edge = graph_find_edge(graph, tail, head);
    g_assert_nonnull(edge);
    g_assert_cmpfloat_with_epsilon(graph_number(edge, "seconds"), seconds, 1e-6);
    g_assert_cmpstr(graph_attribute(edge, "count"), ==, count);
}
