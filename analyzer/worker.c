/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_CHUNK_BYTES 65536
#define HEAP_STEP_BYTES  (64 << 20) /* address space, not memory */
#define EXIT_NO_THREAD   3          /* the worker could not start its large-stack thread */

struct worker {
    pid_t pid;
    int pipe;
    guint job;
    gint64 deadline_us;
    GByteArray *output;
    gboolean timed_out;
};

struct job_call {
    const struct worker_pool *pool;
    guint job;
    int pipe;
    gboolean written;
};

guint worker_usable_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return (guint)MAX(CPU_COUNT(&set), 1);
}

static gboolean write_all(int file, const guint8 *bytes, gsize size)
{
    while (size > 0) {
        gssize written = write(file, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return FALSE;
        bytes += written;
        size -= (gsize)written;
    }
    return TRUE;
}

static void *run_job(void *data)
{
    struct job_call *call = data;
    g_autoptr(GVariant) result = g_variant_ref_sink(call->pool->work(call->job, call->pool->data));
    call->written = write_all(call->pipe, g_variant_get_data(result), g_variant_get_size(result));
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

static _Noreturn void worker_main(const struct worker_pool *pool, guint job, int pipe)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    limit_address_space(pool->limits.bytes);
    mallopt(M_ARENA_MAX, 1); /* a heap that grows by few system calls and never shrinks */
    mallopt(M_TOP_PAD, HEAP_STEP_BYTES);
    mallopt(M_TRIM_THRESHOLD, G_MAXINT);
    mallopt(M_MMAP_THRESHOLD, HEAP_STEP_BYTES);
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere >= 0) {
        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
    }
    struct job_call call = {.pool = pool, .job = job, .pipe = pipe};
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, pool->limits.stack_bytes);
    if (pthread_create(&thread, &attributes, run_job, &call) != 0)
        _exit(EXIT_NO_THREAD);
    pthread_join(thread, NULL);
    _exit(call.written ? 0 : 1);
}

static struct worker *worker_start(const struct worker_pool *pool, guint job, char **why)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        *why = g_strdup_printf("cannot make a pipe for a worker process: %s", g_strerror(errno));
        return NULL;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        worker_main(pool, job, ends[1]);
    }
    int fork_error = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        *why = g_strdup_printf("cannot start a worker process: %s", g_strerror(fork_error));
        return NULL;
    }
    struct worker *worker = g_new0(struct worker, 1);
    worker->pid = pid;
    worker->pipe = ends[0];
    worker->job = job;
    worker->deadline_us = g_get_monotonic_time() + (gint64)(pool->limits.seconds * G_USEC_PER_SEC);
    worker->output = g_byte_array_new();
    return worker;
}

static void worker_free(gpointer data)
{
    struct worker *worker = data;
    g_byte_array_unref(worker->output);
    g_free(worker);
}

/* Why a worker that ended with `status` has no result; NULL when it has one. */
static char *failure_text(const struct worker_pool *pool, const struct worker *worker, int status)
{
    if (worker->timed_out)
        return g_strdup_printf("the parser did not finish within %.0f s", pool->limits.seconds);
    if (WIFSIGNALED(status))
        return g_strdup_printf("the parser crashed (%s)%s", strsignal(WTERMSIG(status)),
                               WTERMSIG(status) == SIGABRT ? ", perhaps out of memory" : "");
    if (WEXITSTATUS(status) == EXIT_NO_THREAD)
        return g_strdup("no memory for the parser's stack");
    if (WEXITSTATUS(status) != 0)
        return g_strdup_printf("the parser ended with exit status %d", WEXITSTATUS(status));
    return NULL;
}

static void worker_finish(const struct worker_pool *pool, struct worker *worker)
{
    int status = 0;
    close(worker->pipe);
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        ;
    g_autofree char *why = failure_text(pool, worker, status);
    if (why) {
        pool->finished(worker->job, NULL, why, pool->data);
        return;
    }
    gsize size = worker->output->len;
    guint8 *bytes = g_byte_array_steal(worker->output, NULL);
    g_autoptr(GVariant) result = g_variant_ref_sink(
        g_variant_new_from_data(G_VARIANT_TYPE(pool->type), bytes, size, FALSE, g_free, bytes));
    pool->finished(worker->job, result, NULL, pool->data);
}

/* Reads what is there; TRUE at the end of the worker's output. */
static gboolean worker_read(struct worker *worker)
{
    guint8 buffer[READ_CHUNK_BYTES];
    gssize size = read(worker->pipe, buffer, sizeof(buffer));
    if (size > 0)
        g_byte_array_append(worker->output, buffer, (guint)size);
    return size == 0 || (size < 0 && errno != EINTR && errno != EAGAIN);
}

static int milliseconds_to_deadline(const GPtrArray *workers)
{
    gint64 nearest = G_MAXINT64;
    for (guint i = 0; i < workers->len; i++)
        nearest = MIN(nearest, ((const struct worker *)workers->pdata[i])->deadline_us);
    gint64 left_ms = (nearest - g_get_monotonic_time()) / 1000 + 1;
    return (int)CLAMP(left_ms, 0, G_MAXINT);
}

/* Waits until some worker says something or is late, and finishes those that are at their end. */
static void wait_for_workers(const struct worker_pool *pool, GPtrArray *workers)
{
    g_autofree struct pollfd *polled = g_new0(struct pollfd, workers->len);
    for (guint i = 0; i < workers->len; i++) {
        polled[i].fd = ((struct worker *)workers->pdata[i])->pipe;
        polled[i].events = POLLIN;
    }
    poll(polled, workers->len, milliseconds_to_deadline(workers));
    gint64 now_us = g_get_monotonic_time();
    for (guint i = workers->len; i-- > 0;) {
        struct worker *worker = workers->pdata[i];
        gboolean ended = polled[i].revents && worker_read(worker);
        if (!ended && !worker->timed_out && now_us >= worker->deadline_us) {
            worker->timed_out = TRUE;
            kill(worker->pid, SIGKILL);
            ended = TRUE;
        }
        if (ended) {
            worker_finish(pool, worker);
            g_ptr_array_remove_index_fast(workers, i);
        }
    }
}

void worker_pool_run(const struct worker_pool *pool, const guint *order, guint count)
{
    guint at_once = pool->limits.at_once ? pool->limits.at_once : worker_usable_cores();
    g_autoptr(GPtrArray) workers = g_ptr_array_new_with_free_func(worker_free);
    guint next = 0;
    while (next < count || workers->len > 0) {
        while (next < count && workers->len < at_once) {
            g_autofree char *why = NULL;
            if (pool->started)
                pool->started(order[next], next - workers->len, count, pool->data);
            struct worker *worker = worker_start(pool, order[next], &why);
            if (worker)
                g_ptr_array_add(workers, worker);
            else
                pool->finished(order[next], NULL, why, pool->data);
            next++;
        }
        if (workers->len > 0)
            wait_for_workers(pool, workers);
    }
}
