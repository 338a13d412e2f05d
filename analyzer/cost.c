/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/cost.h"

#include <math.h>
#include <string.h>

#include "analyzer/call_order.h"
#include "analyzer/class_choices.h"
#include "analyzer/library_callbacks.h"
#include "analyzer/loop_weights.h"
#include "analyzer/pieces.h"
#include "analyzer/target_costs.h"

#define NS              1e-9
#define UNKNOWN_CALL_NS 50   /* a library function of which nothing is known */
#define REPORT_SECONDS  1e-5 /* a line that is formatted and written */
#define COMMON_SHARE    0.3  /* of the calls of a function: what it does as a rule */

/* The product of many guesses is no better than a guess: beyond these seconds per call it grows only with its
 * logarithm. */
static const double believable_seconds[TRIP_LEVEL_COUNT] = {0.1, 1, 10};

double cost_believable(double value, double limit)
{
    return value <= limit ? value : limit * (1 + log(value / limit));
}

const double scenario_weights[SCENARIO_COUNT] = {0.10, 0.14, 0.08, 0.11, 0.16, 0.09, 0.10, 0.14, 0.08};

void cost_add_call(struct cost *sum, const struct cost *cost, double times, double likelihood)
{
    double wait_times = times * likelihood;
    sum->split.on_cpu += cost->split.on_cpu * times;
    sum->split.io_work += cost->split.io_work * times;
    sum->split.io_wait += cost->split.io_wait * wait_times;
    sum->split.lock_wait += cost->split.lock_wait * wait_times;
    sum->split.idle += cost->split.idle * times;
    sum->child += cost->child * wait_times;
    sum->unpollable += cost->unpollable * wait_times;
    gboolean waits = cost->split.io_wait != 0 || cost->split.lock_wait != 0;
    for (int cause = 0; waits && cause < WAIT_CAUSE_COUNT; cause++)
        sum->waits[cause] += cost->waits[cause] * wait_times;
}

void cost_add(struct cost *sum, const struct cost *cost, double times)
{
    cost_add_call(sum, cost, times, 1);
}

double cost_active(const struct cost *cost)
{
    return time_split_active(&cost->split);
}

/* --- one call ----------------------------------------------------------------------------------------------
 */

static const struct blocking *blocking_cached(const struct cost_model *model, const struct call_site *call)
{
    struct blocking *blocking = g_hash_table_lookup(model->blocking, call);
    if (!blocking) {
        blocking = g_new(struct blocking, 1);
        *blocking = blocking_of(model->graph, model->host, call);
        g_hash_table_insert(model->blocking, (gpointer)call, blocking);
    }
    return blocking;
}

/* A callback, or what follows the poll in its loop, runs because a descriptor is ready: it does not wait
 * there. */
static gboolean is_guarded(const struct cost_model *model, const struct call_site *call,
                           const struct blocking *blocking)
{
    gboolean in_loop = FALSE;
    for (guint i = 0; i < model->roots->loops->len; i++) {
        const struct event_loop *loop = g_ptr_array_index(model->roots->loops, i);
        in_loop |= loop->function == call->caller && loop->wait != call && loop->loop >= 0 &&
                   loop_contains(call->caller->facts, loop->loop, call->event->loop);
    }
    return (in_loop || model->dispatched[call->caller->index]) &&
           call->effect->descriptor_argument != NO_ARGUMENT && blocking->cause != CAUSE_DISK;
}

static void add_lock_wait(struct cost *cost, double seconds)
{
    cost->split.lock_wait += seconds;
    cost->waits[CAUSE_MUTEX] += seconds;
}

static void add_wait(const struct cost_model *model, const struct call_site *call, int scenario,
                     struct cost *cost)
{
    const struct blocking *blocking = blocking_cached(model, call);
    const double *lock_wait = g_hash_table_lookup(model->lock_waits, call);
    if (lock_wait)
        add_lock_wait(cost, lock_wait[scenario]);
    if (!blocking->blocks || is_guarded(model, call, blocking))
        return;
    double seconds = blocking->wait_ns[scenario % WAIT_LEVEL_COUNT] * NS;
    gboolean serves_loop = (call->effect->properties & EFFECT_POLLS) && model->roots->loops->len > 0;
    if (serves_loop || idle_sites_contain(model->idle, call) || wait_cause_is_idle(blocking->cause)) {
        cost->split.idle += seconds;
        return;
    }
    cost->waits[blocking->cause] += seconds;
    if (wait_cause_is_lock(blocking->cause)) {
        cost->split.lock_wait += seconds;
    } else {
        cost->split.io_wait += seconds;
        cost->child += blocking->cause == CAUSE_CHILD ? seconds : 0;
        gboolean on_descriptor = call->effect->descriptor_argument != NO_ARGUMENT;
        gboolean watched =
            (call->effect->properties & EFFECT_GIVES_WAY) || (on_descriptor && blocking->cause != CAUSE_DISK);
        cost->unpollable += watched ? 0 : seconds;
    }
}

double cost_tasks(const struct cost_model *model, const struct call_site *call, int scenario)
{
    gint64 most = 0;
    (void)model;
    if (!call->effect || !call->effect->task_field)
        return 1;
    const struct fact_list *numbers = call->caller->unit->numbers;
    for (guint i = 0; i < numbers->len; i++) {
        const struct fact_number *number = g_ptr_array_index(numbers, i);
        if (g_strcmp0(number->path, call->effect->count_field) == 0)
            most = MAX(most, number->value);
    }
    return most > 0 ? (double)most : cost_trip_counts[scenario / WAIT_LEVEL_COUNT];
}

static void add_tasks(const struct cost_model *model, const struct call_site *call, int scenario,
                      struct cost *cost)
{
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *task = g_ptr_array_index(call->targets, i);
        if (call_is_summed(call, task))
            cost_add(cost, &model->functions[task->index].scenarios[scenario],
                     cost_tasks(model, call, scenario) / call->targets->len);
    }
}

static struct cost library_cost(const struct cost_model *model, const struct call_site *call, int scenario)
{
    struct cost cost = {0};
    const struct effect *effect = call->effect;
    double bytes = effect->typical_bytes;
    const struct fact_argument *size = call_site_argument(call, effect->size_argument);
    if (size && size->kind == ARGUMENT_INTEGER && size->integer >= 0)
        bytes = (double)size->integer;
    double seconds = (effect->cpu_ns + effect->cpu_ns_per_byte * bytes) * NS;
    seconds += pieces_seconds(model, call, scenario);
    if (effect->properties & EFFECT_SYSTEM_CALL)
        cost.split.io_work = seconds;
    else
        cost.split.on_cpu = seconds;
    add_wait(model, call, scenario, &cost);
    add_tasks(model, call, scenario, &cost);
    const GPtrArray *called =
        effect->calls_argument != NO_ARGUMENT ? g_hash_table_lookup(model->callbacks, call) : NULL;
    for (guint i = 0; called && i < called->len; i++) {
        const struct graph_function *function = g_ptr_array_index(called, i);
        cost_add(&cost, &model->functions[function->index].scenarios[scenario],
                 (effect->properties & EFFECT_BLOCKING_CALLEE)
                     ? 1
                     : cost_trip_counts[scenario / WAIT_LEVEL_COUNT] * CALLBACKS_PER_ITERATION);
    }
    if (effect->calls_argument != NO_ARGUMENT && (effect->properties & EFFECT_BLOCKING_CALLEE))
        cost.unpollable = cost.split.io_wait;
    return cost;
}

gboolean cost_is_child_body(const struct cost_model *model, const struct call_site *call,
                            const struct graph_function *target)
{
    const struct root *root = model->bodies[target->index] ? roots_find_function(model->roots, target) : NULL;
    return root && root->kind == ROOT_PROCESS && root->creation && root->creation->caller == call->caller;
}

struct cost cost_of_call(const struct cost_model *model, const struct call_site *call, int scenario)
{
    if (call->effect)
        return library_cost(model, call, scenario);
    struct cost cost = {0};
    cost.split.on_cpu = call->targets->len > 0 ? model->host->operation_ns * NS : UNKNOWN_CALL_NS * NS;
    struct cost below = cost_of_targets(model, call, scenario);
    cost_add(&cost, &below, 1);
    cost.split.io_work += pieces_seconds(model, call, scenario);
    const double *lock_wait = g_hash_table_lookup(model->lock_waits, call);
    if (lock_wait)
        add_lock_wait(&cost, lock_wait[scenario]);
    if (idle_sites_contain(model->idle, call)) {
        cost.split.idle += cost.split.lock_wait + cost.split.io_wait;
        cost.split.lock_wait = cost.split.io_wait = cost.unpollable = 0;
        memset(cost.waits, 0, sizeof(cost.waits));
    }
    return cost;
}

/* --- functions ---------------------------------------------------------------------------------------------
 */

/* Stands on a way that ends the program, in a function that as a rule comes back: an assertion that fails. */
static gboolean is_last_word(const struct cost_model *model, const struct call_site *call)
{
    const gboolean *stopping = model->stopping[call->caller->index];
    return call->event->block >= 0 && (guint)call->event->block < call->caller->facts->blocks->len &&
           stopping[call->event->block] && !stopping[0] && call->caller != model->graph->main_function;
}

/* What a log function may do at its worst is not what it does to its callers, nor is what a failed assertion
 * does before it ends the program: the part that counts, 0 … 1. */
static double believable_report(const struct cost_model *model, const struct call_site *call,
                                const struct cost *cost)
{
    double seconds = cost_active(cost);
    gboolean reports = seconds > REPORT_SECONDS && (call->reports || is_last_word(model, call));
    return reports ? REPORT_SECONDS / seconds : 1;
}

void cost_add_site(const struct cost_model *model, struct cost *sum, const struct call_site *call,
                   int scenario)
{
    struct cost one = cost_of_call(model, call, scenario);
    double times = cost_weight(model, call, scenario) * believable_report(model, call, &one);
    cost_add_call(sum, &one, times, cost_share(model, call));
}

static struct cost own_cost(const struct cost_model *model, const struct graph_function *function, int within,
                            int scenario)
{
    struct cost sum = {0};
    double operation = model->host->operation_ns * NS;
    if (within < 0)
        sum.split.on_cpu = function->facts->operations * operation;
    for (guint i = 0; i < function->facts->loops->len; i++) {
        const struct fact_loop *loop = g_ptr_array_index(function->facts->loops, i);
        if (loop_contains(function->facts, within, (int)i))
            sum.split.on_cpu +=
                (loop->operations + 1) * operation * cost_loop_weight(model, function, (int)i, scenario);
    }
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (!loop_contains(function->facts, within, call->event->loop))
            continue;
        cost_add_site(model, &sum, call, scenario);
    }
    return sum;
}

struct cost cost_of_loop(const struct cost_model *model, const struct graph_function *function, int loop,
                         int scenario)
{
    return own_cost(model, function, loop, scenario);
}

struct cost cost_of_section(const struct cost_model *model, const struct critical_section *section,
                            int scenario)
{
    struct cost sum = {0};
    double takes = MAX(cost_weight(model, section->take, scenario), 1e-9);
    const struct fact_function *facts = section->function->facts;
    for (guint i = 0; i < facts->loops->len; i++) {
        const struct fact_loop *loop = g_ptr_array_index(facts->loops, i);
        if (loop->line > section->line && loop->end_line <= section->end_line)
            sum.split.on_cpu += (loop->operations + 1) * model->host->operation_ns * NS *
                                cost_loop_weight(model, section->function, (int)i, scenario) / takes;
    }
    for (guint i = 0; i < section->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(section->calls, i);
        struct cost one = cost_of_call(model, call, scenario);
        double likelihood = MIN(1, cost_share(model, call) / MAX(cost_share(model, section->take), 1e-9));
        cost_add_call(&sum, &one, cost_weight(model, call, scenario) / takes, likelihood);
    }
    return sum;
}

static struct cost total_cost(const struct cost_model *model, const struct graph_function *function,
                              int scenario)
{
    struct cost own = own_cost(model, function, -1, scenario);
    int level = scenario / WAIT_LEVEL_COUNT;
    double times = cost_recursion_count(model, function, scenario);
    double seconds = (cost_active(&own) + own.split.idle) * times;
    struct cost total = {0};
    if (seconds > 0)
        cost_add(&total, &own, times * cost_believable(seconds, believable_seconds[level]) / seconds);
    return total;
}

static void function_costs(struct cost_model *model, const struct graph_function *function)
{
    for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++) {
        if (!model->straight || scenario == SCENARIO_TYPICAL || model->later[function->index])
            model->functions[function->index].scenarios[scenario] = total_cost(model, function, scenario);
    }
}

static void all_costs(struct cost_model *model)
{
    for (guint i = 0; i < model->graph->functions->len; i++)
        model->functions[i].agreement = 1;
    for (guint i = 0; i < model->graph->order->len; i++) {
        const struct graph_function *function = g_ptr_array_index(model->graph->order, i);
        function_costs(model, function);
        if (!model->straight)
            model->functions[function->index].agreement = class_agreement(model, function, -1);
    }
}

/* What the classes would be if loops over data ran once. Leaves the costs in that state: it is what is known
 * of a library's callbacks where they are asked for before their turn. */
static void straight_classes(struct cost_model *model)
{
    model->straight = TRUE;
    all_costs(model);
    for (guint i = 0; i < model->graph->functions->len; i++) {
        const struct cost *cost = &model->functions[i].scenarios[SCENARIO_TYPICAL];
        model->functions[i].straight_class = time_split_class(&cost->split, cost_active(cost));
    }
    model->straight = FALSE;
}

static void program_cost(struct cost_model *model)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    memset(model->program, 0, sizeof(model->program));
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (!root->function->in_program || root->kind == ROOT_SIGNAL || root->kind == ROOT_PARALLEL ||
            (root->kind == ROOT_CALLBACK && !cost_runs_apart(root)) || root_is_helper(root) ||
            !g_hash_table_add(seen, root->function))
            continue;
        const struct function_cost *cost = &model->functions[root->function->index];
        for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++)
            cost_add(&model->program[scenario], &cost->scenarios[scenario],
                     cost->invocations[scenario / WAIT_LEVEL_COUNT]);
    }
}

gboolean cost_only_on_failure(const struct cost_model *model, const struct call_site *call)
{
    return call->reports || (call->effect && (call->effect->properties & EFFECT_DOES_NOT_RETURN)) ||
           (call->resolution == CALL_DIRECT &&
            model->endings->stops[((const struct graph_function *)call->targets->pdata[0])->index]);
}

/* A loop around an interrupted `read` is none that does anything again. */
static gboolean only_retries(const struct cost_model *model, const struct graph_function *function)
{
    for (guint i = 0; i < function->facts->loops->len; i++) {
        if (!g_hash_table_contains(model->retry_loops, g_ptr_array_index(function->facts->loops, i)))
            return FALSE;
    }
    return TRUE;
}

/* In the order of the graph, so that callees are known first. */
static void note_calls(struct cost_model *model)
{
    for (guint i = 0; i < model->graph->order->len; i++) {
        const struct graph_function *function = g_ptr_array_index(model->graph->order, i);
        struct function_cost *cost = &model->functions[function->index];
        for (guint j = 0; j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            cost->unknown_calls +=
                call->resolution == CALL_UNRESOLVED || (call->resolution == CALL_LIBRARY && !call->effect);
            retry_loop_note(model, call);
            pieces_note(model, call);
            cost->vague_descriptors += call->effect && call->effect->block == BLOCK_DESCRIPTOR &&
                                       !blocking_cached(model, call)->known;
            cost->transfers |= only_retries(model, function) && cost_transfers(model, call) &&
                               cost_share(model, call) >= COMMON_SHARE;
            cost->guessed_calls += call->resolution == CALL_BY_SIGNATURE;
            double weight = cost_weight(model, call, SCENARIO_TYPICAL);
            if (call->effect && call->effect->creates == CREATE_THREAD &&
                call->effect->start_argument != NO_ARGUMENT)
                cost->created_flows += weight;
            if (call->effect && call->effect->lock == LOCK_WAIT && !idle_sites_contain(model->idle, call))
                cost->flow_waits += weight;
            for (guint k = 0; k < call->targets->len; k++) {
                const struct graph_function *target = g_ptr_array_index(call->targets, k);
                gboolean summed = call_is_summed(call, target);
                const struct function_cost *below = &model->functions[target->index];
                cost->created_flows += summed ? below->created_flows * weight / call->targets->len : 0;
                cost->flow_waits += summed ? below->flow_waits * weight / call->targets->len : 0;
                cost->cut_calls += !summed && !target->repeats;
            }
        }
    }
}

struct cost_model *cost_model_new(const struct program_graph *graph, const struct host_costs *host,
                                  const struct endings *endings, const struct roots *roots,
                                  const struct idle_sites *idle)
{
    struct cost_model *model = g_new0(struct cost_model, 1);
    guint count = graph->functions->len;
    model->graph = graph;
    model->host = host;
    model->endings = endings;
    model->roots = roots;
    model->idle = idle;
    model->frequencies = g_new0(double *, count + 1);
    model->loop_shares = g_new0(double *, count + 1);
    model->repeating = g_new0(int *, count + 1);
    model->stopping = g_new0(gboolean *, count + 1);
    model->functions = g_new0(struct function_cost, count + 1);
    model->retry_loops = g_hash_table_new(NULL, NULL);
    model->blocking = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    model->lock_waits = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    model->task_holds = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    model->evidence = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    block_shares_set(model);
    model->bodies = g_new0(gboolean, count + 1);
    for (guint i = 0; i < roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(roots->roots, i);
        model->bodies[root->function->index] |= root->kind == ROOT_THREAD || root->kind == ROOT_PROCESS;
    }
    model->dispatched = roots_dispatched(graph, roots);
    model->dispatches = roots_dispatches(roots);
    model->registered = registered_by_callbacks(graph, roots);
    model->callbacks = library_callbacks_find(graph);
    model->later = library_callbacks_later(graph, model->callbacks);
    model->nesting = loop_nesting_new(model);
    note_calls(model);
    invocations_set(model);
    cost_model_update(model);
    return model;
}

void cost_model_update(struct cost_model *model)
{
    g_hash_table_remove_all(model->evidence);
    straight_classes(model);
    all_costs(model);
    program_cost(model);
}

void cost_model_free(struct cost_model *model)
{
    if (!model)
        return;
    for (guint i = 0; i < model->graph->functions->len; i++) {
        g_free(model->frequencies[i]);
        g_free(model->loop_shares[i]);
        g_free(model->repeating[i]);
        g_free(model->stopping[i]);
    }
    loop_nesting_free(model->nesting, model->graph->functions->len);
    g_free(model->frequencies);
    g_free(model->loop_shares);
    g_free(model->repeating);
    g_free(model->stopping);
    g_free(model->functions);
    g_free(model->bodies);
    g_free(model->dispatched);
    g_free(model->registered);
    g_free(model->later);
    g_hash_table_unref(model->callbacks);
    g_hash_table_unref(model->dispatches);
    g_hash_table_unref(model->retry_loops);
    g_hash_table_unref(model->blocking);
    g_hash_table_unref(model->lock_waits);
    g_hash_table_unref(model->task_holds);
    g_hash_table_unref(model->evidence);
    g_free(model);
}
