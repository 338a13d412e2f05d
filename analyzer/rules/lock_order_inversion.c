/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads take the same locks in opposite orders; also rings of more than two. */
#include <string.h>

#include "analyzer/rules/lock_orders.h"
#include "analyzer/rules/rules.h"

#define RING_MAX  4  /* locks in a ring */
#define EDGES_MAX 16 /* remembered for one pair of locks */

struct search {
    struct lint *lint;
    GHashTable *edges;      /* first's key → GHashTable: second's key → GPtrArray of struct order_edge */
    GHashTable *inversions; /* struct order_edge → fingerprint */
    gboolean by_object;
};

static void inner_table_free(gpointer table)
{
    g_hash_table_unref(table);
}

/* What stands for the lock in rings: its name, or, where objects of one name are told apart, the object. */
static GQuark key_of(const struct search *search, const struct order_edge *edge, const struct held_lock *lock)
{
    if (!search->by_object)
        return lock_is_named(edge->function, lock) ? lock->name : 0;
    gboolean known = place_is_exact(lock->place) && !strchr(g_quark_to_string(lock->place), '*');
    return known && place_parameter(edge->function, lock->place) == NO_ARGUMENT ? lock->place : 0;
}

static void edge_add(struct search *search, struct order_edge *edge)
{
    GQuark first = key_of(search, edge, &edge->first), second = key_of(search, edge, &edge->second);
    if (!first || !second || first == second)
        return;
    GHashTable *seconds = g_hash_table_lookup(search->edges, GUINT_TO_POINTER(first));
    if (!seconds) {
        seconds = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
        g_hash_table_insert(search->edges, GUINT_TO_POINTER(first), seconds);
    }
    GPtrArray *edges = g_hash_table_lookup(seconds, GUINT_TO_POINTER(second));
    if (!edges) {
        edges = g_ptr_array_new();
        g_hash_table_insert(seconds, GUINT_TO_POINTER(second), edges);
    }
    if (edges->len < EDGES_MAX)
        g_ptr_array_add(edges, edge);
}

/* Two read locks do not wait for each other, and two objects of one type are two locks. */
static gboolean all_may_wait(struct order_edge *const *ring, guint length)
{
    for (guint i = 0; i < length; i++) {
        const struct held_lock *wanted = &ring[i]->second, *held = &ring[(i + 1) % length]->first;
        if ((wanted->shared && held->shared) || locks_surely_differ(wanted, held))
            return FALSE;
    }
    return TRUE;
}

/* Rings of objects of which no two have one name are rings of names, too. */
static gboolean names_differ(struct order_edge *const *ring, guint length)
{
    for (guint i = 0; i < length; i++) {
        for (guint j = i + 1; j < length; j++) {
            if (ring[i]->first.name == ring[j]->first.name)
                return FALSE;
        }
    }
    return TRUE;
}

/* Longer rings need more threads to meet, elements of arrays may differ, and locks that a function is not
 * sure to hold make no order. */
static gboolean is_doubtful(const struct search *search, struct order_edge *const *ring, guint length)
{
    gboolean doubtful = length > 2;
    for (guint i = 0; i < length; i++) {
        const char *name = g_quark_to_string(ring[i]->first.name);
        doubtful |= (!search->by_object && strstr(name, "[]") != NULL) ||
                    (ring[i]->use && ring[i]->use->guessed) ||
                    search->lint->locks->functions[ring[i]->function->index].unsure;
    }
    return doubtful;
}

static void report(const struct search *search, struct order_edge *const *ring, guint length,
                   const struct thread_flow *flow, const struct thread_flow *other, gboolean at_once)
{
    struct lint *lint = search->lint;
    g_autoptr(GString) identity = g_string_new(NULL);
    g_autoptr(GString) steps = g_string_new(NULL);
    for (guint i = 0; i < length; i++) {
        const struct held_lock *beside = &ring[(i + 1) % length]->first;
        g_autofree char *first = order_lock_display(&ring[i]->first, beside);
        g_autofree char *second = order_lock_display(&ring[i]->second, &ring[i]->first);
        g_autofree char *place = event_place(lint, ring[i]->function, ring[i]->call->event);
        g_autofree char *who = i < 2 ? flow_display(i == 0 ? flow : other) : g_strdup("a third");
        g_string_append_printf(identity, "%s ", first);
        g_string_append_printf(steps, "%s%s takes %s while it holds %s (%s)", i ? ", " : "", who, second,
                               first, place);
    }
    char *message = g_strdup_printf(
        at_once
            ? "locks are taken in opposite orders: %s; when they meet, each waits for the other for ever; "
              "take them in one order everywhere"
            : "locks are taken in opposite orders: %s; no two threads seem to do that at once, but as soon "
              "as they do, each waits for the other for ever; take them in one order everywhere",
        steps->str);
    gboolean sure = at_once && !is_doubtful(search, ring, length);
    struct finding *finding =
        finding_report(lint, &lock_order_inversion_rule, sure ? SEVERITY_WARNING : SEVERITY_NOTE,
                       ring[0]->function, ring[0]->call->event, identity->str, message);
    for (guint i = 0; i < length; i++) {
        g_autofree char *first = order_lock_display(&ring[i]->first, &ring[i]->second);
        g_autofree char *second = order_lock_display(&ring[i]->second, &ring[i]->first);
        if (i < 2)
            order_add_path(lint, finding, i == 0 ? flow : other, ring[i], first, second);
        g_hash_table_insert(search->inversions, ring[i], g_strdup(finding->fingerprint));
    }
}

static const GPtrArray *edges_of(const struct search *search, GQuark first, GQuark second)
{
    GHashTable *seconds = g_hash_table_lookup(search->edges, GUINT_TO_POINTER(first));
    return seconds ? g_hash_table_lookup(seconds, GUINT_TO_POINTER(second)) : NULL;
}

static gboolean try_ring(const struct search *search, struct order_edge *const *ring, guint length,
                         gboolean at_once)
{
    const struct thread_flow *flow = NULL, *other = NULL;
    GQuark names[RING_MAX];
    for (guint i = 0; i < length; i++)
        names[i] = ring[i]->first.name;
    if (!all_may_wait(ring, length) || (search->by_object && names_differ(ring, length)))
        return FALSE;
    if (!order_threads(search->lint, ring[0], ring[1], names, length, at_once, &flow, &other))
        return FALSE;
    report(search, ring, length, flow, other, at_once);
    return TRUE;
}

/* Tries the edges behind each pair of neighbours; the first combination that can meet is reported. */
static gboolean try_edges(const struct search *search, const GQuark *keys, guint length,
                          struct order_edge **ring, guint position, gboolean at_once)
{
    if (position == length)
        return try_ring(search, ring, length, at_once);
    const GPtrArray *edges = edges_of(search, keys[position], keys[(position + 1) % length]);
    for (guint i = 0; i < edges->len; i++) {
        ring[position] = g_ptr_array_index(edges, i);
        if (try_edges(search, keys, length, ring, position + 1, at_once))
            return TRUE;
    }
    return FALSE;
}

/* Rings whose smallest key is the first: each is met once. */
static void find_rings(const struct search *search, GQuark *keys, guint length)
{
    GHashTableIter iterator;
    gpointer next;
    GHashTable *seconds = g_hash_table_lookup(search->edges, GUINT_TO_POINTER(keys[length - 1]));
    if (!seconds)
        return;
    g_hash_table_iter_init(&iterator, seconds);
    while (g_hash_table_iter_next(&iterator, &next, NULL)) {
        GQuark key = GPOINTER_TO_UINT(next);
        struct order_edge *ring[RING_MAX];
        gboolean known = FALSE;
        if (key == keys[0] && length > 1 && !try_edges(search, keys, length, ring, 0, TRUE) && length == 2)
            try_edges(search, keys, length, ring, 0, FALSE);
        for (guint i = 1; i < length; i++)
            known |= keys[i] == key;
        if (known || key <= keys[0] || length == RING_MAX)
            continue;
        keys[length] = key;
        find_rings(search, keys, length + 1);
    }
}

static void search_by(struct lint *lint, const GPtrArray *orders, GHashTable *inversions, gboolean by_object)
{
    g_autoptr(GHashTable) edges = g_hash_table_new_full(NULL, NULL, NULL, inner_table_free);
    struct search search = {lint, edges, inversions, by_object};
    for (guint i = 0; i < orders->len; i++)
        edge_add(&search, g_ptr_array_index(orders, i));
    g_autoptr(GList) firsts = g_hash_table_get_keys(edges);
    for (GList *first = firsts; first; first = first->next) {
        GQuark keys[RING_MAX] = {GPOINTER_TO_UINT(first->data)};
        find_rings(&search, keys, 1);
    }
}

static void check(struct lint *lint)
{
    g_autoptr(GPtrArray) edges = lock_orders_find(lint);
    g_autoptr(GHashTable) inversions = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    search_by(lint, edges, inversions, FALSE);
    search_by(lint, edges, inversions, TRUE);
    element_orders_check(lint, edges, inversions);
    orders_record(lint, edges, inversions);
}

const struct rule lock_order_inversion_rule = {
    .name = "lock-order-inversion",
    .summary = "threads take the same locks in opposite orders",
    .check = check,
};
