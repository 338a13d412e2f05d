/* SPDX-License-Identifier: Apache-2.0 */
/* What one empty task costs in a pool of two threads: pool_dispatch
 * corewise|stream|libuv|glib|openmp|openmp-loop COUNT prints nanoseconds per task. `stream`: inputs come from
 * a function and results go to one. */
#include "runtime/corewise.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

enum { THREADS = 2 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int do_nothing(const struct corewise_task *task)
{
    (void)task;
    return 0;
}

static uint64_t limit;

static bool give_nothing(uint64_t index, void *input, void *data)
{
    (void)input;
    (void)data;
    return index < limit;
}

static bool take_nothing(const struct corewise_result *result, void *data)
{
    (void)result;
    (void)data;
    return true;
}

static void run_corewise(uint64_t count, bool stream)
{
    struct corewise_options options;
    corewise_options_init(&options);
    options.model = COREWISE_THREADS;
    options.workers = THREADS;
    limit = count;
    struct corewise_job job = {.run = do_nothing};
    if (stream) {
        job.next_input = give_nothing;
        job.finished = take_nothing;
    } else {
        job.task_count = count;
    }
    if (!corewise_job_run(&job, &options, NULL, NULL))
        exit(1);
}

static uint64_t ended;

static void uv_nothing(uv_work_t *work)
{
    (void)work;
}

static void uv_ended(uv_work_t *work, int status)
{
    (void)work;
    (void)status;
    ended++;
}

static void run_libuv(uint64_t count)
{
    setenv("UV_THREADPOOL_SIZE", "2", 1);
    uv_loop_t *loop = uv_default_loop();
    uv_work_t *works = calloc(count, sizeof(*works));
    for (uint64_t i = 0; i < count; i++)
        uv_queue_work(loop, &works[i], uv_nothing, uv_ended);
    uv_run(loop, UV_RUN_DEFAULT);
    if (ended != count)
        exit(1);
    free(works);
}

static void glib_nothing(gpointer data, gpointer user)
{
    (void)data;
    (void)user;
}

static void run_glib(uint64_t count)
{
    GThreadPool *pool = g_thread_pool_new(glib_nothing, NULL, THREADS, TRUE, NULL);
    for (uint64_t i = 0; i < count; i++)
        g_thread_pool_push(pool, GSIZE_TO_POINTER(1), NULL);
    g_thread_pool_free(pool, FALSE, TRUE);
}

static void run_openmp(uint64_t count)
{
    uint64_t done = 0;
#pragma omp parallel num_threads(THREADS)
#pragma omp single
    for (uint64_t i = 0; i < count; i++) {
#pragma omp task shared(done)
        __asm__ volatile("" : : "r"(&done) : "memory");
    }
}

/* The same without the producer: all threads share the loop, as corewise's workers share the range. */
static void run_openmp_loop(uint64_t count)
{
#pragma omp parallel for num_threads(THREADS) schedule(dynamic, 1)
    for (uint64_t i = 0; i < count; i++)
        __asm__ volatile("" : : "r"(i) : "memory");
}

int main(int argument_count, char **arguments)
{
    const char *what = argument_count > 1 ? arguments[1] : "";
    uint64_t count = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : 200000;
    double begun = now();
    if (strcmp(what, "corewise") == 0)
        run_corewise(count, false);
    else if (strcmp(what, "stream") == 0)
        run_corewise(count, true);
    else if (strcmp(what, "libuv") == 0)
        run_libuv(count);
    else if (strcmp(what, "glib") == 0)
        run_glib(count);
    else if (strcmp(what, "openmp") == 0)
        run_openmp(count);
    else if (strcmp(what, "openmp-loop") == 0)
        run_openmp_loop(count);
    else
        return 2;
    printf("%.1f\n", (now() - begun) * 1e9 / (double)count);
    return 0;
}
