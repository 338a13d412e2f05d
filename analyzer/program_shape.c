/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/program_shape.h"

#include "analyzer/classify.h"

#define POOL_SHARE                                                                                           \
    0.01 /* of the program's time; what is less in several of them and light decides nothing                 \
          */
#define SINGLE_SHARE  0.05 /* the same for a thread that is made once */
#define RECEIVE_DEPTH 3    /* calls between a callback and the recv that makes it serve */
#define JOB_SHARE     0.5  /* of the program's time: a job with more of it is what the program is for */
#define NEAR_MAIN     5    /* calls: what a program is built on is made near its main, an option further in */

static const enum execution_model models[EXECUTION_SHAPE_COUNT] = {
    [SHAPE_SEQUENTIAL] = MODEL_SEQUENTIAL,
    [SHAPE_PARALLEL_REGION] = MODEL_THREADS,
    [SHAPE_THREAD_POOL] = MODEL_THREADS,
    [SHAPE_THREAD_PER_CONNECTION] = MODEL_THREADS,
    [SHAPE_SEPARATE_THREADS] = MODEL_THREADS,
    [SHAPE_PROCESS_POOL] = MODEL_PROCESSES,
    [SHAPE_FORK_PER_CONNECTION] = MODEL_PROCESSES,
    [SHAPE_FORK_PER_JOB] = MODEL_PROCESSES,
    [SHAPE_HELPER_PROCESSES] = MODEL_PROCESSES,
    [SHAPE_EXTENSION_MODULE] = MODEL_SEQUENTIAL,
    [SHAPE_PIPELINE] = MODEL_PROCESSES,
    [SHAPE_ONE_LOOP] = MODEL_ASYNC,
    [SHAPE_COROUTINES] = MODEL_ASYNC,
    [SHAPE_LOOP_PER_PROCESS] = MODEL_ASYNC_PROCESSES,
    [SHAPE_LOOP_PER_THREAD] = MODEL_ASYNC_THREADS,
    [SHAPE_LOOP_PLUS_POOL] = MODEL_ASYNC_THREADS,
};

enum execution_model execution_shape_model(enum execution_shape shape)
{
    return models[shape];
}

/* The flows that may decide, each the heaviest of its kind, or NULL. */
struct deciding {
    const struct flow *request;      /* a thread or process for each connection */
    const struct flow *loop_process; /* processes that run an event loop each */
    const struct flow *loop_thread;  /* threads that run an event loop each */
    const struct flow *processes;    /* made several times */
    const struct flow *threads;      /* made several times */
    const struct flow *single;       /* a thread that is made once */
    const struct flow *loop_single;  /* a thread that is made once and runs an event loop */
};

static void take(const struct flow **best, const struct flow *flow)
{
    if (!*best || flow->share > (*best)->share)
        *best = flow;
}

static struct deciding find_deciding(const struct flows *flows, const struct cost_model *model)
{
    struct deciding deciding = {0};
    for (guint i = 0; i < flows->all->len; i++) {
        const struct flow *flow = g_ptr_array_index(flows->all, i);
        if (flow == flows->main || flow->awaited || flow->optional ||
            (flow->distance > NEAR_MAIN && !flow->serves))
            continue;
        gboolean several = flow->several || flow->distance > NEAR_MAIN;
        gboolean is_thread = flow->root->kind == ROOT_THREAD;
        if (flow->per_request)
            take(&deciding.request, flow);
        else if (several && flow->loop && !event_loop_is_plain(flow->loop))
            take(is_thread ? &deciding.loop_thread : &deciding.loop_process, flow);
        else if (several && (flow->share >= POOL_SHARE ||
                             classify_function(model, flow->root->function).class != WORK_LIGHT))
            take(is_thread ? &deciding.threads : &deciding.processes, flow);
        else if (!several && is_thread && flow->loop && !event_loop_is_plain(flow->loop))
            take(&deciding.loop_single, flow);
        else if (!several && flow->share >= SINGLE_SHARE)
            take(&deciding.single, flow);
    }
    return deciding;
}

/* --- evidence
 * ----------------------------------------------------------------------------------------------- */

G_GNUC_PRINTF(4, 5)
static void add_evidence(struct program_shape *shape, const struct cost_model *model,
                         const struct call_site *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *file = program_graph_event_file(model->graph, call->caller, call->event);
    struct place *place = place_new(file, call->event->line, text);
    place->end_line = MAX(call->event->line, call->event->end_line);
    g_ptr_array_add(shape->evidence, place);
}

static void show_loop(struct program_shape *shape, const struct cost_model *model,
                      const struct event_loop *loop)
{
    add_evidence(shape, model, loop->poll, "%s() waits for the next event of the loop in %s",
                 loop->poll->event->callee, loop->function->facts->name);
}

/* Every place that makes this flow. */
static void show_flow(struct program_shape *shape, const struct cost_model *model, const struct flow *flow)
{
    const char *what = flow->root->kind == ROOT_THREAD ? "thread" : "process";
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (root->kind != flow->root->kind || root->function != flow->root->function || !root->creation ||
            !shape->flows.world[root->creation->caller->index])
            continue;
        const char *body = root->function->facts->name;
        const char *runs = root->creation->caller == root->function ? "goes on in" : "runs";
        if (root->per_request)
            add_evidence(shape, model, root->creation, "makes a %s that %s %s for each connection", what,
                         runs, body);
        else if (root->count > 1)
            add_evidence(shape, model, root->creation, "makes %" G_GINT64_FORMAT " %s that run %s",
                         root->count, flow->root->kind == ROOT_THREAD ? "threads" : "processes", body);
        else
            add_evidence(shape, model, root->creation, "makes %s %s that run%s %s",
                         root->count < 0 ? "several" : "a",
                         root->count >= 0                  ? what
                         : flow->root->kind == ROOT_THREAD ? "threads"
                                                           : "processes",
                         root->count < 0 ? "" : "s", body);
    }
}

/* --- the decision
 * ------------------------------------------------------------------------------------------- */

static void use_flow(struct program_shape *shape, const struct cost_model *model, enum execution_shape kind,
                     const struct flow *flow)
{
    shape->kind = kind;
    if (flow->root->kind == ROOT_THREAD)
        shape->thread = flow->root;
    else
        shape->process = flow->root;
    show_flow(shape, model, flow);
}

static void use_loop(struct program_shape *shape, const struct cost_model *model, enum execution_shape kind,
                     const struct event_loop *loop)
{
    shape->kind = kind;
    shape->loop = loop;
    show_loop(shape, model, loop);
}

static void decide_loop(struct program_shape *shape, const struct cost_model *model,
                        const struct deciding *deciding)
{
    const struct flow *pool = deciding->threads ? deciding->threads : deciding->single;
    if (shape->flows.main->loop)
        use_loop(shape, model, SHAPE_ONE_LOOP, shape->flows.main->loop);
    else if (deciding->loop_single)
        use_loop(shape, model, SHAPE_ONE_LOOP, deciding->loop_single->loop);
    else
        shape->kind = SHAPE_COROUTINES;
    if (shape->kind == SHAPE_COROUTINES || (shape->coroutine && event_loop_is_plain(shape->loop)))
        add_evidence(shape, model, shape->coroutine->creation, "makes a coroutine that runs %s",
                     shape->coroutine->function->facts->name);
    if (pool)
        use_flow(shape, model, SHAPE_LOOP_PLUS_POOL, pool);
    else if (shape->parallel)
        shape->kind = SHAPE_LOOP_PLUS_POOL;
}

/* Without any event loop. */
static void decide_flows(struct program_shape *shape, const struct cost_model *model,
                         const struct deciding *deciding)
{
    const struct flow *threads = deciding->threads ? deciding->threads : deciding->single;
    const struct flow *processes = deciding->processes;
    if (processes && (!threads || processes->share > threads->share))
        use_flow(shape, model,
                 processes->endless && !processes->serves ? SHAPE_FORK_PER_JOB : SHAPE_PROCESS_POOL,
                 processes);
    else if (threads)
        use_flow(shape, model,
                 threads->several || threads->serves ? SHAPE_THREAD_POOL : SHAPE_SEPARATE_THREADS, threads);
    else if (shape->parallel) {
        shape->kind = SHAPE_PARALLEL_REGION;
        add_evidence(shape, model, shape->parallel->creation, "a team of threads runs this in %s",
                     shape->parallel->function->facts->name);
    } else if (shape->spawn) {
        shape->kind = SHAPE_FORK_PER_JOB;
        add_evidence(shape, model, shape->spawn, "runs other programs side by side");
    }
}

static gboolean receives(const struct roots *roots, const struct graph_function *function, int depth)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->effect && call->event->callee && g_str_has_prefix(call->event->callee, "recv"))
            return TRUE;
        const struct graph_function *target =
            depth > 0 && call->resolution == CALL_DIRECT ? g_ptr_array_index(call->targets, 0) : NULL;
        const struct root *root = target ? roots_find_function(roots, target) : NULL;
        if (target && (!root || root->kind == ROOT_CALLBACK) && receives(roots, target, depth - 1))
            return TRUE;
    }
    return FALSE;
}

/* TRUE when the loop of main serves on its own, and makes threads or processes for some of its peers only. */
static gboolean serves_itself(const struct program_shape *shape, const struct cost_model *model)
{
    for (guint i = 0; shape->flows.main->loop && i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (root->kind == ROOT_CALLBACK && root->creation && root->function->in_program &&
            shape->flows.world[root->creation->caller->index] &&
            receives(model->roots, root->function, RECEIVE_DEPTH))
            return TRUE;
    }
    return FALSE;
}

/* Bodies of processes that are made once each. */
static guint count_helpers(const struct flows *flows)
{
    g_autoptr(GHashTable) bodies = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < flows->helpers->len; i++)
        g_hash_table_add(bodies, ((const struct root *)g_ptr_array_index(flows->helpers, i))->function);
    return g_hash_table_size(bodies);
}

/* TRUE when `function` or a direct caller of it makes pipes, or its callees do. */
static gboolean makes_pipes(const struct graph_function *function, int depth)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (call->effect && call->effect->opens && call->effect->opens_cause == CAUSE_PIPE)
            return TRUE;
    }
    for (guint i = 0; depth > 0 && i < function->callers->len; i++) {
        if (makes_pipes(((const struct call_site *)g_ptr_array_index(function->callers, i))->caller,
                        depth - 1))
            return TRUE;
    }
    return FALSE;
}

/* Several processes with jobs of their own that do more than the one that makes them. */
static void decide_helpers(struct program_shape *shape, const struct cost_model *model)
{
    const struct flows *flows = &shape->flows;
    const struct root *heaviest = NULL;
    double seconds = 0, most = 0;
    gboolean piped = FALSE;
    if (count_helpers(flows) < 2 || !flows->main->root)
        return;
    for (guint i = 0; i < flows->helpers->len; i++) {
        const struct root *root = g_ptr_array_index(flows->helpers, i);
        double own = root_seconds(model, root);
        seconds += own;
        piped |= makes_pipes(root->creation->caller, 1);
        if (!heaviest || own > most) {
            heaviest = root;
            most = own;
        }
    }
    const struct cost *whole =
        &model->functions[flows->main->root->function->index].scenarios[SCENARIO_TYPICAL];
    if (seconds < cost_active(whole) - whole->child)
        return;
    shape->kind = piped ? SHAPE_PIPELINE : SHAPE_HELPER_PROCESSES;
    shape->process = heaviest;
    for (guint i = 0; i < flows->helpers->len; i++) {
        const struct root *root = g_ptr_array_index(flows->helpers, i);
        add_evidence(shape, model, root->creation, "makes a process that runs %s",
                     root->function->facts->name);
    }
    flows_take_helpers(&shape->flows, model);
}

/* A library makes the workers: no thread or process of the program itself shows how it works, unless it has
 * an event loop, of which the job is then a part. */
static void decide_job(struct program_shape *shape, const struct cost_model *model)
{
    const struct job *job = shape->jobs->len > 0 ? g_ptr_array_index(shape->jobs, 0) : NULL;
    if (!job || !job->is_chosen || job->share < JOB_SHARE || shape->loop || shape->kind == SHAPE_COROUTINES)
        return;
    shape->job = job;
    shape->kind = job_shape(job);
    shape->model = job->model;
    g_ptr_array_set_size(shape->evidence, 0);
    add_evidence(shape, model, job->call, "%s() runs %s for each task", call_site_name(job->call),
                 job->task->facts->name);
    g_ptr_array_add(shape->evidence, place_new(job->choice->file, job->choice->line, job->choice->text));
}

static void decide(struct program_shape *shape, const struct cost_model *model)
{
    struct deciding deciding = find_deciding(&shape->flows, model);
    const struct event_loop *loop = shape->flows.main->loop;
    gboolean serves = serves_itself(shape, model);
    if (deciding.request && !serves)
        use_flow(shape, model,
                 deciding.request->root->kind == ROOT_THREAD ? SHAPE_THREAD_PER_CONNECTION
                                                             : SHAPE_FORK_PER_CONNECTION,
                 deciding.request);
    else if (deciding.loop_process) {
        use_flow(shape, model, SHAPE_LOOP_PER_PROCESS, deciding.loop_process);
        use_loop(shape, model, SHAPE_LOOP_PER_PROCESS, deciding.loop_process->loop);
    } else if (deciding.loop_thread) {
        use_flow(shape, model, SHAPE_LOOP_PER_THREAD, deciding.loop_thread);
        use_loop(shape, model, SHAPE_LOOP_PER_THREAD, deciding.loop_thread->loop);
    } else if ((loop && (!event_loop_is_plain(loop) || serves || !(deciding.processes || shape->spawn))) ||
               shape->coroutine || deciding.loop_single)
        decide_loop(shape, model, &deciding);
    else
        decide_flows(shape, model, &deciding);
    if (shape->kind == SHAPE_SEQUENTIAL)
        decide_helpers(shape, model);
    shape->model = execution_shape_model(shape->kind);
}

/* --- what may be heaviest
 * ----------------------------------------------------------------------------------- */

/* The program also calls it through pointers elsewhere (a plugin's hook): that the loop ever does is a guess.
 */
static gboolean is_hook(const struct cost_model *model, const struct graph_function *function)
{
    for (guint i = 0; i < function->callers->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->callers, i);
        if (call->resolution != CALL_DIRECT && !g_hash_table_contains(model->dispatches, call))
            return TRUE;
    }
    return FALSE;
}

/* Of callbacks, how long one call can stop the loop matters, not how often it is called. Hooks come last. */
static double callback_stop(const struct cost_model *model, const struct root *root)
{
    if (is_hook(model, root->function))
        return -1;
    return cost_active(&model->functions[root->function->index].scenarios[SCENARIO_TYPICAL]);
}

static double parallel_work(const struct cost_model *model, const struct root *root)
{
    int loop = parallel_loop(root);
    struct cost cost = loop >= 0 ? cost_of_loop(model, root->function, loop, SCENARIO_TYPICAL)
                                 : model->functions[root->function->index].scenarios[SCENARIO_TYPICAL];
    return cost_active(&cost) * model->functions[root->function->index].invocations[TRIPS_SOME];
}

static void choose(const struct root **best, const struct root *candidate, double candidate_work,
                   double best_work)
{
    if (!*best || candidate_work > best_work)
        *best = candidate;
}

static void find_other_roots(struct program_shape *shape, const struct cost_model *model)
{
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (!root->creation || !shape->flows.world[root->creation->caller->index] ||
            !root->function->in_program)
            continue;
        if (root->kind == ROOT_CALLBACK)
            choose(&shape->callback, root, callback_stop(model, root),
                   shape->callback ? callback_stop(model, shape->callback) : 0);
        else if (root->kind == ROOT_PARALLEL)
            choose(&shape->parallel, root, parallel_work(model, root),
                   shape->parallel ? parallel_work(model, shape->parallel) : 0);
        else if (root->kind == ROOT_COROUTINE)
            choose(&shape->coroutine, root, callback_stop(model, root),
                   shape->coroutine ? callback_stop(model, shape->coroutine) : 0);
    }
    shape->dispatched = shape->callback && !is_hook(model, shape->callback->function);
}

static void find_spawn(struct program_shape *shape, const struct cost_model *model)
{
    const struct roots *roots = model->roots;
    gboolean reaps = FALSE;
    for (guint i = 0; !reaps && i < model->graph->functions->len; i++)
        reaps = shape->flows.world[i] && is_reaper(g_ptr_array_index(model->graph->functions, i));
    for (guint i = 0; !shape->spawn && i < roots->spawned->len; i++) {
        const struct call_site *spawn = g_ptr_array_index(roots->spawned, i);
        if (shape->flows.world[spawn->caller->index] &&
            (spawns_beside(spawn) || (reaps && spawn_is_left(spawn))))
            shape->spawn = spawn;
    }
}

void program_shape_init(struct program_shape *shape, const struct cost_model *model)
{
    *shape = (struct program_shape){
        .evidence = g_ptr_array_new_with_free_func((GDestroyNotify)place_free),
    };
    flows_init(&shape->flows, model);
    find_other_roots(shape, model);
    find_spawn(shape, model);
    shape->jobs = jobs_find(model, shape->flows.world);
    decide(shape, model);
    decide_job(shape, model);
}

void program_shape_clear(struct program_shape *shape)
{
    g_clear_pointer(&shape->evidence, g_ptr_array_unref);
    g_clear_pointer(&shape->jobs, g_ptr_array_unref);
    flows_clear(&shape->flows);
}
