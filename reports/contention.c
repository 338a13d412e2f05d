/* SPDX-License-Identifier: Apache-2.0 */
/* The contention graph: waiter → lock → holder, as the source names them, with waited time and count. */
#include "model/work_class.h"
#include "reports/contention_graph.h"
#include "reports/dot.h"
#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/quantity.h"
#include "reports/text_page.h"

#define PLACES_SHOWN         3
#define CAPTION_NAME_COLUMNS 60

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

static void write_thread(const struct contention_node *node, GString *out)
{
    g_autofree char *seconds = quantity_seconds(node->seconds);
    g_autofree char *tid = node->threads > 1 ? g_strdup_printf("%u threads", node->threads)
                                             : g_strdup_printf("tid %d", node->tid);
    g_autofree char *tooltip = g_strdup_printf("%s (%s) waited %s", node->label, tid, seconds);
    const char *lines[] = {node->label, tid, NULL};
    dot_begin_node(out, node->name);
    dot_lines(out, "label", lines);
    dot_text(out, "shape", "box");
    dot_text(out, "style", "rounded,filled");
    dot_text(out, "fillcolor", "#dcebf7");
    dot_text(out, "color", "#2f6690");
    dot_text(out, "tooltip", tooltip);
    dot_text(out, "kind", "thread");
    dot_number(out, "threads", node->threads);
    dot_end_attributes(out);
}

static void write_lock(const struct contention_node *node, GString *out)
{
    g_autofree char *seconds = quantity_seconds(node->seconds);
    g_autofree char *times = times_text(node->count);
    g_autofree char *second = g_strdup_printf("%s, %s waited", lock_kind_name(node->lock_kind), seconds);
    g_autofree char *place =
        node->file ? g_strdup_printf(", declared at %s:%d", node->file, node->line) : g_strdup("");
    g_autofree char *tooltip = g_strdup_printf("%s: %s waited, %s%s", node->label, seconds, times, place);
    const char *lines[] = {node->label, second, NULL};
    dot_begin_node(out, node->name);
    dot_lines(out, "label", lines);
    dot_text(out, "shape", lock_shapes[node->lock_kind]);
    dot_text(out, "fillcolor", "#fdf0d5");
    dot_text(out, "color", "#8a6d1d");
    dot_text(out, "tooltip", tooltip);
    dot_text(out, "kind", lock_kind_name(node->lock_kind));
    dot_number(out, "seconds", node->seconds);
    dot_number(out, "count", (double)node->count);
    dot_end_attributes(out);
}

static void write_unknown(const struct contention_node *node, GString *out)
{
    dot_begin_node(out, node->name);
    dot_text(out, "label", "?");
    dot_text(out, "shape", "circle");
    dot_text(out, "width", "0.25");
    dot_text(out, "margin", "0.02");
    dot_text(out, "style", "dashed");
    dot_text(out, "color", "#57606a");
    dot_text(out, "tooltip", node->label);
    dot_text(out, "kind", "unknown");
    dot_end_attributes(out);
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

static void write_edge(const struct contention_graph *graph, const struct contention_edge *edge, GString *out)
{
    g_autofree char *seconds = quantity_seconds(edge->seconds);
    g_autofree char *times = times_text(edge->count);
    g_autofree char *places = places_text(edge);
    g_autofree char *sentence = edge_sentence(edge);
    g_autofree char *tooltip = g_strdup_printf("%s: %s, %s%s", sentence, seconds, times, places);
    gboolean to_lock = edge->tail->kind == CONTENTION_THREAD;
    const char *lines[] = {seconds, times, NULL};
    dot_begin_edge(out, edge->tail->name, edge->head->name);
    dot_lines(out, "label", lines);
    dot_text(out, "tooltip", tooltip);
    dot_text(out, "labeltooltip", tooltip);
    dot_text(out, "style", graph->idle ? "dotted" : to_lock ? "solid" : "dashed");
    if (graph->idle)
        dot_text(out, "color", "#8b949e");
    else
        dot_edge_weight(out, edge->seconds, graph->longest_seconds);
    dot_text(out, "kind", to_lock ? "waits" : "held");
    dot_number(out, "seconds", edge->seconds);
    dot_number(out, "count", (double)edge->count);
    dot_end_attributes(out);
}

static char *caption_of(const struct report_index *index)
{
    const struct program *program = index->session->program;
    const char *raw = program ? program->name : index->run ? index->run->command : "no program";
    g_autofree char *visible = escape_text(raw);
    g_autofree char *name = text_elide(visible, CAPTION_NAME_COLUMNS);
    if (!index->run)
        return g_strdup_printf("%s: not watched yet", name);
    g_autofree char *seconds = quantity_seconds(index->run->seconds);
    return g_strdup_printf("%s: who waited for whom in %s", name, seconds);
}

static void append_remarks(const struct contention_graph *graph, GString *legend)
{
    if (graph->idle) {
        g_string_append(legend, " Dotted: only idle waits, for the next task, were seen.");
    } else if (graph->idle_seconds > 0) {
        g_autofree char *idle = quantity_seconds(graph->idle_seconds);
        g_string_append_printf(legend, " Idle waits, for the next task (%s), are left out.", idle);
    }
    if (graph->locks_left_out > 0) {
        g_autofree char *seconds = quantity_seconds(graph->seconds_left_out);
        g_string_append_printf(legend, "\n%u more locks with %s of waiting are left out.",
                               graph->locks_left_out, seconds);
    }
}

/* NULL for an empty graph. */
static char *legend_of(const struct contention_graph *graph)
{
    if (graph->nodes->len == 0)
        return NULL;
    GString *legend =
        g_string_new("Thread → lock: waited for it. Lock → thread, dashed: held by it (conditions and "
                     "semaphores: woken by it).\nThe darker and thicker, the longer.");
    append_remarks(graph, legend);
    return g_string_free(legend, FALSE);
}

static void write_empty(const struct report_index *index, GString *out)
{
    dot_begin_node(out, "empty");
    dot_text(out, "label",
             index->run ? "No thread waited for another."
                        : "Nothing was traced yet: corewise check or trace watches the program.");
    dot_text(out, "shape", "plaintext");
    dot_text(out, "fillcolor", "transparent");
    dot_text(out, "kind", "empty");
    dot_end_attributes(out);
}

static void contention_write_dot(const struct session *session, GString *out)
{
    g_autoptr(ReportIndex) index = report_index_new(session);
    g_autoptr(ContentionGraph) graph = contention_graph_new(index);
    g_autofree char *caption = caption_of(index);
    g_autofree char *legend = legend_of(graph);
    dot_begin(out, "contention", caption, legend);
    for (guint i = 0; i < graph->nodes->len; i++) {
        const struct contention_node *node = g_ptr_array_index(graph->nodes, i);
        if (node->kind == CONTENTION_THREAD)
            write_thread(node, out);
        else if (node->kind == CONTENTION_LOCK)
            write_lock(node, out);
        else
            write_unknown(node, out);
    }
    for (guint i = 0; i < graph->edges->len; i++)
        write_edge(graph, g_ptr_array_index(graph->edges, i), out);
    if (graph->nodes->len == 0)
        write_empty(index, out);
    dot_end(out);
}

const struct graph_kind graph_kind_contention = {
    "contention", "threads, the locks they waited for, and who held them", contention_write_dot};
