/* SPDX-License-Identifier: Apache-2.0 */
/* A callback of an event loop computes for long: everything else of the loop waits for it. */
#include "analyzer/classify.h"
#include "analyzer/flows.h"
#include "analyzer/rules/rules.h"

#define LONG_SECONDS 10e-3
#define STEPS_MAX    64

struct heavy {
    const struct graph_function *function; /* NULL: nothing of that length */
    struct fact_event event;               /* the loop, or the call into a library */
    const char *callee;                    /* NULL: a loop */
    const struct call_site *call;          /* the call into a library, or NULL */
    gboolean may_end_early;                /* some loop on the way runs its number of times at most */
};

static double computing(const struct lint *lint, const struct graph_function *function, int scenario)
{
    return lint->model->functions[function->index].scenarios[scenario].split.on_cpu;
}

static const struct call_site *heaviest_call(const struct lint *lint, const struct graph_function *function,
                                             double *most)
{
    const struct call_site *heaviest = NULL;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        struct cost cost = {0};
        cost_add_site(lint->model, &cost, call, SCENARIO_TYPICAL);
        if (cost.split.on_cpu > *most) {
            *most = cost.split.on_cpu;
            heaviest = call;
        }
    }
    return heaviest;
}

static int heaviest_loop(const struct lint *lint, const struct graph_function *function, double most)
{
    int heaviest = -1;
    for (guint i = 0; i < function->facts->loops->len; i++) {
        const struct fact_loop *loop = g_ptr_array_index(function->facts->loops, i);
        double seconds = (loop->operations + 1) * lint->host->operation_ns * 1e-9 *
                         cost_loop_weight(lint->model, function, (int)i, SCENARIO_TYPICAL);
        if (seconds > most) {
            most = seconds;
            heaviest = (int)i;
        }
    }
    return heaviest;
}

/* It is long only by what is usual: how much the library call does stands in an argument that the source does
 * not tell, as the iterations of a hash over a password that come from a file. */
static gboolean is_decided_by_data(const struct heavy *heavy)
{
    const struct effect *effect = heavy->call ? heavy->call->effect : NULL;
    const struct fact_argument *size = effect ? call_site_argument(heavy->call, effect->size_argument) : NULL;
    return size && size->kind != ARGUMENT_INTEGER &&
           effect->cpu_ns_per_byte * effect->typical_bytes * 1e-9 >= LONG_SECONDS;
}

/* `while (most-- > 0)` with a return inside: a constant number of times at most. */
static gboolean may_end_early(const struct fact_function *facts, int loop)
{
    for (; loop >= 0;
         loop = ((const struct fact_loop *)g_ptr_array_index(facts->loops, (guint)loop))->parent) {
        const struct fact_loop *each = g_ptr_array_index(facts->loops, (guint)loop);
        if (each->has_exit && each->trip_count > 0 && each->trip_count < G_MAXINT64)
            return TRUE;
    }
    return FALSE;
}

/* Down the heaviest calls to the loop or the library call that takes the time. */
static struct heavy find_heavy(const struct lint *lint, const struct graph_function *function)
{
    struct heavy heavy = {0};
    for (int step = 0; function && step < STEPS_MAX; step++) {
        double most = 0;
        const struct call_site *call = heaviest_call(lint, function, &most);
        int loop = heaviest_loop(lint, function, most);
        heavy.function = function;
        if (loop >= 0) {
            const struct fact_loop *facts = g_ptr_array_index(function->facts->loops, (guint)loop);
            heavy.call = NULL;
            heavy.may_end_early |= may_end_early(function->facts, loop);
            heavy.event = (struct fact_event){
                .file = facts->file, .line = facts->line, .end_line = facts->end_line, .column = 1};
            return heavy;
        }
        if (!call)
            return (struct heavy){0};
        heavy.event = *call->event;
        heavy.callee = call_site_name(call);
        heavy.call = call;
        heavy.may_end_early |= may_end_early(function->facts, call->event->loop);
        function = call->targets->len > 0 ? g_ptr_array_index(call->targets, 0) : NULL;
    }
    return heavy;
}

static void report(struct lint *lint, const struct root *root, const struct heavy *heavy, gboolean sure)
{
    g_autofree char *what = heavy->callee ? path_display(heavy->callee)
                                          : g_strdup_printf("a loop in %s", heavy->function->facts->name);
    char *message = g_strdup_printf(
        "%s computes for about %.0f ms per call of %s, a callback of an event loop: nothing else of the loop "
        "runs meanwhile; hand it to a thread pool, or do a bounded piece of it per turn",
        what, computing(lint, root->function, SCENARIO_TYPICAL) * 1e3, root->function->facts->name);
    struct finding *finding =
        finding_report(lint, &cpu_heavy_callback_rule, sure ? SEVERITY_WARNING : SEVERITY_NOTE,
                       heavy->function, &heavy->event, root->function->facts->name, message);
    if (root->creation)
        finding_step(lint, finding, root->creation->caller, root->creation->event,
                     g_strdup_printf("the event loop calls %s", root->function->facts->name));
    GPtrArray *evidence = evidence_find(lint->model, root->function, -1, WORK_CPU);
    g_ptr_array_extend_and_steal(finding->path, evidence);
}

static void check(struct lint *lint)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < lint->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(lint->roots->roots, i);
        if (root->kind != ROOT_CALLBACK || !g_hash_table_add(seen, root->function) ||
            computing(lint, root->function, SCENARIO_TYPICAL) < LONG_SECONDS)
            continue;
        struct heavy heavy = find_heavy(lint, root->function);
        int few = TRIPS_FEW * WAIT_LEVEL_COUNT + WAIT_TYPICAL;
        if (heavy.function && g_hash_table_add(places, event_place(lint, heavy.function, &heavy.event)))
            report(lint, root, &heavy,
                   computing(lint, root->function, few) >= LONG_SECONDS && !is_decided_by_data(&heavy) &&
                       !heavy.may_end_early);
    }
}

const struct rule cpu_heavy_callback_rule = {
    .name = "cpu-heavy-callback",
    .summary = "a callback of an event loop computes for long, and all others wait",
    .check = check,
};
