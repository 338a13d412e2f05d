/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "example_session.h"
#include "graph_reading.h"

#define SEATS 5

static struct session *new_session(double seconds)
{
    struct session *session = example_session_crowd(1);
    g_ptr_array_set_size(session->threads, 0);
    g_ptr_array_set_size(session->waits, 0);
    ((struct run *)g_ptr_array_index(session->runs, 0))->seconds = seconds;
    return session;
}

/* The first thread of the program, and of every path. */
static void add_main(struct session *session, double seconds)
{
    struct thread *thread = example_add_thread(session, 4100, "main", NULL, seconds);
    thread->tid = thread->pid;
}

static void add_active(struct session *session, int tid, const char *name, double life, double active)
{
    const struct thread *thread = example_add_thread(session, tid, name, NULL, life);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_THREAD, thread->id, "active_seconds", active, 1);
}

/* Each waits for the next one for two seconds, and main for the first of them. */
static struct session *philosophers(void)
{
    struct session *session = new_session(2);
    add_main(session, 2);
    for (int seat = 0; seat < SEATS; seat++) {
        g_autofree char *name = g_strdup_printf("seat%d", seat);
        g_autofree char *fork = g_strdup_printf("forks[%d]", (seat + 1) % SEATS);
        add_active(session, 4101 + seat, name, 2, 2);
        example_add_wait(session, 4101 + seat, 4101 + (seat + 1) % SEATS, fork, CAUSE_MUTEX, 2, 1)
            ->longest_seconds = 2;
    }
    example_add_wait(session, 4100, 4101, NULL, CAUSE_JOIN, 2, 1);
    return session;
}

static void test_philosophers_are_a_knot(void)
{
    Agraph_t *graph = graph_read(philosophers(), "wait-for", NULL);
    Agnode_t *at = graph_find_node(graph, "seat0");
    g_assert_cmpuint(graph_count_nodes(graph, "thread"), ==, SEATS + 1);
    for (int seat = 0; seat < SEATS; seat++) {
        g_autofree char *next_name = g_strdup_printf("seat%d", (seat + 1) % SEATS);
        g_autofree char *fork = g_strdup_printf("forks[%d]", (seat + 1) % SEATS);
        Agnode_t *next = graph_find_node(graph, next_name);
        graph_assert_edge(graph, at, next, 2, "1");
        g_assert_cmpstr(graph_attribute(graph_find_edge(graph, at, next), "knot"), ==, "1");
        g_assert_cmpstr(graph_attribute(graph_find_edge(graph, at, next), "on"), ==, fork);
        g_assert_cmpstr(graph_attribute(at, "knot"), ==, "1");
        /* Nobody in the ring is to blame more than another. */
        g_assert_cmpfloat_with_epsilon(graph_number(at, "blame_seconds"), 2.0 / SEATS, 1e-3);
        at = next;
    }
    Agnode_t *first = graph_find_node(graph, "main");
    g_assert_cmpstr(graph_attribute(first, "knot"), ==, "");
    g_assert_cmpstr(graph_attribute(graph_find_edge(graph, first, at), "step"), ==, "1");
    g_assert_nonnull(strstr(graph_attribute(graph, "label"),
                            "5 threads wait for each other; each of them for "
                            "2.00 s or more"));
    agclose(graph);
}

/* main joins a worker (3 s), which computes for 1 s and waits 2 s for a writer, which waits 1.8 s of its 2 s
 * for the disk. A helper that nobody waits for is long busy. */
static struct session *chain(void)
{
    struct session *session = new_session(3);
    add_main(session, 3);
    add_active(session, 4101, "worker", 3, 3);
    add_active(session, 4102, "writer", 3, 2);
    add_active(session, 4103, "helper", 3, 3);
    example_add_wait(session, 4100, 4101, NULL, CAUSE_JOIN, 3, 1);
    example_add_wait(session, 4101, 4102, "queue", CAUSE_MUTEX, 2, 40);
    example_add_wait(session, 4102, 0, NULL, CAUSE_DISK, 1.8, 60);
    example_add_wait(session, 4102, 4101, "queue", CAUSE_CONDITION, 1, 9)->idle = TRUE;
    example_add_wait(session, 4103, 4102, "queue", CAUSE_MUTEX, 0.1, 3);
    return session;
}

static void test_critical_path(void)
{
    Agraph_t *graph = graph_read(chain(), "wait-for", NULL);
    Agnode_t *first = graph_find_node(graph, "main"), *worker = graph_find_node(graph, "worker");
    Agnode_t *writer = graph_find_node(graph, "writer"), *disk = graph_find_node(graph, "disk");
    Agnode_t *helper = graph_find_node(graph, "helper");
    graph_assert_edge(graph, first, worker, 3, "1");
    graph_assert_edge(graph, worker, writer, 2, "40");
    graph_assert_edge(graph, writer, disk, 1.8, "60");
    g_assert_cmpstr(graph_attribute(graph_find_edge(graph, first, worker), "step"), ==, "1");
    g_assert_cmpstr(graph_attribute(graph_find_edge(graph, worker, writer), "step"), ==, "2");
    g_assert_cmpstr(graph_attribute(graph_find_edge(graph, writer, disk), "step"), ==, "3");
    g_assert_cmpstr(graph_attribute(graph_find_edge(graph, helper, writer), "step"), ==, "");
    g_assert_null(graph_find_edge(graph, writer, worker)); /* idle: for the next task */
    g_assert_cmpfloat_with_epsilon(graph_number(worker, "blame_seconds"), 1, 1e-3);
    g_assert_cmpfloat_with_epsilon(graph_number(writer, "blame_seconds"), 0.2, 1e-3);
    g_assert_cmpfloat_with_epsilon(graph_number(helper, "blame_seconds"), 0, 1e-9);
    g_assert_cmpstr(graph_attribute(disk, "path"), ==, "yes");
    g_assert_cmpstr(graph_attribute(disk, "kind"), ==, "outside");
    g_assert_cmpstr(graph_attribute(worker, "knot"), ==, ""); /* the way back is idle */
    agclose(graph);
}

static void test_threshold_and_limit(void)
{
    struct graph_options options = {.threshold = 0.06};
    Agraph_t *graph = graph_read(chain(), "wait-for", &options);
    g_assert_cmpint(agnnodes(graph), ==, 4); /* without the helper's 0.1 s */
    g_assert_nonnull(strstr(graph_attribute(graph, "label"), "arrows 1"));
    agclose(graph);
    options = (struct graph_options){.nodes_max = 1};
    graph = graph_read(chain(), "wait-for", &options);
    g_assert_cmpint(agnnodes(graph), ==, 4); /* what is on the path stays */
    agclose(graph);
}

static void test_grouping(void)
{
    struct session *session = example_session_crowd(13);
    Agraph_t *graph = graph_read(session, "wait-for", NULL);
    Agnode_t *workers = graph_find_node(graph, "worker\\n13 threads");
    graph_assert_edge(graph, workers, workers, 12 * 1.5, "1200");
    g_assert_cmpstr(graph_attribute(workers, "knot"), ==, ""); /* all wait for one, which waits for nobody */
    agclose(graph);
    struct graph_options options = {.grouping = GROUP_THREAD};
    graph = graph_read(example_session_crowd(13), "wait-for", &options);
    g_assert_cmpint(agnnodes(graph), ==, 13);
    agclose(graph);
    options.grouping = GROUP_PROCESS;
    graph = graph_read(example_session_crowd(13), "wait-for", &options);
    g_assert_cmpint(agnnodes(graph), ==, 1);
    agclose(graph);
}

static void test_source_links(void)
{
    struct graph_options options = {.source_url = "https://example.org/a?f={file}&l={line}", .dark = TRUE};
    g_autoptr(GError) error = NULL;
    g_autoptr(Session) session = example_session_hostile();
    g_autofree char *svg = graph_render_svg(session, "wait-for", &options, "page1", &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(svg, "<svg"));
    g_assert_nonnull(strstr(svg, "\"https://example.org/a?f=a%22b%5C.c&amp;l=5\""));
    g_assert_nonnull(strstr(svg, "page1_node1"));
    g_assert_null(strstr(svg, "</script>"));
    g_assert_null(strchr(svg, '\033'));
    g_assert_nonnull(strstr(svg, "#14181d")); /* the dark ground */
    g_assert_null(graph_render_svg(session, "cake", NULL, NULL, &error));
    g_assert_nonnull(strstr(error->message, "'cake'"));
}

static void test_empty(void)
{
    Agraph_t *graph = graph_read(session_new(), "wait-for", NULL);
    g_assert_cmpuint(graph_count_nodes(graph, "empty"), ==, 1);
    agclose(graph);
    graph = graph_read(new_session(1), "wait-for", NULL);
    g_assert_cmpuint(graph_count_nodes(graph, "empty"), ==, 1);
    agclose(graph);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wait-for/philosophers", test_philosophers_are_a_knot);
    g_test_add_func("/wait-for/critical-path", test_critical_path);
    g_test_add_func("/wait-for/threshold-and-limit", test_threshold_and_limit);
    g_test_add_func("/wait-for/grouping", test_grouping);
    g_test_add_func("/wait-for/source-links", test_source_links);
    g_test_add_func("/wait-for/empty", test_empty);
    return g_test_run();
}
