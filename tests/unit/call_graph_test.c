/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "example_session.h"
#include "graph_reading.h"

static int add_frame(struct session *session, int caller, const char *function, const char *file, int line)
{
    struct call_frame *frame = call_frame_new();
    frame->caller = caller;
    frame->function = g_strdup(function);
    frame->file = g_strdup(file);
    frame->line = line;
    g_ptr_array_add(session->call_frames, frame);
    return (int)session->call_frames->len;
}

static struct call_stack *add_stack(struct session *session, int frame, enum activity activity,
                                    double seconds)
{
    struct call_stack *stack = call_stack_new();
    stack->run = g_strdup(EXAMPLE_RUN);
    stack->frame = frame;
    stack->activity = activity;
    stack->seconds = seconds;
    g_ptr_array_add(session->call_stacks, stack);
    return stack;
}

/* worker computes in walk, which calls itself, for 3 s, and waits in a library's lock for 1 s. */
static struct session *new_session(void)
{
    struct session *session = example_session_crowd(1);
    example_add_region(session, REGION_FUNCTION, "walk", "crowd.c", 40, 60, WORK_CPU, 0.9);
    int start = add_frame(session, 0, "start_thread", "./nptl/pthread_create.c", 442);
    int worker = add_frame(session, start, "worker", "crowd.c", 12);
    int outer = add_frame(session, worker, "walk", "crowd.c", 44);
    int inner = add_frame(session, outer, "walk", "crowd.c", 45);
    int lock = add_frame(session, worker, "pthread_mutex_lock", "./nptl/pthread_mutex_lock.c", 93);
    add_stack(session, outer, ACTIVITY_RUNNING, 1);
    add_stack(session, inner, ACTIVITY_RUNNING, 2);
    add_stack(session, lock, ACTIVITY_BLOCKED, 1);
    add_stack(session, lock, ACTIVITY_BLOCKED, 7)->idle = TRUE;
    add_stack(session, 0, ACTIVITY_RUNNING, 0.25);
    return session;
}

static void test_times_and_classes(void)
{
    struct session *session = new_session();
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_REGION, "worker@crowd.c:10", "active_seconds", 4,
                            9);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_REGION, "worker@crowd.c:10", "cpu_share", 0.75, 9);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_REGION, "worker@crowd.c:10", "io_share", 0, 9);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_REGION, "worker@crowd.c:10", "lock_share", 0.25, 9);
    Agraph_t *graph = graph_read(session, "calls", NULL);
    g_assert_cmpint(agnnodes(graph), ==, 2); /* libraries are left out, idle waits, too */
    Agnode_t *worker = graph_find_node(graph, "worker"), *walk = graph_find_node(graph, "walk");
    g_assert_cmpfloat_with_epsilon(graph_number(worker, "seconds"), 4, 1e-6);
    g_assert_cmpfloat_with_epsilon(graph_number(worker, "self_seconds"), 1, 1e-6);
    g_assert_cmpfloat_with_epsilon(graph_number(walk, "seconds"), 3, 1e-6);
    g_assert_cmpfloat_with_epsilon(graph_number(graph_find_edge(graph, worker, walk), "seconds"), 3, 1e-6);
    g_assert_cmpfloat_with_epsilon(graph_number(graph_find_edge(graph, walk, walk), "seconds"), 2, 1e-6);
    g_assert_cmpstr(graph_attribute(walk, "workclass"), ==, "cpu");   /* predicted */
    g_assert_cmpstr(graph_attribute(worker, "workclass"), ==, "cpu"); /* measured; predicted was lock */
    g_assert_cmpstr(graph_attribute(worker, "fillcolor"), ==, graph_attribute(walk, "fillcolor"));
    g_assert_nonnull(strstr(graph_attribute(graph, "label"), "7.00 s"));
    g_assert_nonnull(strstr(graph_attribute(graph, "label"), "250 ms had no known stack"));
    agclose(graph);
}

static void test_without_analysis(void)
{
    struct session *session = new_session();
    g_ptr_array_set_size(session->regions, 0);
    Agraph_t *graph = graph_read(session, "calls", NULL);
    g_assert_cmpint(agnnodes(graph), ==, 4);
    g_assert_cmpfloat_with_epsilon(graph_number(graph_find_node(graph, "start_thread"), "seconds"), 4, 1e-6);
    agclose(graph);
}

static void test_limits(void)
{
    struct graph_options options = {.nodes_max = 1};
    Agraph_t *graph = graph_read(new_session(), "calls", &options);
    g_assert_cmpint(agnnodes(graph), ==, 1);
    graph_find_node(graph, "worker");
    g_assert_nonnull(strstr(graph_attribute(graph, "label"), "functions 1, calls 2"));
    agclose(graph);
}

static void test_empty(void)
{
    Agraph_t *graph = graph_read(example_session_crowd(2), "calls", NULL);
    g_assert_cmpuint(graph_count_nodes(graph, "empty"), ==, 1);
    agclose(graph);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/calls/times-and-classes", test_times_and_classes);
    g_test_add_func("/calls/without-analysis", test_without_analysis);
    g_test_add_func("/calls/limits", test_limits);
    g_test_add_func("/calls/empty", test_empty);
    return g_test_run();
}
