/* SPDX-License-Identifier: Apache-2.0 */
#include <graphviz/cgraph.h>
#include <stdlib.h>
#include <string.h>

#include "example_session.h"
#include "graph_reading.h"
#include "reports/reports.h"

/* Takes the session over. */
static Agraph_t *read_graph(struct session *session)
{
    return graph_read(session, "contention", NULL);
}

static void test_pigz(void)
{
    Agraph_t *graph = read_graph(example_session_pigz());
    g_assert_cmpuint(graph_count_nodes(graph, "thread"), ==, 4);
    g_assert_cmpuint(graph_count_nodes(graph, "mutex"), ==, 1);
    g_assert_cmpuint(graph_count_nodes(graph, "condition"), ==,
                     1); /* the idle one is left out, and so is the disk */
    g_assert_cmpuint(graph_count_nodes(graph, "unknown"), ==, 1);
    g_assert_cmpint(agnnodes(graph), ==, 7);
    g_assert_cmpint(agnedges(graph), ==, 9);
    Agnode_t *mutex = graph_find_node(graph, "out_pool.have->mutex"),
             *condition = graph_find_node(graph, "write_first->cond");
    Agnode_t *writer = graph_find_node(graph, "write_thread"), *unknown = graph_find_node(graph, "?");
    Agnode_t *second = graph_find_node(graph, "compress_thread\\ntid 4103");
    graph_assert_edge(graph, second, mutex, 0.16, "128"); /* with the wait whose holder is unknown */
    graph_assert_edge(graph, mutex, writer, 0.26, "217");
    graph_assert_edge(graph, mutex, unknown, 0.05, "31");
    graph_assert_edge(graph, writer, condition, 0.12, "793");
    graph_assert_edge(graph, condition, second, 0.05, "391");
    g_assert_cmpstr(graph_attribute(unknown, "tooltip"), ==, "the lock was free again when it was looked at");
    g_assert_nonnull(
        strstr(graph_attribute(agedge(graph, second, mutex, NULL, FALSE), "tooltip"), "yarn.c:96 possess"));
    g_assert_nonnull(strstr(graph_attribute(mutex, "tooltip"), "pigz.c:1490"));
    g_assert_cmpstr(graph_attribute(mutex, "shape"), !=, graph_attribute(condition, "shape"));
    agclose(graph);
}

static void test_longer_is_thicker(void)
{
    Agraph_t *graph = read_graph(example_session_pigz());
    double most = 0, seconds_of_most = 0, longest = 0;
    for (Agnode_t *node = agfstnode(graph); node; node = agnxtnode(graph, node)) {
        for (Agedge_t *edge = agfstout(graph, node); edge; edge = agnxtout(graph, edge)) {
            double width = g_ascii_strtod(graph_attribute(edge, "penwidth"), NULL);
            double seconds = g_ascii_strtod(graph_attribute(edge, "seconds"), NULL);
            longest = MAX(longest, seconds);
            if (width > most) {
                most = width;
                seconds_of_most = seconds;
            }
            g_assert_cmpfloat(width, >=, 1);
        }
    }
    g_assert_cmpfloat(seconds_of_most, ==, longest);
    agclose(graph);
}

static void test_only_idle_waits(void)
{
    struct session *session = example_session_crowd(1);
    example_add_thread(session, 6000, "taker", NULL, 1);
    example_add_wait(session, 6000, 5000, "cache_lock", CAUSE_CONDITION, 0.9, 9)->idle = TRUE;
    Agraph_t *graph = read_graph(session);
    Agnode_t *lock = graph_find_node(graph, "cache_lock");
    g_assert_cmpstr(graph_attribute(lock, "kind"), ==,
                    "condition"); /* known as a mutex, waited for as a condition */
    Agedge_t *edge = agedge(graph, graph_find_node(graph, "taker"), lock, NULL, FALSE);
    g_assert_cmpstr(graph_attribute(edge, "style"), ==, "dotted");
    agclose(graph);
}

static void test_many_threads_are_grouped(void)
{
    Agraph_t *graph = read_graph(example_session_crowd(13));
    g_assert_cmpuint(graph_count_nodes(graph, "thread"), ==, 1);
    Agnode_t *workers = graph_find_node(graph, "worker\\n13 threads");
    graph_assert_edge(graph, workers, graph_find_node(graph, "cache_lock"), 12 * 1.5, "1200");
    agclose(graph);
    graph = read_graph(example_session_crowd(12));
    g_assert_cmpuint(graph_count_nodes(graph, "thread"), ==, 12);
    agclose(graph);
}

static void test_many_locks_are_limited(void)
{
    struct session *session = example_session_crowd(2);
    for (int i = 0; i < 100; i++) {
        g_autofree char *name = g_strdup_printf("lock_%03d", i);
        example_add_lock(session, name, LOCK_MUTEX, NULL, 0, TRUE);
        example_add_wait(session, 5000, 5001, name, CAUSE_MUTEX, 0.001 * (i + 1), 1);
    }
    Agraph_t *graph = read_graph(session);
    g_assert_cmpuint(graph_count_nodes(graph, "mutex"), ==, 24);
    graph_find_node(graph, "lock_099");
    g_assert_nonnull(strstr(graph_attribute(graph, "label"), "77 more locks"));
    agclose(graph);
}

static void test_unnamed_locks(void)
{
    struct session *session = example_session_crowd(2);
    struct wait_edge *wait = example_add_wait(session, 5001, 0, NULL, CAUSE_FUTEX, 0.5, 4);
    wait->file = g_strdup("crowd.c");
    wait->line = 21;
    Agraph_t *graph = read_graph(session);
    g_assert_cmpstr(graph_attribute(graph_find_node(graph, "futex at crowd.c:21"), "kind"), ==, "unknown");
    agclose(graph);
}

/* Six threads that take turns: each waits for the one before it. */
static struct session *new_convoy(double parallelism)
{
    struct session *session = example_session_crowd(6);
    g_ptr_array_set_size(session->waits, 0);
    for (int i = 0; i < 6; i++) {
        struct wait_edge *wait =
            example_add_wait(session, 5000 + i, 5000 + (i + 5) % 6, "cache_lock", CAUSE_MUTEX, 1, 100);
        wait->file = g_strdup("crowd.c");
        wait->line = 17;
        session_add_measurement(session, EXAMPLE_RUN, SUBJECT_THREAD, wait->waiter, "active_seconds", 2.5, 1);
    }
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_PROGRAM, NULL, "parallelism", parallelism, 100);
    return session;
}

static void test_convoy(void)
{
    Agraph_t *graph = graph_read(new_convoy(1.9), "contention", NULL);
    Agnode_t *lock = graph_find_node(graph, "cache_lock");
    g_assert_cmpstr(graph_attribute(lock, "mark"), ==, "convoy");
    /* 6 s of waiting in a run of 2.5 s */
    g_assert_nonnull(strstr(graph_attribute(lock, "label"), "CONVOY: 2.40 threads queue"));
    g_assert_nonnull(strstr(graph_attribute(graph, "label"), "convoy"));
    agclose(graph);
    graph = graph_read(new_convoy(1.1), "contention", NULL);
    g_assert_cmpstr(graph_attribute(graph_find_node(graph, "cache_lock"), "mark"), ==, "big_lock convoy");
    agclose(graph);
    /* One thread holds it all the time: a queue, but it does not go round. */
    graph = graph_read(example_session_crowd(6), "contention", NULL);
    g_assert_cmpstr(graph_attribute(graph_find_node(graph, "cache_lock"), "mark"), ==, "");
    agclose(graph);
}

static void add_seconds(struct session *session, const struct region *region, const char *metric,
                        double value)
{
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_REGION, region->id, metric, value, 100);
}

/* Threads wait for the lock for 6 s at the section's first line; inside they write to a disk. */
static void test_what_is_done_under_a_lock(void)
{
    struct session *session = new_convoy(1.9);
    const struct region *section =
        example_add_region(session, REGION_CRITICAL_SECTION, "worker", "crowd.c", 17, 21, WORK_IO, 0.9);
    add_seconds(session, section, "active_seconds", 7);
    add_seconds(session, section, "cpu_seconds", 0.3);
    add_seconds(session, section, "blocked_seconds.mutex", 6);
    add_seconds(session, section, "blocked_seconds.disk", 0.7);
    Agraph_t *graph = graph_read(session, "contention", NULL);
    Agnode_t *lock = graph_find_node(graph, "cache_lock");
    g_assert_nonnull(strstr(graph_attribute(lock, "label"), "held at crowd.c:17\\n70 % waiting: disk"));
    g_assert_nonnull(strstr(graph_attribute(lock, "tooltip"), "crowd.c:17 to 21 in worker"));
    agclose(graph);
}

static void test_options(void)
{
    struct graph_options options = {.threshold = 0.5, .nodes_max = 100, .no_legend = TRUE};
    Agraph_t *graph = graph_read(example_session_pigz(), "contention", &options);
    for (Agnode_t *node = agfstnode(graph); node; node = agnxtnode(graph, node)) {
        for (Agedge_t *edge = agfstout(graph, node); edge; edge = agnxtout(graph, edge))
            g_assert_cmpfloat(graph_number(edge, "seconds"), >=, 0.13);
    }
    g_assert_cmpint(agnedges(graph), ==, 3);
    g_assert_null(strstr(graph_attribute(graph, "label"), "⟶"));
    agclose(graph);
    options = (struct graph_options){.nodes_max = 100};
    graph = graph_read(example_session_crowd(40), "contention", &options);
    g_assert_cmpuint(graph_count_nodes(graph, "thread"), ==, 40);
    agclose(graph);
    options = (struct graph_options){.nodes_max = 10, .grouping = GROUP_THREAD};
    graph = graph_read(example_session_crowd(40), "contention", &options);
    g_assert_cmpuint(graph_count_nodes(graph, "thread"), ==, 5);
    agclose(graph);
}

static void test_empty(void)
{
    Agraph_t *graph = read_graph(example_session_trace()); /* waited for disk and poll only */
    g_assert_cmpint(agnnodes(graph), ==, 1);
    g_assert_cmpstr(graph_attribute(agfstnode(graph), "label"), ==, "No thread waited for another.");
    agclose(graph);
    graph = read_graph(session_new());
    g_assert_cmpint(agnnodes(graph), ==, 1);
    agclose(graph);
}

static GBytes *render(struct session *session, const char *type)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dot = graph_write(session, "contention", NULL);
    session_free(session);
    GBytes *bytes = graph_render(dot, type, &error);
    g_assert_no_error(error);
    return bytes;
}

static char *render_svg(struct session *session)
{
    g_autoptr(GBytes) bytes = render(session, "svg");
    return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void test_hostile_names(void)
{
    Agraph_t *graph = read_graph(example_session_hostile());
    g_assert_cmpint(agnnodes(graph), ==, 5);
    g_assert_cmpint(agnedges(graph), ==, 5);
    agclose(graph);
    g_autofree char *svg = render_svg(example_session_hostile());
    g_assert_true(g_utf8_validate(svg, -1, NULL));
    g_assert_null(strstr(svg, "</script>"));
    g_assert_null(strstr(svg, "<b>"));
    g_assert_null(strchr(svg, '\033'));
    g_assert_nonnull(strstr(svg, "&lt;/script&gt;\\x1b[2J"));
    g_assert_nonnull(
        strstr(svg, "\\&quot;&amp;amp;&amp;#27;\\<")); /* as the thread spelled it, to the last \ */
    g_autoptr(GMarkupParseContext) parser =
        g_markup_parse_context_new(&(GMarkupParser){0}, G_MARKUP_TREAT_CDATA_AS_TEXT, NULL, NULL);
    g_assert_true(g_markup_parse_context_parse(parser, svg, -1, NULL));
    g_assert_true(g_markup_parse_context_end_parse(parser, NULL));
}

static void test_rendering(void)
{
    g_autofree char *first = render_svg(example_session_pigz()), *again = render_svg(example_session_pigz());
    g_assert_cmpstr(first, ==, again);
    g_autoptr(GBytes) png = render(example_session_pigz(), "png");
    g_assert_cmpmem(g_bytes_get_data(png, NULL), 4, "\x89PNG", 4);
    g_autoptr(GBytes) pdf = render(example_session_pigz(), "pdf");
    g_assert_cmpmem(g_bytes_get_data(pdf, NULL), 5, "%PDF-", 5);
    g_autoptr(GBytes) dot = render(example_session_pigz(), "dot");
    g_assert_cmpmem(g_bytes_get_data(dot, NULL), 7, "digraph", 7);
}

static void test_rendering_fails_with_a_reason(void)
{
    g_autoptr(GError) type_error = NULL;
    g_assert_null(graph_render("digraph g {}", "gif", &type_error));
    g_assert_nonnull(strstr(type_error->message, "'gif'"));
    g_autoptr(GError) syntax_error = NULL;
    g_assert_null(graph_render("digraph g { a -> ", "svg", &syntax_error));
    g_assert_nonnull(strstr(syntax_error->message, "syntax error"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/contention/pigz", test_pigz);
    g_test_add_func("/contention/longer-is-thicker", test_longer_is_thicker);
    g_test_add_func("/contention/only-idle-waits", test_only_idle_waits);
    g_test_add_func("/contention/many-threads", test_many_threads_are_grouped);
    g_test_add_func("/contention/many-locks", test_many_locks_are_limited);
    g_test_add_func("/contention/unnamed-locks", test_unnamed_locks);
    g_test_add_func("/contention/convoy", test_convoy);
    g_test_add_func("/contention/under-a-lock", test_what_is_done_under_a_lock);
    g_test_add_func("/contention/options", test_options);
    g_test_add_func("/contention/empty", test_empty);
    g_test_add_func("/contention/hostile-names", test_hostile_names);
    g_test_add_func("/contention/rendering", test_rendering);
    g_test_add_func("/contention/rendering-fails", test_rendering_fails_with_a_reason);
    return g_test_run();
}
