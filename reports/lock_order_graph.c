/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/lock_order_graph.h"

#include "model/work_class.h"

#define NODES_SHOWN 60

static void node_free(gpointer data)
{
    struct order_node *node = data;
    g_free(node->name);
    g_free(node);
}

void lock_order_graph_free(struct lock_order_graph *graph)
{
    if (!graph)
        return;
    g_ptr_array_unref(graph->links);
    g_ptr_array_unref(graph->nodes);
    g_free(graph);
}

static struct order_node *node_of(struct lock_order_graph *graph, GHashTable *nodes,
                                  const struct session *session, const char *name)
{
    struct order_node *node = g_hash_table_lookup(nodes, name);
    if (node)
        return node;
    node = g_new0(struct order_node, 1);
    node->label = name;
    for (guint i = 0; i < session->locks->len && !node->lock; i++) {
        const struct lock *lock = g_ptr_array_index(session->locks, i);
        node->lock = g_strcmp0(lock->name, name) == 0 ? lock : NULL;
    }
    g_ptr_array_add(graph->nodes, node);
    g_hash_table_insert(nodes, (gpointer)name, node);
    return node;
}

static const struct finding *find_finding(const struct session *session, const char *fingerprint)
{
    for (guint i = 0; fingerprint && i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        if (g_strcmp0(finding->fingerprint, fingerprint) == 0)
            return finding;
    }
    return NULL;
}

static gboolean passes(const GPtrArray *frames, const char *file, int line)
{
    for (guint i = 0; i < frames->len; i++) {
        const struct call_frame *frame = g_ptr_array_index(frames, i);
        if (frame->line == line && g_strcmp0(frame->file, file) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean is_lock_wait(const struct call_stack *stack)
{
    int cause = 0;
    return stack->activity == ACTIVITY_BLOCKED && !stack->idle &&
           vocabulary_find(&wait_cause_vocabulary, stack->cause, &cause) &&
           wait_cause_is_lock((enum wait_cause)cause) && cause != CAUSE_CONDITION;
}

/* Both the line that holds the first lock and, in what it calls, that which takes the second. */
static gboolean is_seen(const struct lock_order *order, const GPtrArray *frames)
{
    const struct place *last = order->path->len ? g_ptr_array_index(order->path, order->path->len - 1) : NULL;
    return passes(frames, order->file, order->line) && (!last || passes(frames, last->file, last->line));
}

static void measure(const struct report_index *index, struct lock_order_graph *graph)
{
    const struct session *session = index->session;
    for (guint i = 0; i < session->call_stacks->len; i++) {
        const struct call_stack *stack = g_ptr_array_index(session->call_stacks, i);
        if (!report_index_is_shown(index, stack->run) || !is_lock_wait(stack))
            continue;
        g_autoptr(GPtrArray) frames = session_stack_frames(session, stack);
        for (guint j = 0; j < graph->links->len; j++) {
            struct order_link *link = g_ptr_array_index(graph->links, j);
            if (!is_seen(link->order, frames))
                continue;
            link->seconds += stack->seconds;
            link->count += stack->count;
            graph->longest_seconds = MAX(graph->longest_seconds, link->seconds);
        }
    }
}

static gint compare_nodes(gconstpointer left, gconstpointer right)
{
    const struct order_node *a = *(struct order_node *const *)left, *b = *(struct order_node *const *)right;
    if (a->in_ring != b->in_ring)
        return a->in_ring ? -1 : 1;
    if (a->edges != b->edges)
        return a->edges > b->edges ? -1 : 1;
    return g_strcmp0(a->label, b->label);
}

static gint compare_links(gconstpointer left, gconstpointer right)
{
    const struct order_link *a = *(struct order_link *const *)left, *b = *(struct order_link *const *)right;
    if ((a->order->finding != NULL) != (b->order->finding != NULL))
        return a->order->finding ? -1 : 1;
    int order = g_strcmp0(a->first->label, b->first->label);
    return order ? order : g_strcmp0(a->second->label, b->second->label);
}

static void limit(struct lock_order_graph *graph, guint most)
{
    g_ptr_array_sort(graph->nodes, compare_nodes);
    for (guint i = 0; i < MIN(most, graph->nodes->len); i++) {
        struct order_node *node = g_ptr_array_index(graph->nodes, i);
        node->name = g_strdup_printf("lock%u", i + 1);
    }
    for (guint i = graph->links->len; i > 0; i--) {
        const struct order_link *link = g_ptr_array_index(graph->links, i - 1);
        if (!link->first->name || !link->second->name)
            g_ptr_array_remove_index_fast(graph->links, i - 1);
    }
    g_ptr_array_sort(graph->links, compare_links);
    if (graph->nodes->len > most) {
        graph->nodes_left_out = graph->nodes->len - most;
        g_ptr_array_set_size(graph->nodes, (gint)most);
    }
}

struct lock_order_graph *lock_order_graph_new(const struct report_index *index,
                                              const struct graph_options *options)
{
    const struct session *session = index->session;
    struct lock_order_graph *graph = g_new0(struct lock_order_graph, 1);
    g_autoptr(GHashTable) nodes = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) rings = g_hash_table_new(g_str_hash, g_str_equal);
    graph->nodes = g_ptr_array_new_with_free_func(node_free);
    graph->links = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < session->lock_orders->len; i++) {
        const struct lock_order *order = g_ptr_array_index(session->lock_orders, i);
        struct order_link *link = g_new0(struct order_link, 1);
        link->order = order;
        link->first = node_of(graph, nodes, session, order->first);
        link->second = node_of(graph, nodes, session, order->second);
        link->finding = find_finding(session, order->finding);
        link->first->edges++;
        link->second->edges++;
        if (order->finding) {
            link->first->in_ring = link->second->in_ring = TRUE;
            g_hash_table_add(rings, order->finding);
        }
        g_ptr_array_add(graph->links, link);
    }
    graph->rings = g_hash_table_size(rings);
    measure(index, graph);
    limit(graph, options && options->nodes_max ? options->nodes_max : NODES_SHOWN);
    return graph;
}
