/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/jobs.h"

#include <string.h>

#include "runtime/corewise.h"

static const struct {
    enum corewise_model chosen;
    enum execution_model model;
    enum execution_shape shape;
} forms[] = {
    {COREWISE_SEQUENTIAL, MODEL_SEQUENTIAL, SHAPE_SEQUENTIAL},
    {COREWISE_THREADS, MODEL_THREADS, SHAPE_THREAD_POOL},
    {COREWISE_PROCESSES, MODEL_PROCESSES, SHAPE_PROCESS_POOL},
    {COREWISE_ASYNC, MODEL_ASYNC, SHAPE_COROUTINES},
    {COREWISE_ASYNC_PROCESSES, MODEL_ASYNC_PROCESSES, SHAPE_LOOP_PER_PROCESS},
    {COREWISE_ASYNC_THREADS, MODEL_ASYNC_THREADS, SHAPE_LOOP_PER_THREAD},
};

enum execution_shape job_shape(const struct job *job)
{
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        if (forms[i].model == job->model)
            return forms[i].shape;
    }
    return SHAPE_SEQUENTIAL;
}

static double task_seconds(const struct cost *cost)
{
    return cost->split.on_cpu + cost->split.io_work + cost->split.io_wait + cost->split.lock_wait;
}

static double function_seconds(const struct cost_model *model, const struct graph_function *function)
{
    return task_seconds(&model->functions[function->index].scenarios[SCENARIO_TYPICAL]);
}

/* A call may run one of several jobs. */
static const struct graph_function *heaviest_task(const struct cost_model *model,
                                                  const struct call_site *call)
{
    const struct graph_function *heaviest = NULL;
    for (guint i = 0; i < call->targets->len; i++) {
        const struct graph_function *task = g_ptr_array_index(call->targets, i);
        if (!heaviest || function_seconds(model, task) > function_seconds(model, heaviest))
            heaviest = task;
    }
    return heaviest;
}

static gboolean joins_threads(const struct graph_function *function)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->effect && call->effect->block == BLOCK_CAUSE && call->effect->cause == CAUSE_JOIN)
            return TRUE;
    }
    return FALSE;
}

/* A task that works on a thread with a stack of another size waits for it as for a call. */
static const struct graph_function *working_body(const struct cost_model *model,
                                                 const struct graph_function *task)
{
    const struct graph_function *body = task;
    for (guint i = 0; joins_threads(task) && i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (root->kind == ROOT_THREAD && root->creation && root->creation->caller == task &&
            function_seconds(model, root->function) > function_seconds(model, body))
            body = root->function;
    }
    return body;
}

/* --- the model ------------------------------------------------------------------------------------------ */

/* `%f:options.model` of `%f:options`; NULL when it is not known which object the options are. */
static char *place_of_model(const struct call_site *call, const char *options)
{
    if (!options || strpbrk(options, "*~["))
        return NULL;
    return g_strconcat(options, strrchr(call->effect->model_field, '.'), NULL);
}

/* The environment of the run decides. */
static gboolean is_left_open(const struct call_site *job, const char *options)
{
    for (guint i = 0; i < job->caller->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(job->caller->calls, i);
        const struct fact_argument *argument = call_site_argument(call, 0);
        if (call->effect && (call->effect->properties & EFFECT_MODEL_OUTSIDE) && argument &&
            (!options || g_strcmp0(argument->place, options) == 0))
            return TRUE;
    }
    return FALSE;
}

static void choose(struct job *job, const struct cost_model *model, const struct fact_number *number)
{
    const struct fact_unit *unit = job->call->caller->unit;
    const char *absolute = g_ptr_array_index(unit->files, (guint)number->file);
    g_autofree char *file = program_graph_relative(model->graph, absolute);
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        if ((gint64)forms[i].chosen != number->value)
            continue;
        g_autofree char *text = g_strdup_printf("chooses the model %s", execution_model_name(forms[i].model));
        job->is_chosen = TRUE;
        job->model = forms[i].model;
        job->choice = place_new(file, number->line, text);
    }
}

/* What the unit stores in the options' field, when that is one constant. */
static void find_model(struct job *job, const struct cost_model *model)
{
    const struct call_site *call = job->call;
    const struct fact_argument *options = call_site_argument(call, call->effect->options_argument);
    const struct fact_list *numbers = call->caller->unit->numbers;
    const struct fact_number *chosen = NULL;
    if (!call->effect->model_field || !options || options->kind == ARGUMENT_INTEGER ||
        is_left_open(call, options->place))
        return;
    g_autofree char *place = place_of_model(call, options->place);
    for (guint i = 0; i < numbers->len; i++) {
        const struct fact_number *number = g_ptr_array_index(numbers, i);
        if (g_strcmp0(number->path, call->effect->model_field) != 0 ||
            (place && g_strcmp0(number->place, place) != 0))
            continue;
        if (chosen && chosen->value != number->value)
            return;
        chosen = number;
    }
    if (chosen)
        choose(job, model, chosen);
}

/* --- all of them ---------------------------------------------------------------------------------------- */

static void job_free(gpointer data)
{
    struct job *job = data;
    place_free(job->choice);
    g_free(job);
}

static struct job *job_new(const struct cost_model *model, const struct call_site *call)
{
    struct job *job = g_new0(struct job, 1);
    double program = cost_active(&model->program[SCENARIO_TYPICAL]);
    double runs = model->functions[call->caller->index].invocations[TRIPS_SOME] *
                  cost_weight(model, call, SCENARIO_TYPICAL);
    job->call = call;
    job->task = heaviest_task(model, call);
    job->body = working_body(model, job->task);
    cost_add(&job->cost, &model->functions[job->task->index].scenarios[SCENARIO_TYPICAL], 1);
    if (job->body != job->task)
        cost_add(&job->cost, &model->functions[job->body->index].scenarios[SCENARIO_TYPICAL], 1);
    job->tasks = cost_tasks(model, call, SCENARIO_TYPICAL);
    job->seconds = task_seconds(&job->cost) * job->tasks * runs;
    job->share = job->seconds > 0 ? job->seconds / MAX(job->seconds, program) : 0;
    find_model(job, model);
    return job;
}

static int compare_seconds(gconstpointer a, gconstpointer b)
{
    const struct job *first = *(struct job *const *)a, *second = *(struct job *const *)b;
    return (second->seconds > first->seconds) - (second->seconds < first->seconds);
}

GPtrArray *jobs_find(const struct cost_model *model, const gboolean *world)
{
    GPtrArray *jobs = g_ptr_array_new_with_free_func(job_free);
    for (guint i = 0; i < model->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(model->graph->functions, i);
        for (guint j = 0; world[i] && j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            if (call->effect && call->effect->task_field && call->targets->len > 0)
                g_ptr_array_add(jobs, job_new(model, call));
        }
    }
    g_ptr_array_sort(jobs, compare_seconds);
    return jobs;
}
