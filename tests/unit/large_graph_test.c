/* SPDX-License-Identifier: Apache-2.0 */
/* 1,000 threads that wait for 1,000 locks: drawn in time, whole and as most people would see it. The pictures
 * are left in the build folder, to be looked at. */
#include <time.h>

#include "example_session.h"
#include "graph_reading.h"

#define THREADS 1000
#define LOCKS   1000
#define WAITS   4 /* of a thread */

/* Numbers that look thrown but are the same each time (D. Knuth's MMIX generator). */
static guint next_number(guint64 *state, guint bound)
{
    *state = *state * G_GUINT64_CONSTANT(6364136223846793005) + G_GUINT64_CONSTANT(1442695040888963407);
    return (guint)(*state >> 33) % bound;
}

/* Few locks are waited for much, many little, as in real programs. */
static struct session *large_session(void)
{
    static const char *const bodies[] = {"serve_request", "write_journal", "flush_pages", "send_replies",
                                         "expire_keys"};
    struct session *session = example_session_crowd(0);
    guint64 state = 1;
    for (int i = 0; i < LOCKS; i++) {
        g_autofree char *name = g_strdup_printf("shard[%d].lock", i);
        example_add_lock(session, name, LOCK_MUTEX, "store.c", 10 + i, TRUE);
    }
    for (int i = 0; i < THREADS; i++)
        example_add_thread(session, 10000 + i, bodies[i % (int)G_N_ELEMENTS(bodies)], NULL, 2.5);
    for (int i = 0; i < THREADS; i++) {
        for (int j = 0; j < WAITS; j++) {
            guint rank = j ? next_number(&state, 1 + next_number(&state, LOCKS)) : (guint)i;
            g_autofree char *name = g_strdup_printf("shard[%u].lock", rank);
            int holder = 10000 + (int)next_number(&state, THREADS);
            example_add_wait(session, 10000 + i, holder, name, CAUSE_MUTEX, 0.4 / (1 + rank), 1 + rank % 7)
                ->longest_seconds = 0.01;
        }
    }
    return session;
}

static void draw(const struct session *session, const char *kind, const struct graph_options *options,
                 const char *file)
{
    g_autoptr(GError) error = NULL;
    g_test_timer_start();
    clock_t begin = clock();
    g_autofree char *dot = graph_write(session, kind, options);
    g_autoptr(GBytes) picture = graph_render(dot, "png", &error);
    /* Of this process: how busy the machine is otherwise says nothing about the graph. */
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC, elapsed = g_test_timer_elapsed();
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(g_getenv("BUILD_DIR"), "tests", file, NULL);
    g_assert_true(
        g_file_set_contents(path, g_bytes_get_data(picture, NULL), (gssize)g_bytes_get_size(picture), NULL));
    g_print("# %s: %.2f s on the core, %.2f s in all: %s\n", kind, seconds, elapsed, path);
}

static const struct graph_options whole = {
    .nodes_max = THREADS + LOCKS, .grouping = GROUP_THREAD, .threshold = 1e-9};

static void test_whole_graphs(void)
{
    g_autoptr(Session) session = large_session();
    draw(session, "contention", &whole, "large_contention.png");
    draw(session, "wait-for", &whole, "large_wait_for.png");
    Agraph_t *graph = graph_read(large_session(), "contention", &whole);
    g_assert_cmpint(agnnodes(graph), ==, THREADS + LOCKS);
    g_assert_cmpuint(graph_count_nodes(graph, "thread"), ==, THREADS);
    double waited = 0, expected = 0;
    for (Agnode_t *node = agfstnode(graph); node; node = agnxtnode(graph, node)) {
        for (Agedge_t *edge = agfstout(graph, node); edge; edge = agnxtout(graph, edge))
            waited += g_str_equal(graph_attribute(edge, "kind"), "waits") ? graph_number(edge, "seconds") : 0;
    }
    agclose(graph);
    for (guint i = 0; i < session->waits->len; i++)
        expected += ((const struct wait_edge *)g_ptr_array_index(session->waits, i))->seconds;
    g_assert_cmpfloat_with_epsilon(waited, expected, 1e-4 * expected);
}

static void test_default_graphs(void)
{
    g_autoptr(Session) session = large_session();
    draw(session, "contention", NULL, "large_contention_default.png");
    draw(session, "wait-for", NULL, "large_wait_for_default.png");
    Agraph_t *graph = graph_read(large_session(), "contention", NULL);
    g_assert_cmpuint(graph_count_nodes(graph, "thread"), ==, 5);
    g_assert_cmpint(agnnodes(graph), <=, 40);
    g_assert_cmpint(agnedges(graph), <=, 80);
    g_assert_cmpint(agnedges(graph), >=, 40);
    agclose(graph);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/large-graph/whole", test_whole_graphs);
    g_test_add_func("/large-graph/default", test_default_graphs);
    return g_test_run();
}
