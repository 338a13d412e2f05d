/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/model_estimates.h"

#define POOL_THREADS  16  /* a usual pool for blocking calls; libuv has 4, GLib and Go more */
#define DOUBT_LIMIT   0.4 /* an unsure estimate must still win by two fifths: two cores halve a time */
#define MEMORY_FACTOR 4   /* of the least memory: what a model may need per unbounded task */

#define GIB                 1073741824.0
#define SMALL_MESSAGE_BYTES 64 /* what to do; done */

/* Simplest first: what a reader has to understand to change the program. Where nothing stops the loop, a loop
 * per process is written like one loop; a pool is for what stops it. */
static const enum execution_model simplest_first[EXECUTION_MODEL_COUNT] = {
    MODEL_SEQUENTIAL, MODEL_THREADS, MODEL_PROCESSES, MODEL_ASYNC, MODEL_ASYNC_PROCESSES, MODEL_ASYNC_THREADS,
};
static const enum execution_model simplest_pool_first[EXECUTION_MODEL_COUNT] = {
    MODEL_SEQUENTIAL, MODEL_THREADS, MODEL_PROCESSES, MODEL_ASYNC, MODEL_ASYNC_THREADS, MODEL_ASYNC_PROCESSES,
};

void workload_clear(struct workload *workload)
{
    for (int model = 0; model < EXECUTION_MODEL_COUNT; model++)
        g_clear_pointer(&workload->ruled_out[model], g_free);
}

struct task_work workload_record(const struct workload *workload)
{
    return (struct task_work){
        .tasks = workload->tasks,
        .in_flight = workload->in_flight,
        .cpu_seconds = workload->cpu_seconds,
        .wait_seconds = workload->wait_seconds,
        .stop_seconds = workload->stop_seconds,
        .serial_seconds = workload->serial_seconds,
        .message_bytes = workload->message_bytes,
        .resident_bytes = workload->resident_bytes,
        .unbounded = workload->unbounded,
    };
}

struct workload workload_of(const struct task_work *work, enum execution_model current,
                            const GPtrArray *estimates)
{
    struct workload workload = {
        .tasks = work->tasks,
        .in_flight = work->in_flight,
        .cpu_seconds = work->cpu_seconds,
        .wait_seconds = work->wait_seconds,
        .stop_seconds = work->stop_seconds,
        .serial_seconds = work->serial_seconds,
        .message_bytes = work->message_bytes,
        .resident_bytes = work->resident_bytes,
        .unbounded = work->unbounded,
        .current = current,
    };
    for (guint i = 0; i < estimates->len; i++) {
        const struct model_estimate *estimate = g_ptr_array_index(estimates, i);
        g_free(workload.ruled_out[estimate->model]);
        workload.ruled_out[estimate->model] = g_strdup(estimate->ruled_out);
    }
    return workload;
}

/* Workers that overlap waiting: as many as tasks in flight; for mere computing one per core. */
static double worker_count(const struct workload *work, const struct host_costs *host)
{
    double waits = work->wait_seconds + work->stop_seconds;
    double useful = host->cores * (1 + (work->cpu_seconds > 0 ? waits / work->cpu_seconds : work->in_flight));
    if (work->unbounded)
        useful = MAX(useful, work->in_flight); /* each task has its own */
    return MAX(1, MIN(useful, MIN(work->tasks, work->in_flight)));
}

/* Bounds of asynchronous operation: cores, tasks in flight, the shared lock. */
static double overlapped(const struct workload *work, double cpu_lanes, double wait_lanes)
{
    double task = work->cpu_seconds + work->wait_seconds + work->stop_seconds;
    double by_cpu = work->tasks * work->cpu_seconds / cpu_lanes;
    double by_wait = work->tasks * task / wait_lanes;
    return MAX(MAX(by_cpu, by_wait), work->tasks * work->serial_seconds);
}

/* Taking the shared lock once per task: free, or wanted by several of `workers` at once. */
static double lock_seconds(const struct workload *work, const struct host_costs *host, double workers)
{
    double task = work->cpu_seconds + work->wait_seconds + work->stop_seconds;
    if (work->serial_seconds <= 0)
        return 0;
    gboolean contended = workers * work->serial_seconds > task;
    return contended ? MAX(host->lock_seconds, host->contended_lock_seconds) : host->lock_seconds;
}

static double workers_seconds(const struct workload *work, const struct host_costs *host, double create,
                              double switch_seconds, double per_task)
{
    double workers = worker_count(work, host);
    double created = work->unbounded ? work->tasks : workers;
    double switches = work->wait_seconds + work->stop_seconds > 0 ? 2 : 0;
    return overlapped(work, host_costs_lanes(host, workers), workers) + created * create +
           work->tasks * (per_task + switches * switch_seconds);
}

static double threads_seconds(const struct workload *work, const struct host_costs *host)
{
    return workers_seconds(work, host, host->create_thread_seconds, host->switch_seconds,
                           lock_seconds(work, host, worker_count(work, host)));
}

static double create_process_seconds(const struct workload *work, const struct host_costs *host)
{
    return host->create_process_seconds + work->resident_bytes / GIB * host->fork_per_gib_seconds;
}

static double processes_seconds(const struct workload *work, const struct host_costs *host)
{
    double messages = host_costs_message(host, SMALL_MESSAGE_BYTES, NULL) +
                      host_costs_message(host, MAX(SMALL_MESSAGE_BYTES, work->message_bytes), NULL);
    return workers_seconds(work, host, create_process_seconds(work, host), host->process_switch_seconds,
                           messages);
}

static double loop_seconds(const struct workload *work, const struct host_costs *host, double loops,
                           double stop_lanes, double per_task)
{
    struct workload polled = *work;
    polled.stop_seconds = 0;
    double flight = MAX(1, MIN(work->in_flight, work->tasks));
    double task = host->event_seconds + host->create_coroutine_seconds + 2 * host->switch_coroutine_seconds;
    return overlapped(&polled, host_costs_lanes(host, loops), flight) +
           work->tasks * work->stop_seconds / MIN(stop_lanes, flight) + work->tasks * (task + per_task);
}

static double sequential_seconds(const struct workload *work, const struct host_costs *host)
{
    double waits = work->wait_seconds + work->stop_seconds;
    return work->tasks * (work->cpu_seconds / host_costs_lanes(host, 1) + waits);
}

/* The kernel's part of the connections that are open at once: the same under every model. */
static double connection_bytes(const struct workload *work, const struct host_costs *host)
{
    double ends = 0.5; /* the cost is that of both, the peer is elsewhere */
    return work->unbounded ? MIN(work->in_flight, work->tasks) * host->connection_bytes * ends : 0;
}

static void predict(struct model_estimate *estimate, const struct workload *work,
                    const struct host_costs *host)
{
    double workers = worker_count(work, host), cores = host->cores, seconds, bytes;
    double waiting = MIN(work->in_flight, work->tasks) * host->task_bytes;
    double pool = MAX(cores, work->stop_seconds > 0 ? POOL_THREADS : 0);
    switch (estimate->model) {
    case MODEL_THREADS:
        seconds = threads_seconds(work, host);
        bytes = workers * host->thread_bytes;
        break;
    case MODEL_PROCESSES:
        seconds = processes_seconds(work, host);
        bytes = workers * host->process_bytes;
        break;
    case MODEL_ASYNC:
        seconds = loop_seconds(work, host, 1, 1, 0);
        bytes = host->thread_bytes + waiting;
        break;
    case MODEL_ASYNC_PROCESSES:
        seconds = loop_seconds(work, host, cores, cores, 0) + cores * create_process_seconds(work, host);
        bytes = cores * host->process_bytes + waiting;
        break;
    case MODEL_ASYNC_THREADS:
        seconds =
            loop_seconds(work, host, cores, pool, host->hand_over_seconds + lock_seconds(work, host, pool)) +
            pool * host->create_thread_seconds;
        bytes = (1 + pool) * host->thread_bytes + waiting;
        break;
    default:
        seconds = sequential_seconds(work, host);
        bytes = host->thread_bytes;
        break;
    }
    estimate->predicted_seconds = seconds;
    estimate->predicted_bytes = bytes + connection_bytes(work, host);
}

GPtrArray *model_estimates_new(const struct workload *workload, const struct host_costs *host)
{
    GPtrArray *estimates = g_ptr_array_new_with_free_func((GDestroyNotify)model_estimate_free);
    for (int model = 0; model < EXECUTION_MODEL_COUNT; model++) {
        struct model_estimate *estimate = model_estimate_new((enum execution_model)model);
        predict(estimate, workload, host);
        estimate->ruled_out = g_strdup(workload->ruled_out[model]);
        g_ptr_array_add(estimates, estimate);
    }
    return estimates;
}

/* With an unbounded number of tasks, a model that needs a stack or a process for each is none. */
static double memory_limit(GPtrArray *estimates, const struct workload *workload)
{
    double least = G_MAXDOUBLE;
    for (guint i = 0; workload->unbounded && i < estimates->len; i++) {
        const struct model_estimate *estimate = g_ptr_array_index(estimates, i);
        if (!estimate->ruled_out && estimate->model != MODEL_SEQUENTIAL)
            least = MIN(least, estimate->predicted_bytes);
    }
    return least < G_MAXDOUBLE ? least * MEMORY_FACTOR : G_MAXDOUBLE;
}

static gboolean is_candidate(const struct model_estimate *estimate, double seconds, double bytes)
{
    return !estimate->ruled_out && estimate->predicted_seconds <= seconds &&
           estimate->predicted_bytes <= bytes;
}

enum execution_model model_estimates_choose(GPtrArray *estimates, const struct workload *workload)
{
    double bytes = memory_limit(estimates, workload), best = G_MAXDOUBLE;
    for (guint i = 0; i < estimates->len; i++) {
        const struct model_estimate *estimate = g_ptr_array_index(estimates, i);
        if (is_candidate(estimate, G_MAXDOUBLE, bytes))
            best = MIN(best, estimate->predicted_seconds);
    }
    double seconds = best / (1 - ADVICE_MINIMUM_GAIN);
    double bearable = MAX(seconds, best / (1 - MIN(workload->doubt, DOUBT_LIMIT)));
    if (is_candidate(g_ptr_array_index(estimates, workload->current), bearable, bytes))
        return workload->current;
    const enum execution_model *order = workload->stop_seconds > 0 ? simplest_pool_first : simplest_first;
    for (int i = 0; i < EXECUTION_MODEL_COUNT; i++) {
        const struct model_estimate *estimate = g_ptr_array_index(estimates, order[i]);
        if (is_candidate(estimate, seconds, bytes))
            return estimate->model;
    }
    return workload->current;
}
