/* SPDX-License-Identifier: Apache-2.0 */
/* The wait-for graph: thread → thread through locks, pipes, sockets and children, with the knots in which
 * threads wait for each other, and the critical path of the run. */
#include "reports/dot.h"
#include "reports/formats.h"
#include "reports/graph_caption.h"
#include "reports/quantity.h"
#include "reports/sum_table.h"
#include "reports/thread_groups.h"
#include "reports/wait_for_graph.h"

#define CAUSES_SHOWN 2
#define PATH_WIDTH   0.25 /* at least, of the longest wait */
#define PLACES_SHOWN 3
#define NAMED_IN_MAP 24

static const char *const outside_names[WAIT_CAUSE_COUNT] = {
    [CAUSE_DISK] = "disk",
    [CAUSE_SOCKET] = "network",
    [CAUSE_PIPE] = "pipe",
    [CAUSE_TERMINAL] = "terminal",
    [CAUSE_TIMER] = "sleep until a time",
    [CAUSE_POLL] = "poll",
    [CAUSE_ACCEPT] = "new connections",
    [CAUSE_CHILD] = "other programs",
    [CAUSE_PAGE_FAULT] = "page faults",
    [CAUSE_IO_URING] = "io_uring",
    [CAUSE_KERNEL_LOCK] = "locks of the kernel",
    [CAUSE_STOPPED] = "stopped",
    [CAUSE_OTHER] = "other system calls",
};

static const char *outside_name(const struct wait_for_node *node)
{
    int cause = 0;
    if (node->is_unknown)
        return "?";
    return vocabulary_find(&wait_cause_vocabulary, node->label, &cause) && outside_names[cause]
               ? outside_names[cause]
               : node->label;
}

static void write_marks(const struct wait_for_node *node, struct dot *dot)
{
    if (node->knot)
        dot_number(dot, "knot", node->knot);
    if (node->on_path)
        dot_text(dot, "path", "yes");
    if (!node->knot && !node->on_path)
        return;
    dot_text(dot, "color", node->knot ? dot->theme->alarm : dot->theme->path);
    dot_text(dot, "penwidth", "3");
}

static void write_thread(const struct wait_for_graph *graph, const struct wait_for_node *node,
                         struct dot *dot)
{
    double run = graph->network->index->run->seconds;
    g_autofree char *size = thread_groups_size(node->threads, node->tid);
    g_autofree char *work = quantity_seconds(node->work_seconds);
    g_autofree char *did = g_strdup_printf("%s, worked %s", size, work);
    g_autofree char *share = quantity_percent(run > 0 ? node->blame_seconds / run : 0);
    g_autofree char *blame = g_strdup_printf("%s of the run", share);
    g_autofree char *tip =
        g_strdup_printf("%s (%s): ready or on a core for %s; %s of the run's time ends here "
                        "when waits are followed",
                        node->label, size, work, share);
    const char *lines[4] = {node->label, did};
    if (run > 0 && node->blame_seconds >= 0.01 * run)
        lines[2] = blame;
    dot_begin_node(dot, node->name);
    dot_lines(dot, "label", lines);
    dot_text(dot, "shape", "box");
    dot_text(dot, "style", "rounded,filled");
    dot_text(dot, "fillcolor", dot->theme->thread_fill);
    if (!node->knot && !node->on_path)
        dot_text(dot, "color", dot->theme->thread_line);
    dot_text(dot, "tooltip", tip);
    dot_text(dot, "kind", "thread");
    dot_number(dot, "threads", node->threads);
    dot_number(dot, "seconds", node->work_seconds);
    dot_number(dot, "blame_seconds", node->blame_seconds);
    write_marks(node, dot);
    dot_source_link(dot, node->file, node->line);
}

static void write_outside(const struct wait_for_node *node, struct dot *dot)
{
    g_autofree char *seconds = quantity_seconds(node->seconds);
    g_autofree char *waited = g_strdup_printf("%s waited", seconds);
    const char *lines[] = {outside_name(node), waited, NULL};
    dot_begin_node(dot, node->name);
    dot_lines(dot, "label", lines);
    dot_text(dot, "shape", node->is_unknown ? "ellipse" : "component");
    dot_text(dot, "fillcolor", dot->theme->outside_fill);
    if (!node->on_path)
        dot_text(dot, "color", dot->theme->outside_line);
    dot_text(dot, "tooltip",
             node->is_unknown ? "whom these waits were for is not known" : "outside of the program");
    dot_text(dot, "kind", node->is_unknown ? "unknown" : "outside");
    dot_number(dot, "seconds", node->seconds);
    write_marks(node, dot);
}

/* `cache_lock, pipe and 2 more`, the longest first. */
static char *causes_text(const struct wait_for_edge *edge)
{
    g_autoptr(GPtrArray) names = sum_table_order(edge->causes);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < MIN(names->len, CAUSES_SHOWN); i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "", (char *)g_ptr_array_index(names, i));
    if (names->len > CAUSES_SHOWN)
        g_string_append_printf(text, " and %u more", names->len - CAUSES_SHOWN);
    return g_string_free(text, FALSE);
}

static char *edge_tip(const struct wait_for_edge *edge, const char *causes, const char *numbers)
{
    GString *tip = g_string_new(NULL);
    g_string_append_printf(tip, "%s waited for %s, on %s: %s", edge->tail->label,
                           edge->head->is_thread ? edge->head->label : outside_name(edge->head), causes,
                           numbers);
    for (guint i = 0; i < MIN(edge->places->len, PLACES_SHOWN); i++)
        g_string_append_printf(tip, "%s%s", i ? ", " : " at ", (char *)g_ptr_array_index(edge->places, i));
    if (edge->step)
        g_string_append_printf(tip, "; step %u of the critical path", edge->step);
    if (edge->knot)
        g_string_append_printf(tip, "; in knot %u", edge->knot);
    return g_string_free(tip, FALSE);
}

static void write_edge_look(const struct wait_for_graph *graph, const struct wait_for_edge *edge,
                            struct dot *dot)
{
    const struct dot_theme *theme = dot->theme;
    g_autofree char *both = g_strdup_printf("%s:%s", theme->alarm, theme->path);
    const char *colour = edge->knot && edge->step ? both
                         : edge->knot             ? theme->alarm
                         : edge->step             ? theme->path
                         : edge->idle             ? theme->quiet
                                                  : NULL;
    double longest = graph->longest_seconds > 0 ? graph->longest_seconds : 1;
    double seconds = edge->idle ? 0 : edge->seconds;
    dot_edge_look(dot, edge->idle ? "dotted" : "solid",
                  edge->step ? MAX(seconds, PATH_WIDTH * longest) : seconds, longest, colour);
}

static void write_edge(const struct wait_for_graph *graph, const struct wait_for_edge *edge, struct dot *dot)
{
    g_autofree char *seconds = quantity_seconds(edge->seconds);
    g_autofree char *times = quantity_count(edge->count);
    g_autofree char *numbers = g_strdup_printf("%s, %s×", seconds, times);
    g_autofree char *causes = causes_text(edge);
    g_autofree char *step = edge->step ? g_strdup_printf("[%u] %s", edge->step, causes) : g_strdup(causes);
    g_autofree char *tip = edge_tip(edge, causes, numbers);
    const char *lines[] = {edge->head->is_thread || edge->step ? step : numbers,
                           edge->head->is_thread || edge->step ? numbers : NULL, NULL};
    dot_begin_edge(dot, edge->tail->name, edge->head->name);
    if (!dot->is_map)
        dot_lines(dot, "label", lines);
    dot_tip(dot, tip);
    write_edge_look(graph, edge, dot);
    dot_text(dot, "kind", edge->idle ? "idle" : "waits");
    dot_text(dot, "on", causes);
    dot_number(dot, "seconds", edge->seconds);
    dot_number(dot, "count", (double)edge->count);
    if (edge->knot)
        dot_number(dot, "knot", edge->knot);
    if (edge->step)
        dot_number(dot, "step", edge->step);
    dot_source_link(dot, edge->file, edge->line);
    dot_end_attributes(dot);
}

static void write_remarks(const struct wait_for_graph *graph, struct dot *dot)
{
    for (guint i = 0; i < MIN(graph->network->knots->len, 4); i++) {
        const struct wait_knot *knot = &g_array_index(graph->network->knots, struct wait_knot, i);
        g_autofree char *least = quantity_seconds(knot->least_seconds);
        g_autofree char *text = g_strdup_printf(
            "Knot %u: %u threads wait for each other; each of them for %s or more at a stretch.", i + 1,
            knot->threads, least);
        dot_remark(dot, text);
    }
    if (graph->idle) {
        dot_remark(dot, "Only idle waits, for the next task, were seen.");
    } else if (graph->idle_seconds > 0) {
        g_autofree char *idle = quantity_seconds(graph->idle_seconds);
        g_autofree char *text = g_strdup_printf(
            "Idle waits, for the next task (%s), are left out, but for the critical path.", idle);
        dot_remark(dot, text);
    }
    if (graph->nodes_left_out + graph->edges_left_out > 0) {
        g_autofree char *nodes = quantity_count(graph->nodes_left_out);
        g_autofree char *edges = quantity_count(graph->edges_left_out);
        g_autofree char *text =
            g_strdup_printf("Left out, for little waiting: nodes %s, arrows %s.", nodes, edges);
        dot_remark(dot, text);
    }
}

static void write_legend(const struct wait_for_graph *graph, struct dot *dot)
{
    const struct dot_theme *theme = dot->theme;
    if (graph->nodes->len == 0)
        return;
    dot_legend(dot, "■", theme->thread_line, "threads");
    if (!((const struct wait_for_node *)g_ptr_array_index(graph->nodes, graph->nodes->len - 1))->is_thread)
        dot_legend(dot, "■", theme->outside_line, "outside of the program");
    dot_legend(dot, "⟶", theme->ramp[2], "waited for it, on what stands there; the stronger, the longer");
    if (graph->network->knots->len)
        dot_legend(dot, "⟶", theme->alarm, "a knot: threads that wait for each other");
    if (graph->network->steps)
        dot_legend(dot, "⟶", theme->path,
                   "[1] … the critical path: the first thread's time, followed along the longest waits");
    write_remarks(graph, dot);
}

static void write_graph(const struct wait_for_graph *graph, struct dot *dot)
{
    const struct report_index *index = graph->network->index;
    g_autofree char *caption = graph_caption(index, "which thread waited for which", TRUE);
    double longest = 0;
    write_legend(graph, dot);
    dot_begin(dot, "wait_for", caption);
    for (guint i = 0; i < graph->nodes->len; i++)
        longest = MAX(longest, ((struct wait_for_node *)g_ptr_array_index(graph->nodes, i))->seconds);
    for (guint i = 0; i < graph->nodes->len; i++) {
        const struct wait_for_node *node = g_ptr_array_index(graph->nodes, i);
        if (node->is_thread)
            write_thread(graph, node, dot);
        else
            write_outside(node, dot);
        dot_point(dot, longest > 0 ? node->seconds / longest : 0,
                  i < NAMED_IN_MAP || node->on_path || !node->is_thread);
        dot_end_attributes(dot);
    }
    for (guint i = 0; i < graph->edges->len; i++)
        write_edge(graph, g_ptr_array_index(graph->edges, i), dot);
    if (graph->nodes->len == 0)
        dot_empty(dot, graph_nothing(index, "No thread waited for anything."));
    dot_end(dot);
}

static void wait_for_write_dot(const struct session *session, const struct graph_options *options,
                               GString *out)
{
    g_autoptr(ReportIndex) index = report_index_new(session);
    g_autoptr(WaitForGraph) graph = wait_for_graph_new(index, options);
    struct dot dot;
    dot_init(&dot, out, options, graph->nodes->len);
    write_graph(graph, &dot);
    dot_clear(&dot);
}

const struct graph_kind graph_kind_wait_for = {
    "wait-for", "which thread waited for which, knots and the critical path", wait_for_write_dot};
