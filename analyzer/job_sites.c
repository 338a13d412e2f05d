/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/job_sites.h"

#include "analyzer/shared_state.h"

#define WORKERS_PER_CORE 64 /* of a pool whose tasks wait; more threads than that are a crowd themselves */

static double active_seconds(const struct cost_model *model, const struct graph_function *function)
{
    const struct cost *cost = &model->functions[function->index].scenarios[SCENARIO_TYPICAL];
    return cost->split.on_cpu + cost->split.io_work + cost->split.io_wait + cost->split.lock_wait;
}

/* The function with the most work: a call may run one of several jobs. */
static struct graph_function *heaviest_task(const struct cost_model *model, const struct call_site *call)
{
    struct graph_function *heaviest = NULL;
    for (guint i = 0; i < call->targets->len; i++) {
        struct graph_function *task = g_ptr_array_index(call->targets, i);
        if (!heaviest || active_seconds(model, task) > active_seconds(model, heaviest))
            heaviest = task;
    }
    return heaviest;
}

static void rule_out(struct workload *work, enum execution_model model, const char *prefix,
                     const char *sentence)
{
    if (sentence && !work->ruled_out[model])
        work->ruled_out[model] = g_strconcat(prefix, sentence, NULL);
}

static void add_obstacles(const struct cost_model *model, struct site *site)
{
    struct workload *work = &site->workload;
    g_autofree char *written = obstacle_sentence(model, site->function, -1, OBSTACLE_GLOBAL_WRITE);
    g_autofree char *unsafe = obstacle_sentence(model, site->function, -1, OBSTACLE_UNSAFE_CALL);
    gboolean locked = work->serial_seconds > 0;
    for (int other = 0; site->isolation && other < EXECUTION_MODEL_COUNT; other++) {
        if (other != MODEL_PROCESSES)
            rule_out(work, (enum execution_model)other, "isolation is wanted: a task ", site->isolation);
    }
    rule_out(work, MODEL_PROCESSES, "what a task writes is lost with its process: it ", written);
    rule_out(work, MODEL_ASYNC_PROCESSES, "what a task writes is lost with its process: it ", written);
    if (!locked) {
        rule_out(work, MODEL_THREADS, "the tasks share memory: a task ", written);
        rule_out(work, MODEL_ASYNC_THREADS, "the tasks share memory: a task ", written);
    }
    rule_out(work, MODEL_THREADS, "the work is not thread-safe: it ", unsafe);
    rule_out(work, MODEL_ASYNC_THREADS, "the work is not thread-safe: it ", unsafe);
}

/* Where so many connections wait, a worker for each is mostly stack: then memory decides, and their number is
 * up to the outside. */
static gboolean is_crowd(const struct workload *work, const struct cost *cost, const struct host_costs *host)
{
    double busy = work->cpu_seconds + work->stop_seconds + work->wait_seconds;
    return work->wait_seconds > 0.5 * busy && cost->waits[CAUSE_SOCKET] > 0.5 * busy &&
           work->in_flight > WORKERS_PER_CORE * host->cores;
}

static struct site *job_site(const struct cost_model *model, const struct program_shape *shape,
                             const struct call_site *call)
{
    struct graph_function *task = heaviest_task(model, call);
    const struct cost *cost = &model->functions[task->index].scenarios[SCENARIO_TYPICAL];
    const double *held = g_hash_table_lookup(model->task_holds, task);
    struct site *site = g_new0(struct site, 1);
    struct workload *work = &site->workload;
    site->kind = SITE_JOB;
    site->function = task;
    site->loop = -1;
    site->job = call;
    site->sure = TRUE;
    site->classification = classify_function(model, task);
    site->isolation = obstacle_sentence(model, task, -1, OBSTACLE_ISOLATION);
    work->current = shape->model;
    work->tasks = work->in_flight = cost_tasks(model, call, SCENARIO_TYPICAL);
    work->cpu_seconds = cost->split.on_cpu + cost->split.io_work;
    work->stop_seconds = cost->unpollable;
    work->wait_seconds = MAX(0, cost->split.io_wait - cost->unpollable);
    work->serial_seconds = held ? *held : 0;
    work->unbounded = is_crowd(work, cost, model->host);
    site->weight = active_seconds(model, task) * work->tasks;
    add_obstacles(model, site);
    return site;
}

static int compare_weights(gconstpointer a, gconstpointer b)
{
    const struct site *first = *(struct site *const *)a, *second = *(struct site *const *)b;
    return (second->weight > first->weight) - (second->weight < first->weight);
}

void job_sites_add(const struct cost_model *model, const struct program_shape *shape, GPtrArray *sites)
{
    for (guint i = 0; i < model->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(model->graph->functions, i);
        for (guint j = 0; shape->flows.world[i] && j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            if (call->effect && call->effect->task_field && call->targets->len > 0)
                g_ptr_array_add(sites, job_site(model, shape, call));
        }
    }
    g_ptr_array_sort(sites, compare_weights);
}
