/* SPDX-License-Identifier: Apache-2.0 */
/* A lock whose holder must share its core while another thread wants the lock, and code that one or two
 * threads run at a time. */
#include "tests/kernel/truth.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#define ROUNDS       4
#define HELD_CPU     0.05
#define ALONE_TIME   0.3
#define TOGETHER_CPU 0.3

static pthread_mutex_t held_lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t taken, given_back;
static atomic_bool done;
static pthread_barrier_t begin;

static void stay_on_core(int core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void *take_the_core(void *core)
{
    stay_on_core(*(int *)core);
    while (!atomic_load(&done))
        ;
    return NULL;
}

static void *hold_on_busy_core(void *core)
{
    double queued = 0, held = 0;
    stay_on_core(*(int *)core);
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&held_lock); /* the section begins */
        double wall = seconds_now(CLOCK_MONOTONIC), cpu = seconds_now(CLOCK_THREAD_CPUTIME_ID);
        sem_post(&taken);
        compute_seconds(HELD_CPU);
        wall = seconds_now(CLOCK_MONOTONIC) - wall;
        queued += wall - (seconds_now(CLOCK_THREAD_CPUTIME_ID) - cpu);
        held += wall;
        pthread_mutex_unlock(&held_lock); /* the section ends */
        sem_wait(&given_back);
    }
    tell("queued", queued);
    tell("held", held);
    return NULL;
}

void truth_queued_holder(void)
{
    pthread_t busy, holder;
    cpu_set_t cores;
    int core = 0;
    sched_getaffinity(0, sizeof(cores), &cores);
    while (!CPU_ISSET(core, &cores))
        core++;
    sem_init(&taken, 0, 0);
    sem_init(&given_back, 0, 0);
    pthread_create(&busy, NULL, take_the_core, &core);
    pthread_create(&holder, NULL, hold_on_busy_core, &core);
    for (int i = 0; i < ROUNDS; i++) {
        sem_wait(&taken);
        pthread_mutex_lock(&held_lock);
        pthread_mutex_unlock(&held_lock);
        sem_post(&given_back);
    }
    pthread_join(holder, NULL);
    atomic_store(&done, true);
    pthread_join(busy, NULL);
}

__attribute__((noinline)) static void run_alone(void)
{
    compute_seconds(ALONE_TIME);
}

/* Until a point in time, so that both are active all along, whoever has the core. */
__attribute__((noinline)) static void run_together(void)
{
    double end = seconds_now(CLOCK_MONOTONIC) + TOGETHER_CPU;
    while (seconds_now(CLOCK_MONOTONIC) < end)
        ;
}

static void *run_beside(void *unused)
{
    pthread_barrier_wait(&begin);
    run_together();
    return unused;
}

void truth_together(void)
{
    pthread_t other;
    run_alone();
    pthread_barrier_init(&begin, NULL, 2);
    pthread_create(&other, NULL, run_beside, NULL);
    run_beside(NULL);
    pthread_join(other, NULL);
}
