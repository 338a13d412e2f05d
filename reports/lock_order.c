/* SPDX-License-Identifier: Apache-2.0 */
/* The lock-order graph: held lock → lock taken meanwhile; rings are possible deadlocks. */
#include "reports/dot.h"
#include "reports/formats.h"
#include "reports/graph_caption.h"
#include "reports/lock_order_graph.h"
#include "reports/quantity.h"

#define NAMED_IN_MAP 40
#define RING_WIDTH   0.25 /* of the widest edge, at least */

static void write_node(const struct order_node *node, struct dot *dot)
{
    const struct lock *lock = node->lock;
    g_autofree char *tip = lock && lock->file
                               ? g_strdup_printf("%s: %s, declared at %s:%d", node->label,
                                                 lock_kind_name(lock->kind), lock->file, lock->line)
                               : g_strdup(node->label);
    const char *lines[] = {node->label, lock ? lock_kind_name(lock->kind) : NULL, NULL};
    dot_begin_node(dot, node->name);
    dot_lines(dot, "label", lines);
    dot_text(dot, "shape", "ellipse");
    dot_text(dot, "fillcolor", dot->theme->lock_fill);
    dot_text(dot, "color", node->in_ring ? dot->theme->alarm : dot->theme->lock_line);
    if (node->in_ring)
        dot_text(dot, "penwidth", "3");
    dot_text(dot, "tooltip", tip);
    dot_text(dot, "kind", lock ? lock_kind_name(lock->kind) : "unknown");
    if (lock)
        dot_source_link(dot, lock->file, lock->line);
}

/* The whole code path, from the thread on. */
static char *link_tip(const struct order_link *link)
{
    const struct lock_order *order = link->order;
    GString *tip = g_string_new(NULL);
    g_string_append_printf(tip, "%s takes %s while it holds %s, in %s at %s:%d",
                           order->thread ? order->thread : "a thread", order->second, order->first,
                           order->function, order->file, order->line);
    for (guint i = 0; i < order->path->len; i++) {
        const struct place *place = g_ptr_array_index(order->path, i);
        g_string_append_printf(tip, "%s %s:%d %s", i ? " →" : ". Path:", place->file, place->line,
                               place->text);
    }
    if (link->count) {
        g_autofree char *seconds = quantity_seconds(link->seconds);
        g_autofree char *times = quantity_count(link->count);
        g_string_append_printf(tip, ". In the run threads waited there for %s, %s×", seconds, times);
    }
    if (link->finding)
        g_string_append_printf(tip, ". %s", link->finding->message);
    return g_string_free(tip, FALSE);
}

static void write_link(const struct lock_order_graph *graph, const struct order_link *link, struct dot *dot)
{
    gboolean in_ring = link->order->finding != NULL;
    g_autofree char *file = g_path_get_basename(link->order->file);
    g_autofree char *place = g_strdup_printf("%s:%d", file, link->order->line);
    g_autofree char *seconds = quantity_seconds(link->seconds);
    g_autofree char *times = quantity_count(link->count);
    g_autofree char *waited = g_strdup_printf("%s, %s×", seconds, times);
    g_autofree char *tip = link_tip(link);
    const char *lines[4] = {link->order->function, place, link->count ? waited : NULL};
    double longest = graph->longest_seconds > 0 ? graph->longest_seconds : 1;
    dot_begin_edge(dot, link->first->name, link->second->name);
    if (!dot->is_map)
        dot_lines(dot, "label", lines);
    dot_tip(dot, tip);
    dot_edge_look(dot, link->count ? "solid" : "dashed",
                  in_ring ? MAX(link->seconds, RING_WIDTH * longest) : link->seconds, longest,
                  in_ring ? dot->theme->alarm : NULL);
    dot_text(dot, "kind", link->count ? "observed" : "static");
    dot_number(dot, "seconds", link->seconds);
    dot_number(dot, "count", (double)link->count);
    if (in_ring)
        dot_text(dot, "ring", link->order->finding);
    dot_source_link(dot, link->order->file, link->order->line);
    dot_end_attributes(dot);
}

static void write_legend(const struct report_index *index, const struct lock_order_graph *graph,
                         struct dot *dot)
{
    const struct dot_theme *theme = dot->theme;
    if (graph->nodes->len == 0)
        return;
    dot_legend(dot, "⇢", theme->ramp[1],
               "the source takes the second lock, at this place, while it holds the first");
    if (index->run)
        dot_legend(dot, "⟶", theme->ramp[1], "the run saw threads wait there");
    if (graph->rings)
        dot_legend(dot, "⟶", theme->alarm,
                   "part of a ring: taken in opposite orders, threads can wait for each other for ever");
    if (graph->nodes_left_out) {
        g_autofree char *text =
            g_strdup_printf("Left out, with the fewest neighbours: locks %u.", graph->nodes_left_out);
        dot_remark(dot, text);
    }
}

static void lock_order_write_dot(const struct session *session, const struct graph_options *options,
                                 GString *out)
{
    g_autoptr(ReportIndex) index = report_index_new(session);
    g_autoptr(LockOrderGraph) graph = lock_order_graph_new(index, options);
    g_autofree char *caption = graph_caption(index, "which lock is taken while which is held", FALSE);
    struct dot dot;
    dot_init(&dot, out, options, graph->nodes->len);
    write_legend(index, graph, &dot);
    dot_begin(&dot, "lock_order", caption);
    for (guint i = 0; i < graph->nodes->len; i++) {
        const struct order_node *node = g_ptr_array_index(graph->nodes, i);
        write_node(node, &dot);
        dot_point(&dot, 0.1, i < NAMED_IN_MAP);
        dot_end_attributes(&dot);
    }
    for (guint i = 0; i < graph->links->len; i++)
        write_link(graph, g_ptr_array_index(graph->links, i), &dot);
    if (graph->nodes->len == 0)
        dot_empty(&dot, session->program
                            ? "No lock is taken while another is held (check and lint look for that)."
                            : "The source was not analysed: corewise check looks for lock orders.");
    dot_end(&dot);
    dot_clear(&dot);
}

const struct graph_kind graph_kind_lock_order = {
    "lock-order", "which lock is taken while which is held, and rings of them", lock_order_write_dot};
