/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/return_values.h"

#include <string.h>

#define KINDS_LEAST 3 /* of yes and no nobody knows which is common */

struct returned {
    gint64 value;
    double share;
};

struct return_values {
    const struct program_graph *graph;
    GArray **of; /* by function index: struct returned; NULL: not known */
};

struct return_values *return_values_new(const struct program_graph *graph)
{
    struct return_values *values = g_new0(struct return_values, 1);
    values->graph = graph;
    values->of = g_new0(GArray *, graph->functions->len + 1);
    return values;
}

void return_values_free(struct return_values *values)
{
    if (!values)
        return;
    for (guint i = 0; i < values->graph->functions->len; i++)
        g_clear_pointer(&values->of[i], g_array_unref);
    g_free(values->of);
    g_free(values);
}

/* Of the function that event `#12` calls; NULL when that is not known. */
static const GArray *of_event(const struct return_values *values, const struct graph_function *function,
                              const char *subject)
{
    char *end = NULL;
    guint64 index = subject && *subject == '#' ? g_ascii_strtoull(subject + 1, &end, 10) : 0;
    if (!end || *end)
        return NULL;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->event_index == index)
            return call->resolution == CALL_DIRECT && call->targets->len == 1
                       ? values->of[((const struct graph_function *)call->targets->pdata[0])->index]
                       : NULL;
    }
    return NULL;
}

/* FALSE when the value is not known. */
static gboolean add_return(const struct return_values *values, const struct graph_function *function,
                           const struct fact_event *event, double share, GArray *sum)
{
    if (event->loop >= 0) /* how often a search finds something is not known */
        return FALSE;
    if (event->has_value) {
        struct returned one = {event->test.constant, share};
        g_array_append_val(sum, one);
        return TRUE;
    }
    const GArray *passed =
        event->test.relation == RELATION_NONE ? of_event(values, function, event->test.subject) : NULL;
    for (guint i = 0; passed && i < passed->len; i++) {
        struct returned one = g_array_index(passed, struct returned, i);
        one.share *= share;
        g_array_append_val(sum, one);
    }
    return passed != NULL;
}

static guint distinct_values(const GArray *returned)
{
    guint distinct = 0;
    for (guint i = 0; i < returned->len; i++) {
        gboolean seen = FALSE;
        for (guint j = 0; j < i; j++)
            seen |= g_array_index(returned, struct returned, j).value ==
                    g_array_index(returned, struct returned, i).value;
        distinct += !seen;
    }
    return distinct;
}

void return_values_note(struct return_values *values, const struct graph_function *function,
                        const double *frequency)
{
    g_autoptr(GArray) sum = g_array_new(FALSE, FALSE, sizeof(struct returned));
    double total = 0;
    for (guint i = 0; frequency && i < function->facts->events->len; i++) {
        const struct fact_event *event = g_ptr_array_index(function->facts->events, i);
        if (event->kind != EVENT_ASSIGN || strcmp(event->path, "#return") != 0 || event->block < 0 ||
            frequency[event->block] <= 0)
            continue;
        if (!add_return(values, function, event, frequency[event->block], sum))
            return;
        total += frequency[event->block];
    }
    if (total <= 0 || distinct_values(sum) < KINDS_LEAST)
        return;
    for (guint i = 0; i < sum->len; i++)
        g_array_index(sum, struct returned, i).share /= total;
    g_clear_pointer(&values->of[function->index], g_array_unref);
    values->of[function->index] = g_steal_pointer(&sum);
}

static gboolean holds(enum relation relation, gint64 value, gint64 constant)
{
    switch (relation) {
    case RELATION_EQUAL:
        return value == constant;
    case RELATION_DIFFERENT:
        return value != constant;
    case RELATION_BELOW:
        return value < constant;
    case RELATION_AT_MOST:
        return value <= constant;
    case RELATION_ABOVE:
        return value > constant;
    case RELATION_AT_LEAST:
        return value >= constant;
    case RELATION_NONE:
        break;
    }
    return value != 0;
}

double return_values_likelihood(const struct return_values *values, const struct graph_function *function,
                                const struct fact_test *test)
{
    const GArray *returned = values ? of_event(values, function, test->subject) : NULL;
    if (!returned)
        return -1;
    double likelihood = 0;
    for (guint i = 0; i < returned->len; i++) {
        const struct returned *one = &g_array_index(returned, struct returned, i);
        likelihood += holds(test->relation, one->value, test->constant) ? one->share : 0;
    }
    return likelihood;
}
