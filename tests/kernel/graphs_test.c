/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs of programs whose waits are known: `graphs_test CASE PROGRAM`. */
#include <string.h>

#include "tests/kernel/traced.h"
#include "tests/unit/graph_reading.h"

#define SEATS 5

static Agraph_t *graph_of_run(const char *kind, const struct trace_options *options)
{
    g_autoptr(GError) error = NULL;
    struct session *session = session_new();
    trace(options, session, &error);
    g_assert_no_error(error);
    return graph_read(session, kind, NULL);
}

/* The way out of a node on which the arrow is part of a knot. */
static Agedge_t *knot_edge(Agraph_t *graph, Agnode_t *node)
{
    for (Agedge_t *edge = agfstout(graph, node); edge; edge = agnxtout(graph, edge)) {
        if (*graph_attribute(edge, "knot"))
            return edge;
    }
    return NULL;
}

/* Five threads, five forks, and back at the first. */
static void check_philosophers(void)
{
    const char *command[] = {traced_program, NULL};
    struct trace_options options = {.command = command};
    Agraph_t *graph = graph_of_run("wait-for", &options);
    Agnode_t *first = agfstnode(graph);
    while (first && !*graph_attribute(first, "knot"))
        first = agnxtnode(graph, first);
    g_assert_nonnull(first);
    g_autoptr(GHashTable) forks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Agnode_t *at = first;
    for (guint seat = 0; seat < SEATS; seat++) {
        Agedge_t *edge = knot_edge(graph, at);
        g_assert_nonnull(edge);
        g_print("%s -> %s on %s: %s s\n", agnameof(at), agnameof(aghead(edge)), graph_attribute(edge, "on"),
                graph_attribute(edge, "seconds"));
        g_assert_true(g_str_has_prefix(graph_attribute(edge, "on"), "forks["));
        g_assert_true(g_hash_table_add(forks, g_strdup(graph_attribute(edge, "on"))));
        assert_near("wait", graph_number(edge, "seconds"), 2, 0.05, 0.05);
        at = aghead(edge);
        g_assert_true((at == first) == (seat == SEATS - 1));
    }
    g_assert_cmpuint(graph_count_nodes(graph, "thread"), ==, SEATS + 1);
    agclose(graph);
}

static void check_convoy(void)
{
    const char *command[] = {traced_program, "convoy", NULL};
    struct trace_options options = {.command = command};
    Agraph_t *graph = graph_of_run("contention", &options);
    Agnode_t *table = graph_find_node(graph, "table");
    g_print("table: %s, %s\n", graph_attribute(table, "mark"), graph_attribute(table, "label"));
    g_assert_nonnull(strstr(graph_attribute(table, "mark"), "convoy"));
    agclose(graph);
}

static const struct traced_case cases[] = {
    {"philosophers", check_philosophers},
    {"convoy", check_convoy},
};

int main(int argc, char **argv)
{
    return run_traced_case(argc, argv, "graphs_test CASE PROGRAM", cases, G_N_ELEMENTS(cases));
}
