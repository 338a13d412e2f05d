/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/wait_for_graph.h"

#include "model/work_class.h"
#include "reports/sum_table.h"
#include "reports/thread_groups.h"

#define NODES_SHOWN       40
#define DEFAULT_THRESHOLD 0.005 /* thousands of short waits for the disk or a timer are no picture */

struct builder {
    struct wait_for_graph *graph;
    struct thread_groups groups;
    GHashTable *nodes, *edges; /* key → node, edge */
};

static void node_free(gpointer data)
{
    struct wait_for_node *node = data;
    g_free(node->name);
    g_free(node->label);
    g_free(node);
}

static void edge_free(gpointer data)
{
    struct wait_for_edge *edge = data;
    g_hash_table_unref(edge->causes);
    g_ptr_array_unref(edge->places);
    g_free(edge);
}

void wait_for_graph_free(struct wait_for_graph *graph)
{
    if (!graph)
        return;
    g_ptr_array_unref(graph->edges);
    g_ptr_array_unref(graph->nodes);
    wait_network_free(graph->network);
    g_free(graph);
}

static const struct wait_point *point_at(const struct builder *builder, guint index)
{
    return &g_array_index(builder->graph->network->points, struct wait_point, index);
}

static char *node_key(const struct builder *builder, const struct wait_point *point)
{
    if (point->thread)
        return thread_groups_key(&builder->groups, point->thread);
    return point->is_unknown ? g_strdup("\1?") : g_strdup_printf("\1%s", wait_cause_name(point->cause));
}

static void describe(const struct builder *builder, struct wait_for_node *node,
                     const struct wait_point *point)
{
    GHashTable *threads = builder->groups.index->threads;
    const struct thread *thread = point->thread ? g_hash_table_lookup(threads, point->thread) : NULL;
    const struct region *body =
        thread && thread->region ? g_hash_table_lookup(builder->groups.index->regions, thread->region) : NULL;
    node->is_thread = point->thread != NULL;
    node->is_unknown = point->is_unknown;
    node->label = point->thread       ? thread_groups_label(&builder->groups, point->thread)
                  : point->is_unknown ? g_strdup("?")
                                      : g_strdup(wait_cause_name(point->cause));
    node->tid = thread ? thread->tid : 0;
    node->file = body ? body->file : NULL;
    node->line = body ? body->line : 0;
}

static void add_nodes(struct builder *builder)
{
    for (guint i = 0; i < builder->graph->network->points->len; i++) {
        const struct wait_point *point = point_at(builder, i);
        char *key = node_key(builder, point);
        struct wait_for_node *node = g_hash_table_lookup(builder->nodes, key);
        if (!node) {
            node = g_new0(struct wait_for_node, 1);
            describe(builder, node, point);
            g_ptr_array_add(builder->graph->nodes, node);
            g_hash_table_insert(builder->nodes, g_strdup(key), node);
        }
        node->threads += point->thread != NULL;
        node->seconds += point->seconds;
        node->work_seconds += MAX(0, point->active_seconds - point->waited_seconds);
        node->blame_seconds += point->blame_seconds;
        node->on_path |= point->on_path;
        if (point->knot && (!node->knot || point->knot < node->knot))
            node->knot = point->knot;
        g_free(key);
    }
}

static void add_cause(struct wait_for_edge *edge, const struct report_index *index,
                      const struct wait_edge *wait)
{
    const char *name = wait->lock ? report_index_lock_name(index, wait->lock) : wait_cause_name(wait->cause);
    sum_table_add(edge->causes, name, wait->seconds);
    if (!wait->file)
        return;
    g_autofree char *place = g_strdup_printf("%s:%d", wait->file, wait->line);
    if (!g_ptr_array_find_with_equal_func(edge->places, place, g_str_equal, NULL))
        g_ptr_array_add(edge->places, g_steal_pointer(&place));
    if (!edge->file) {
        edge->file = wait->file;
        edge->line = wait->line;
    }
}

static struct wait_for_edge *edge_of(struct builder *builder, const struct wait_link *link)
{
    g_autofree char *tail = node_key(builder, point_at(builder, link->tail));
    g_autofree char *head = node_key(builder, point_at(builder, link->head));
    g_autofree char *key = g_strdup_printf("%s\2%s", tail, head);
    struct wait_for_edge *edge = g_hash_table_lookup(builder->edges, key);
    if (edge)
        return edge;
    edge = g_new0(struct wait_for_edge, 1);
    edge->tail = g_hash_table_lookup(builder->nodes, tail);
    edge->head = g_hash_table_lookup(builder->nodes, head);
    edge->idle = TRUE;
    edge->causes = sum_table_new();
    edge->places = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(builder->graph->edges, edge);
    g_hash_table_insert(builder->edges, g_strdup(key), edge);
    return edge;
}

/* Idle waits hold nobody up, unless the run waited for them. */
static void add_edges(struct builder *builder)
{
    struct wait_for_graph *graph = builder->graph;
    const GPtrArray *links = graph->network->links;
    gboolean any = FALSE;
    for (guint i = 0; i < links->len; i++)
        any |= !((const struct wait_link *)g_ptr_array_index(links, i))->idle;
    graph->idle = !any && links->len > 0;
    for (guint i = 0; i < links->len; i++) {
        const struct wait_link *link = g_ptr_array_index(links, i);
        if (link->idle && any && !link->step) {
            graph->idle_seconds += link->seconds;
            continue;
        }
        struct wait_for_edge *edge = edge_of(builder, link);
        edge->seconds += link->seconds;
        edge->count += link->count;
        edge->idle &= link->idle;
        edge->knot = edge->knot ? edge->knot : link->knot;
        if (link->step && (!edge->step || link->step < edge->step))
            edge->step = link->step;
        if (!point_at(builder, link->head)->thread)
            edge->head->seconds += link->seconds;
        for (guint j = 0; j < link->waits->len; j++)
            add_cause(edge, builder->groups.index, g_ptr_array_index(link->waits, j));
    }
}

static gint compare_nodes(gconstpointer left, gconstpointer right)
{
    const struct wait_for_node *a = *(struct wait_for_node *const *)left;
    const struct wait_for_node *b = *(struct wait_for_node *const *)right;
    if (a->is_thread != b->is_thread)
        return a->is_thread ? -1 : 1;
    if (a->blame_seconds != b->blame_seconds)
        return a->blame_seconds > b->blame_seconds ? -1 : 1;
    if (a->seconds != b->seconds)
        return a->seconds > b->seconds ? -1 : 1;
    int order = g_strcmp0(a->label, b->label);
    return order ? order : a->tid - b->tid;
}

static gint compare_edges(gconstpointer left, gconstpointer right)
{
    const struct wait_for_edge *a = *(struct wait_for_edge *const *)left;
    const struct wait_for_edge *b = *(struct wait_for_edge *const *)right;
    if (a->seconds != b->seconds)
        return a->seconds > b->seconds ? -1 : 1;
    int order = g_strcmp0(a->tail->name, b->tail->name);
    return order ? order : g_strcmp0(a->head->name, b->head->name);
}

static void drop_edges(struct wait_for_graph *graph, double threshold)
{
    double longest = 0;
    for (guint i = 0; i < graph->edges->len; i++) {
        const struct wait_for_edge *edge = g_ptr_array_index(graph->edges, i);
        longest = edge->idle ? longest : MAX(longest, edge->seconds);
    }
    for (guint i = graph->edges->len; i > 0; i--) {
        const struct wait_for_edge *edge = g_ptr_array_index(graph->edges, i - 1);
        if (edge->step || edge->seconds >= threshold * longest)
            continue;
        graph->edges_left_out++;
        g_ptr_array_remove_index_fast(graph->edges, i - 1);
    }
}

/* Keeps the heaviest nodes that have an edge; edges of others go. */
static void drop_nodes(struct wait_for_graph *graph, guint limit)
{
    g_autoptr(GHashTable) met = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) kept = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < graph->edges->len; i++) {
        const struct wait_for_edge *edge = g_ptr_array_index(graph->edges, i);
        g_hash_table_add(met, edge->tail);
        g_hash_table_add(met, edge->head);
    }
    for (guint i = 0; i < graph->nodes->len; i++) {
        struct wait_for_node *node = g_ptr_array_index(graph->nodes, i);
        gboolean is_wanted = g_hash_table_contains(met, node);
        if (is_wanted && (g_hash_table_size(kept) < limit || node->on_path))
            g_hash_table_add(kept, node);
        else
            graph->nodes_left_out += is_wanted;
    }
    for (guint i = graph->edges->len; i > 0; i--) {
        const struct wait_for_edge *edge = g_ptr_array_index(graph->edges, i - 1);
        if (!g_hash_table_contains(kept, edge->tail) || !g_hash_table_contains(kept, edge->head)) {
            graph->edges_left_out++;
            g_ptr_array_remove_index_fast(graph->edges, i - 1);
        }
    }
    for (guint i = graph->nodes->len; i > 0; i--) {
        if (!g_hash_table_contains(kept, g_ptr_array_index(graph->nodes, i - 1)))
            g_ptr_array_remove_index(graph->nodes, i - 1);
    }
}

static void name_nodes(struct wait_for_graph *graph)
{
    guint threads = 0, outside = 0;
    for (guint i = 0; i < graph->nodes->len; i++) {
        struct wait_for_node *node = g_ptr_array_index(graph->nodes, i);
        node->name = node->is_thread ? g_strdup_printf("thread%u", ++threads)
                                     : g_strdup_printf("outside%u", ++outside);
    }
    g_ptr_array_sort(graph->edges, compare_edges);
    for (guint i = 0; i < graph->edges->len; i++) {
        const struct wait_for_edge *edge = g_ptr_array_index(graph->edges, i);
        graph->longest_seconds =
            edge->idle ? graph->longest_seconds : MAX(graph->longest_seconds, edge->seconds);
    }
}

static guint count_threads(const struct wait_network *network)
{
    guint count = 0;
    for (guint i = 0; i < network->points->len; i++)
        count += g_array_index(network->points, struct wait_point, i).thread != NULL;
    return count;
}

struct wait_for_graph *wait_for_graph_new(const struct report_index *index,
                                          const struct graph_options *options)
{
    struct wait_for_graph *graph = g_new0(struct wait_for_graph, 1);
    g_autoptr(GHashTable) nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) edges = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    graph->network = wait_network_new(index);
    graph->nodes = g_ptr_array_new_with_free_func(node_free);
    graph->edges = g_ptr_array_new_with_free_func(edge_free);
    struct thread_groups groups = thread_groups_choose(index, options, count_threads(graph->network));
    struct builder builder = {graph, groups, nodes, edges};
    if (index->run) {
        add_nodes(&builder);
        add_edges(&builder);
    }
    g_ptr_array_sort(graph->nodes, compare_nodes);
    drop_edges(graph, options && options->threshold > 0 ? options->threshold : DEFAULT_THRESHOLD);
    drop_nodes(graph, options && options->nodes_max ? options->nodes_max : NODES_SHOWN);
    name_nodes(graph);
    return graph;
}
