/* SPDX-License-Identifier: Apache-2.0 */
/* Locks of one name, taken while another of them is held: elements of an array, objects of one type. What
 * tells their order is the arithmetic of their indexes, and comparisons between what leads to them. */
#include <stdlib.h>
#include <string.h>

#include "analyzer/rules/lock_orders.h"
#include "analyzer/rules/rules.h"

#define WRAPPERS_MAX  2                   /* functions around the one that takes the lock */
#define BETWEEN_NAMES " .#~()+-*%&<>=!?," /* in texts of indexes */

enum element_relation {
    ELEMENTS_SAME_OR_UNKNOWN,
    ELEMENTS_ASCEND,
    ELEMENTS_DESCEND,
    ELEMENTS_WRAP,      /* the second follows the first round a circle */
    ELEMENTS_WRAP_BACK, /* the first follows the second */
    ELEMENTS_FREE,      /* two variables: either may be the larger */
};

struct element_search {
    struct lint *lint;
    const GPtrArray *edges;
    enum element_relation *relations; /* by index of edge */
    GHashTable *inversions;
};

/* --- how two elements lie
 * ----------------------------------------------------------------------------------- */

/* The index with which `call` takes the lock of that name, itself or in `take_fork(i)`; NULL when unknown. */
static const char *index_of(const struct lint *lint, const struct call_site *call, GQuark name, int depth)
{
    if (call->effect) {
        const struct fact_argument *lock =
            call->effect->lock == LOCK_TAKE ? call_site_argument(call, call->effect->lock_argument) : NULL;
        return lock ? lock->index : NULL;
    }
    const struct graph_function *callee =
        call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
    const GPtrArray *uses = callee && depth > 0 ? lint->locks->functions[callee->index].uses : NULL;
    for (guint i = 0; uses && i < uses->len; i++) {
        const struct lock_use *use = g_ptr_array_index(uses, i);
        const char *index = use->lock.name == name ? index_of(lint, use->call, name, depth - 1) : NULL;
        const struct fact_argument *argument =
            index ? call_site_argument(call, place_named_parameter(callee, index)) : NULL;
        if (argument && (argument->index || argument->kind != ARGUMENT_INTEGER))
            return argument->index;
    }
    return NULL;
}

static gboolean as_number(const char *text, gint64 *number)
{
    char *end = NULL;
    *number = g_ascii_strtoll(text, &end, 10);
    return *text && !*end;
}

/* `(i+1)` is `i` and 1; any other text is itself and 0. The caller frees it. */
static char *base_of(const char *text, gint64 *offset)
{
    gsize length = strlen(text);
    *offset = 0;
    const char *sign = length > 2 && *text == '(' && text[length - 1] == ')' ? text + length - 2 : NULL;
    while (sign && sign > text && g_ascii_isdigit(*sign))
        sign--;
    if (!sign || sign == text || sign == text + length - 2 || (*sign != '+' && *sign != '-'))
        return g_strdup(text);
    g_autofree char *digits = g_strndup(sign, (gsize)(text + length - 1 - sign));
    char *base = g_strndup(text + 1, (gsize)(sign - text - 1));
    *offset = g_ascii_strtoll(digits, NULL, 10);
    return base;
}

/* TRUE when `text` is computed from what `other` is, and starts again at 0 where the array ends. */
static gboolean wraps(const char *text, const char *other)
{
    return strpbrk(text, "%&?") && !strpbrk(other, "%&?#") && strstr(text, other);
}

static enum element_relation relation_of(const char *first, const char *second)
{
    gint64 low = 0, high = 0;
    gboolean first_known = as_number(first, &low), second_known = as_number(second, &high);
    if (strcmp(first, second) == 0 || strchr(first, ',') || strchr(second, ','))
        return ELEMENTS_SAME_OR_UNKNOWN;
    if (first_known && second_known)
        return low < high ? ELEMENTS_ASCEND : ELEMENTS_DESCEND;
    if (second_known && high == 0) /* of a loop backwards as well */
        return ELEMENTS_DESCEND;
    if (first_known && low == 0)
        return ELEMENTS_ASCEND;
    if (first_known || second_known)
        return ELEMENTS_SAME_OR_UNKNOWN;
    g_autofree char *first_base = base_of(first, &low);
    g_autofree char *second_base = base_of(second, &high);
    if (strcmp(first_base, second_base) == 0)
        return low < high ? ELEMENTS_ASCEND : ELEMENTS_DESCEND;
    if (wraps(second, first))
        return ELEMENTS_WRAP;
    if (wraps(first, second))
        return ELEMENTS_WRAP_BACK;
    return strpbrk(first, "~") || strpbrk(second, "~") ? ELEMENTS_SAME_OR_UNKNOWN : ELEMENTS_FREE;
}

/* The variables in a text; the caller frees the table. */
static GHashTable *variables_in(const char *text)
{
    GHashTable *variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) words = g_strsplit_set(text, BETWEEN_NAMES, -1);
    for (guint i = 0; words[i]; i++) {
        if (*words[i] && !g_ascii_isdigit(*words[i]))
            g_hash_table_add(variables, g_strdup(words[i]));
    }
    return variables;
}

/* A variable of the first and another one of the second. */
static gboolean names_both(const char *comparison, const char *first, const char *second)
{
    g_autoptr(GHashTable) compared = variables_in(comparison), firsts = variables_in(first);
    g_autoptr(GHashTable) seconds = variables_in(second);
    gboolean of_first = FALSE, of_second = FALSE;
    guint count = 0;
    GHashTableIter iterator;
    gpointer name;
    g_hash_table_iter_init(&iterator, compared);
    while (g_hash_table_iter_next(&iterator, &name, NULL)) {
        gboolean in_first = g_hash_table_contains(firsts, name),
                 in_second = g_hash_table_contains(seconds, name);
        of_first |= in_first;
        of_second |= in_second;
        count += in_first || in_second;
    }
    return of_first && of_second && count >= 2;
}

/* The function compares what the two depend on, or they come out of a comparison. */
static gboolean compares(const struct graph_function *function, const char *first, const char *second)
{
    if (strstr(first, "(?") && strpbrk(first, "<>") && strstr(second, "(?") && strpbrk(second, "<>"))
        return TRUE;
    for (guint i = 0; i < function->facts->comparisons->len; i++) {
        const char *comparison = g_ptr_array_index(function->facts->comparisons, i);
        const char *place = strstr(comparison, first);
        if ((place && strstr(comparison, second) && strcmp(first, second) != 0 &&
             strlen(comparison) >= strlen(first) + strlen(second)) ||
            names_both(comparison, first, second))
            return TRUE;
    }
    return FALSE;
}

/* A caller that compares may hand over what is in order. */
static gboolean callers_compare(const struct graph_function *function)
{
    for (guint i = 0; i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        if (call->caller->facts->comparisons->len > 0)
            return TRUE;
    }
    return FALSE;
}

/* --- objects of one type that a function gets
 * --------------------------------------------------------------- */

/* Both locks are the same part of two parameters, and nothing says which is first. */
static gboolean are_alike_parameters(const struct order_edge *edge)
{
    int first = place_parameter(edge->function, edge->first.place);
    int second = place_parameter(edge->function, edge->second.place);
    if (first == NO_ARGUMENT || second == NO_ARGUMENT || first == second || edge->inner)
        return FALSE;
    const struct fact_list *names = edge->function->facts->parameters;
    const char *first_name = g_ptr_array_index(names, first);
    const char *second_name = g_ptr_array_index(names, second);
    return strcmp(place_behind_parameter(edge->function, edge->first.place),
                  place_behind_parameter(edge->function, edge->second.place)) == 0 &&
           !compares(edge->function, first_name, second_name);
}

static enum element_relation relation_of_edge(const struct lint *lint, const struct order_edge *edge)
{
    if (edge->first.name != edge->second.name || !lock_is_named(edge->function, &edge->first))
        return ELEMENTS_SAME_OR_UNKNOWN;
    if (are_alike_parameters(edge))
        return ELEMENTS_FREE;
    const char *first = index_of(lint, edge->first.site, edge->first.name, WRAPPERS_MAX);
    const char *second = index_of(lint, edge->call, edge->second.name, WRAPPERS_MAX);
    if (!first || !second || edge->inner)
        return ELEMENTS_SAME_OR_UNKNOWN;
    enum element_relation relation = relation_of(first, second);
    gboolean guarded = relation >= ELEMENTS_WRAP && compares(edge->function, first, second);
    return guarded ? ELEMENTS_SAME_OR_UNKNOWN : relation;
}

/* --- reports
 * ------------------------------------------------------------------------------------------------ */

/* A semaphore may let in fewer threads than the circle has elements. */
static gboolean counts_entries(const struct order_edge *edge)
{
    for (guint i = 0; i < edge->function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(edge->function->calls, i);
        if (call->effect && call->effect->lock_kind == LOCK_SEMAPHORE && call->effect->lock != LOCK_RELEASE &&
            call->event_index < edge->first.site->event_index)
            return TRUE;
    }
    return FALSE;
}

static const struct order_edge *edge_with(const struct element_search *search, const struct order_edge *edge,
                                          enum element_relation relation)
{
    for (guint i = 0; i < search->edges->len; i++) {
        const struct order_edge *other = g_ptr_array_index(search->edges, i);
        if (other->first.name == edge->first.name && search->relations[i] == relation)
            return other;
    }
    return NULL;
}

static gboolean is_one_object(const struct held_lock *lock)
{
    return place_is_exact(lock->place) && !place_is_local(lock->place) &&
           !strchr(g_quark_to_string(lock->place), '*');
}

/* All callers hand over objects that are known: whether their orders make a circle was looked at already. */
static gboolean callers_tell(const struct element_search *search, const struct order_edge *edge)
{
    guint told = 0, callers = 0;
    for (guint i = 0; i < search->edges->len; i++) {
        const struct order_edge *outer = g_ptr_array_index(search->edges, i);
        told += outer->inner == edge && is_one_object(&outer->first) && is_one_object(&outer->second);
    }
    for (guint i = 0; i < edge->function->callers->len; i++)
        callers +=
            ((const struct call_site *)g_ptr_array_index(edge->function->callers, i))->caller->reachable;
    return callers > 0 && told == callers;
}

static const char *reason_of(enum element_relation relation)
{
    switch (relation) {
    case ELEMENTS_WRAP:
    case ELEMENTS_WRAP_BACK:
        return "each takes an element and then its neighbour, round the end of the array: when all hold "
               "their "
               "first, each waits for the next for ever; let one of them take the two in the other order, or "
               "take the lower index first";
    case ELEMENTS_FREE:
        return "nothing says which of the two is taken first: two threads with the same two the other way "
               "round "
               "wait for each other for ever; compare them and take the lower one first";
    default:
        return "once upwards and once downwards: when they meet, each waits for the other for ever; take the "
               "lower index first everywhere";
    }
}

static void report(const struct element_search *search, const struct order_edge *edge,
                   const struct order_edge *other, enum element_relation relation)
{
    const struct thread_flow *flow = NULL, *other_flow = NULL;
    struct lint *lint = search->lint;
    GQuark name = edge->first.name;
    gboolean at_once = order_threads(lint, edge, other, &name, 1, TRUE, &flow, &other_flow);
    if (!at_once &&
        (relation == ELEMENTS_FREE || !order_threads(lint, edge, other, &name, 1, FALSE, &flow, &other_flow)))
        return;
    gboolean objects =
        relation == ELEMENTS_FREE && !index_of(lint, edge->first.site, edge->first.name, WRAPPERS_MAX);
    if (objects && callers_tell(search, edge))
        return;
    gboolean sure = at_once && !objects && !counts_entries(edge) &&
                    (relation != ELEMENTS_FREE || !callers_compare(edge->function)) &&
                    !lint->locks->functions[edge->function->index].unsure;
    g_autofree char *who = flow_display(flow);
    g_autofree char *lock = lock_display(&edge->first);
    g_autofree char *place = event_place(lint, edge->function, edge->call->event);
    g_autofree char *other_place = event_place(lint, other->function, other->call->event);
    g_autofree char *also = edge == other ? g_strdup("") : g_strconcat(" and ", other_place, NULL);
    char *message =
        g_strdup_printf("%s takes %s while it holds another one (%s%s), %s%s", who, lock, place, also,
                        reason_of(relation), at_once ? "" : "; today no two threads seem to do that at once");
    struct finding *finding =
        finding_report(lint, &lock_order_inversion_rule, sure ? SEVERITY_WARNING : SEVERITY_NOTE,
                       edge->function, edge->call->event, lock, message);
    const struct order_edge *both[] = {edge, other};
    for (guint i = 0; i < (edge == other ? 1 : 2); i++) {
        order_add_path(lint, finding, i ? other_flow : flow, both[i], lock, objects ? "another" : lock);
        g_hash_table_insert(search->inversions, (gpointer)both[i], g_strdup(finding->fingerprint));
    }
}

/* One finding per name and relation; a circle that someone walks the other way round is none. */
static void check_edge(const struct element_search *search, guint index, GHashTable *seen)
{
    const struct order_edge *edge = g_ptr_array_index(search->edges, index);
    enum element_relation relation = search->relations[index];
    const struct order_edge *other = edge;
    if (relation == ELEMENTS_WRAP || relation == ELEMENTS_WRAP_BACK)
        other = edge_with(search, edge, relation == ELEMENTS_WRAP ? ELEMENTS_WRAP_BACK : ELEMENTS_WRAP)
                    ? NULL
                    : edge;
    else if (relation == ELEMENTS_ASCEND)
        other = edge_with(search, edge, ELEMENTS_DESCEND);
    else if (relation != ELEMENTS_FREE)
        return;
    if (other && g_hash_table_add(seen, GUINT_TO_POINTER(edge->first.name * 8 + (guint)relation)))
        report(search, edge, other, relation);
}

void element_orders_check(struct lint *lint, const GPtrArray *edges, GHashTable *inversions)
{
    g_autofree enum element_relation *relations = g_new0(enum element_relation, edges->len + 1);
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    struct element_search search = {lint, edges, relations, inversions};
    for (guint i = 0; i < edges->len; i++)
        relations[i] = relation_of_edge(lint, g_ptr_array_index(edges, i));
    for (guint i = 0; i < edges->len; i++)
        check_edge(&search, i, seen);
}
