/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/worker.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/corewise.h"

#define HEAP_STEP_BYTES (64 << 20) /* address space, not memory */

/* What a task returns when its job was not the problem; else it is the exit status of a job that ended its
 * process. */
enum { NO_THREAD = 256, NO_ANSWER };

struct pool_run {
    const struct worker_pool *pool;
    const guint *order;
    gboolean *finished; /* by place in the order */
    gboolean prepared;  /* this worker process */
};

struct job_call {
    const struct worker_pool *pool;
    guint job;
    GVariant *result;
};

static void *do_job(void *data)
{
    struct job_call *call = data;
    call->result = g_variant_ref_sink(call->pool->work(call->job, call->pool->data));
    return NULL;
}

/* Sanitizers map terabytes of shadow memory, which a limit of the address space would forbid. */
static void limit_address_space(guint64 bytes)
{
#ifdef __SANITIZE_ADDRESS__
    (void)bytes;
#else
    struct rlimit limit = {bytes, bytes};
    if (bytes > 0)
        setrlimit(RLIMIT_AS, &limit);
#endif
}

static void prepare_process(const struct worker_pool *pool)
{
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    limit_address_space(pool->limits.bytes);
    mallopt(M_ARENA_MAX, 1); /* a heap that grows by few system calls and never shrinks */
    mallopt(M_TOP_PAD, HEAP_STEP_BYTES);
    mallopt(M_TRIM_THRESHOLD, G_MAXINT);
    mallopt(M_MMAP_THRESHOLD, HEAP_STEP_BYTES);
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere < 0)
        return;
    dup2(nowhere, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

static int run_job(const struct corewise_task *task)
{
    struct pool_run *run = task->data;
    if (!run->prepared)
        prepare_process(run->pool);
    run->prepared = TRUE; /* in this process: the caller never comes here */
    struct job_call call = {.pool = run->pool, .job = run->order[task->index]};
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, run->pool->limits.stack_bytes);
    int failure = pthread_create(&thread, &attributes, do_job, &call);
    pthread_attr_destroy(&attributes);
    if (failure)
        return NO_THREAD;
    pthread_join(thread, NULL);
    gconstpointer bytes = g_variant_get_data(call.result);
    failure = corewise_task_output(task, bytes, g_variant_get_size(call.result));
    g_variant_unref(call.result);
    return failure ? NO_ANSWER : 0;
}

/* NULL when the job has a result. */
static char *failure_text(const struct worker_pool *pool, const struct corewise_result *result)
{
    switch (result->status) {
    case COREWISE_DONE:
        return NULL;
    case COREWISE_TIMED_OUT:
        return g_strdup_printf("the parser did not finish within %.0f s", pool->limits.seconds);
    case COREWISE_CRASHED:
        return g_strdup_printf("the parser crashed (%s)%s", strsignal(result->code),
                               result->code == SIGABRT ? ", perhaps out of memory" : "");
    default:
        break;
    }
    if (result->code == NO_THREAD)
        return g_strdup("no memory for the parser's stack");
    if (result->code == NO_ANSWER)
        return g_strdup("no memory for the parser's answer");
    return g_strdup_printf("the parser ended with exit status %d", result->code);
}

static bool take_result(const struct corewise_result *result, void *data)
{
    const struct pool_run *run = data;
    const struct worker_pool *pool = run->pool;
    guint job = run->order[result->index];
    g_autofree char *why = failure_text(pool, result);
    run->finished[result->index] = TRUE;
    if (why) {
        pool->finished(job, NULL, why, pool->data);
        return true;
    }
    gpointer bytes = g_memdup2(result->output, result->output_bytes);
    g_autoptr(GVariant) answer = g_variant_ref_sink(g_variant_new_from_data(
        G_VARIANT_TYPE(pool->type), bytes, result->output_bytes, FALSE, g_free, bytes));
    pool->finished(job, answer, NULL, pool->data);
    return true;
}

void worker_pool_run(const struct worker_pool *pool, const guint *order, guint count)
{
    if (count == 0)
        return;
    g_autofree gboolean *finished = g_new0(gboolean, count);
    struct pool_run run = {.pool = pool, .order = order, .finished = finished};
    struct corewise_job job = {
        .name = "units",
        .run = run_job,
        .data = &run,
        .task_count = count,
        .finished = take_result,
        .outputs = true,
    };
    struct corewise_options options;
    struct corewise_error error;
    corewise_options_init(&options);
    options.model = COREWISE_PROCESSES;
    options.workers = pool->limits.at_once;
    options.queue_limit = count;
    options.claim_limit = 1;
    options.task_timeout_seconds = pool->limits.seconds;
    if (corewise_job_run(&job, &options, NULL, &error))
        return;
    for (guint i = 0; i < count; i++)
        if (!finished[i])
            pool->finished(order[i], NULL, error.message, pool->data);
}
