/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/call_graph.h"

#define NODES_SHOWN       40
#define DEFAULT_THRESHOLD 0.005 /* of all time */

struct builder {
    const struct report_index *index;
    struct call_graph *graph;
    GHashTable *nodes, *edges; /* key → node, edge */
    GHashTable *regions;       /* file and function → struct region */
    GHashTable *own_files;     /* of regions; empty without an analysis */
    gboolean own_only;
};

static void node_free(gpointer data)
{
    struct call_node *node = data;
    g_free(node->name);
    g_free(node->function);
    g_free(node);
}

void call_graph_free(struct call_graph *graph)
{
    if (!graph)
        return;
    g_ptr_array_unref(graph->edges);
    g_ptr_array_unref(graph->nodes);
    g_free(graph);
}

/* Debug information of libraries may have relative file names, too. */
static gboolean is_own(GHashTable *own_files, const struct call_frame *frame)
{
    return frame->file && g_hash_table_contains(own_files, frame->file);
}

static char *function_key(const char *file, const char *module, const char *function)
{
    return g_strdup_printf("%s\1%s", file ? file : module ? module : "", function ? function : "");
}

static GHashTable *region_table(const struct session *session)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < session->regions->len; i++) {
        struct region *region = g_ptr_array_index(session->regions, i);
        if (region->kind != REGION_LOOP && region->kind != REGION_CRITICAL_SECTION &&
            region->kind != REGION_PARALLEL_REGION && region->kind != REGION_MARKER)
            g_hash_table_insert(table, function_key(region->file, NULL, region->function), region);
    }
    return table;
}

static struct call_node *node_of(struct builder *builder, const struct call_frame *frame)
{
    g_autofree char *key = function_key(frame->file, frame->module, frame->function);
    struct call_node *node = g_hash_table_lookup(builder->nodes, key);
    if (node)
        return node;
    node = g_new0(struct call_node, 1);
    node->function = g_strdup(frame->function);
    node->file = frame->file;
    node->module = frame->module;
    node->region = g_hash_table_lookup(builder->regions, key);
    node->line = node->region ? node->region->line : frame->line;
    if (node->region) {
        node->is_classified = TRUE;
        if (!report_index_measured_class(builder->index, node->region->id, &node->class))
            node->class = node->region->class;
    }
    g_ptr_array_add(builder->graph->nodes, node);
    g_hash_table_insert(builder->nodes, g_steal_pointer(&key), node);
    return node;
}

static void add_edge(struct builder *builder, struct call_node *caller, struct call_node *callee,
                     double seconds, GHashTable *met)
{
    g_autofree char *key = g_strdup_printf("%p %p", (void *)caller, (void *)callee);
    struct call_edge *edge = g_hash_table_lookup(builder->edges, key);
    if (!edge) {
        edge = g_new0(struct call_edge, 1);
        edge->caller = caller;
        edge->callee = callee;
        g_ptr_array_add(builder->graph->edges, edge);
        g_hash_table_insert(builder->edges, g_steal_pointer(&key), edge);
    }
    if (g_hash_table_add(met, edge))
        edge->seconds += seconds;
}

/* Recursion must not count twice: every function and call gets the time of a stack once. */
static void add_stack(struct builder *builder, const struct call_stack *stack)
{
    g_autoptr(GPtrArray) frames = session_stack_frames(builder->index->session, stack);
    g_autoptr(GHashTable) met = g_hash_table_new(NULL, NULL);
    struct call_node *callee = NULL;
    for (guint i = 0; i < frames->len; i++) {
        const struct call_frame *frame = g_ptr_array_index(frames, i);
        if (builder->own_only && !is_own(builder->own_files, frame))
            continue;
        struct call_node *node = node_of(builder, frame);
        if (g_hash_table_add(met, node)) {
            *(stack->activity == ACTIVITY_RUNNING ? &node->running_seconds : &node->blocked_seconds) +=
                stack->seconds;
        }
        if (callee)
            add_edge(builder, node, callee, stack->seconds, met);
        else
            node->self_seconds += stack->seconds;
        callee = node;
    }
    if (callee)
        builder->graph->seconds += stack->seconds;
    else
        builder->graph->unknown_seconds += stack->seconds;
}

double call_node_seconds(const struct call_node *node)
{
    return node->running_seconds + node->blocked_seconds;
}

static gint compare_nodes(gconstpointer left, gconstpointer right)
{
    const struct call_node *a = *(struct call_node *const *)left, *b = *(struct call_node *const *)right;
    if (call_node_seconds(a) != call_node_seconds(b))
        return call_node_seconds(a) > call_node_seconds(b) ? -1 : 1;
    int order = g_strcmp0(a->function, b->function);
    return order ? order : g_strcmp0(a->file, b->file);
}

static gint compare_edges(gconstpointer left, gconstpointer right)
{
    const struct call_edge *a = *(struct call_edge *const *)left, *b = *(struct call_edge *const *)right;
    if (a->seconds != b->seconds)
        return a->seconds > b->seconds ? -1 : 1;
    int order = g_strcmp0(a->caller->name, b->caller->name);
    return order ? order : g_strcmp0(a->callee->name, b->callee->name);
}

static void limit(struct call_graph *graph, guint most, double threshold)
{
    g_autoptr(GHashTable) kept = g_hash_table_new(NULL, NULL);
    g_ptr_array_sort(graph->nodes, compare_nodes);
    for (guint i = 0; i < MIN(graph->nodes->len, most); i++) {
        struct call_node *node = g_ptr_array_index(graph->nodes, i);
        if (call_node_seconds(node) < threshold * graph->seconds)
            break;
        node->name = g_strdup_printf("function%u", i + 1);
        g_hash_table_add(kept, node);
    }
    for (guint i = graph->edges->len; i > 0; i--) {
        const struct call_edge *edge = g_ptr_array_index(graph->edges, i - 1);
        if (g_hash_table_contains(kept, edge->caller) && g_hash_table_contains(kept, edge->callee) &&
            edge->seconds >= threshold * graph->seconds)
            continue;
        graph->edges_left_out++;
        g_ptr_array_remove_index_fast(graph->edges, i - 1);
    }
    graph->nodes_left_out = graph->nodes->len - g_hash_table_size(kept);
    g_ptr_array_set_size(graph->nodes, (gint)g_hash_table_size(kept));
    g_ptr_array_sort(graph->edges, compare_edges);
}

static gboolean any_own(const struct session *session, GHashTable *own_files)
{
    for (guint i = 0; i < session->call_frames->len; i++) {
        if (is_own(own_files, g_ptr_array_index(session->call_frames, i)))
            return TRUE;
    }
    return FALSE;
}

static GHashTable *file_set(const struct session *session)
{
    GHashTable *files = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < session->regions->len; i++)
        g_hash_table_add(files, ((const struct region *)g_ptr_array_index(session->regions, i))->file);
    return files;
}

struct call_graph *call_graph_new(const struct report_index *index, const struct graph_options *options)
{
    const GPtrArray *stacks = index->session->call_stacks;
    struct call_graph *graph = g_new0(struct call_graph, 1);
    g_autoptr(GHashTable) nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) edges = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) regions = region_table(index->session);
    graph->nodes = g_ptr_array_new_with_free_func(node_free);
    graph->edges = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) files = file_set(index->session);
    struct builder builder = {index, graph, nodes, edges, regions, files, any_own(index->session, files)};
    for (guint i = 0; i < stacks->len; i++) {
        const struct call_stack *stack = g_ptr_array_index(stacks, i);
        if (!report_index_is_shown(index, stack->run))
            continue;
        if (stack->idle)
            graph->idle_seconds += stack->seconds;
        else
            add_stack(&builder, stack);
    }
    limit(graph, options && options->nodes_max ? options->nodes_max : NODES_SHOWN,
          options && options->threshold > 0 ? options->threshold : DEFAULT_THRESHOLD);
    return graph;
}
