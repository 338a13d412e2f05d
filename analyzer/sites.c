/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/sites.h"

#include <string.h>

#include "analyzer/job_sites.h"
#include "analyzer/shared_state.h"

#define UNBOUNDED_TASKS 1000 /* connections that a server is judged by when nothing bounds them */
#define SITE_SHARE      0.2  /* of the program's time, for a loop to be worth dividing */
#define SITE_LIMIT      5
#define SITE_DISTANCE   5 /* calls from main: further in, a loop is a part of some larger task */
#define SITE_ONCE                                                                                            \
    0.05 /* of the program's time, for one execution of a loop: it is no part of a larger task */
#define SURE_CONFIDENCE 0.8  /* of the class of a callback, to ask for more than its loop */
#define SURE_SECONDS    1e-3 /* that a callback surely keeps its loop busy: a thousand of them fill a second */
#define SURELY          (TRIPS_FEW * WAIT_LEVEL_COUNT + WAIT_TYPICAL) /* what a callback computes at least */
#define SPAWNED_TASKS   16 /* programs started by a loop over data */

static void site_free(gpointer data)
{
    struct site *site = data;
    workload_clear(&site->workload);
    g_free(site->isolation);
    g_free(site->crash);
    g_free(site);
}

static struct site *site_new(enum site_kind kind, const struct graph_function *function,
                             enum execution_model current)
{
    struct site *site = g_new0(struct site, 1);
    site->kind = kind;
    site->function = function;
    site->loop = -1;
    site->sure = TRUE;
    site->workload.current = current;
    return site;
}

/* Per task, when `cost` is that of `tasks` of them. */
static void set_work(struct workload *workload, const struct cost *cost, double tasks)
{
    workload->tasks = workload->in_flight = MAX(tasks, 1);
    workload->cpu_seconds = (cost->split.on_cpu + cost->split.io_work) / workload->tasks;
    workload->stop_seconds = cost->unpollable / workload->tasks;
    workload->wait_seconds = MAX(0, cost->split.io_wait - cost->unpollable) / workload->tasks;
}

static void set_unbounded(struct workload *workload)
{
    workload->tasks = workload->in_flight = UNBOUNDED_TASKS;
    workload->unbounded = TRUE;
}

/* `format` with one %s for the sentence, which is freed. Does nothing without a sentence. */
static void rule_out(struct workload *workload, enum execution_model model, const char *prefix,
                     char *sentence)
{
    if (sentence && !workload->ruled_out[model])
        workload->ruled_out[model] = g_strconcat(prefix, sentence, NULL);
    g_free(sentence);
}

/* Items that a worker takes one after the other: the iterations of its outermost loops. */
static double task_count(const struct cost_model *model, const struct root *root)
{
    const struct fact_function *facts = root->function->facts;
    double most = 1;
    for (guint i = 0; i < facts->loops->len; i++) {
        const struct fact_loop *loop = g_ptr_array_index(facts->loops, i);
        if (loop->parent < 0)
            most = MAX(most, cost_trip_count(model, loop, SCENARIO_TYPICAL));
    }
    return most * MAX(1, root_threads(model, root));
}

static struct site *threads_site(const struct cost_model *model, const struct program_shape *shape,
                                 GPtrArray *pressures)
{
    const struct root *root = shape->thread;
    struct site *site = site_new(SITE_THREADS, root->function, shape->model);
    site->root = root;
    site->classification = classify_function(model, root->function);
    struct cost cost = {0};
    cost_add(&cost, &model->functions[root->function->index].scenarios[SCENARIO_TYPICAL], 1);
    struct workload *work = &site->workload;
    if (root->per_request) {
        set_work(work, &cost, 1);
        set_unbounded(work);
    } else {
        double threads = MAX(1, root_threads(model, root));
        struct cost all = {0};
        cost_add(&all, &cost, threads);
        set_work(work, &all, task_count(model, root));
    }
    for (guint i = 0; i < pressures->len; i++) {
        const struct lock_pressure *pressure = g_ptr_array_index(pressures, i);
        if (pressure->body->function != root->function ||
            (site->pressure && site->pressure->held_share >= pressure->held_share))
            continue;
        site->pressure = pressure;
        work->serial_seconds =
            pressure->held_share * (work->cpu_seconds + work->wait_seconds + work->stop_seconds);
    }
    char *written = obstacle_sentence(model, root->function, -1, OBSTACLE_SHARED_WRITE);
    if (written) {
        rule_out(work, MODEL_PROCESSES, "the threads share memory: ", g_strdup(written));
        rule_out(work, MODEL_ASYNC_PROCESSES, "the threads share memory: ", written);
    }
    return site;
}

/* The iterations of the loop that a pragma divides. */
static struct site *parallel_site(const struct cost_model *model, const struct program_shape *shape)
{
    const struct root *root = shape->parallel;
    const struct graph_function *function = root->function;
    struct site *site = site_new(SITE_THREADS, function, shape->model);
    int loop = parallel_loop(root);
    double tasks = 1;
    struct cost cost = model->functions[function->index].scenarios[SCENARIO_TYPICAL];
    site->root = root;
    site->classification =
        loop >= 0 ? classify_loop(model, function, loop) : classify_function(model, function);
    if (loop >= 0) {
        cost = cost_of_loop(model, function, loop, SCENARIO_TYPICAL);
        tasks =
            cost_trip_count(model, g_ptr_array_index(function->facts->loops, (guint)loop), SCENARIO_TYPICAL);
    }
    set_work(&site->workload, &cost, MAX(tasks, model->host->cores));
    char *written = obstacle_sentence(model, function, loop, OBSTACLE_SHARED_WRITE);
    rule_out(&site->workload, MODEL_PROCESSES,
             "the threads share memory: ", written ? g_strdup(written) : NULL);
    rule_out(&site->workload, MODEL_ASYNC_PROCESSES, "the threads share memory: ", written);
    return site;
}

static struct site *processes_site(const struct cost_model *model, const struct program_shape *shape)
{
    const struct root *root = shape->process;
    struct site *site = site_new(SITE_PROCESSES, root->function, shape->model);
    site->root = root;
    site->classification = classify_function(model, root->function);
    site->isolation = obstacle_sentence(model, root->function, -1, OBSTACLE_ISOLATION);
    struct workload *work = &site->workload;
    set_work(work, &model->functions[root->function->index].scenarios[SCENARIO_TYPICAL], 1);
    work->tasks = work->in_flight = root->count > 1 ? (double)root->count : 256;
    if (root->per_request)
        set_unbounded(work);
    if (site->isolation) {
        rule_out(work, MODEL_SEQUENTIAL, "isolation is wanted: the child ", g_strdup(site->isolation));
        rule_out(work, MODEL_THREADS, "isolation is wanted: the child ", g_strdup(site->isolation));
        rule_out(work, MODEL_ASYNC, "isolation is wanted: the child ", g_strdup(site->isolation));
        rule_out(work, MODEL_ASYNC_THREADS, "isolation is wanted: the child ", g_strdup(site->isolation));
        rule_out(work, MODEL_ASYNC_PROCESSES, "isolation is wanted: the child ", g_strdup(site->isolation));
    }
    rule_out(work, MODEL_THREADS, "the work is not thread-safe: it ",
             obstacle_sentence(model, root->function, -1, OBSTACLE_UNSAFE_CALL));
    return site;
}

/* Seconds that one call keeps the loop from everything else, whatever data and devices are like. */
static double least_stop(const struct cost_model *model, const struct graph_function *function)
{
    double least = G_MAXDOUBLE;
    for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++) {
        const struct cost *cost = &model->functions[function->index].scenarios[scenario];
        least = MIN(least, cost->split.on_cpu + cost->split.io_work + cost->unpollable);
    }
    return least;
}

/* What the tasks of the loop have in common: processes would each have their own. Of the heaviest callback
 * every write counts, of the others those to globals: tables of clients, caches, queues. */
static char *shared_by_callbacks(const struct cost_model *model, const struct program_shape *shape,
                                 const struct graph_function *heaviest)
{
    char *written = obstacle_sentence(model, heaviest, -1, OBSTACLE_SHARED_WRITE);
    if (!written && shape->loop)
        written = obstacle_sentence(model, shape->loop->function, shape->loop->loop, OBSTACLE_GLOBAL_WRITE);
    for (guint i = 0; !written && i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (root->kind == ROOT_CALLBACK && root->creation && root->function->in_program &&
            shape->flows.world[root->creation->caller->index])
            written = obstacle_sentence(model, root->function, -1, OBSTACLE_GLOBAL_WRITE);
    }
    return written;
}

/* A task of an event loop is a connection or timer that mostly waits in the loop; its callback is what it
 * costs. */
static struct site *event_loop_site(const struct cost_model *model, const struct program_shape *shape)
{
    const struct root *root = shape->callback ? shape->callback : shape->coroutine;
    const struct graph_function *function = root ? root->function : shape->loop->function;
    struct site *site = site_new(SITE_EVENT_LOOP, function, shape->model);
    site->root = root;
    site->classification = classify_function(model, function);
    struct workload *work = &site->workload;
    /* How much data an event brings is up to the peers: what is sure must justify more than one core. */
    if (root)
        set_work(work, &model->functions[function->index].scenarios[SURELY], 1);
    set_unbounded(work);
    site->sure = site->classification.confidence >= SURE_CONFIDENCE &&
                 least_stop(model, function) >= SURE_SECONDS && (!shape->callback || shape->dispatched);
    work->wait_seconds += model->host->wait_ns[CAUSE_SOCKET][WAIT_TYPICAL] * 1e-9;
    char *written =
        shape->model == MODEL_ASYNC_PROCESSES ? NULL : shared_by_callbacks(model, shape, function);
    if (written && !shape->callback && shape->coroutine) {
        rule_out(work, MODEL_THREADS, "the coroutines share memory without locks: ", g_strdup(written));
        rule_out(work, MODEL_ASYNC_THREADS, "the coroutines share memory without locks: ", g_strdup(written));
    }
    if (written) {
        rule_out(work, MODEL_PROCESSES, "the callbacks share memory: ", g_strdup(written));
        rule_out(work, MODEL_ASYNC_PROCESSES, "the callbacks share memory: ", written);
    }
    return site;
}

/* --- loops of a sequential program
 * --------------------------------------------------------------------------- */

static void rule_out_parallel(struct workload *work, const char *prefix, char *sentence)
{
    if (!sentence)
        return;
    rule_out(work, MODEL_THREADS, prefix, g_strdup(sentence));
    rule_out(work, MODEL_PROCESSES, prefix, g_strdup(sentence));
    rule_out(work, MODEL_ASYNC, prefix, g_strdup(sentence));
    rule_out(work, MODEL_ASYNC_PROCESSES, prefix, g_strdup(sentence));
    rule_out(work, MODEL_ASYNC_THREADS, prefix, sentence);
}

/* What the loop carries, without the files and functions that tell statics and locals of equal name apart. */
static char *carried_text(const struct fact_loop *loop, const char *otherwise)
{
    g_autoptr(GRegex) qualifiers = g_regex_new("@/[^ ,;)]*|\\b\\w+:(?=\\w)", G_REGEX_OPTIMIZE, 0, NULL);
    return g_regex_replace_literal(qualifiers, loop->carried ? loop->carried : otherwise, -1, 0, "", 0, NULL);
}

/* One execution of the loop. */
static double once_seconds(const struct site *site)
{
    const struct workload *work = &site->workload;
    return work->tasks * (work->cpu_seconds + work->wait_seconds + work->stop_seconds);
}

/* An event loop gains nothing where all the waiting is for what it cannot watch. */
static void rule_out_unwatchable(const struct cost_model *model, struct site *site)
{
    struct workload *work = &site->workload;
    if (work->stop_seconds <= work->cpu_seconds || work->wait_seconds > 0.1 * work->stop_seconds)
        return;
    char *stops = obstacle_sentence(model, site->function, site->loop, OBSTACLE_STOP);
    rule_out(work, MODEL_ASYNC, "no event loop can wait for this: ", stops ? g_strdup(stops) : NULL);
    rule_out(work, MODEL_ASYNC_PROCESSES, "no event loop can wait for this: ", stops);
}

/* Less work than making a worker for it takes. */
static void rule_out_short(struct site *site, const struct host_costs *host)
{
    struct workload *work = &site->workload;
    double seconds = once_seconds(site);
    const struct {
        enum execution_model model;
        double create;
        const char *worker;
    } workers[] = {{MODEL_THREADS, host->create_thread_seconds, "thread"},
                   {MODEL_ASYNC_THREADS, host->create_thread_seconds, "thread"},
                   {MODEL_PROCESSES, host->create_process_seconds, "process"},
                   {MODEL_ASYNC_PROCESSES, host->create_process_seconds, "process"}};
    for (gsize i = 0; i < G_N_ELEMENTS(workers); i++) {
        if (seconds < workers[i].create)
            rule_out(work, workers[i].model, "too short to pay for a worker: ",
                     g_strdup_printf("all of it takes %.3g µs, to make a %s %.3g µs", seconds * 1e6,
                                     workers[i].worker, workers[i].create * 1e6));
    }
}

static void add_obstacles(const struct cost_model *model, struct site *site, const struct fact_loop *loop)
{
    struct workload *work = &site->workload;
    if (loop->dependence == ITERATIONS_DEPENDENT) {
        rule_out_parallel(work,
                          "an iteration needs the result of the last: ", carried_text(loop, "see the loop"));
        return;
    }
    if (loop->dependence == ITERATIONS_UNKNOWN) {
        rule_out_parallel(
            work, "the iterations may depend on each other: ", carried_text(loop, "the loop is not counted"));
        return;
    }
    char *written = obstacle_sentence(model, site->function, site->loop, OBSTACLE_GLOBAL_WRITE);
    for (int other = MODEL_THREADS; written && other < EXECUTION_MODEL_COUNT; other++) {
        if (other != MODEL_ASYNC)
            rule_out(work, (enum execution_model)other, "the iterations share memory: the loop ",
                     g_strdup(written));
    }
    g_free(written);
    char *unsafe = obstacle_sentence(model, site->function, site->loop, OBSTACLE_UNSAFE_CALL);
    if (unsafe) {
        rule_out(work, MODEL_ASYNC_THREADS, "the work is not thread-safe: it ", g_strdup(unsafe));
        rule_out(work, MODEL_THREADS, "the work is not thread-safe: it ", unsafe);
    }
    rule_out_unwatchable(model, site);
    rule_out_short(site, model->host);
}

static struct site *loop_site(const struct cost_model *model, const struct program_shape *shape,
                              const struct graph_function *function, int index)
{
    const struct fact_loop *loop = g_ptr_array_index(function->facts->loops, (guint)index);
    struct site *site = site_new(SITE_LOOP, function, shape->model);
    site->loop = index;
    struct cost cost = cost_of_loop(model, function, index, SCENARIO_TYPICAL);
    /* Once for each time that control comes to the loop. */
    double trips = cost_trip_count(model, loop, SCENARIO_TYPICAL);
    double entries = MAX(1, cost_loop_weight(model, function, index, SCENARIO_TYPICAL) / trips);
    struct cost once = {0};
    cost_add(&once, &cost, 1 / entries);
    set_work(&site->workload, &once, trips);
    GPtrArray *idle = g_hash_table_lookup(model->idle->by_root, function);
    for (guint i = 0; idle && i < idle->len; i++) {
        const struct call_site *call = g_ptr_array_index(idle, i);
        if (call->caller == function && loop_contains(function->facts, index, call->event->loop))
            set_unbounded(&site->workload);
    }
    return site;
}

/* What takes time to find, of those loops that are worth it. */
static void describe_loop(const struct cost_model *model, struct site *site)
{
    site->classification = classify_loop(model, site->function, site->loop);
    add_obstacles(model, site, g_ptr_array_index(site->function->facts->loops, (guint)site->loop));
}

static gboolean is_dividable(const struct site *site)
{
    return !site->workload.ruled_out[MODEL_THREADS] || !site->workload.ruled_out[MODEL_PROCESSES];
}

/* Dividable loops first, then by their part of the program's time. */
static int compare_sites(gconstpointer a, gconstpointer b)
{
    const struct site *first = *(struct site *const *)a, *second = *(struct site *const *)b;
    if (is_dividable(first) != is_dividable(second))
        return is_dividable(first) ? -1 : 1;
    return second->weight > first->weight ? 1 : second->weight < first->weight ? -1 : 0;
}

/* Adds to `below` what the loop (-1: all of the function) calls, and what that calls. */
static void add_callees(const struct graph_function *function, int loop, GHashTable *below)
{
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (!loop_contains(function->facts, loop, call->event->loop))
            continue;
        for (guint j = 0; j < call->targets->len; j++) {
            struct graph_function *target = g_ptr_array_index(call->targets, j);
            if (g_hash_table_add(below, target))
                add_callees(target, -1, below);
        }
    }
}

/* A loop inside, or below a call of, one that is divided already does not need workers of its own. */
static void drop_covered(GPtrArray *sites)
{
    for (guint i = 0; i < sites->len; i++) {
        const struct site *outer = g_ptr_array_index(sites, i);
        g_autoptr(GHashTable) below = g_hash_table_new(NULL, NULL);
        add_callees(outer->function, outer->loop, below);
        for (guint j = sites->len - 1; j > i; j--) {
            const struct site *inner = g_ptr_array_index(sites, j);
            gboolean nested = inner->function == outer->function &&
                              loop_contains(outer->function->facts, outer->loop, inner->loop);
            if (nested || g_hash_table_contains(below, inner->function))
                g_ptr_array_remove_index(sites, j);
        }
    }
    if (sites->len > SITE_LIMIT)
        g_ptr_array_set_size(sites, SITE_LIMIT);
}

static void add_loop_sites(const struct cost_model *model, const struct program_shape *shape,
                           GPtrArray *sites)
{
    const struct cost *whole = &model->program[SCENARIO_TYPICAL];
    double program = cost_active(whole) - whole->child;
    for (guint i = 0; i < model->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(model->graph->functions, i);
        const struct function_cost *cost = &model->functions[i];
        double share = cost_active(&cost->scenarios[SCENARIO_TYPICAL]) * cost->invocations[TRIPS_SOME];
        if (!shape->flows.world[i] || shape->flows.distances[i] > SITE_DISTANCE ||
            share < SITE_SHARE * program)
            continue;
        for (guint j = 0; j < function->facts->loops->len; j++) {
            struct cost all = cost_of_loop(model, function, (int)j, SCENARIO_TYPICAL);
            double weight = cost_active(&all) * cost->invocations[TRIPS_SOME];
            /* Waiting for children is no work that can be divided. */
            if (weight < SITE_SHARE * program || all.child >= 0.5 * cost_active(&all))
                continue;
            struct site *site = loop_site(model, shape, function, (int)j);
            site->weight = weight;
            if (once_seconds(site) >= SITE_ONCE * program) {
                describe_loop(model, site);
                g_ptr_array_add(sites, site);
            } else {
                site_free(site);
            }
        }
    }
    g_ptr_array_sort(sites, compare_sites);
    drop_covered(sites);
}

static struct site *whole_site(const struct cost_model *model, const struct program_shape *shape)
{
    struct site *site = site_new(SITE_WHOLE, NULL, shape->model);
    set_work(&site->workload, &model->program[SCENARIO_TYPICAL], 1);
    rule_out_parallel(&site->workload, "", g_strdup("no loop with enough work to divide was found"));
    return site;
}

/* The work of the children is that of other programs: nothing is known of it but that it needs a process. */
static struct site *spawn_site(const struct cost_model *model, const struct program_shape *shape)
{
    const struct call_site *spawn = shape->spawn;
    struct site *site = site_new(SITE_PROCESSES, spawn->caller, shape->model);
    site->classification = classify_function(model, spawn->caller);
    site->isolation = g_strdup_printf("is another program (%s() at %s:%d)", call_site_name(spawn),
                                      spawn->caller->file, spawn->event->line);
    site->workload.tasks = site->workload.in_flight = SPAWNED_TASKS;
    site->workload.wait_seconds = model->host->wait_ns[CAUSE_CHILD][WAIT_TYPICAL] * 1e-9;
    for (int other = 0; other < EXECUTION_MODEL_COUNT; other++) {
        if (other != MODEL_PROCESSES)
            rule_out(&site->workload, (enum execution_model)other, "the child ", g_strdup(site->isolation));
    }
    return site;
}

enum execution_model site_choice(const struct site *site, GPtrArray *estimates)
{
    enum execution_model chosen = model_estimates_choose(estimates, &site->workload);
    const struct model_estimate *today = g_ptr_array_index(estimates, site->workload.current);
    const struct model_estimate *better = g_ptr_array_index(estimates, chosen);
    gboolean slower = better->predicted_seconds * (1 - ADVICE_MINIMUM_GAIN) > today->predicted_seconds;
    return !today->ruled_out && (slower || !site->sure) ? site->workload.current : chosen;
}

static void set_doubt(gpointer data, gpointer unused)
{
    struct site *site = data;
    (void)unused;
    site->workload.doubt = site->function ? 1 - site->classification.confidence : 0;
}

static GPtrArray *with_doubt(GPtrArray *sites)
{
    g_ptr_array_foreach(sites, set_doubt, NULL);
    return sites;
}

GPtrArray *sites_find(const struct cost_model *model, const struct program_shape *shape, GPtrArray *pressures)
{
    GPtrArray *sites = g_ptr_array_new_with_free_func(site_free);
    if (shape->job || shape->model == MODEL_SEQUENTIAL)
        job_sites_add(model, shape, sites);
    if (sites->len > 0)
        return with_doubt(sites);
    if (shape->model == MODEL_THREADS && !shape->thread)
        g_ptr_array_add(sites, parallel_site(model, shape));
    else if (shape->model == MODEL_THREADS)
        g_ptr_array_add(sites, threads_site(model, shape, pressures));
    else if (shape->model == MODEL_PROCESSES && shape->process)
        g_ptr_array_add(sites, processes_site(model, shape));
    else if (shape->model == MODEL_PROCESSES)
        g_ptr_array_add(sites, spawn_site(model, shape));
    else if (shape->model != MODEL_SEQUENTIAL)
        g_ptr_array_add(sites, event_loop_site(model, shape));
    else
        add_loop_sites(model, shape, sites);
    if (sites->len == 0)
        g_ptr_array_add(sites, whole_site(model, shape));
    if (shape->model != MODEL_SEQUENTIAL)
        job_sites_add(model, shape, sites);
    return with_doubt(sites);
}
