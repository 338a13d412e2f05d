/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "example_session.h"
#include "graph_reading.h"

static struct lock_order *add_order(struct session *session, const char *first, const char *second, int line,
                                    const char *finding)
{
    struct lock_order *order = lock_order_new();
    order->first = g_strdup(first);
    order->second = g_strdup(second);
    order->function = g_strdup("move");
    order->file = g_strdup("bank.c");
    order->line = line;
    order->thread = g_strdup("thread clerk");
    order->finding = g_strdup(finding);
    g_ptr_array_add(order->path, place_new("bank.c", line - 1, "takes the first"));
    g_ptr_array_add(order->path, place_new("bank.c", line, "takes the second"));
    g_ptr_array_add(session->lock_orders, order);
    return order;
}

/* A thread that stood at this line for a lock. */
static void add_blocked_stack(struct session *session, int line, const char *cause, double seconds)
{
    struct call_frame *frame = call_frame_new();
    frame->function = g_strdup("move");
    frame->file = g_strdup("bank.c");
    frame->line = line;
    g_ptr_array_add(session->call_frames, frame);
    struct call_stack *stack = call_stack_new();
    stack->run = g_strdup(EXAMPLE_RUN);
    stack->frame = (int)session->call_frames->len;
    stack->activity = ACTIVITY_BLOCKED;
    stack->cause = g_strdup(cause);
    stack->seconds = seconds;
    stack->count = 3;
    g_ptr_array_add(session->call_stacks, stack);
}

static struct session *bank(void)
{
    struct session *session = example_session_crowd(1);
    example_add_lock(session, "accounts", LOCK_MUTEX, "bank.c", 3, FALSE);
    add_order(session, "accounts", "journal", 20, "f1");
    add_order(session, "journal", "accounts", 30, "f1");
    add_order(session, "journal", "printer", 40, NULL);
    return session;
}

static void test_rings(void)
{
    Agraph_t *graph = graph_read(bank(), "lock-order", NULL);
    Agnode_t *accounts = graph_find_node(graph, "accounts"), *journal = graph_find_node(graph, "journal");
    Agnode_t *printer = graph_find_node(graph, "printer");
    g_assert_cmpint(agnnodes(graph), ==, 3);
    g_assert_cmpint(agnedges(graph), ==, 3);
    Agedge_t *there = graph_find_edge(graph, accounts, journal),
             *back = graph_find_edge(graph, journal, accounts);
    Agedge_t *plain = graph_find_edge(graph, journal, printer);
    g_assert_cmpstr(graph_attribute(there, "ring"), ==, "f1");
    g_assert_cmpstr(graph_attribute(back, "ring"), ==, "f1");
    g_assert_cmpstr(graph_attribute(plain, "ring"), ==, "");
    g_assert_cmpstr(graph_attribute(there, "color"), ==, graph_attribute(back, "color"));
    g_assert_cmpstr(graph_attribute(there, "color"), !=, graph_attribute(plain, "color"));
    g_assert_cmpstr(graph_attribute(there, "style"), ==, "dashed");
    /* Both code paths. */
    g_assert_nonnull(strstr(graph_attribute(there, "tooltip"), "bank.c:19 takes the first → bank.c:20"));
    g_assert_nonnull(strstr(graph_attribute(back, "tooltip"), "bank.c:29 takes the first → bank.c:30"));
    g_assert_nonnull(strstr(graph_attribute(accounts, "tooltip"), "bank.c:3"));
    agclose(graph);
}

static void test_what_a_run_saw(void)
{
    struct session *session = bank();
    add_blocked_stack(session, 30, "mutex", 0.5);
    add_blocked_stack(session, 30, "mutex", 0.25);
    add_blocked_stack(session, 40, "disk", 9);  /* no lock */
    add_blocked_stack(session, 21, "mutex", 9); /* elsewhere */
    Agraph_t *graph = graph_read(session, "lock-order", NULL);
    Agnode_t *accounts = graph_find_node(graph, "accounts"), *journal = graph_find_node(graph, "journal");
    Agedge_t *back = graph_find_edge(graph, journal, accounts);
    g_assert_cmpstr(graph_attribute(back, "style"), ==, "solid");
    g_assert_cmpstr(graph_attribute(back, "kind"), ==, "observed");
    graph_assert_edge(graph, journal, accounts, 0.75, "6");
    graph_assert_edge(graph, accounts, journal, 0, "0");
    graph_assert_edge(graph, journal, graph_find_node(graph, "printer"), 0, "0");
    agclose(graph);
}

static void test_limit(void)
{
    struct graph_options options = {.nodes_max = 2};
    Agraph_t *graph = graph_read(bank(), "lock-order", &options);
    g_assert_cmpint(agnnodes(graph), ==, 2); /* rings stay */
    g_assert_cmpint(agnedges(graph), ==, 2);
    g_assert_nonnull(strstr(graph_attribute(graph, "label"), "locks 1"));
    agclose(graph);
}

static void test_empty(void)
{
    Agraph_t *graph = graph_read(session_new(), "lock-order", NULL);
    g_assert_cmpuint(graph_count_nodes(graph, "empty"), ==, 1);
    agclose(graph);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lock-order-graph/rings", test_rings);
    g_test_add_func("/lock-order-graph/observed", test_what_a_run_saw);
    g_test_add_func("/lock-order-graph/limit", test_limit);
    g_test_add_func("/lock-order-graph/empty", test_empty);
    return g_test_run();
}
