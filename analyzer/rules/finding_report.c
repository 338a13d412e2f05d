/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analyzer/regions.h"
#include "analyzer/rules/rule.h"

#define FINGERPRINT_LENGTH 16

char *finding_fingerprint(GHashTable *known, const char *identity)
{
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(known, identity)) + 1;
    g_hash_table_insert(known, g_strdup(identity), GUINT_TO_POINTER(count));
    g_autofree char *numbered = g_strdup_printf("%s\n%u", identity, count);
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, numbered, -1);
    return g_strndup(hash, FINGERPRINT_LENGTH);
}

/* What identifies a hazard when code around it moves: the rule, the function, and what it is about. */
static char *fingerprint_new(struct lint *lint, const char *rule, const struct graph_function *function,
                             const char *identity)
{
    g_autofree char *name = path_display(function->facts->key);
    g_autofree char *text = g_strjoin("\n", rule, function->file, name, identity, NULL);
    return finding_fingerprint(lint->fingerprints, text);
}

struct finding *finding_report(struct lint *lint, const struct rule *rule, enum severity severity,
                               const struct graph_function *function, const struct fact_event *event,
                               const char *identity, char *message)
{
    struct finding *finding = finding_new();
    finding->rule = g_strdup(rule->name);
    finding->severity = severity;
    finding->file = program_graph_event_file(lint->graph, function, event);
    finding->line = event->line;
    finding->column = event->column;
    finding->message = message;
    finding->fingerprint = fingerprint_new(lint, rule->name, function, identity);
    finding->function = g_strdup(function->facts->name);
    g_autofree char *region = function_region_id(function);
    if (session_find_region(lint->session, region))
        finding->region = g_steal_pointer(&region);
    g_ptr_array_add(lint->session->findings, finding);
    return finding;
}

void finding_step(const struct lint *lint, struct finding *finding, const struct graph_function *function,
                  const struct fact_event *event, char *text)
{
    g_autofree char *file = program_graph_event_file(lint->graph, function, event);
    struct place *place = place_new(file, event->line, text);
    place->end_line = event->end_line;
    g_ptr_array_add(finding->path, place);
    g_free(text);
}

/* Breadth first: the call by which each function was reached first. */
static const struct call_site **find_ways(const struct lint *lint, const struct thread_flow *flow,
                                          const struct graph_function *function)
{
    const struct call_site **came = g_new0(const struct call_site *, lint->graph->functions->len + 1);
    g_autoptr(GQueue) pending = g_queue_new();
    g_queue_push_tail(pending, flow->function);
    while (!g_queue_is_empty(pending) && !came[function->index]) {
        const struct graph_function *next = g_queue_pop_head(pending);
        for (guint i = 0; i < next->calls->len; i++) {
            const struct call_site *call = g_ptr_array_index(next->calls, i);
            for (guint j = 0; call->resolution != CALL_BY_SIGNATURE && j < call->targets->len; j++) {
                struct graph_function *target = g_ptr_array_index(call->targets, j);
                if (target == flow->function || came[target->index] || !flow->reaches[target->index])
                    continue;
                came[target->index] = call;
                g_queue_push_tail(pending, target);
            }
        }
    }
    return came;
}

static void add_creation(const struct lint *lint, struct finding *finding, const struct thread_flow *flow)
{
    for (guint i = 0; i < MIN(flow->creations->len, 1); i++) {
        const struct call_site *creation = g_ptr_array_index(flow->creations, i);
        finding_step(lint, finding, creation->caller, creation->event,
                     g_strdup_printf("creates thread %s%s", flow->function->facts->name,
                                     flow->many ? ", several of which run at once" : ""));
    }
}

void finding_add_way(const struct lint *lint, struct finding *finding, const struct thread_flow *flow,
                     const struct graph_function *function)
{
    add_creation(lint, finding, flow);
    if (!flow->function || function == flow->function)
        return;
    g_autofree const struct call_site **came = find_ways(lint, flow, function);
    g_autoptr(GPtrArray) way = g_ptr_array_new();
    for (const struct graph_function *here = function; here != flow->function && came[here->index];
         here = came[here->index]->caller)
        g_ptr_array_insert(way, 0, (gpointer)came[here->index]);
    for (guint i = 0; i < way->len; i++) {
        const struct call_site *call = g_ptr_array_index(way, i);
        const struct graph_function *next =
            i + 1 < way->len ? ((const struct call_site *)g_ptr_array_index(way, i + 1))->caller : function;
        finding_step(lint, finding, call->caller, call->event,
                     g_strdup_printf("%s calls %s", call->caller->facts->name, next->facts->name));
    }
}

void finding_set_thread(struct finding *finding, guint from, const struct thread_flow *flow)
{
    g_autofree char *name = flow_display(flow);
    const struct place *before = from > 0 ? g_ptr_array_index(finding->path, from - 1) : NULL;
    gboolean another = before && g_strcmp0(before->thread, name) == 0;
    for (guint i = from; i < finding->path->len; i++) {
        struct place *place = g_ptr_array_index(finding->path, i);
        g_free(place->thread);
        place->thread = g_strconcat(another ? "another " : "", name, NULL);
    }
}

char *event_place(const struct lint *lint, const struct graph_function *function,
                  const struct fact_event *event)
{
    g_autofree char *file = program_graph_event_file(lint->graph, function, event);
    return g_strdup_printf("%s:%d", file, event->line);
}

char *call_display(const struct call_site *call)
{
    if (call->event->callee)
        return path_display(call->event->callee);
    return call->event->via ? path_display(call->event->via) : g_strdup("a function pointer");
}
