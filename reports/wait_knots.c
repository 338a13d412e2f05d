/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that wait for each other in a ring. R. Tarjan, Depth-first search and linear graph algorithms, SIAM
 * Journal on Computing 1(2), 1972, without recursion: a ring may have thousands of threads. That knots are
 * where off-CPU time has to be cut: F. Zhou et al., wPerf, OSDI 2018. */
#include "reports/wait_network.h"

#define LEAST_SHARE 0.01 /* of the run: less holds nobody up */

struct search {
    const struct wait_network *network;
    GArray **out;        /* per point: guint, heads of its links */
    guint *number, *low; /* 0: not met yet */
    gboolean *open;
    guint *next; /* link to look at when the search comes back */
    GArray *path, *stack;
    guint *component; /* per point, from 1; 0: alone */
    guint met, components;
};

static guint top(const GArray *stack)
{
    return g_array_index(stack, guint, stack->len - 1);
}

static void enter(struct search *search, guint point)
{
    search->number[point] = search->low[point] = ++search->met;
    search->open[point] = TRUE;
    g_array_append_val(search->path, point);
    g_array_append_val(search->stack, point);
}

static void close_component(struct search *search, guint root)
{
    gboolean is_alone = top(search->stack) == root;
    guint member = 0;
    search->components += !is_alone;
    do {
        member = top(search->stack);
        g_array_set_size(search->stack, search->stack->len - 1);
        search->open[member] = FALSE;
        search->component[member] = is_alone ? 0 : search->components;
    } while (member != root);
}

static void step(struct search *search)
{
    guint at = top(search->path);
    if (search->next[at] < search->out[at]->len) {
        guint head = g_array_index(search->out[at], guint, search->next[at]++);
        if (!search->number[head])
            enter(search, head);
        else if (search->open[head])
            search->low[at] = MIN(search->low[at], search->number[head]);
        return;
    }
    g_array_set_size(search->path, search->path->len - 1);
    if (search->path->len > 0)
        search->low[top(search->path)] = MIN(search->low[top(search->path)], search->low[at]);
    if (search->low[at] == search->number[at])
        close_component(search, at);
}

static gboolean may_tie(const struct wait_network *network, const struct wait_link *link)
{
    return !link->idle && link->seconds >= LEAST_SHARE * network->index->run->seconds;
}

static void search_all(struct search *search, guint points)
{
    for (guint i = 0; i < search->network->links->len; i++) {
        const struct wait_link *link = g_ptr_array_index(search->network->links, i);
        if (may_tie(search->network, link))
            g_array_append_val(search->out[link->tail], link->head);
    }
    for (guint i = 0; i < points; i++) {
        if (!search->number[i])
            enter(search, i);
        while (search->path->len > 0)
            step(search);
    }
}

static void sum_knots(struct wait_network *network, const struct search *search, struct wait_knot *knots)
{
    g_autofree double *longest = g_new0(double, network->points->len);
    for (guint i = 0; i < network->links->len; i++) {
        const struct wait_link *link = g_ptr_array_index(network->links, i);
        guint component = search->component[link->tail];
        if (!component || component != search->component[link->head] || !may_tie(network, link))
            continue;
        knots[component - 1].seconds += link->seconds;
        longest[link->tail] = MAX(longest[link->tail], link->longest_seconds);
    }
    for (guint i = 0; i < network->points->len; i++) {
        struct wait_knot *knot = search->component[i] ? &knots[search->component[i] - 1] : NULL;
        if (!knot)
            continue;
        knot->least_seconds = knot->threads++ ? MIN(knot->least_seconds, longest[i]) : longest[i];
    }
}

static gint compare_knots(gconstpointer left, gconstpointer right, gpointer data)
{
    const struct wait_knot *knots = data;
    guint a = *(const guint *)left, b = *(const guint *)right;
    if (knots[a].seconds != knots[b].seconds)
        return knots[a].seconds > knots[b].seconds ? -1 : 1;
    return (gint)a - (gint)b;
}

/* Numbers the knots by waited time. */
static void keep_knots(struct wait_network *network, const struct search *search)
{
    g_autofree struct wait_knot *knots = g_new0(struct wait_knot, search->components);
    g_autofree guint *order = g_new0(guint, search->components);
    g_autofree guint *number = g_new0(guint, search->components + 1);
    sum_knots(network, search, knots);
    for (guint i = 0; i < search->components; i++)
        order[i] = i;
    g_qsort_with_data(order, (gint)search->components, sizeof *order, compare_knots, knots);
    for (guint i = 0; i < search->components; i++) {
        number[order[i] + 1] = i + 1;
        g_array_append_val(network->knots, knots[order[i]]);
    }
    for (guint i = 0; i < network->points->len; i++)
        g_array_index(network->points, struct wait_point, i).knot = number[search->component[i]];
    for (guint i = 0; i < network->links->len; i++) {
        struct wait_link *link = g_ptr_array_index(network->links, i);
        guint component = search->component[link->tail];
        if (component == search->component[link->head] && may_tie(network, link))
            link->knot = number[component];
    }
}

void wait_network_find_knots(struct wait_network *network)
{
    guint points = network->points->len;
    struct search search = {.network = network,
                            .out = g_new(GArray *, points),
                            .number = g_new0(guint, points),
                            .low = g_new0(guint, points),
                            .open = g_new0(gboolean, points),
                            .next = g_new0(guint, points),
                            .path = g_array_new(FALSE, FALSE, sizeof(guint)),
                            .stack = g_array_new(FALSE, FALSE, sizeof(guint)),
                            .component = g_new0(guint, points)};
    for (guint i = 0; i < points; i++)
        search.out[i] = g_array_new(FALSE, FALSE, sizeof(guint));
    search_all(&search, points);
    keep_knots(network, &search);
    for (guint i = 0; i < points; i++)
        g_array_unref(search.out[i]);
    g_free(search.out);
    g_free(search.number);
    g_free(search.low);
    g_free(search.open);
    g_free(search.next);
    g_array_unref(search.path);
    g_array_unref(search.stack);
    g_free(search.component);
}
