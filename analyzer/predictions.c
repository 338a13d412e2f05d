/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/predictions.h"

#include "analyzer/regions.h"

#define PARALLEL_AT_LEAST 1.2 /* average running threads of a program that uses more than one core */
#define SERIAL_AT_MOST    1.2
#define BIG_LOCK_AT_MOST  1.3 /* the threads overlap a little outside the lock */
#define MANY_THREADS      8
#define SHORTEST_STOP     1e-3 /* seconds that a callback must block to be felt */

static gboolean is_predicted(const struct session *session, const char *region, const char *metric)
{
    for (guint i = 0; i < session->predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(session->predictions, i);
        if (g_strcmp0(prediction->region, region) == 0 && g_strcmp0(prediction->metric, metric) == 0)
            return TRUE;
    }
    return FALSE;
}

static void predict(struct session *session, const struct advice *advice, const char *region,
                    const char *metric, enum comparison comparison, double value)
{
    if (!is_predicted(session, region, metric))
        session_add_prediction(session, advice ? advice->id : NULL, region, metric, comparison, value);
}

static void predict_class(struct session *session, const struct advice *advice, const char *region,
                          enum work_class class)
{
    if (class == WORK_CPU)
        predict(session, advice, region, "cpu_share", COMPARE_AT_LEAST, CLASS_CPU_SHARE);
    else if (class == WORK_IO)
        predict(session, advice, region, "io_share", COMPARE_AT_LEAST, CLASS_IO_SHARE);
    else if (class == WORK_LOCK)
        predict(session, advice, region, "lock_share", COMPARE_AT_LEAST, CLASS_LOCK_SHARE);
}

static void predict_threads(struct session *session, const struct cost_model *model, const struct site *site,
                            const struct advice *advice)
{
    const struct lock_pressure *pressure = site->pressure;
    if (pressure && pressure->held_share * pressure->threads > 2 && pressure->held_share > 0.7)
        predict(session, advice, NULL, "parallelism", COMPARE_AT_MOST, BIG_LOCK_AT_MOST);
    else if (site->root->per_request)
        predict(session, advice, NULL, "threads_created", COMPARE_AT_LEAST, MANY_THREADS);
    else if (site->classification.class == WORK_CPU && model->host->cores > 1 &&
             root_threads(model, site->root) > 1)
        predict(session, advice, NULL, "parallelism", COMPARE_AT_LEAST, PARALLEL_AT_LEAST);
}

static void predict_processes(struct session *session, const struct cost_model *model,
                              const struct site *site, const struct advice *advice)
{
    predict(session, advice, NULL, "processes_created", COMPARE_AT_LEAST, 2);
    /* Of other programs (no root) nothing is known. */
    if (site->root && site->classification.class == WORK_CPU && model->host->cores > 1)
        predict(session, advice, NULL, "parallelism", COMPARE_AT_LEAST, PARALLEL_AT_LEAST);
}

/* Tasks that compute keep several workers running at once; for workers that are threads of the program
 * itself, the region says so of them alone. */
static void predict_job(struct session *session, const struct cost_model *model, const struct site *site,
                        const struct advice *advice, const char *region)
{
    const struct workload *work = &site->workload;
    gboolean computes = work->cpu_seconds > work->wait_seconds + work->stop_seconds;
    const struct root *body = roots_find_function(model->roots, site->function);
    if (!computes)
        return;
    if (work->current == MODEL_SEQUENTIAL || work->current == MODEL_ASYNC) {
        if (!advice->region)
            predict(session, advice, NULL, "parallelism", COMPARE_AT_MOST, SERIAL_AT_MOST);
    } else if (model->host->cores > 1 && body && body->kind == ROOT_THREAD) {
        predict(session, advice, region, "running_threads", COMPARE_AT_LEAST, PARALLEL_AT_LEAST);
    } else if (model->host->cores > 1 && !advice->region) {
        predict(session, advice, NULL, "parallelism", COMPARE_AT_LEAST, PARALLEL_AT_LEAST);
    }
}

static gboolean has_threads(const struct cost_model *model, const struct program_shape *shape)
{
    for (guint i = 0; i < shape->jobs->len; i++) {
        const struct job *job = g_ptr_array_index(shape->jobs, i);
        if (job->model != MODEL_SEQUENTIAL && job->model != MODEL_PROCESSES)
            return TRUE; /* an event loop of the library may ask threads for what would block it */
    }
    for (guint i = 0; i < model->roots->roots->len; i++) {
        const struct root *root = g_ptr_array_index(model->roots->roots, i);
        if (root->function->in_program && (root->kind == ROOT_THREAD || root->kind == ROOT_PARALLEL))
            return TRUE;
    }
    return FALSE;
}

/* What the shape alone promises of any run: that there are several threads or processes, or none but the
 * first. */
static void predict_shape(struct session *session, const struct cost_model *model,
                          const struct program_shape *shape, const struct advice *advice)
{
    switch (advice->shape) {
    case SHAPE_PARALLEL_REGION:
        if (model->host->cores > 1)
            predict(session, advice, NULL, "threads_peak", COMPARE_AT_LEAST, 2);
        break;
    case SHAPE_THREAD_POOL:
    case SHAPE_THREAD_PER_CONNECTION:
    case SHAPE_SEPARATE_THREADS:
    case SHAPE_LOOP_PER_THREAD:
    case SHAPE_LOOP_PLUS_POOL:
        predict(session, advice, NULL, "threads_peak", COMPARE_AT_LEAST, 2);
        break;
    case SHAPE_LOOP_PER_PROCESS:
        predict(session, advice, NULL, "processes_created", COMPARE_AT_LEAST, 1);
        break;
    case SHAPE_SEQUENTIAL:
    case SHAPE_ONE_LOOP:
    case SHAPE_COROUTINES:
        if (!has_threads(model, shape))
            predict(session, advice, NULL, "threads_created", COMPARE_AT_MOST, 0);
        break;
    default:
        predict(session, advice, NULL, "processes_created", COMPARE_AT_LEAST, 2);
        break;
    }
}

static gboolean has_prediction(const struct session *session, const struct advice *advice)
{
    for (guint i = 0; i < session->predictions->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(session->predictions, i);
        if (g_strcmp0(prediction->advice, advice->id) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Advice that says nothing that a run could refute is none: at the least, its code must matter. */
static void predict_something(struct session *session, const struct site *site, const struct advice *advice,
                              const char *region)
{
    if (has_prediction(session, advice))
        return;
    if (advice->region && site->classification.class == WORK_CPU)
        session_add_prediction(session, advice->id, region, "cpu_share", COMPARE_AT_LEAST, CLASS_CPU_SHARE);
    else if (advice->region && site->classification.class == WORK_IO)
        session_add_prediction(session, advice->id, region, "io_share", COMPARE_AT_LEAST, CLASS_IO_SHARE);
    else if (advice->region)
        session_add_prediction(session, advice->id, region, "active_share", COMPARE_AT_LEAST,
                               CLASS_LIGHT_SHARE);
    else
        session_add_prediction(session, advice->id, NULL, "parallelism", COMPARE_AT_MOST, SERIAL_AT_MOST);
}

void predictions_add_advice(struct session *session, const struct cost_model *model,
                            const struct program_shape *shape, const struct site *site,
                            const struct advice *advice, const char *region)
{
    const struct workload *work = &site->workload;
    gboolean sure = site->classification.confidence >= CLASS_CLAIM_CONFIDENCE;
    if (site->kind == SITE_THREADS)
        predict_threads(session, model, site, advice);
    else if (site->kind == SITE_PROCESSES)
        predict_processes(session, model, site, advice);
    else if (site->kind == SITE_JOB)
        predict_job(session, model, site, advice, region);
    else if (site->kind != SITE_EVENT_LOOP && work->cpu_seconds > work->wait_seconds + work->stop_seconds)
        predict(session, advice, NULL, "parallelism", COMPARE_AT_MOST, SERIAL_AT_MOST);
    if (sure && site->kind == SITE_EVENT_LOOP && site->root && work->stop_seconds >= SHORTEST_STOP) {
        predict(session, advice, region, "longest_block_seconds", COMPARE_AT_LEAST, SHORTEST_STOP);
        if (site->classification.class == WORK_IO)
            predict(session, advice, region, "io_wait_share", COMPARE_AT_LEAST, CLASS_IO_SHARE);
    }
    if (sure && region)
        predict_class(session, advice, region, site->classification.class);
    if (!advice->region)
        predict_shape(session, model, shape, advice);
    predict_something(session, site, advice, region);
}

/* What loops itself may be the hottest place of the program although its callers look heavier; what does not
 * must be a visible part of it. */
static gboolean is_prominent(const struct graph_function *function,
                             const struct classification *classification)
{
    return classification->prominence >=
           (function->facts->loops->len > 0 ? PREDICTION_LOOP_PROMINENCE : PREDICTION_PROMINENCE);
}

struct candidate {
    const struct graph_function *function;
    struct classification classification;
};

static int compare_candidates(gconstpointer a, gconstpointer b)
{
    const struct candidate *first = a, *second = b;
    double difference = second->classification.prominence - first->classification.prominence;
    return difference > 0 ? 1 : difference < 0 ? -1 : 0;
}

void predictions_add_classes(struct session *session, const struct cost_model *model,
                             const struct program_shape *shape)
{
    g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(struct candidate));
    for (guint i = 0; i < model->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(model->graph->functions, i);
        struct candidate candidate = {function, classify_function(model, function)};
        const struct classification *classification = &candidate.classification;
        /* How long a lock is waited for depends on the others: that is claimed of bodies under pressure only.
         */
        if (shape->flows.world[i] && classification->class != WORK_LOCK &&
            !g_path_is_absolute(function->file) && classification->seconds >= CLASS_SMALL_SECONDS &&
            classification->confidence >= CLASS_CLAIM_CONFIDENCE && is_prominent(function, classification))
            g_array_append_val(candidates, candidate);
    }
    g_array_sort(candidates, compare_candidates);
    for (guint i = 0; i < MIN(candidates->len, PREDICTION_LIMIT); i++) {
        const struct candidate *candidate = &g_array_index(candidates, struct candidate, i);
        g_autofree char *id = function_region_id(candidate->function);
        predict_class(session, NULL, id, candidate->classification.class);
    }
}
