/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/wait_network.h"

#include <math.h>

#include "model/work_class.h"

#define PATH_STEPS 64
#define ROUNDS     400  /* of a flow that goes round and round */
#define LEAST_FLOW 1e-6 /* of the time that is followed */

static void link_free(gpointer data)
{
    struct wait_link *link = data;
    g_ptr_array_unref(link->waits);
    g_free(link);
}

void wait_network_free(struct wait_network *network)
{
    if (!network)
        return;
    g_array_unref(network->points);
    g_ptr_array_unref(network->links);
    g_array_unref(network->knots);
    g_free(network);
}

static struct wait_point *point_at(const struct wait_network *network, guint index)
{
    return &g_array_index(network->points, struct wait_point, index);
}

static guint point_find(struct wait_network *network, GHashTable *known, const char *key,
                        const struct wait_point *fresh)
{
    gpointer index = NULL;
    if (g_hash_table_lookup_extended(known, key, NULL, &index))
        return GPOINTER_TO_UINT(index);
    g_array_append_val(network->points, *fresh);
    g_hash_table_insert(known, g_strdup(key), GUINT_TO_POINTER(network->points->len - 1));
    return network->points->len - 1;
}

static guint thread_point(struct wait_network *network, GHashTable *known, const char *id)
{
    const struct thread *thread = g_hash_table_lookup(network->index->threads, id);
    struct wait_point fresh = {.thread = id, .seconds = thread ? thread->seconds : 0};
    double active = report_index_value(network->index, SUBJECT_THREAD, id, "active_seconds");
    fresh.active_seconds = active >= 0 ? active : fresh.seconds;
    return point_find(network, known, id, &fresh);
}

/* What a wait was for that no thread of the program ended. */
static guint outside_point(struct wait_network *network, GHashTable *known, const struct wait_edge *wait)
{
    gboolean is_unknown = wait->lock || wait_cause_is_lock(wait->cause) || wait->cause == CAUSE_JOIN;
    struct wait_point fresh = {.cause = wait->cause, .is_unknown = is_unknown};
    g_autofree char *key =
        is_unknown ? g_strdup("\1?") : g_strdup_printf("\1%s", wait_cause_name(wait->cause));
    return point_find(network, known, key, &fresh);
}

static void add_wait(struct wait_network *network, GHashTable *points, GHashTable *links,
                     const struct wait_edge *wait)
{
    gboolean idle = wait->idle || wait->cause == CAUSE_JOIN;
    guint tail = thread_point(network, points, wait->waiter);
    guint head =
        wait->holder ? thread_point(network, points, wait->holder) : outside_point(network, points, wait);
    g_autofree char *key = g_strdup_printf("%u %u %d", tail, head, idle);
    struct wait_link *link = g_hash_table_lookup(links, key);
    if (!link) {
        link = g_new0(struct wait_link, 1);
        link->tail = tail;
        link->head = head;
        link->idle = idle;
        link->waits = g_ptr_array_new();
        g_ptr_array_add(network->links, link);
        g_hash_table_insert(links, g_strdup(key), link);
    }
    link->seconds += wait->seconds;
    link->longest_seconds = MAX(link->longest_seconds, wait->longest_seconds);
    link->count += wait->count;
    g_ptr_array_add(link->waits, (gpointer)wait);
    if (!idle)
        point_at(network, tail)->waited_seconds += wait->seconds;
}

static gint compare_links(gconstpointer left, gconstpointer right)
{
    const struct wait_link *a = *(struct wait_link *const *)left, *b = *(struct wait_link *const *)right;
    if (a->seconds != b->seconds)
        return a->seconds > b->seconds ? -1 : 1;
    return a->tail != b->tail ? (a->tail < b->tail ? -1 : 1) : (gint)a->head - (gint)b->head;
}

/* Of the threads that are their process's first, the one that lived longest. */
static guint find_start(struct wait_network *network, GHashTable *points)
{
    const GPtrArray *threads = network->index->session->threads;
    const struct thread *start = NULL;
    for (guint i = 0; i < threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(threads, i);
        if (!report_index_is_shown(network->index, thread->run) || thread->tid != thread->pid)
            continue;
        if (!start || thread->seconds > start->seconds)
            start = thread;
    }
    for (guint i = 0; i < threads->len && !start; i++) {
        const struct thread *thread = g_ptr_array_index(threads, i);
        start = report_index_is_shown(network->index, thread->run) ? thread : NULL;
    }
    return start ? thread_point(network, points, start->id) : 0;
}

struct wait_network *wait_network_new(const struct report_index *index)
{
    struct wait_network *network = g_new0(struct wait_network, 1);
    g_autoptr(GHashTable) points = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) links = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    network->index = index;
    network->points = g_array_new(FALSE, TRUE, sizeof(struct wait_point));
    network->links = g_ptr_array_new_with_free_func(link_free);
    network->knots = g_array_new(FALSE, TRUE, sizeof(struct wait_knot));
    for (guint i = 0; i < index->session->waits->len; i++) {
        const struct wait_edge *wait = g_ptr_array_index(index->session->waits, i);
        if (report_index_is_shown(index, wait->run))
            add_wait(network, points, links, wait);
    }
    network->start = find_start(network, points);
    g_ptr_array_sort(network->links, compare_links);
    if (network->points->len > 0) {
        wait_network_find_knots(network);
        wait_network_follow(network);
    }
    return network;
}

/* --- the critical path */

struct follower {
    struct wait_network *network;
    double *reached, *next; /* seconds, per point */
    double *work, *waits;   /* of the time that is divided: what it did, and what it waited for others */
};

static gboolean is_followed(const struct wait_network *network, const struct wait_link *link)
{
    return link->tail != link->head && (!link->idle || link->tail == network->start);
}

static void measure_work(struct follower *follower)
{
    struct wait_network *network = follower->network;
    for (guint i = 0; i < network->links->len; i++) {
        const struct wait_link *link = g_ptr_array_index(network->links, i);
        if (is_followed(network, link))
            follower->waits[link->tail] += link->seconds;
    }
    for (guint i = 0; i < network->points->len; i++) {
        const struct wait_point *point = point_at(network, i);
        double time = i == network->start ? point->seconds : point->active_seconds;
        follower->work[i] = MAX(0, time - follower->waits[i]);
    }
}

/* What of the time that has reached a point stays there: nobody can have waited for more work than was done.
 */
static void keep_work(struct follower *follower, guint index)
{
    struct wait_point *point = point_at(follower->network, index);
    double reached = follower->reached[index], kept = reached;
    if (follower->waits[index] > 0) {
        kept *= follower->work[index] / (follower->work[index] + follower->waits[index]);
        kept = MIN(kept, MAX(0, follower->work[index] - point->blame_seconds));
    }
    point->blame_seconds += kept;
    follower->reached[index] = reached - kept;
}

/* One wait further; returns the time that is still on its way. */
static double advance(struct follower *follower)
{
    struct wait_network *network = follower->network;
    double left = 0;
    for (guint i = 0; i < network->points->len; i++) {
        follower->next[i] = 0;
        if (follower->reached[i] > 0)
            keep_work(follower, i);
    }
    for (guint i = 0; i < network->links->len; i++) {
        struct wait_link *link = g_ptr_array_index(network->links, i);
        if (!is_followed(network, link) || follower->reached[link->tail] <= 0)
            continue;
        double part = follower->reached[link->tail] * link->seconds / follower->waits[link->tail];
        link->flow += part;
        follower->next[link->head] += part;
        left += part;
    }
    double *reached = follower->reached;
    follower->reached = follower->next;
    follower->next = reached;
    return left;
}

/* What still goes round belongs to the ring, and to none of its threads more than to another. */
static void share_rest(struct follower *follower)
{
    struct wait_network *network = follower->network;
    g_autofree double *rest = g_new0(double, network->knots->len + 1);
    for (guint i = 0; i < network->points->len; i++) {
        struct wait_point *point = point_at(network, i);
        if (point->knot)
            rest[point->knot] += follower->reached[i];
        else
            point->blame_seconds += follower->reached[i];
    }
    for (guint i = 0; i < network->points->len; i++) {
        struct wait_point *point = point_at(network, i);
        if (point->knot)
            point->blame_seconds +=
                rest[point->knot] / g_array_index(network->knots, struct wait_knot, point->knot - 1).threads;
    }
}

static struct wait_link *widest_way(const struct wait_network *network, guint from)
{
    struct wait_link *widest = NULL;
    for (guint i = 0; i < network->links->len; i++) {
        struct wait_link *link = g_ptr_array_index(network->links, i);
        if (link->tail == from && is_followed(network, link) && (!widest || link->flow > widest->flow))
            widest = link;
    }
    return widest;
}

static void mark_path(struct wait_network *network)
{
    guint at = network->start;
    while (network->steps < PATH_STEPS) {
        struct wait_point *point = point_at(network, at);
        struct wait_link *link = widest_way(network, at);
        point->on_path = TRUE;
        if (!link || link->step || link->flow <= point->blame_seconds)
            break;
        link->step = ++network->steps;
        at = link->head;
        if (point_at(network, at)->on_path)
            break;
    }
}

void wait_network_follow(struct wait_network *network)
{
    guint count = network->points->len;
    struct follower follower = {network, g_new0(double, count), g_new0(double, count), g_new0(double, count),
                                g_new0(double, count)};
    double all = point_at(network, network->start)->seconds;
    measure_work(&follower);
    follower.reached[network->start] = all;
    double left = all;
    for (guint round = 0; round < ROUNDS && left > LEAST_FLOW * all; round++)
        left = advance(&follower);
    share_rest(&follower);
    mark_path(network);
    g_free(follower.reached);
    g_free(follower.next);
    g_free(follower.work);
    g_free(follower.waits);
}
