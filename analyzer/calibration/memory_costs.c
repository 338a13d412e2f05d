/* SPDX-License-Identifier: Apache-2.0 */
/* What an idle thread, process, connection or coroutine keeps: its own pages, and what the kernel keeps for
 * it. Some are made, memory is read, more are made: each batch is one measurement. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/calibration/cost_groups.h"
#include "runtime/coroutine.h"

#define BATCHES           7
#define COROUTINE_STACK   ((size_t)64 * 1024)
#define PAGE_BYTES        4096.0
#define SPARE_FILES       64
#define LEAST_CONNECTIONS 100 /* of a batch: fewer drown in what others do to the kernel's memory */

/* Sum of the values, in kB, of the lines that begin with one of the keys; 0 when the file is not there. */
static double sum_of_keys(const char *path, const char *const *keys)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    double sum = 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
    for (char **line = lines; *line; line++) {
        for (const char *const *key = keys; *key; key++) {
            if (g_str_has_prefix(*line, *key))
                sum += g_ascii_strtod(*line + strlen(*key), NULL);
        }
    }
    return sum * 1024;
}

/* What all sockets hold in buffers, counted by the kernel in pages. */
static double socket_buffers(void)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/net/sockstat", &text, NULL, NULL))
        return 0;
    const char *line = strstr(text, "TCP: ");
    const char *pages = line ? strstr(line, " mem ") : NULL;
    return pages ? g_ascii_strtod(pages + strlen(" mem "), NULL) * PAGE_BYTES : 0;
}

/* Memory of this process with its page tables, in bytes. */
static double read_own_memory(gpointer data)
{
    (void)data;
    static const char *const pages[] = {"Pss:", NULL}, *const tables[] = {"VmPTE:", NULL};
    return sum_of_keys("/proc/self/smaps_rollup", pages) + sum_of_keys("/proc/self/status", tables);
}

/* Memory of this process and of the kernel, in bytes. The kernel's is that of the whole machine: there is no
 * other count of it; many at once and the median of batches drown what others do meanwhile. */
static double read_memory(gpointer data)
{
    (void)data;
    static const char *const kernel[] = {"KernelStack:", "PageTables:", "Slab:", "Percpu:", NULL};
    static const char *const own[] = {"Pss:", NULL};
    g_autofree char *fresh = NULL; /* makes each core add its share to the counters; root only */
    (void)g_file_get_contents("/proc/sys/vm/stat_refresh", &fresh, NULL, NULL);
    return sum_of_keys("/proc/meminfo", kernel) + sum_of_keys("/proc/self/smaps_rollup", own) +
           socket_buffers();
}

/* Makes one more; FALSE with errno when it cannot. */
typedef gboolean make_one(gpointer data);

/* Memory as `read_bytes` tells it. */
static void measure_growth(struct calibration *calibration, enum host_cost_id id, guint per_batch,
                           make_one *make, gpointer data, double (*read_bytes)(gpointer data))
{
    double values[BATCHES];
    guint done = 0;
    int reason = 0;
    guint count = calibration->quick ? per_batch / 2 : per_batch;
    double before = read_bytes(data);
    while (done < BATCHES && !reason) {
        for (guint i = 0; i < count && !reason; i++)
            reason = make(data) ? 0 : errno;
        if (reason)
            break;
        double after = read_bytes(data);
        values[done++] = (after - before) / count;
        before = after;
    }
    /* The first batch finds memory that the kernel already has. */
    if (done >= 3)
        repetition_of(values + 1, done - 1, &calibration->repetitions[id]);
    else
        calibration_fail(calibration, id, "not enough could be made", reason);
    if (calibration->repetitions[id].samples > 0 && calibration->repetitions[id].median < 1) {
        calibration->repetitions[id].samples = 0;
        calibration_fail(calibration, id, "the memory of the kernel cannot be read", ENOTSUP);
    }
}

/* --- threads ------------------------------------------------------------------------------------------ */

struct thread_crowd {
    pthread_mutex_t mutex;
    pthread_cond_t over;
    gboolean stop;
    GArray *threads; /* pthread_t */
};

static void *stay_idle(void *data)
{
    struct thread_crowd *crowd = data;
    pthread_mutex_lock(&crowd->mutex);
    while (!crowd->stop)
        pthread_cond_wait(&crowd->over, &crowd->mutex);
    pthread_mutex_unlock(&crowd->mutex);
    return NULL;
}

static gboolean add_thread(gpointer data)
{
    struct thread_crowd *crowd = data;
    pthread_t thread;
    errno = pthread_create(&thread, NULL, stay_idle, crowd);
    if (errno != 0)
        return FALSE;
    g_array_append_val(crowd->threads, thread);
    return TRUE;
}

static void measure_thread_memory(struct calibration *calibration)
{
    struct thread_crowd crowd = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                                 .over = PTHREAD_COND_INITIALIZER,
                                 .threads = g_array_new(FALSE, FALSE, sizeof(pthread_t))};
    measure_growth(calibration, HOST_THREAD_BYTES, 128, add_thread, &crowd, read_memory);
    pthread_mutex_lock(&crowd.mutex);
    crowd.stop = TRUE;
    pthread_cond_broadcast(&crowd.over);
    pthread_mutex_unlock(&crowd.mutex);
    for (guint i = 0; i < crowd.threads->len; i++)
        pthread_join(g_array_index(crowd.threads, pthread_t, i), NULL);
    g_array_unref(crowd.threads);
}

/* --- processes ---------------------------------------------------------------------------------------- */

static gboolean add_process(gpointer data)
{
    GArray *children = data;
    int ready[2];
    if (pipe(ready) != 0)
        return FALSE;
    pid_t child = _Fork();
    if (child == 0) {
        char byte = 0;
        lean_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
        if (lean_call(SYS_write, ready[1], &byte, 1) == 1)
            lean_call(SYS_pause);
        lean_call(SYS_exit_group, 0);
    }
    int reason = errno;
    char byte;
    close(ready[1]); /* a child that is gone must not leave us waiting */
    gboolean runs = child > 0 && read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    if (child > 0)
        g_array_append_val(children, child);
    errno = child > 0 ? ECHILD : reason;
    return runs;
}

/* The pages that only one child has, too. */
static double children_bytes(gpointer data)
{
    static const char *const keys[] = {"Private_Clean:", "Private_Dirty:", NULL};
    const GArray *children = data;
    double sum = 0;
    for (guint i = 0; i < children->len; i++) {
        g_autofree char *path =
            g_strdup_printf("/proc/%d/smaps_rollup", (int)g_array_index(children, pid_t, i));
        sum += sum_of_keys(path, keys);
    }
    return sum + read_memory(NULL);
}

static void measure_process_memory(struct calibration *calibration)
{
    g_autoptr(GArray) children = g_array_new(FALSE, FALSE, sizeof(pid_t));
    lean_fork_begin();
    measure_growth(calibration, HOST_PROCESS_BYTES, 32, add_process, children, children_bytes);
    for (guint i = 0; i < children->len; i++)
        kill(g_array_index(children, pid_t, i), SIGKILL);
    for (guint i = 0; i < children->len; i++)
        waitpid(g_array_index(children, pid_t, i), NULL, 0);
    lean_fork_end();
}

/* --- connections -------------------------------------------------------------------------------------- */

struct connections {
    int listener;
    struct sockaddr_in address;
    GArray *sockets; /* int */
};

static gboolean add_connection(gpointer data)
{
    struct connections *connections = data;
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client < 0)
        return FALSE;
    g_array_append_val(connections->sockets, client);
    /* The end sends a reset: no thousands of connections linger after the measurement. */
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    if (connect(client, (const struct sockaddr *)&connections->address, sizeof(connections->address)) != 0)
        return FALSE;
    int server = accept4(connections->listener, NULL, NULL, SOCK_CLOEXEC);
    if (server < 0)
        return FALSE;
    g_array_append_val(connections->sockets, server);
    return TRUE;
}

static gboolean listen_locally(struct connections *connections)
{
    socklen_t length = sizeof(connections->address);
    connections->address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connections->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connections->listener >= 0 &&
           bind(connections->listener, (const struct sockaddr *)&connections->address, length) == 0 &&
           listen(connections->listener, SPARE_FILES) == 0 &&
           getsockname(connections->listener, (struct sockaddr *)&connections->address, &length) == 0;
}

static void measure_connection_memory(struct calibration *calibration)
{
    struct connections connections = {.listener = -1, .sockets = g_array_new(FALSE, FALSE, sizeof(int))};
    struct rlimit before, files;
    getrlimit(RLIMIT_NOFILE, &before);
    files = before;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    guint possible = (guint)MIN((MAX(files.rlim_cur, SPARE_FILES) - SPARE_FILES) / 2 / BATCHES, 1000);
    if (possible < LEAST_CONNECTIONS)
        calibration_fail(calibration, HOST_CONNECTION_BYTES, "too few files may be open", EMFILE);
    else if (listen_locally(&connections))
        measure_growth(calibration, HOST_CONNECTION_BYTES, possible, add_connection, &connections,
                       read_memory);
    else
        calibration_fail(calibration, HOST_CONNECTION_BYTES, "cannot listen on 127.0.0.1", errno);
    for (guint i = 0; i < connections.sockets->len; i++)
        close(g_array_index(connections.sockets, int, i));
    if (connections.listener >= 0)
        close(connections.listener);
    g_array_unref(connections.sockets);
    setrlimit(RLIMIT_NOFILE, &before);
}

/* --- coroutines --------------------------------------------------------------------------------------- */

static void wait_once(struct corewise_coroutine *coroutine, void *data)
{
    (void)data;
    corewise_coroutine_yield(coroutine);
}

static gboolean add_coroutine(gpointer data)
{
    struct corewise_coroutine *coroutine = corewise_coroutine_new(COROUTINE_STACK);
    if (!coroutine)
        return FALSE;
    g_ptr_array_add(data, coroutine);
    corewise_coroutine_start(coroutine, wait_once, NULL);
    corewise_coroutine_resume(coroutine);
    return TRUE;
}

static void measure_coroutine_memory(struct calibration *calibration)
{
    g_autoptr(GPtrArray) coroutines = g_ptr_array_new_with_free_func((GDestroyNotify)corewise_coroutine_free);
    measure_growth(calibration, HOST_TASK_BYTES, 1000, add_coroutine, coroutines, read_own_memory);
}

void calibrate_memory(struct calibration *calibration)
{
    measure_thread_memory(calibration);
    measure_process_memory(calibration);
    measure_connection_memory(calibration);
    measure_coroutine_memory(calibration);
}
