/* SPDX-License-Identifier: Apache-2.0 */
/* The contention graph: waiter → lock → holder, as the source names them, with waited time and count. */
#include "model/work_class.h"
#include "reports/contention_graph.h"
#include "reports/dot.h"
#include "reports/formats.h"
#include "reports/graph_caption.h"
#include "reports/quantity.h"
#include "reports/thread_groups.h"

#define PLACES_SHOWN 3
#define NAMED_IN_MAP 10 /* threads, and locks, those that waited or were waited for longest */

static const char *const lock_shapes[LOCK_KIND_COUNT] = {
    [LOCK_MUTEX] = "octagon",       [LOCK_CONDITION] = "ellipse", [LOCK_RWLOCK] = "doubleoctagon",
    [LOCK_SEMAPHORE] = "trapezium", [LOCK_SPINLOCK] = "hexagon",  [LOCK_BARRIER] = "parallelogram",
    [LOCK_UNKNOWN] = "ellipse",
};

static char *times_text(guint64 count)
{
    g_autofree char *times = quantity_count(count);
    return g_strconcat(times, "×", NULL);
}

static void write_thread(const struct contention_node *node, struct dot *dot)
{
    g_autofree char *seconds = quantity_seconds(node->seconds);
    g_autofree char *size = thread_groups_size(node->threads, node->tid);
    g_autofree char *tip = g_strdup_printf("%s (%s) waited %s", node->label, size, seconds);
    const char *lines[] = {node->label, size, NULL};
    dot_begin_node(dot, node->name);
    dot_lines(dot, "label", lines);
    dot_thread_look(dot);
    dot_text(dot, "tooltip", tip);
    dot_text(dot, "kind", "thread");
    dot_number(dot, "threads", node->threads);
    dot_source_link(dot, node->file, node->line);
}

/* `CONVOY: 2.3 threads queue`; NULL when there is nothing to say. */
static char *burden_line(const struct lock_burden *burden)
{
    g_autofree char *queue = quantity_number(burden->queue);
    const char *mark = burden->is_big && burden->is_convoy ? "BIG LOCK, CONVOY: "
                       : burden->is_big                    ? "BIG LOCK: "
                       : burden->is_convoy                 ? "CONVOY: "
                                                           : "";
    return *mark || burden->queue >= 1 ? g_strdup_printf("%s%s threads queue", mark, queue) : NULL;
}

static char *held_line(const struct lock_burden *burden)
{
    const struct region *longest =
        burden->sections && burden->sections->len ? g_ptr_array_index(burden->sections, 0) : NULL;
    if (!longest)
        return NULL;
    g_autofree char *file = g_path_get_basename(longest->file);
    return g_strdup_printf("held at %s:%d", file, longest->line);
}

static char *lock_tip(const struct contention_node *node)
{
    const struct lock_burden *burden = &node->burden;
    g_autofree char *seconds = quantity_seconds(node->seconds);
    g_autofree char *times = times_text(node->count);
    GString *tip = g_string_new(NULL);
    g_string_append_printf(tip, "%s: %s waited, %s", node->label, seconds, times);
    if (node->file)
        g_string_append_printf(tip, ", declared at %s:%d", node->file, node->line);
    if (burden->acquisitions) {
        g_autofree char *held = quantity_seconds(burden->hold_seconds);
        g_autofree char *taken = quantity_count(burden->acquisitions);
        g_string_append_printf(tip, "; held for %s in %s times", held, taken);
    }
    for (guint i = 0; burden->sections && i < MIN(burden->sections->len, PLACES_SHOWN); i++) {
        const struct region *section = g_ptr_array_index(burden->sections, i);
        g_string_append_printf(tip, "%s %s:%d to %d in %s", i ? "," : "; held at", section->file,
                               section->line, section->end_line, section->function);
    }
    if (burden->held)
        g_string_append_printf(tip, "; meanwhile %s", burden->held);
    return g_string_free(tip, FALSE);
}

static void write_lock(const struct contention_node *node, struct dot *dot)
{
    const struct lock_burden *burden = &node->burden;
    g_autofree char *seconds = quantity_seconds(node->seconds);
    g_autofree char *second = g_strdup_printf("%s, %s waited", lock_kind_name(node->lock_kind), seconds);
    g_autofree char *pressed = burden_line(burden);
    g_autofree char *held = held_line(burden);
    g_autofree char *tip = lock_tip(node);
    const char *lines[6] = {node->label, second};
    guint count = 2;
    if (pressed)
        lines[count++] = pressed;
    if (held && !dot->is_map)
        lines[count++] = held;
    if (held && burden->held && !dot->is_map)
        lines[count++] = burden->held;
    gboolean is_marked = burden->is_big || burden->is_convoy;
    dot_begin_node(dot, node->name);
    dot_lines(dot, "label", lines);
    dot_text(dot, "shape", dot->is_map ? "ellipse" : lock_shapes[node->lock_kind]);
    dot_text(dot, "fillcolor", dot->theme->lock_fill);
    dot_text(dot, "color", is_marked ? dot->theme->alarm : dot->theme->lock_line);
    if (is_marked)
        dot_text(dot, "penwidth", "3");
    dot_text(dot, "tooltip", tip);
    dot_text(dot, "kind", lock_kind_name(node->lock_kind));
    dot_number(dot, "seconds", node->seconds);
    dot_number(dot, "count", (double)node->count);
    if (is_marked)
        dot_text(dot, "mark",
                 !burden->is_convoy ? "big_lock"
                 : burden->is_big   ? "big_lock convoy"
                                    : "convoy");
    dot_source_link(dot, node->file, node->line);
}

static void write_unknown(const struct contention_node *node, struct dot *dot)
{
    dot_begin_node(dot, node->name);
    dot_text(dot, "label", "?");
    dot_text(dot, "shape", "circle");
    dot_text(dot, "width", "0.25");
    dot_text(dot, "margin", "0.02");
    dot_text(dot, "style", "dashed");
    dot_text(dot, "color", dot->theme->quiet);
    dot_text(dot, "tooltip", node->label);
    dot_text(dot, "kind", "unknown");
}

static char *places_text(const struct contention_edge *edge)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < MIN(edge->places->len, PLACES_SHOWN); i++)
        g_string_append_printf(text, "%s%s", i ? ", " : " at ", (char *)g_ptr_array_index(edge->places, i));
    if (edge->places->len > PLACES_SHOWN)
        g_string_append_printf(text, " and %u more places", edge->places->len - PLACES_SHOWN);
    return g_string_free(text, FALSE);
}

/* What happened on an edge, without its numbers. */
static char *edge_sentence(const struct contention_edge *edge)
{
    const struct contention_node *tail = edge->tail, *head = edge->head;
    if (tail->kind == CONTENTION_THREAD)
        return g_strdup_printf("%s waited for %s", tail->label, head->label);
    if (head->kind == CONTENTION_UNKNOWN)
        return g_strdup_printf("%s was waited for, holder unknown (%s)", tail->label, head->label);
    gboolean woken = tail->lock_kind == LOCK_CONDITION || tail->lock_kind == LOCK_SEMAPHORE;
    return g_strdup_printf("%s was waited for until %s %s", tail->label, head->label,
                           woken ? "woke the waiter" : "released it");
}

static void write_edge(const struct contention_graph *graph, const struct contention_edge *edge,
                       struct dot *dot)
{
    g_autofree char *seconds = quantity_seconds(edge->seconds);
    g_autofree char *times = times_text(edge->count);
    g_autofree char *places = places_text(edge);
    g_autofree char *sentence = edge_sentence(edge);
    g_autofree char *tip = g_strdup_printf("%s: %s, %s%s", sentence, seconds, times, places);
    gboolean to_lock = edge->tail->kind == CONTENTION_THREAD;
    const char *lines[] = {seconds, times, NULL};
    dot_begin_edge(dot, edge->tail->name, edge->head->name);
    if (!dot->is_map)
        dot_lines(dot, "label", lines);
    dot_tip(dot, tip);
    dot_edge_look(dot,
                  graph->idle ? "dotted"
                  : to_lock   ? "solid"
                              : "dashed",
                  graph->idle ? 0 : edge->seconds, graph->longest_seconds,
                  graph->idle ? dot->theme->quiet : NULL);
    dot_text(dot, "kind", to_lock ? "waits" : "held");
    dot_number(dot, "seconds", edge->seconds);
    dot_number(dot, "count", (double)edge->count);
    dot_source_link(dot, edge->file, edge->line);
    dot_end_attributes(dot);
}

static void write_remarks(const struct contention_graph *graph, struct dot *dot)
{
    if (graph->idle) {
        dot_remark(dot, "Dotted: only idle waits, for the next task, were seen.");
    } else if (graph->idle_seconds > 0) {
        g_autofree char *idle = quantity_seconds(graph->idle_seconds);
        g_autofree char *text = g_strdup_printf("Idle waits, for the next task (%s), are left out.", idle);
        dot_remark(dot, text);
    }
    g_autofree char *seconds = quantity_seconds(graph->seconds_left_out);
    g_autofree char *text = NULL;
    if (graph->locks_left_out > 0)
        text =
            g_strdup_printf("%u more locks with %s of waiting are left out.", graph->locks_left_out, seconds);
    else if (graph->threads_left_out + graph->edges_left_out > 0)
        text = g_strdup_printf("Left out, for little waiting: threads %u, arrows %u.",
                               graph->threads_left_out, graph->edges_left_out);
    if (text)
        dot_remark(dot, text);
    if (graph->edge_seconds_left_out > 0) {
        g_autofree char *light = quantity_seconds(graph->edge_seconds_left_out);
        g_autofree char *more = g_strdup_printf(
            "%u lighter arrows, %s of waiting in all, are left out; --threshold 0.1 draws them.",
            graph->edges_left_out, light);
        dot_remark(dot, more);
    }
}

static gboolean is_any_marked(const struct contention_graph *graph)
{
    for (guint i = 0; i < graph->nodes->len; i++) {
        const struct contention_node *node = g_ptr_array_index(graph->nodes, i);
        if (node->burden.is_big || node->burden.is_convoy)
            return TRUE;
    }
    return FALSE;
}

static void write_legend(const struct contention_graph *graph, struct dot *dot)
{
    const struct dot_theme *theme = dot->theme;
    if (graph->nodes->len == 0)
        return;
    dot_legend(dot, "■", theme->thread_line, "threads");
    dot_legend(dot, "■", theme->lock_line, "locks; the shape tells the kind");
    dot_legend(dot, "⟶", theme->ramp[2], "waited for the lock; the stronger, the longer");
    dot_legend(dot, "⇢", theme->ramp[2],
               "the lock was held by this thread meanwhile (conditions and semaphores: woken by it)");
    if (is_any_marked(graph))
        dot_legend(dot, "■", theme->alarm,
                   "a big lock: hardly more than one thread runs; a convoy: it goes round a queue");
    write_remarks(graph, dot);
}

static void write_graph(const struct report_index *index, const struct contention_graph *graph,
                        struct dot *dot)
{
    g_autofree char *caption = graph_caption(index, "who waited for whom", TRUE);
    guint named[CONTENTION_NODE_KIND_COUNT] = {0};
    double longest[CONTENTION_NODE_KIND_COUNT] = {0};
    write_legend(graph, dot);
    dot_begin(dot, "contention", caption);
    for (guint i = 0; i < graph->nodes->len; i++) {
        const struct contention_node *node = g_ptr_array_index(graph->nodes, i);
        if (node->kind == CONTENTION_THREAD)
            write_thread(node, dot);
        else if (node->kind == CONTENTION_LOCK)
            write_lock(node, dot);
        else
            write_unknown(node, dot);
        longest[node->kind] = MAX(longest[node->kind], node->seconds);
        dot_point(dot, longest[node->kind] > 0 ? node->seconds / longest[node->kind] : 0,
                  named[node->kind]++ < NAMED_IN_MAP && node->kind != CONTENTION_UNKNOWN);
        dot_end_attributes(dot);
    }
    for (guint i = 0; i < graph->edges->len; i++)
        write_edge(graph, g_ptr_array_index(graph->edges, i), dot);
    if (graph->nodes->len == 0)
        dot_empty(dot, graph_nothing(index, "No thread waited for another."));
    dot_end(dot);
}

static void contention_write_dot(const struct session *session, const struct graph_options *options,
                                 GString *out)
{
    g_autoptr(ReportIndex) index = report_index_new(session);
    g_autoptr(ContentionGraph) graph = contention_graph_new(index, options);
    struct dot dot;
    dot_init(&dot, out, options, graph->nodes->len);
    write_graph(index, graph, &dot);
    dot_clear(&dot);
}

const struct graph_kind graph_kind_contention = {
    "contention", "threads, the locks they waited for, and who held them", contention_write_dot};
