/* SPDX-License-Identifier: Apache-2.0 */
/* Threads change elements of one array that lie in one cache line: each change takes the line away from the
 * cores of the others. */
#include <string.h>

#include "analyzer/object_origin.h"
#include "analyzer/rules/object_variables.h"
#include "analyzer/rules/rules.h"

#define CACHE_LINE_BYTES 64
#define ITERATIONS_MIN   100 /* of a loop of known length: fewer are not felt */

struct search {
    struct lint *lint;
    const struct program_flows *program;
    GHashTable *variables; /* path → struct fact_variable */
    GHashTable *reported;
};

static gboolean is_shareable(const struct fact_variable *variable)
{
    return variable && strchr(variable->type, '[') && variable->element_bytes > 0 &&
           variable->element_bytes < CACHE_LINE_BYTES && !variable->is_thread_local;
}

/* `counts[id]++` in a loop: the loop carries the sum, so that all its iterations mean one element. */
static gboolean repeats_element(const struct graph_function *function, const struct fact_event *event,
                                const char *array)
{
    if (event->loop < 0)
        return FALSE;
    const struct fact_loop *loop = g_ptr_array_index(function->facts->loops, (guint)event->loop);
    gboolean is_long = loop->trip_count < 0 || loop->trip_count >= ITERATIONS_MIN;
    return loop->dependence == ITERATIONS_REDUCTION && is_long && loop->carried &&
           (strstr(loop->carried, array) || strstr(loop->carried, event->path));
}

/* The array whose element the event means, when each thread of the flow has its own. */
static const struct fact_variable *array_of(const struct search *search, struct object_origins *origins,
                                            const struct thread_flow *flow,
                                            const struct graph_function *function,
                                            const struct fact_event *event)
{
    g_autoptr(GArray) objects =
        object_origins_find(origins, flow, function, g_quark_from_string(event->place));
    for (guint i = 0; i < objects->len; i++) {
        const struct object_origin *origin = &g_array_index(objects, struct object_origin, i);
        const char *text = g_quark_to_string(origin->place);
        const struct fact_variable *array = object_variable_find(search->variables, text);
        if (is_shareable(array) && strstr(text, "[]") && repeats_element(function, event, array->path))
            return array;
    }
    return NULL;
}

static void report(struct search *search, const struct thread_flow *flow,
                   const struct graph_function *function, const struct fact_event *event,
                   const struct fact_variable *array)
{
    g_autofree char *name = path_display(array->path);
    g_autofree char *who = flow_display(flow);
    char *message = g_strdup_printf(
        "each %s changes its own element of %s again and again, but %d of them share a cache line of %d "
        "bytes "
        "and take it from each other; sum up in a local variable, or align each element to %d bytes",
        who, name, CACHE_LINE_BYTES / array->element_bytes, CACHE_LINE_BYTES, CACHE_LINE_BYTES);
    if (CACHE_LINE_BYTES / array->element_bytes < 2) {
        g_free(message);
        message = g_strdup_printf(
            "each %s changes its own element of %s again and again, but elements of %d bytes lie in the "
            "cache "
            "lines of their neighbours; sum up in a local variable, or align each element to %d bytes",
            who, name, array->element_bytes, CACHE_LINE_BYTES);
    }
    struct finding *finding =
        finding_report(search->lint, &false_sharing_rule, SEVERITY_WARNING, function, event, name, message);
    finding_add_way(search->lint, finding, flow, function);
    finding_step(search->lint, finding, function, event, g_strdup_printf("changes an element of %s", name));
}

static void check_flow(struct search *search, struct object_origins *origins, const struct thread_flow *flow)
{
    for (guint i = 0; i < search->program->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(search->program->graph->functions, i);
        for (guint j = 0; flow->reaches[i] && j < function->facts->events->len; j++) {
            const struct fact_event *event = g_ptr_array_index(function->facts->events, j);
            if ((event->kind != EVENT_WRITE && event->kind != EVENT_ATOMIC) || !event->place ||
                event->loop < 0)
                continue;
            const struct fact_variable *array = array_of(search, origins, flow, function, event);
            g_autoptr(GArray) held =
                array ? locks_held_at(search->lint->entry, search->program, flow, function, j) : NULL;
            if (array && held->len == 0 && g_hash_table_add(search->reported, (gpointer)array->path))
                report(search, flow, function, event, array);
        }
    }
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) variables = object_variables_new(lint->graph);
    g_autoptr(GHashTable) reported = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        struct search search = {lint, g_ptr_array_index(lint->reach->programs, i), variables, reported};
        if (search.program->flows->len < 2)
            continue;
        struct object_origins *origins = object_origins_new(search.program);
        for (guint j = 1; j < search.program->flows->len; j++) {
            const struct thread_flow *flow = g_ptr_array_index(search.program->flows, j);
            if (flow->many)
                check_flow(&search, origins, flow);
        }
        object_origins_free(origins);
    }
}

const struct rule false_sharing_rule = {
    .name = "false-sharing",
    .summary = "threads change neighbouring memory and take its cache line from each other",
    .check = check,
};
