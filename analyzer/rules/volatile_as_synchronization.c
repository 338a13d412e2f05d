/* SPDX-License-Identifier: Apache-2.0 */
/* volatile keeps the compiler from dropping an access; it makes no update one step, and it orders nothing
 * that another thread does. */
#include <string.h>

#include "analyzer/rules/flag_loops.h"
#include "analyzer/rules/flow_order.h"
#include "analyzer/rules/rules.h"

struct access {
    const struct thread_flow *flow;
    const struct graph_function *function;
    guint event;
};

static const struct fact_event *event_of(const struct access *access)
{
    return g_ptr_array_index(access->function->facts->events, access->event);
}

static GHashTable *volatile_paths(const struct lint *lint)
{
    GHashTable *paths = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < lint->graph->units->len; i++) {
        const struct fact_unit *unit = g_ptr_array_index(lint->graph->units, i);
        for (guint j = 0; j < unit->variables->len; j++) {
            const struct fact_variable *variable = g_ptr_array_index(unit->variables, j);
            if (variable->is_volatile && !variable->is_atomic && !variable->is_lock &&
                !variable->is_thread_local)
                g_hash_table_add(paths, (gpointer)variable->path);
        }
    }
    return paths;
}

/* --- a flag that is waited for
 * ------------------------------------------------------------------------------- */

static void check_loops(struct lint *lint, GHashTable *paths, GHashTable *reported)
{
    for (guint i = 0; i < lint->flag_loops->len; i++) {
        const struct flag_loop *loop = g_ptr_array_index(lint->flag_loops, i);
        if (loop->try || loop->locked || !g_hash_table_contains(paths, loop->path) ||
            !g_hash_table_add(reported, (gpointer)loop->path))
            continue;
        g_autofree char *name = path_display(loop->path);
        g_autofree char *reader = flow_display(loop->reader);
        g_autofree char *writer = flow_display(loop->writer);
        g_autofree char *place = event_place(lint, loop->writing, loop->write);
        char *message = g_strdup_printf("%s waits here until %s has changed %s at %s, but volatile orders "
                                        "nothing: it may go on before it "
                                        "sees what was written ahead of the change; make it _Atomic (release "
                                        "and acquire), or use a mutex "
                                        "and a condition variable",
                                        reader, writer, name, place);
        struct finding *finding = finding_report(lint, &volatile_as_synchronization_rule, SEVERITY_WARNING,
                                                 loop->function, loop->look, name, message);
        finding_step(lint, finding, loop->function, loop->look, g_strdup_printf("waits for %s", name));
        guint from = finding->path->len;
        finding_add_way(lint, finding, loop->writer, loop->writing);
        finding_step(lint, finding, loop->writing, loop->write, g_strdup_printf("changes %s", name));
        finding_set_thread(finding, from, loop->writer);
    }
}

/* --- a variable that several threads change
 * ------------------------------------------------------------------ */

/* `count++`, `flags |= 4`: reads, then writes. */
static gboolean is_update(const struct access *access)
{
    const struct fact_event *event = event_of(access);
    const struct fact_event *before =
        access->event > 0 ? g_ptr_array_index(access->function->facts->events, access->event - 1) : NULL;
    return event->kind == EVENT_WRITE && before && before->kind == EVENT_READ &&
           before->line == event->line && g_strcmp0(before->path, event->path) == 0;
}

static GHashTable *collect(const struct program_flows *program, GHashTable *paths)
{
    GHashTable *accesses =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
    for (guint i = 0; i < program->flows->len; i++) {
        const struct thread_flow *flow = g_ptr_array_index(program->flows, i);
        for (guint j = 0; j < program->graph->functions->len; j++) {
            const struct graph_function *function = g_ptr_array_index(program->graph->functions, j);
            for (guint k = 0; flow->reaches[j] && k < function->facts->events->len; k++) {
                const struct fact_event *event = g_ptr_array_index(function->facts->events, k);
                gboolean counts = event->kind == EVENT_READ || event->kind == EVENT_WRITE;
                if (!counts || !event->path || !g_hash_table_contains(paths, event->path))
                    continue;
                GArray *list = g_hash_table_lookup(accesses, event->path);
                if (!list) {
                    list = g_array_new(FALSE, FALSE, sizeof(struct access));
                    g_hash_table_insert(accesses, (gpointer)event->path, list);
                }
                struct access access = {flow, function, k};
                g_array_append_val(list, access);
            }
        }
    }
    return accesses;
}

static gboolean conflict(const struct lint *lint, const struct program_flows *program, const struct access *a,
                         const struct access *b)
{
    if (event_of(a)->kind != EVENT_WRITE ||
        !flows_parallel(program, a->flow, a->function, a->event, b->flow, b->function, b->event))
        return FALSE;
    g_autoptr(GArray) some = locks_held_at(lint->entry, program, a->flow, a->function, a->event);
    g_autoptr(GArray) others = locks_held_at(lint->entry, program, b->flow, b->function, b->event);
    return !locks_exclude(some, others);
}

static void report(struct lint *lint, const struct access *a, const struct access *b, gboolean sure)
{
    g_autofree char *name = path_display(event_of(a)->path);
    g_autofree char *who = flow_display(a->flow);
    g_autofree char *other = flow_display(b->flow);
    g_autofree char *place = event_place(lint, b->function, event_of(b));
    const char *beside = a->flow == b->flow ? "another " : "";
    char *message =
        sure ? g_strdup_printf("%s reads %s, changes it and writes it back while %s%s may do so at %s: "
                               "volatile does not make that one step, and updates are lost; make it _Atomic",
                               who, name, beside, other, place)
             : g_strdup_printf("%s writes %s while %s%s may use it at %s: volatile neither orders this with "
                               "other memory nor makes it one step; make it _Atomic",
                               who, name, beside, other, place);
    struct finding *finding =
        finding_report(lint, &volatile_as_synchronization_rule, sure ? SEVERITY_WARNING : SEVERITY_NOTE,
                       a->function, event_of(a), name, message);
    finding_add_way(lint, finding, a->flow, a->function);
    finding_step(lint, finding, a->function, event_of(a), g_strdup_printf("writes %s", name));
    guint from = finding->path->len;
    finding_add_way(lint, finding, b->flow, b->function);
    finding_step(lint, finding, b->function, event_of(b), g_strdup_printf("uses %s", name));
    finding_set_thread(finding, from, b->flow);
}

/* Of a field or an element, threads may have their own. */
static gboolean is_one_object(const char *path)
{
    g_autofree char *name = path_display(path);
    return !strpbrk(name, ".[");
}

static void check_variable(struct lint *lint, const struct program_flows *program, const GArray *accesses)
{
    const struct access *found[2] = {NULL, NULL};
    gboolean sure = FALSE;
    for (guint i = 0; i < accesses->len && !sure; i++) {
        const struct access *a = &g_array_index(accesses, struct access, i);
        for (guint j = 0; j < accesses->len && !sure; j++) {
            const struct access *b = &g_array_index(accesses, struct access, j);
            gboolean one_object = is_one_object(event_of(a)->path);
            gboolean maybe_alone = a->flow == b->flow && flow_is_one_of_several(program, a->flow);
            gboolean lost = one_object && is_update(a) && is_update(b) && !maybe_alone;
            if ((found[0] && !lost) || !conflict(lint, program, a, b))
                continue;
            found[0] = a;
            found[1] = b;
            sure = lost;
        }
    }
    if (found[0])
        report(lint, found[0], found[1], sure);
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) paths = volatile_paths(lint);
    g_autoptr(GHashTable) reported = g_hash_table_new(g_str_hash, g_str_equal);
    if (g_hash_table_size(paths) == 0)
        return;
    check_loops(lint, paths, reported);
    for (guint i = 0; i < lint->reach->programs->len; i++) {
        const struct program_flows *program = g_ptr_array_index(lint->reach->programs, i);
        if (program->flows->len < 2)
            continue;
        g_autoptr(GHashTable) accesses = collect(program, paths);
        g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(accesses), compare_paths);
        for (GList *name = names; name; name = name->next) {
            if (g_hash_table_add(reported, name->data))
                check_variable(lint, program, g_hash_table_lookup(accesses, name->data));
        }
    }
}

const struct rule volatile_as_synchronization_rule = {
    .name = "volatile-as-synchronization",
    .summary = "threads rely on volatile for what only atomics and locks do",
    .check = check,
};
