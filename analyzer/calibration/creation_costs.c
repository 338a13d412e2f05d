/* SPDX-License-Identifier: Apache-2.0 */
/* Threads, processes and coroutines: made, ended, and waited for. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/calibration/cost_groups.h"
#include "runtime/host_limits.h"
#include "runtime/coroutine.h"

#define GIB             (G_GUINT64_CONSTANT(1) << 30)
#define LARGE_BYTES     67108864.0 /* a fork of more takes longer than the scheduler lets it run in one go */
#define MEMORY_SHARE    4          /* of the memory that can be had, a fourth is used */
#define COROUTINE_STACK ((size_t)64 * 1024)

static void *end_at_once(void *data)
{
    return data;
}

static guint64 create_threads(guint64 count, gpointer data)
{
    (void)data;
    for (guint64 i = 0; i < count; i++) {
        pthread_t thread;
        errno = pthread_create(&thread, NULL, end_at_once, NULL);
        if (errno != 0)
            return 0;
        pthread_join(thread, NULL);
    }
    return count;
}

void calibrate_threads(struct calibration *calibration)
{
    calibration_pin(calibration);
    calibration_time(calibration, HOST_CREATE_THREAD, create_threads, NULL, 1);
    calibration_unpin(calibration);
}

/* --- processes ---------------------------------------------------------------------------------------- */

long (*const volatile lean_call)(long number, ...) = syscall;

static gboolean is_foreign_library(const char *path)
{
    static const char *const needed[] = {"libc.so", "libc-", "ld-linux", "ld-", "san.so"};
    if (!path || !strstr(path, ".so"))
        return FALSE;
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    for (gsize i = 0; i < G_N_ELEMENTS(needed); i++) {
        if (strstr(base, needed[i]))
            return FALSE;
    }
    return TRUE;
}

static void advise_libraries(int advice)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[4096 + 128];
    while (maps && fgets(line, sizeof(line), maps)) {
        char *end = NULL;
        guint64 first = g_ascii_strtoull(line, &end, 16);
        guint64 last = *end == '-' ? g_ascii_strtoull(end + 1, NULL, 16) : first;
        if (last > first && is_foreign_library(strchr(line, '/')))
            madvise((void *)(gsize)first, last - first, advice); /* NOLINT(performance-no-int-to-ptr) */
    }
    if (maps)
        fclose(maps);
}

void lean_fork_begin(void)
{
    advise_libraries(MADV_DONTFORK);
}

void lean_fork_end(void)
{
    advise_libraries(MADV_DOFORK);
}

static guint64 create_processes(guint64 count, gpointer data)
{
    (void)data;
    for (guint64 i = 0; i < count; i++) {
        pid_t child = _Fork();
        if (child == 0)
            lean_call(SYS_exit_group, 0);
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child)
            return 0;
        if (status != 0) {
            errno = ECHILD;
            return 0;
        }
    }
    return count;
}

static void *touched_memory(gsize bytes)
{
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    for (gsize i = 0; i < bytes; i += 4096)
        memory[i] = 1;
    return memory;
}

/* What is added by each GiB that the parent has touched: its page tables are copied. */
static void measure_large_fork(struct calibration *calibration)
{
    double usable = corewise_usable_memory_bytes("/") / MEMORY_SHARE;
    gsize bytes = (gsize)MIN(LARGE_BYTES, usable) & ~(gsize)4095;
    void *memory = bytes > 0 ? touched_memory(bytes) : NULL;
    if (!memory) {
        calibration_fail(calibration, HOST_FORK_GIB, "no memory to fork with", ENOMEM);
        return;
    }
    const struct repetition *small = &calibration->repetitions[HOST_CREATE_PROCESS];
    struct repetition *large = &calibration->repetitions[HOST_FORK_GIB];
    double per_gib = (double)GIB / (double)bytes;
    if (calibration_time(calibration, HOST_FORK_GIB, create_processes, NULL, per_gib))
        repetition_scale(large, 1, -small->median * per_gib);
    if (large->samples > 0 && large->median <= 0) { /* huge pages: too little to be told from nothing */
        large->median = MAX(large->high, 1e-9);
        large->low = MAX(large->low, 0);
    }
    munmap(memory, bytes);
}

void calibrate_processes(struct calibration *calibration)
{
    calibration_pin(calibration);
    lean_fork_begin();
    if (calibration_time(calibration, HOST_CREATE_PROCESS, create_processes, NULL, 1))
        measure_large_fork(calibration);
    lean_fork_end();
    calibration_unpin(calibration);
}

/* --- coroutines --------------------------------------------------------------------------------------- */

static void end_body(struct corewise_coroutine *coroutine, void *data)
{
    (void)coroutine;
    (void)data;
}

static void yield_body(struct corewise_coroutine *coroutine, void *data)
{
    const gboolean *stop = data;
    while (!*stop)
        corewise_coroutine_yield(coroutine);
}

/* A stack that another coroutine has left, as in a server that keeps its stacks. */
static guint64 create_coroutines(guint64 count, gpointer data)
{
    for (guint64 i = 0; i < count; i++) {
        corewise_coroutine_start(data, end_body, NULL);
        corewise_coroutine_resume(data);
    }
    return count;
}

static guint64 switch_coroutines(guint64 count, gpointer data)
{
    for (guint64 i = 0; i < count; i++)
        corewise_coroutine_resume(data);
    return count;
}

void calibrate_coroutines(struct calibration *calibration)
{
    struct corewise_coroutine *coroutine = corewise_coroutine_new(COROUTINE_STACK);
    if (!coroutine) {
        calibration_fail(calibration, HOST_CREATE_COROUTINE, "no memory for a stack", errno);
        calibration_fail(calibration, HOST_SWITCH_COROUTINE, "no memory for a stack", errno);
        return;
    }
    calibration_time(calibration, HOST_CREATE_COROUTINE, create_coroutines, coroutine, 1);
    gboolean stop = FALSE;
    corewise_coroutine_start(coroutine, yield_body, &stop);
    calibration_time(calibration, HOST_SWITCH_COROUTINE, switch_coroutines, coroutine, 0.5);
    stop = TRUE;
    corewise_coroutine_resume(coroutine);
    corewise_coroutine_free(coroutine);
}
