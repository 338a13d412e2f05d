/* SPDX-License-Identifier: Apache-2.0 */
/* As many threads that compute as the machine has cores, though the process may be allowed fewer of them:
 * affinity (taskset, cpusets of containers) and the quota of a control group. */
#include <string.h>
#include <unistd.h>

#include "analyzer/rules/rules.h"

#define CALLERS_DEPTH  1
#define COMPUTES_SHARE 0.5
#define MANY_THREADS   8 /* a fixed number that is more than some machines have cores */

static gboolean counts_cores(const struct call_site *call)
{
    const char *name = call_site_name(call);
    const struct fact_argument *what = call_site_argument(call, 0);
    if (!name)
        return FALSE;
    if (strcmp(name, "sysconf") == 0)
        return what && what->kind == ARGUMENT_INTEGER &&
               (what->integer == _SC_NPROCESSORS_ONLN || what->integer == _SC_NPROCESSORS_CONF);
    return g_str_has_prefix(name, "get_nprocs");
}

static gboolean respects_affinity(const struct call_site *call)
{
    static const char *const names[] = {"sched_getaffinity",        "pthread_getaffinity_np",
                                        "g_get_num_processors",     "omp_get_num_procs",
                                        "uv_available_parallelism", NULL};
    const char *name = call_site_name(call);
    return name && g_strv_contains(names, name);
}

/* The first call of the program for which `is_one` says so, in function order. */
static const struct call_site *find_call(const struct lint *lint,
                                         gboolean (*is_one)(const struct call_site *))
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; function->reachable && j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            if (is_one(call))
                return call;
        }
    }
    return NULL;
}

static const struct call_site *count_in(const struct graph_function *function, int depth)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (counts_cores(call))
            return call;
        const struct call_site *below = depth > 0 && call->resolution == CALL_DIRECT
                                            ? count_in(g_ptr_array_index(call->targets, 0), depth - 1)
                                            : NULL;
        if (below)
            return below;
    }
    return NULL;
}

/* Where the number comes from: counted by the creating function, or what it or its caller calls. */
static const struct call_site *count_near(const struct graph_function *function, int depth)
{
    const struct call_site *count = count_in(function, 1);
    for (guint i = 0; !count && depth > 0 && i < function->callers->len; i++)
        count = count_near(((const struct call_site *)g_ptr_array_index(function->callers, i))->caller,
                           depth - 1);
    return count;
}

/* The number was kept in a global variable or a field, which is read where the threads are made. */
static const struct call_site *count_kept(const struct lint *lint, const struct call_site *creation)
{
    const struct fact_function *facts = creation->caller->facts;
    for (guint i = 0; creation->event->loop >= 0 && i < facts->events->len; i++) {
        const struct fact_event *read = g_ptr_array_index(facts->events, i);
        if (read->kind != EVENT_READ || !read->path ||
            !loop_contains(facts, read->loop, creation->event->loop))
            continue;
        for (guint j = 0; j < lint->graph->functions->len; j++) {
            const struct graph_function *function = g_ptr_array_index(lint->graph->functions, j);
            for (guint k = 0; function->reachable && k < function->calls->len; k++) {
                const struct call_site *call = g_ptr_array_index(function->calls, k);
                if (g_strcmp0(call->event->result, read->path) != 0)
                    continue;
                const struct call_site *count = counts_cores(call) ? call
                                                : call->resolution == CALL_DIRECT
                                                    ? count_in(g_ptr_array_index(call->targets, 0), 0)
                                                    : NULL;
                if (count)
                    return count;
            }
        }
    }
    return NULL;
}

static gboolean computes(const struct lint *lint, const struct root *root)
{
    const struct cost *cost = &lint->model->functions[root->function->index].scenarios[SCENARIO_TYPICAL];
    double active = cost_active(cost);
    return active > 0 && cost->split.on_cpu >= COMPUTES_SHARE * active;
}

static void report_cores(struct lint *lint, const struct root *root, const struct call_site *count)
{
    g_autofree char *callee = call_display(count);
    char *message = g_strdup_printf(
        "as many threads that run %s as %s counts cores, but the process may use fewer of them (taskset, the "
        "cpuset or quota of a container): the threads then take turns; count with sched_getaffinity, read "
        "cpu.max of the control group, and let users set the number",
        root->function->facts->name, callee);
    struct finding *finding =
        finding_report(lint, &oversubscription_rule, computes(lint, root) ? SEVERITY_WARNING : SEVERITY_NOTE,
                       root->creation->caller, root->creation->event, root->function->facts->name, message);
    finding_step(lint, finding, count->caller, count->event, g_strdup("counts the cores of the machine"));
    finding_step(lint, finding, root->creation->caller, root->creation->event,
                 g_strdup_printf("creates threads that run %s", root->function->facts->name));
}

static void report_fixed(struct lint *lint, const struct root *root)
{
    char *message = g_strdup_printf(
        "%" G_GINT64_FORMAT " threads that run %s, however many cores there are, and they compute: on fewer "
        "cores they take turns; make as many as sched_getaffinity allows",
        root->count, root->function->facts->name);
    finding_report(lint, &oversubscription_rule, SEVERITY_NOTE, root->creation->caller, root->creation->event,
                   root->function->facts->name, message);
}

static void check(struct lint *lint)
{
    if (find_call(lint, respects_affinity))
        return;
    gboolean counted = find_call(lint, counts_cores) != NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < lint->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(lint->roots->roots, i);
        if (root->kind != ROOT_THREAD || !root->creation || root->per_request ||
            !g_hash_table_add(seen, (gpointer)root->creation))
            continue;
        const struct call_site *count =
            counted && root->count < 0 ? count_near(root->creation->caller, CALLERS_DEPTH) : NULL;
        if (!count && counted && root->count < 0)
            count = count_kept(lint, root->creation);
        if (count)
            report_cores(lint, root, count);
        else if (!counted && root->count >= MANY_THREADS && computes(lint, root))
            report_fixed(lint, root);
    }
}

const struct rule oversubscription_rule = {
    .name = "oversubscription",
    .summary = "more threads that compute than the process may use cores",
    .check = check,
};
