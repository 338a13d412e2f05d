/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/contention_graph.h"

#include "model/work_class.h"
#include "reports/sum_table.h"
#include "reports/thread_groups.h"

#define LOCKS_SHOWN       24    /* more are left out, the least waited for first */
#define GROUPS_SHOWN      40    /* the same for threads and groups of threads */
#define DEFAULT_THRESHOLD 0.005 /* some microseconds of a run of seconds are no picture */
#define EDGES_READABLE    40    /* of more, from groups to locks or back, those are drawn that carry … */
#define SHARE_SHOWN       0.95  /* … so much of the time, and no more than these */

struct builder {
    const struct report_index *index;
    struct contention_graph *graph;
    GHashTable *nodes;        /* key → node */
    GHashTable *edges;        /* key → edge */
    GHashTable *lock_seconds; /* by key of lock, all that are to be shown: sum_table */
    GHashTable *lock_causes;  /* key of lock → its wait_edge with the longest wait */
    struct thread_groups groups;
};

static void node_free(gpointer data)
{
    struct contention_node *node = data;
    g_free(node->name);
    g_free(node->label);
    g_hash_table_unref(node->members);
    g_hash_table_unref(node->holders);
    g_ptr_array_unref(node->waits);
    lock_burden_clear(&node->burden);
    g_free(node);
}

static void edge_free(gpointer data)
{
    struct contention_edge *edge = data;
    g_ptr_array_unref(edge->places);
    g_free(edge);
}

void contention_graph_free(struct contention_graph *graph)
{
    if (!graph)
        return;
    g_ptr_array_unref(graph->edges);
    g_ptr_array_unref(graph->nodes);
    g_free(graph);
}

static gboolean is_contention(const struct wait_edge *wait)
{
    return wait->lock || wait_cause_is_lock(wait->cause) || wait->cause == CAUSE_JOIN;
}

/* Waits without a named lock are told apart by cause and place. */
static char *lock_key(const struct wait_edge *wait)
{
    if (wait->lock)
        return g_strdup(wait->lock);
    return g_strdup_printf("%s at %s:%d", wait_cause_name(wait->cause), wait->file ? wait->file : "?",
                           wait->line);
}

static struct contention_node *node_of(struct builder *builder, enum contention_node_kind kind,
                                       const char *key)
{
    static const char *const prefixes[] = {"thread", "lock", "unknown"};
    g_autofree char *full_key = g_strdup_printf("%s %s", prefixes[kind], key);
    struct contention_node *node = g_hash_table_lookup(builder->nodes, full_key);
    if (node)
        return node;
    node = g_new0(struct contention_node, 1);
    node->kind = kind;
    node->members = g_hash_table_new(g_str_hash, g_str_equal);
    node->holders = g_hash_table_new(g_str_hash, g_str_equal);
    node->waits = g_ptr_array_new();
    g_ptr_array_add(builder->graph->nodes, node);
    g_hash_table_insert(builder->nodes, g_strdup(full_key), node);
    return node;
}

static struct contention_node *thread_node(struct builder *builder, const char *id)
{
    g_autofree char *key = thread_groups_key(&builder->groups, id);
    struct contention_node *node = node_of(builder, CONTENTION_THREAD, key);
    const struct thread *thread = g_hash_table_lookup(builder->index->threads, id);
    const struct region *body =
        thread && thread->region ? g_hash_table_lookup(builder->index->regions, thread->region) : NULL;
    if (!node->label) {
        node->label = thread_groups_label(&builder->groups, id);
        node->tid = thread ? thread->tid : 0;
        node->file = body ? body->file : NULL;
        node->line = body ? body->line : 0;
    }
    g_hash_table_add(node->members, (gpointer)id);
    node->threads = g_hash_table_size(node->members);
    return node;
}

static struct contention_node *lock_node(struct builder *builder, const char *key)
{
    struct contention_node *node = node_of(builder, CONTENTION_LOCK, key);
    if (node->label)
        return node;
    const struct wait_edge *longest = g_hash_table_lookup(builder->lock_causes, key);
    const struct lock *lock =
        longest->lock ? g_hash_table_lookup(builder->index->locks, longest->lock) : NULL;
    node->label = g_strdup(longest->lock ? report_index_lock_name(builder->index, longest->lock) : key);
    node->lock_kind = report_index_lock_kind(builder->index, longest);
    node->id = longest->lock;
    node->file = lock ? lock->file : NULL;
    node->line = lock ? lock->line : 0;
    return node;
}

static struct contention_node *unknown_node(struct builder *builder, const char *lock,
                                            const struct wait_edge *wait)
{
    struct contention_node *node = node_of(builder, CONTENTION_UNKNOWN, lock);
    if (!node->label)
        node->label = g_strdup(wait->unknown_holder ? wait->unknown_holder : "the holder is not recorded");
    return node;
}

static void add_place(struct contention_edge *edge, const struct wait_edge *wait)
{
    g_autofree char *place = NULL;
    if (wait->file)
        place = g_strdup_printf("%s:%d%s%s", wait->file, wait->line, wait->function ? " " : "",
                                wait->function ? wait->function : "");
    else if (wait->function)
        place = g_strdup(wait->function);
    if (place && !g_ptr_array_find_with_equal_func(edge->places, place, g_str_equal, NULL))
        g_ptr_array_add(edge->places, g_strdup(place));
}

static void add_edge(struct builder *builder, struct contention_node *tail, struct contention_node *head,
                     const struct wait_edge *wait)
{
    g_autofree char *key = g_strdup_printf("%p %p", (void *)tail, (void *)head);
    struct contention_edge *edge = g_hash_table_lookup(builder->edges, key);
    if (!edge) {
        edge = g_new0(struct contention_edge, 1);
        edge->tail = tail;
        edge->head = head;
        edge->places = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(builder->graph->edges, edge);
        g_hash_table_insert(builder->edges, g_strdup(key), edge);
    }
    edge->seconds += wait->seconds;
    edge->count += wait->count;
    add_place(edge, wait);
    if (!edge->file) {
        edge->file = wait->file;
        edge->line = wait->line;
    }
}

static void add_wait(struct builder *builder, const struct wait_edge *wait, const char *key)
{
    struct contention_node *waiter = thread_node(builder, wait->waiter);
    struct contention_node *lock = lock_node(builder, key);
    struct contention_node *holder =
        wait->holder ? thread_node(builder, wait->holder) : unknown_node(builder, key, wait);
    waiter->seconds += wait->seconds;
    lock->seconds += wait->seconds;
    lock->count += wait->count;
    g_hash_table_add(lock->members, wait->waiter);
    if (wait->holder)
        g_hash_table_add(lock->holders, wait->holder);
    g_ptr_array_add(lock->waits, (gpointer)wait);
    add_edge(builder, waiter, lock, wait);
    add_edge(builder, lock, holder, wait);
}

/* Which waits are drawn: all contention that is not idle, else the idle ones. */
static GPtrArray *select_waits(const struct report_index *index, struct contention_graph *graph)
{
    g_autoptr(GPtrArray) active = g_ptr_array_new();
    g_autoptr(GPtrArray) idle = g_ptr_array_new();
    for (guint i = 0; i < index->session->waits->len; i++) {
        struct wait_edge *wait = g_ptr_array_index(index->session->waits, i);
        if (!report_index_is_shown(index, wait->run) || !is_contention(wait))
            continue;
        gboolean is_idle = wait->idle || wait->cause == CAUSE_JOIN;
        g_ptr_array_add(is_idle ? idle : active, wait);
        if (is_idle)
            graph->idle_seconds += wait->seconds;
    }
    graph->idle = active->len == 0 && idle->len > 0;
    return g_ptr_array_ref(graph->idle ? idle : active);
}

static void measure_locks(struct builder *builder, const GPtrArray *waits)
{
    for (guint i = 0; i < waits->len; i++) {
        struct wait_edge *wait = g_ptr_array_index(waits, i);
        g_autofree char *key = lock_key(wait);
        const struct wait_edge *longest = g_hash_table_lookup(builder->lock_causes, key);
        if (!longest || wait->seconds > longest->seconds)
            g_hash_table_insert(builder->lock_causes, g_strdup(key), wait);
        sum_table_add(builder->lock_seconds, key, wait->seconds);
    }
}

/* Drops all but the most waited for from lock_seconds. */
static void limit_locks(struct builder *builder, guint limit)
{
    g_autoptr(GPtrArray) keys = sum_table_order(builder->lock_seconds);
    for (guint i = limit; i < keys->len; i++) {
        const char *key = g_ptr_array_index(keys, i);
        builder->graph->locks_left_out++;
        builder->graph->seconds_left_out += *(double *)g_hash_table_lookup(builder->lock_seconds, key);
        g_hash_table_remove(builder->lock_seconds, key);
    }
}

static guint count_threads(const GPtrArray *waits)
{
    g_autoptr(GHashTable) threads = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < waits->len; i++) {
        const struct wait_edge *wait = g_ptr_array_index(waits, i);
        g_hash_table_add(threads, wait->waiter);
        if (wait->holder)
            g_hash_table_add(threads, wait->holder);
    }
    return g_hash_table_size(threads);
}

static gint compare_nodes(gconstpointer left, gconstpointer right)
{
    const struct contention_node *a = *(struct contention_node *const *)left;
    const struct contention_node *b = *(struct contention_node *const *)right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->seconds != b->seconds)
        return a->seconds > b->seconds ? -1 : 1;
    int order = g_strcmp0(a->label, b->label);
    return order ? order : a->tid - b->tid;
}

static gint compare_edges(gconstpointer left, gconstpointer right)
{
    const struct contention_edge *a = *(struct contention_edge *const *)left;
    const struct contention_edge *b = *(struct contention_edge *const *)right;
    if (a->seconds != b->seconds)
        return a->seconds > b->seconds ? -1 : 1;
    int order = g_strcmp0(a->tail->name, b->tail->name);
    return order ? order : g_strcmp0(a->head->name, b->head->name);
}

/* Names follow the order, so that the same session always gives the same text. */
static void name_nodes(struct contention_graph *graph)
{
    static const char *const prefixes[] = {"thread", "lock", "unknown"};
    guint numbers[G_N_ELEMENTS(prefixes)] = {0};
    g_ptr_array_sort(graph->nodes, compare_nodes);
    for (guint i = 0; i < graph->nodes->len; i++) {
        struct contention_node *node = g_ptr_array_index(graph->nodes, i);
        node->name = g_strdup_printf("%s%u", prefixes[node->kind], ++numbers[node->kind]);
    }
    g_ptr_array_sort(graph->edges, compare_edges);
    if (graph->edges->len > 0)
        graph->longest_seconds = ((struct contention_edge *)g_ptr_array_index(graph->edges, 0))->seconds;
}

static void drop_edges(struct contention_graph *graph, double threshold)
{
    double longest = 0;
    for (guint i = 0; i < graph->edges->len; i++)
        longest = MAX(longest, ((struct contention_edge *)g_ptr_array_index(graph->edges, i))->seconds);
    for (guint i = graph->edges->len; i > 0; i--) {
        const struct contention_edge *edge = g_ptr_array_index(graph->edges, i - 1);
        if (edge->seconds >= threshold * longest)
            continue;
        graph->edges_left_out++;
        graph->seconds_left_out += edge->tail->kind == CONTENTION_THREAD ? edge->seconds : 0;
        g_ptr_array_remove_index_fast(graph->edges, i - 1);
    }
}

static void keep_heaviest(struct contention_graph *graph, gboolean to_locks)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    double sum = 0, shown = 0;
    for (guint i = 0; i < graph->edges->len; i++) {
        struct contention_edge *edge = g_ptr_array_index(graph->edges, i);
        if ((edge->tail->kind == CONTENTION_THREAD) != to_locks)
            continue;
        g_ptr_array_add(all, edge);
        sum += edge->seconds;
    }
    g_ptr_array_sort(all, compare_edges);
    for (guint i = 0; all->len > EDGES_READABLE && i < all->len; i++) {
        struct contention_edge *edge = g_ptr_array_index(all, i);
        if (shown < SHARE_SHOWN * sum && i < EDGES_READABLE) {
            shown += edge->seconds;
            continue;
        }
        graph->edges_left_out++;
        graph->edge_seconds_left_out += to_locks ? edge->seconds : 0;
        g_ptr_array_remove(graph->edges, edge);
    }
}

/* Nodes of `kind` beyond the limit, those of the least waiting on their edges first. */
static void drop_nodes(struct contention_graph *graph, enum contention_node_kind kind, guint limit)
{
    guint kept = 0;
    for (guint i = 0; i < graph->nodes->len; i++) {
        const struct contention_node *node = g_ptr_array_index(graph->nodes, i);
        if (node->kind != kind || ++kept <= limit)
            continue;
        for (guint j = graph->edges->len; j > 0; j--) {
            const struct contention_edge *edge = g_ptr_array_index(graph->edges, j - 1);
            if (edge->tail == node || edge->head == node)
                g_ptr_array_remove_index_fast(graph->edges, j - 1);
        }
        graph->threads_left_out += node->threads;
    }
}

static void drop_lonely(struct contention_graph *graph)
{
    g_autoptr(GHashTable) met = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < graph->edges->len; i++) {
        const struct contention_edge *edge = g_ptr_array_index(graph->edges, i);
        g_hash_table_add(met, edge->tail);
        g_hash_table_add(met, edge->head);
    }
    for (guint i = graph->nodes->len; i > 0; i--) {
        if (!g_hash_table_contains(met, g_ptr_array_index(graph->nodes, i - 1)))
            g_ptr_array_remove_index(graph->nodes, i - 1);
    }
}

static void build(struct builder *builder, const struct graph_options *options)
{
    struct contention_graph *graph = builder->graph;
    g_autoptr(GPtrArray) waits = select_waits(builder->index, graph);
    guint threads = count_threads(waits), most = options ? options->nodes_max : 0;
    builder->groups = thread_groups_choose(builder->index, options, threads);
    guint shown = builder->groups.how == GROUP_THREAD ? threads : MIN(threads, most / 2);
    measure_locks(builder, waits);
    limit_locks(builder, most ? MAX(most - MIN(shown, most), most / 2) : LOCKS_SHOWN);
    for (guint i = 0; i < waits->len; i++) {
        const struct wait_edge *wait = g_ptr_array_index(waits, i);
        g_autofree char *key = lock_key(wait);
        if (g_hash_table_contains(builder->lock_seconds, key))
            add_wait(builder, wait, key);
    }
    for (guint i = 0; i < graph->nodes->len; i++)
        lock_burden_measure(builder->index, g_ptr_array_index(graph->nodes, i));
    g_ptr_array_sort(graph->nodes, compare_nodes);
    drop_nodes(graph, CONTENTION_THREAD, most ? MAX(most / 2, 1) : GROUPS_SHOWN);
    gboolean has_threshold = options && options->threshold > 0;
    drop_edges(graph, has_threshold ? options->threshold : DEFAULT_THRESHOLD);
    if (!has_threshold && builder->groups.how != GROUP_THREAD) {
        keep_heaviest(graph, TRUE);
        keep_heaviest(graph, FALSE);
    }
    drop_lonely(graph);
    name_nodes(graph);
}

struct contention_graph *contention_graph_new(const struct report_index *index,
                                              const struct graph_options *options)
{
    struct contention_graph *graph = g_new0(struct contention_graph, 1);
    graph->nodes = g_ptr_array_new_with_free_func(node_free);
    graph->edges = g_ptr_array_new_with_free_func(edge_free);
    g_autoptr(GHashTable) nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) edges = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) lock_seconds = sum_table_new();
    g_autoptr(GHashTable) lock_causes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct builder builder = {.index = index,
                              .graph = graph,
                              .nodes = nodes,
                              .edges = edges,
                              .lock_seconds = lock_seconds,
                              .lock_causes = lock_causes};
    build(&builder, options);
    return graph;
}
