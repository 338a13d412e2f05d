/* SPDX-License-Identifier: Apache-2.0 */
/* A program that knows how long each of its functions waits and computes: `chains TRUTH_FILE PLUGIN`. A
 * thread per kind of call chain; built with -O2 -fomit-frame-pointer, with and without debug information. */
#include "tests/kernel/chains.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/kernel/chains_library.h"

#define NOT_INLINED     __attribute__((noinline, noclone))
#define ROUNDS          12
#define WAIT_NS         10000000
#define COMPUTE_SECONDS 0.02
#define RECURSION_DEPTH 100
#define ABYSS_DEPTH     300
#define ABYSS_BYTES     64 /* of each frame, and more */

struct truth {
    double waited, computed;
};

static struct truth truths[CHAIN_COUNT];
volatile int sink; /* work after each call, so that none becomes a jump */

static pthread_mutex_t account_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t job_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t job_ready = PTHREAD_COND_INITIALIZER;
static int record_pipe[2];
static volatile int jobs, finished, interruptions;
static timer_t interrupting_timer;
static chains_plugin_function *plugin_functions[2];

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void pause_ns(long ns)
{
    struct timespec time = {0, ns}, left;
    while (nanosleep(&time, &left) != 0 && errno == EINTR)
        time = left;
}

static inline __attribute__((always_inline)) void compute_for(double seconds)
{
    double end = now(CLOCK_THREAD_CPUTIME_ID) + seconds;
    while (now(CLOCK_THREAD_CPUTIME_ID) < end) {
        for (int i = 0; i < 20000; i++)
            sink += i;
    }
}

/* What every chain ends in that has no wait of its own. */
NOT_INLINED void spend(int chain)
{
    double start = now(CLOCK_MONOTONIC);
    pause_ns(WAIT_NS);
    truths[chain].waited += now(CLOCK_MONOTONIC) - start;
    start = now(CLOCK_THREAD_CPUTIME_ID);
    compute_for(COMPUTE_SECONDS);
    truths[chain].computed += now(CLOCK_THREAD_CPUTIME_ID) - start;
    sink++;
}

NOT_INLINED void wait_for_bytes(void)
{
    char byte;
    double start = now(CLOCK_MONOTONIC);
    if (read(record_pipe[0], &byte, 1) != 1)
        abort();
    truths[CHAIN_read].waited += now(CLOCK_MONOTONIC) - start;
    sink++;
}

NOT_INLINED void fetch_record(void)
{
    wait_for_bytes();
    sink++;
}

void *read_body(void *argument)
{
    for (int i = 0; i < 2 * ROUNDS; i++)
        fetch_record();
    return argument;
}

NOT_INLINED void wait_for_lock(void)
{
    double start = now(CLOCK_MONOTONIC);
    pthread_mutex_lock(&account_lock);
    truths[CHAIN_lock].waited += now(CLOCK_MONOTONIC) - start;
    pthread_mutex_unlock(&account_lock);
    sink++;
}

NOT_INLINED void update_account(void)
{
    wait_for_lock();
    sink++;
}

NOT_INLINED void leave_account(void)
{
    double start = now(CLOCK_MONOTONIC);
    pause_ns(WAIT_NS / 2);
    truths[CHAIN_pause].waited += now(CLOCK_MONOTONIC) - start;
    sink++;
}

void *lock_body(void *argument)
{
    for (int i = 0; i < 2 * ROUNDS; i++) {
        update_account();
        leave_account();
    }
    return argument;
}

NOT_INLINED void wait_for_signal(void)
{
    double start = now(CLOCK_MONOTONIC);
    pthread_mutex_lock(&job_lock);
    while (jobs == 0)
        pthread_cond_wait(&job_ready, &job_lock);
    jobs--;
    pthread_mutex_unlock(&job_lock);
    truths[CHAIN_condition].waited += now(CLOCK_MONOTONIC) - start;
    sink++;
}

NOT_INLINED void take_job(void)
{
    wait_for_signal();
    sink++;
}

void *condition_body(void *argument)
{
    for (int i = 0; i < 2 * ROUNDS; i++)
        take_job();
    return argument;
}

/* Serves the three above: holds the lock, sends bytes and jobs. Not exported. */
static NOT_INLINED void *serve(void *argument)
{
    while (!finished) {
        pthread_mutex_lock(&account_lock);
        pause_ns(WAIT_NS);
        pthread_mutex_unlock(&account_lock);
        if (write(record_pipe[1], "x", 1) != 1)
            abort();
        pthread_mutex_lock(&job_lock);
        jobs++;
        pthread_cond_signal(&job_ready);
        pthread_mutex_unlock(&job_lock);
        pause_ns(WAIT_NS / 4);
    }
    return argument;
}

NOT_INLINED int compare_slowly(const void *left, const void *right)
{
    spend(CHAIN_sort);
    sink++;
    return *(const int *)left - *(const int *)right;
}

NOT_INLINED void sort_records(void)
{
    int records[5] = {3, 1, 4, 1, 5};
    qsort(records, 5, sizeof records[0], compare_slowly);
    sink += records[0];
}

void *sort_body(void *argument)
{
    for (int i = 0; i < 2; i++)
        sort_records();
    return argument;
}

/* Interrupts this thread once, after another while on the core. */
static void arm_timer(void)
{
    struct itimerspec period = {.it_value = {0, (long)(COMPUTE_SECONDS * 1e9)}};
    if (timer_settime(interrupting_timer, 0, &period, NULL) != 0)
        abort();
}

NOT_INLINED void on_signal(int number)
{
    spend(CHAIN_handler);
    interruptions++;
    sink += number;
    arm_timer();
}

NOT_INLINED void interrupted_loop(void)
{
    double start = now(CLOCK_THREAD_CPUTIME_ID);
    while (interruptions < ROUNDS)
        sink++;
    truths[CHAIN_interrupted].computed =
        now(CLOCK_THREAD_CPUTIME_ID) - start - truths[CHAIN_handler].computed;
}

void *signal_body(void *argument)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
    event._sigev_un._tid = (int)syscall(SYS_gettid);
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &interrupting_timer) != 0)
        abort();
    arm_timer();
    interrupted_loop();
    timer_delete(interrupting_timer);
    return argument;
}

/* Its work is reported in the plugin's own words. */
static void note_plugin(int side, double waited, double computed)
{
    truths[CHAIN_plugin_left + side].waited += waited;
    truths[CHAIN_plugin_left + side].computed += computed;
}

NOT_INLINED void call_plugin(int side)
{
    plugin_functions[side](note_plugin, WAIT_NS, COMPUTE_SECONDS);
    sink++;
}

void *plugin_body(void *argument)
{
    for (int i = 0; i < 2 * ROUNDS; i++)
        call_plugin(i % 2);
    return argument;
}

NOT_INLINED void descend(int depth)
{
    if (depth > 0)
        descend(depth - 1);
    else
        spend(CHAIN_recursion);
    sink++;
}

NOT_INLINED void start_descent(void)
{
    descend(RECURSION_DEPTH - 1);
    sink++;
}

void *recursion_body(void *argument)
{
    for (int i = 0; i < ROUNDS; i++)
        start_descent();
    return argument;
}

/* Two paths are only a test when they cannot be told apart here. */
static void check_same_place(void **known, void *place)
{
    if (!*known)
        *known = place;
    if (*known != place) {
        fprintf(stderr, "two paths that should meet at one stack pointer do not\n");
        exit(1);
    }
}

static void *path_place, *deep_place;

NOT_INLINED void shared_step(int chain)
{
    check_same_place(&path_place, __builtin_frame_address(0));
    spend(chain);
    sink++;
}

NOT_INLINED void left_path(int chain)
{
    shared_step(chain);
    sink += 1;
}

NOT_INLINED void right_path(int chain)
{
    shared_step(chain);
    sink += 2;
}

void *path_body(void *argument)
{
    for (int i = 0; i < ROUNDS; i++) {
        left_path(CHAIN_path_left);
        right_path(CHAIN_path_right);
    }
    return argument;
}

NOT_INLINED void deep_step(int chain, int depth)
{
    if (depth > 0) {
        deep_step(chain, depth - 1);
    } else {
        check_same_place(&deep_place, __builtin_frame_address(0));
        spend(chain);
    }
    sink++;
}

NOT_INLINED void left_deep(int chain)
{
    deep_step(chain, RECURSION_DEPTH);
    sink += 1;
}

NOT_INLINED void right_deep(int chain)
{
    deep_step(chain, RECURSION_DEPTH);
    sink += 2;
}

void *deep_body(void *argument)
{
    for (int i = 0; i < ROUNDS; i++) {
        left_deep(CHAIN_deep_left);
        right_deep(CHAIN_deep_right);
    }
    return argument;
}

NOT_INLINED void sink_down(int depth)
{
    volatile char local[ABYSS_BYTES];
    local[depth % ABYSS_BYTES] = (char)depth;
    if (depth > 0)
        sink_down(depth - 1);
    else
        spend(CHAIN_abyss);
    sink += local[depth % ABYSS_BYTES];
}

NOT_INLINED void enter_abyss(void)
{
    sink_down(ABYSS_DEPTH - 1);
    sink++;
}

void *abyss_body(void *argument)
{
    for (int i = 0; i < ROUNDS; i++)
        enter_abyss();
    return argument;
}

/* A function of a shared library that does next to nothing: much of the time is spent on the way there. */
NOT_INLINED void call_often(void)
{
    double start = now(CLOCK_THREAD_CPUTIME_ID);
    while (now(CLOCK_THREAD_CPUTIME_ID) - start < ROUNDS * COMPUTE_SECONDS) {
        for (int i = 0; i < 20000; i++)
            sink = chains_library_step(sink);
    }
    truths[CHAIN_stub].computed += now(CLOCK_THREAD_CPUTIME_ID) - start;
}

void *stub_body(void *argument)
{
    call_often();
    sink++;
    return argument;
}

/* The kernel's own library. */
NOT_INLINED void read_clock_often(void)
{
    struct timespec time;
    double start = now(CLOCK_THREAD_CPUTIME_ID);
    while (now(CLOCK_THREAD_CPUTIME_ID) - start < ROUNDS * COMPUTE_SECONDS) {
        for (int i = 0; i < 20000; i++)
            sink += clock_gettime(CLOCK_MONOTONIC, &time);
    }
    truths[CHAIN_clock].computed += now(CLOCK_THREAD_CPUTIME_ID) - start;
}

void *clock_body(void *argument)
{
    read_clock_often();
    sink++;
    return argument;
}

static void load_plugin(const char *path)
{
    void *plugin = dlopen(path, RTLD_NOW);
    if (plugin) {
        plugin_functions[0] = (chains_plugin_function *)dlsym(plugin, "plugin_left");
        plugin_functions[1] = (chains_plugin_function *)dlsym(plugin, "plugin_right");
    }
    if (!plugin || !plugin_functions[0] || !plugin_functions[1]) {
        fprintf(stderr, "chains: cannot load %s: %s\n", path, dlerror());
        exit(1);
    }
}

static void tell_truth(const char *path)
{
#define NAME(name, ...) #name,
    static const char *const names[] = {CHAINS(NAME)};
    FILE *file = fopen(path, "w");
    if (!file)
        exit(1);
    for (int chain = 0; chain < CHAIN_COUNT; chain++)
        fprintf(file, "waited.%s %.9f\ncomputed.%s %.9f\n", names[chain], truths[chain].waited, names[chain],
                truths[chain].computed);
    fclose(file);
}

int main(int count, char **arguments)
{
    static void *(*const bodies[])(void *) = {read_body,   lock_body,      condition_body, sort_body,
                                              signal_body, recursion_body, path_body,      deep_body,
                                              abyss_body,  stub_body,      clock_body,     plugin_body};
    enum { BODIES = sizeof bodies / sizeof bodies[0] };
    pthread_t threads[BODIES], server;
    struct sigaction action = {.sa_handler = on_signal};
    if (count != 3 || pipe(record_pipe) != 0 || sigaction(SIGUSR1, &action, NULL) != 0)
        return 2;
    pthread_create(&server, NULL, serve, NULL);
    for (int i = 0; i < BODIES - 1; i++)
        pthread_create(&threads[i], NULL, bodies[i], NULL);
    pause_ns(100000000); /* the library joins a running program */
    load_plugin(arguments[2]);
    pthread_create(&threads[BODIES - 1], NULL, bodies[BODIES - 1], NULL);
    for (int i = 0; i < BODIES; i++)
        pthread_join(threads[i], NULL);
    finished = 1;
    pthread_join(server, NULL);
    tell_truth(arguments[1]);
    return 0;
}
