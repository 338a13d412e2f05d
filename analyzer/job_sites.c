/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/job_sites.h"

#include "analyzer/shared_state.h"

#define WORKERS_PER_CORE 64 /* of a pool whose tasks wait; more threads than that are a crowd themselves */

static void rule_out(struct workload *work, enum execution_model model, const char *prefix,
                     const char *sentence)
{
    if (sentence && !work->ruled_out[model])
        work->ruled_out[model] = g_strconcat(prefix, sentence, NULL);
}

/* In the task, or in the thread that it makes and awaits. */
static char *sentence_of(const struct cost_model *model, const struct job *job, enum obstacle_kind kind)
{
    char *sentence = obstacle_sentence(model, job->task, -1, kind);
    if (!sentence && job->body != job->task)
        sentence = obstacle_sentence(model, job->body, -1, kind);
    return sentence;
}

/* What the source does today it can do. */
static void keep_possible(struct workload *work, const struct job *job)
{
    if (job->is_chosen)
        g_clear_pointer(&work->ruled_out[job->model], g_free);
}

static void add_obstacles(const struct cost_model *model, struct site *site)
{
    struct workload *work = &site->workload;
    const struct job *job = site->job;
    g_autofree char *written = sentence_of(model, job, OBSTACLE_GLOBAL_WRITE);
    g_autofree char *unsafe = sentence_of(model, job, OBSTACLE_UNSAFE_CALL);
    gboolean locked = work->serial_seconds > 0;
    for (int other = 0; other < EXECUTION_MODEL_COUNT; other++) {
        if (other == MODEL_PROCESSES)
            continue;
        rule_out(work, (enum execution_model)other, "a crash must not spread: a task ", site->crash);
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
    keep_possible(work, job);
}

/* Where so many connections wait, a worker for each is mostly stack: then memory decides, and their number is
 * up to the outside. */
static gboolean is_crowd(const struct workload *work, const struct cost *cost, const struct host_costs *host)
{
    double busy = work->cpu_seconds + work->stop_seconds + work->wait_seconds;
    return work->wait_seconds > 0.5 * busy && cost->waits[CAUSE_SOCKET] > 0.5 * busy &&
           work->in_flight > WORKERS_PER_CORE * host->cores;
}

static struct site *job_site(const struct cost_model *model, const struct job *job)
{
    const double *held = g_hash_table_lookup(model->task_holds, job->task);
    struct site *site = g_new0(struct site, 1);
    struct workload *work = &site->workload;
    site->kind = SITE_JOB;
    site->function = job->body;
    site->loop = -1;
    site->job = job;
    site->sure = TRUE;
    site->weight = job->seconds;
    site->classification = classify_function(model, job->body);
    site->isolation = sentence_of(model, job, OBSTACLE_ISOLATION);
    site->crash = sentence_of(model, job, OBSTACLE_CRASH);
    work->current = job->model;
    work->tasks = work->in_flight = job->tasks;
    work->cpu_seconds = job->cost.split.on_cpu + job->cost.split.io_work;
    work->stop_seconds = job->cost.unpollable;
    work->wait_seconds = MAX(0, job->cost.split.io_wait - job->cost.unpollable);
    work->serial_seconds = held ? *held : 0;
    work->unbounded = is_crowd(work, &job->cost, model->host);
    add_obstacles(model, site);
    return site;
}

void job_sites_add(const struct cost_model *model, const struct program_shape *shape, GPtrArray *sites)
{
    for (guint i = 0; i < shape->jobs->len; i++)
        g_ptr_array_add(sites, job_site(model, g_ptr_array_index(shape->jobs, i)));
}
