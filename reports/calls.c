/* SPDX-License-Identifier: Apache-2.0 */
/* The call graph: functions coloured by class, with the time that a run spent in and below them. */
#include "reports/call_graph.h"
#include "reports/dot.h"
#include "reports/formats.h"
#include "reports/graph_caption.h"
#include "reports/quantity.h"

#define NAMED_IN_MAP 30
#define SELF_SHOWN   0.01 /* of all time: less is no news */

static char *node_tip(const struct call_node *node)
{
    g_autofree char *running = quantity_seconds(node->running_seconds);
    g_autofree char *blocked = quantity_seconds(node->blocked_seconds);
    g_autofree char *self = quantity_seconds(node->self_seconds);
    g_autofree char *place = node->file     ? g_strdup_printf(" at %s:%d", node->file, node->line)
                             : node->module ? g_strdup_printf(" of %s", node->module)
                                            : g_strdup("");
    return g_strdup_printf("%s%s: %s on a core, %s blocked; %s of it in itself, the rest in what it calls",
                           node->function, place, running, blocked, self);
}

static void write_node(const struct call_graph *graph, const struct call_node *node, struct dot *dot)
{
    double share = graph->seconds > 0 ? call_node_seconds(node) / graph->seconds : 0;
    g_autofree char *seconds = quantity_seconds(call_node_seconds(node));
    g_autofree char *percent = quantity_percent(share);
    g_autofree char *self = quantity_seconds(node->self_seconds);
    g_autofree char *time = g_strdup_printf("%s, %s", percent, seconds);
    g_autofree char *itself =
        node->self_seconds >= SELF_SHOWN * graph->seconds ? g_strdup_printf("self %s", self) : g_strdup("");
    const char *class = node->is_classified ? work_class_name(node->class) : "";
    g_autofree char *last = g_strdup_printf("%s%s%s", class, *class && *itself ? ", " : "", itself);
    g_autofree char *tip = node_tip(node);
    const char *lines[] = {node->function, time, *last ? last : NULL, NULL};
    dot_begin_node(dot, node->name);
    dot_lines(dot, "label", lines);
    dot_text(dot, "shape", "box");
    dot_text(dot, "fillcolor",
             node->is_classified ? dot->theme->class_fill[node->class] : dot->theme->outside_fill);
    if (node->is_classified)
        dot_text(dot, "fontcolor", dot->theme->class_ink);
    dot_text(dot, "color", dot->theme->outside_line);
    dot_text(dot, "tooltip", tip);
    dot_text(dot, "kind", "function");
    if (node->is_classified)
        dot_text(dot, "workclass", work_class_name(node->class));
    dot_number(dot, "seconds", call_node_seconds(node));
    dot_number(dot, "self_seconds", node->self_seconds);
    dot_source_link(dot, node->file, node->line);
}

static void write_edge(const struct call_graph *graph, const struct call_edge *edge, struct dot *dot)
{
    g_autofree char *seconds = quantity_seconds(edge->seconds);
    g_autofree char *tip =
        g_strdup_printf("%s in %s, called by %s", seconds, edge->callee->function, edge->caller->function);
    const char *lines[] = {seconds, NULL};
    dot_begin_edge(dot, edge->caller->name, edge->callee->name);
    if (!dot->is_map)
        dot_lines(dot, "label", lines);
    dot_tip(dot, tip);
    dot_edge_look(dot, "solid", edge->seconds, graph->seconds, NULL);
    dot_text(dot, "kind", "calls");
    dot_number(dot, "seconds", edge->seconds);
    dot_end_attributes(dot);
}

static void write_remarks(const struct call_graph *graph, struct dot *dot)
{
    if (graph->idle_seconds > 0) {
        g_autofree char *idle = quantity_seconds(graph->idle_seconds);
        g_autofree char *text = g_strdup_printf("Idle waits, for the next task (%s), are left out.", idle);
        dot_remark(dot, text);
    }
    if (graph->unknown_seconds > 0) {
        g_autofree char *unknown = quantity_seconds(graph->unknown_seconds);
        g_autofree char *text = g_strdup_printf("%s had no known stack.", unknown);
        dot_remark(dot, text);
    }
    if (graph->nodes_left_out + graph->edges_left_out > 0) {
        g_autofree char *text = g_strdup_printf("Left out, for little time: functions %u, calls %u.",
                                                graph->nodes_left_out, graph->edges_left_out);
        dot_remark(dot, text);
    }
}

static void write_legend(const struct call_graph *graph, struct dot *dot)
{
    static const char *const meanings[WORK_CLASS_COUNT] = {
        [WORK_CPU] = "cpu: computes",
        [WORK_IO] = "io: waits for, or works on, what is outside of the program",
        [WORK_LOCK] = "lock: waits for other threads",
        [WORK_MIXED] = "mixed",
        [WORK_LIGHT] = "light: hardly any time",
    };
    gboolean met[WORK_CLASS_COUNT] = {FALSE};
    for (guint i = 0; i < graph->nodes->len; i++) {
        const struct call_node *node = g_ptr_array_index(graph->nodes, i);
        met[node->class] |= node->is_classified;
    }
    for (enum work_class class = 0; class < WORK_CLASS_COUNT; class ++) {
        if (met[class])
            dot_legend(dot, "■", dot->theme->class_fill[class], meanings[class]);
    }
    if (graph->nodes->len > 0)
        dot_legend(dot, "⟶", dot->theme->ramp[2], "calls; the stronger, the more time below");
    write_remarks(graph, dot);
}

static void calls_write_dot(const struct session *session, const struct graph_options *options, GString *out)
{
    g_autoptr(ReportIndex) index = report_index_new(session);
    g_autoptr(CallGraph) graph = call_graph_new(index, options);
    g_autofree char *caption = graph_caption(index, "where the time was spent", TRUE);
    struct dot dot;
    dot_init(&dot, out, options, graph->nodes->len);
    write_legend(graph, &dot);
    dot_begin(&dot, "calls", caption);
    for (guint i = 0; i < graph->nodes->len; i++) {
        const struct call_node *node = g_ptr_array_index(graph->nodes, i);
        write_node(graph, node, &dot);
        dot_point(&dot, graph->seconds > 0 ? call_node_seconds(node) / graph->seconds : 0, i < NAMED_IN_MAP);
        dot_end_attributes(&dot);
    }
    for (guint i = 0; i < graph->edges->len; i++)
        write_edge(graph, g_ptr_array_index(graph->edges, i), &dot);
    if (graph->nodes->len == 0)
        dot_empty(&dot, graph_nothing(index, "The run kept no call stacks."));
    dot_end(&dot);
    dot_clear(&dot);
}

const struct graph_kind graph_kind_calls = {
    "calls", "who called whom, coloured by class, with the time of the run", calls_write_dot};
