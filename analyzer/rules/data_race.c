/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads use one object at the same time, one of them writes, and no lock keeps them apart. Objects are
 * told by the variable they are reached from; what cannot be told is not compared. */
#include <string.h>

#include "analyzer/object_origin.h"
#include "analyzer/rules/flow_order.h"
#include "analyzer/rules/object_variables.h"
#include "analyzer/rules/rules.h"

#define ACCESSES_MAX 96 /* remembered per object */
#define DEPTH_MAX    3  /* calls below a thread's body: longer ways are seldom all possible */
#define NEAR_MAX     2  /* of both threads together, when only main writes */

struct access {
    const struct thread_flow *flow;
    const struct graph_function *function;
    const struct fact_event *event;
    guint index;
    gboolean inherited; /* the object came from the thread's creator */
    GArray *held;       /* struct held_lock; NULL until asked for */
};

struct search {
    struct lint *lint;
    const struct program_flows *program;
    GHashTable *objects;   /* GQuark → GArray of struct access */
    GHashTable *variables; /* path → struct fact_variable */
    GHashTable *reported;  /* GQuark of objects */
    GHashTable *moving;    /* places of pointers that are written while threads run */
    GHashTable *pairs;     /* functions and objects of the findings so far */
    struct flow_order *order;
};

static void accesses_free(gpointer data)
{
    GArray *accesses = data;
    for (guint i = 0; i < accesses->len; i++)
        g_clear_pointer(&g_array_index(accesses, struct access, i).held, g_array_unref);
    g_array_unref(accesses);
}

static gboolean is_access(const struct fact_event *event)
{
    return event->place &&
           (event->kind == EVENT_READ || event->kind == EVENT_WRITE || event->kind == EVENT_ATOMIC);
}

/* One object for sure: no unknown element, no variable that changes, at most one pointer on the way. */
static gboolean is_definite(GQuark object)
{
    const char *text = g_quark_to_string(object), *star = strchr(text, '*');
    return place_is_exact(object) && (!star || !strchr(star + 1, '*'));
}

/* A pointer that is changed while threads run leads to one object now and to another one then. */
static gboolean is_stable(const struct search *search, GQuark object)
{
    const char *text = g_quark_to_string(object), *star = strchr(text, '*');
    if (!star)
        return TRUE;
    g_autofree char *pointer = g_strndup(text, (gsize)(star - text));
    return !g_hash_table_contains(search->moving, pointer);
}

static const struct fact_variable *variable_of(const struct search *search, GQuark object)
{
    return object_variable_find(search->variables, g_quark_to_string(object));
}

/* What only one thread sees, or what synchronises by itself, is no object of a race. */
static gboolean may_race(const struct search *search, GQuark object)
{
    const struct fact_variable *variable = variable_of(search, object);
    return is_definite(object) && is_stable(search, object) &&
           !(variable &&
             (variable->is_thread_local || variable->is_const || variable->is_atomic || variable->is_lock ||
              variable->is_volatile)); /* volatile-as-synchronization has more to say of those */
}

static void access_add(struct search *search, GQuark object, const struct access *access, gboolean only_known)
{
    GArray *accesses = g_hash_table_lookup(search->objects, GUINT_TO_POINTER(object));
    if (!accesses && (only_known || !may_race(search, object)))
        return;
    if (!accesses) {
        accesses = g_array_new(FALSE, FALSE, sizeof(struct access));
        g_hash_table_insert(search->objects, GUINT_TO_POINTER(object), accesses);
    }
    if (accesses->len < ACCESSES_MAX)
        g_array_append_val(accesses, *access);
}

static void collect(struct search *search, struct object_origins *origins, const struct thread_flow *flow,
                    gboolean only_known)
{
    for (guint i = 0; i < search->program->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(search->program->graph->functions, i);
        gboolean counts = flow->reaches[i] && !search->lint->endings->stops[i];
        for (guint j = 0; counts && j < function->facts->events->len; j++) {
            const struct fact_event *event = g_ptr_array_index(function->facts->events, j);
            if (!is_access(event))
                continue;
            g_autoptr(GArray) objects =
                object_origins_find(origins, flow, function, g_quark_from_string(event->place));
            for (guint k = 0; k < objects->len; k++) {
                const struct object_origin *origin = &g_array_index(objects, struct object_origin, k);
                struct access access = {flow, function, event, j, origin->inherited, NULL};
                access_add(search, origin->place, &access, only_known);
            }
        }
    }
}

static const GArray *held_by(const struct search *search, struct access *access)
{
    if (!access->held)
        access->held = locks_held_at(search->lint->entry, search->program, access->flow, access->function,
                                     access->index);
    return access->held;
}

/* A local variable is another one for each thread, but for those that got it from the thread that has it. */
static gboolean is_same_local(const struct access *a, const struct access *b)
{
    const struct access *own = a->inherited ? b : a, *inherited = own == a ? b : a;
    if (!inherited->inherited)
        return FALSE;
    for (guint i = 0; i < inherited->flow->creations->len; i++) {
        const struct call_site *creation = g_ptr_array_index(inherited->flow->creations, i);
        if (own->inherited || own->flow->reaches[creation->caller->index])
            return TRUE;
    }
    return FALSE;
}

/* --- pairs
 * ----------------------------------------------------------------------------------------------------- */
static gboolean conflict(const struct search *search, struct access *a, struct access *b, GQuark object)
{
    if (a->event->kind != EVENT_WRITE && b->event->kind != EVENT_WRITE)
        return FALSE;
    if (!flows_parallel(search->program, a->flow, a->function, a->index, b->flow, b->function, b->index))
        return FALSE;
    if (place_is_local(object) && !is_same_local(a, b))
        return FALSE;
    if (a->flow == b->flow && !object_is_shared(search->program, a->flow, object))
        return FALSE;
    return !locks_exclude(held_by(search, a), held_by(search, b));
}

/* The longer the ways from the bodies of the threads, the less likely that all of them are possible; and what
 * only main writes, deep in some initialisation, is seldom written while threads run. */
static gboolean is_far(const struct access *a, const struct access *b)
{
    guint depth_a = a->flow->depth[a->function->index], depth_b = b->flow->depth[b->function->index];
    gboolean main_writes = (a->flow->index == 0 && b->event->kind == EVENT_READ) ||
                           (b->flow->index == 0 && a->event->kind == EVENT_READ);
    return depth_a > DEPTH_MAX || depth_b > DEPTH_MAX || (main_writes && depth_a + depth_b > NEAR_MAX);
}

static gboolean is_doubtful(const struct search *search, const struct access *a, const struct access *b)
{
    const struct function_locks *some = &search->lint->locks->functions[a->function->index];
    const struct function_locks *others = &search->lint->locks->functions[b->function->index];
    gboolean maybe_alone = a->flow == b->flow && flow_is_one_of_several(search->program, a->flow);
    struct flow_event first = {a->flow, a->function, a->index}, second = {b->flow, b->function, b->index};
    return maybe_alone || some->unsure || others->unsure || a->event->kind == EVENT_ATOMIC ||
           b->event->kind == EVENT_ATOMIC || flow_order_is_possible(search->order, &first, &second) ||
           is_far(a, b);
}

static char *held_words(const GArray *held)
{
    if (held->len == 0)
        return g_strdup("with no lock");
    g_autofree char *lock = lock_display(&g_array_index(held, struct held_lock, held->len - 1));
    return g_strdup_printf("holding %s", lock);
}

static const char *verb(const struct access *access)
{
    return access->event->kind == EVENT_WRITE  ? "writes"
           : access->event->kind == EVENT_READ ? "reads"
                                               : "updates";
}

/* A lock beside the field in its struct, or the last one that the writer took, is meant to protect it. */
static const struct held_lock *guardian(const GArray *held, const struct access *access)
{
    for (guint i = held->len; i > 0; i--) {
        const struct held_lock *lock = &g_array_index(held, struct held_lock, i - 1);
        const char *name = g_quark_to_string(lock->name), *dot = name ? strrchr(name, '.') : NULL;
        gboolean beside = dot && strncmp(access->event->path, name, (gsize)(dot - name) + 1) == 0;
        if (beside || (name && access->event->kind == EVENT_WRITE))
            return lock;
    }
    return NULL;
}

static char *advice(struct search *search, struct access *a, struct access *b)
{
    const GArray *some = held_by(search, a), *others = held_by(search, b);
    const struct held_lock *lock = guardian(some, a) ? guardian(some, a) : guardian(others, b);
    if (some->len && others->len)
        return g_strdup("these are different locks: take one and the same in both places");
    if (!lock)
        return g_strdup("protect both with one mutex, or make it atomic");
    g_autofree char *name = lock_display(lock);
    return g_strdup_printf("take %s in both places", name);
}

static void add_side(struct search *search, struct finding *finding, struct access *access, const char *name)
{
    g_autofree char *who = flow_display(access->flow);
    g_autofree char *held = held_words(held_by(search, access));
    guint from = finding->path->len;
    finding_add_way(search->lint, finding, access->flow, access->function);
    finding_step(search->lint, finding, access->function, access->event,
                 g_strdup_printf("%s %s %s %s", who, verb(access), name, held));
    finding_set_thread(finding, from, access->flow);
}

static void report(struct search *search, GQuark object, struct access *a, struct access *b,
                   gboolean doubtful)
{
    struct access *first = a->event->kind == EVENT_WRITE ? a : b, *second = first == a ? b : a;
    g_autofree char *name = place_display(g_quark_to_string(object));
    g_autofree char *who = flow_display(first->flow);
    g_autofree char *other = flow_display(second->flow);
    g_autofree char *held = held_words(held_by(search, first));
    g_autofree char *other_held = held_words(held_by(search, second));
    g_autofree char *place = event_place(search->lint, second->function, second->event);
    g_autofree char *what = advice(search, first, second);
    const char *beside = first->flow == second->flow ? "another " : "";
    char *message = g_strdup_printf("%s writes %s here %s while %s%s may be %s it at %s %s; %s", who, name,
                                    held, beside, other,
                                    second->event->kind == EVENT_WRITE  ? "writing"
                                    : second->event->kind == EVENT_READ ? "reading"
                                                                        : "updating",
                                    place, other_held, what);
    struct finding *finding =
        finding_report(search->lint, &data_race_rule, doubtful ? SEVERITY_NOTE : SEVERITY_WARNING,
                       first->function, first->event, name, message);
    add_side(search, finding, first, name);
    add_side(search, finding, second, name);
}

/* Further fields of one object that the same functions use are one mistake. */
static gboolean is_new(struct search *search, GQuark object, const struct access *a, const struct access *b)
{
    const char *text = g_quark_to_string(object);
    g_autofree char *root = g_strndup(text, strcspn(text, ".*["));
    g_autofree char *pair = g_strjoin("\n", root, a->function->facts->key, b->function->facts->key, NULL);
    return g_hash_table_add(search->pairs, g_steal_pointer(&pair));
}

/* One finding per object: the first pair that is beyond doubt, else the first one. */
static void check_object(struct search *search, GQuark object, GArray *accesses)
{
    struct access *doubtful[2] = {NULL, NULL};
    for (guint i = 0; i < accesses->len; i++) {
        for (guint j = i; j < accesses->len; j++) {
            struct access *a = &g_array_index(accesses, struct access, i);
            struct access *b = &g_array_index(accesses, struct access, j);
            if (!conflict(search, a, b, object))
                continue;
            if (!is_doubtful(search, a, b)) {
                if (is_new(search, object, a, b))
                    report(search, object, a, b, FALSE);
                return;
            }
            if (!doubtful[0]) {
                doubtful[0] = a;
                doubtful[1] = b;
            }
        }
    }
    if (doubtful[0] && is_new(search, object, doubtful[0], doubtful[1]))
        report(search, object, doubtful[0], doubtful[1], TRUE);
}

static int compare_quarks(gconstpointer a, gconstpointer b)
{
    return g_strcmp0(g_quark_to_string(GPOINTER_TO_UINT(a)), g_quark_to_string(GPOINTER_TO_UINT(b)));
}

static gboolean flow_is_beside_any(const struct program_flows *program, const struct thread_flow *flow,
                                   const struct graph_function *function, guint event)
{
    for (guint i = 0; i < program->flows->len; i++) {
        if (flow_beside_at(program, flow, function, event, g_ptr_array_index(program->flows, i)))
            return TRUE;
    }
    return FALSE;
}

static void find_moving(struct search *search)
{
    for (guint i = 0; i < search->program->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(search->program->graph->functions, i);
        for (guint j = 0; j < function->facts->events->len; j++) {
            const struct fact_event *event = g_ptr_array_index(function->facts->events, j);
            if (event->kind != EVENT_WRITE || !event->place || *event->place == '%' ||
                g_hash_table_contains(search->moving, event->place))
                continue;
            for (guint k = 0; k < search->program->flows->len; k++) {
                const struct thread_flow *flow = g_ptr_array_index(search->program->flows, k);
                gboolean alone = k == 0 && !flow_is_beside_any(search->program, flow, function, j);
                if (flow->reaches[i] && !alone)
                    g_hash_table_add(search->moving, (gpointer)event->place);
            }
        }
    }
}

static void check_program(struct search *search)
{
    struct object_origins *origins = object_origins_new(search->program);
    search->objects = g_hash_table_new_full(NULL, NULL, NULL, accesses_free);
    find_moving(search);
    for (guint i = 1; i < search->program->flows->len; i++)
        collect(search, origins, g_ptr_array_index(search->program->flows, i), FALSE);
    collect(search, origins, g_ptr_array_index(search->program->flows, 0), TRUE);
    g_autoptr(GList) objects = g_list_sort(g_hash_table_get_keys(search->objects), compare_quarks);
    for (GList *object = objects; object; object = object->next) {
        if (g_hash_table_add(search->reported, object->data))
            check_object(search, GPOINTER_TO_UINT(object->data),
                         g_hash_table_lookup(search->objects, object->data));
    }
    g_hash_table_unref(search->objects);
    object_origins_free(origins);
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) variables = object_variables_new(lint->graph);
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        g_autoptr(GHashTable) reported = g_hash_table_new(NULL, NULL);
        g_autoptr(GHashTable) moving = g_hash_table_new(g_str_hash, g_str_equal);
        g_autoptr(GHashTable) pairs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        const struct program_flows *program = g_ptr_array_index(lint->reach->programs, i);
        struct flow_order *order = flow_order_new(program);
        struct search search = {lint, program, NULL, variables, reported, moving, pairs, order};
        if (search.program->flows->len > 1)
            check_program(&search);
        flow_order_free(order);
    }
}

const struct rule data_race_rule = {
    .name = "data-race",
    .summary = "threads use one object at the same time without a common lock",
    .check = check,
};
