/* SPDX-License-Identifier: Apache-2.0 */
/* Waits for other threads of the program, each on an object with a name of its own. */
#include "tests/kernel/truth.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <sys/wait.h>

#define ROUNDS    8
#define HOLD_TIME 0.05
#define TURN_TIME 4.0

static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    int filled;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
} queue = {0, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER};
static sem_t slots_free;
static sem_t turn_holder, turn_waiter;
static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t phase_end;

static pthread_t start(const char *name, void *(*body)(void *))
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, NULL))
        exit(1);
    pthread_setname_np(thread, name);
    return thread;
}

/* Both threads of a case, from the first to the last line of theirs. */
static void run_pair(void *(*holder)(void *), void *(*waiter)(void *))
{
    sem_init(&turn_holder, 0, 0);
    sem_init(&turn_waiter, 0, 0);
    pthread_t one = start("holder", holder), other = start("waiter", waiter);
    pthread_join(one, NULL);
    pthread_join(other, NULL);
}

static void *hold_mutex(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&shared_lock);
        sem_post(&turn_waiter);
        sleep_seconds(HOLD_TIME);
        pthread_mutex_unlock(&shared_lock);
        sem_wait(&turn_holder);
    }
    return unused;
}

static void *want_mutex(void *unused)
{
    double waited = 0;
    for (int i = 0; i < ROUNDS; i++) {
        sem_wait(&turn_waiter);
        double before = seconds_now(CLOCK_MONOTONIC);
        pthread_mutex_lock(&shared_lock);
        waited += seconds_now(CLOCK_MONOTONIC) - before;
        pthread_mutex_unlock(&shared_lock);
        sem_post(&turn_holder);
    }
    tell("mutex", waited);
    return unused;
}

void truth_mutex(void)
{
    run_pair(hold_mutex, want_mutex);
}

static void *fill_queue(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        sleep_seconds(HOLD_TIME);
        pthread_mutex_lock(&queue.lock);
        queue.filled++;
        pthread_mutex_unlock(&queue.lock);
        pthread_cond_signal(&queue.arrived);
    }
    return unused;
}

static void *drain_queue(void *unused)
{
    double start_time = seconds_now(CLOCK_MONOTONIC);
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&queue.lock);
        while (!queue.filled)
            pthread_cond_wait(&queue.arrived, &queue.lock);
        queue.filled--;
        pthread_mutex_unlock(&queue.lock);
    }
    tell("condition", seconds_now(CLOCK_MONOTONIC) - start_time);
    return unused;
}

void truth_condition(void)
{
    run_pair(fill_queue, drain_queue);
}

static void *free_slots(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        sleep_seconds(HOLD_TIME);
        sem_post(&slots_free);
    }
    return unused;
}

static void *take_slots(void *unused)
{
    double start_time = seconds_now(CLOCK_MONOTONIC);
    for (int i = 0; i < ROUNDS; i++)
        sem_wait(&slots_free);
    tell("semaphore", seconds_now(CLOCK_MONOTONIC) - start_time);
    return unused;
}

void truth_semaphore(void)
{
    sem_init(&slots_free, 0, 0);
    run_pair(free_slots, take_slots);
}

static int turns, turns_over;

static void *give_turns(void *unused)
{
    double end = seconds_now(CLOCK_MONOTONIC) + TURN_TIME;
    while (seconds_now(CLOCK_MONOTONIC) < end) {
        sem_post(&turn_waiter);
        sem_wait(&turn_holder);
        turns++;
    }
    turns_over = 1;
    sem_post(&turn_waiter);
    return unused;
}

static void *return_turns(void *unused)
{
    for (sem_wait(&turn_waiter); !turns_over; sem_wait(&turn_waiter))
        sem_post(&turn_holder);
    return unused;
}

/* Nothing but waits for each other, as fast as one core can. */
void truth_turns(void)
{
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET(sched_getcpu(), &core);
    if (sched_setaffinity(0, sizeof(core), &core))
        exit(1);
    run_pair(give_turns, return_turns);
    tell("turns", turns / TURN_TIME);
}

static void *write_table(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_rwlock_wrlock(&table_lock);
        sem_post(&turn_waiter);
        sleep_seconds(HOLD_TIME);
        pthread_rwlock_unlock(&table_lock);
        sem_wait(&turn_holder);
    }
    return unused;
}

static void *read_table(void *unused)
{
    double waited = 0;
    for (int i = 0; i < ROUNDS; i++) {
        sem_wait(&turn_waiter);
        double before = seconds_now(CLOCK_MONOTONIC);
        pthread_rwlock_rdlock(&table_lock);
        waited += seconds_now(CLOCK_MONOTONIC) - before;
        pthread_rwlock_unlock(&table_lock);
        sem_post(&turn_holder);
    }
    tell("rwlock", waited);
    return unused;
}

void truth_rwlock(void)
{
    run_pair(write_table, read_table);
}

static void *come_late(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        sleep_seconds(HOLD_TIME);
        pthread_barrier_wait(&phase_end);
    }
    return unused;
}

static void *come_early(void *unused)
{
    double start_time = seconds_now(CLOCK_MONOTONIC);
    for (int i = 0; i < ROUNDS; i++)
        pthread_barrier_wait(&phase_end);
    tell("barrier", seconds_now(CLOCK_MONOTONIC) - start_time);
    return unused;
}

void truth_barrier(void)
{
    pthread_barrier_init(&phase_end, NULL, 2);
    run_pair(come_late, come_early);
}

static void *live_a_while(void *unused)
{
    sleep_seconds(0.4);
    return unused;
}

void truth_join(void)
{
    pthread_t thread = start("holder", live_a_while);
    double before = seconds_now(CLOCK_MONOTONIC);
    pthread_join(thread, NULL);
    tell("join", seconds_now(CLOCK_MONOTONIC) - before);
}

static pthread_mutex_t quiet_lock = PTHREAD_MUTEX_INITIALIZER, tried_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t own_lock, child_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t read_lock = PTHREAD_RWLOCK_INITIALIZER;

/* Takes and releases it, for a while each time. */
static double use_lock(pthread_mutex_t *lock, int times, double seconds)
{
    double held = 0;
    for (int i = 0; i < times; i++) {
        pthread_mutex_lock(lock);
        double before = seconds_now(CLOCK_MONOTONIC);
        sleep_seconds(seconds);
        held += seconds_now(CLOCK_MONOTONIC) - before;
        pthread_mutex_unlock(lock);
    }
    return held;
}

static void *fail_to_take(void *unused)
{
    for (int i = 0; i < 5; i++) {
        if (pthread_mutex_trylock(&tried_lock) == 0)
            exit(1);
    }
    return unused;
}

static void try_lock(void)
{
    if (pthread_mutex_trylock(&tried_lock))
        exit(1);
    pthread_t thread = start("trier", fail_to_take);
    pthread_join(thread, NULL);
    pthread_mutex_unlock(&tried_lock);
}

static double take_twice(void)
{
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&own_lock, &kind);
    pthread_mutex_lock(&own_lock);
    double before = seconds_now(CLOCK_MONOTONIC);
    pthread_mutex_lock(&own_lock);
    sleep_seconds(0.05);
    pthread_mutex_unlock(&own_lock);
    sleep_seconds(0.05);
    double held = seconds_now(CLOCK_MONOTONIC) - before;
    pthread_mutex_unlock(&own_lock);
    return held;
}

/* Locks that nobody waits for. */
void truth_uses(void)
{
    tell("quiet_lock.hold", use_lock(&quiet_lock, 200, 0.001));
    tell("quiet_lock.uses", 200);
    try_lock();
    tell("tried_lock.uses", 1);
    tell("own_lock.hold", take_twice());
    tell("own_lock.uses", 1);
    for (int i = 0; i < 3; i++) {
        pthread_rwlock_rdlock(&read_lock);
        pthread_rwlock_unlock(&read_lock);
    }
    tell("read_lock.uses", 3);
    if (fork() == 0) {
        sleep_seconds(0.3); /* until the tracer has seen it */
        use_lock(&child_lock, 10, 0.001);
        _exit(0);
    }
    wait(NULL);
    tell("child_lock.uses", 10);
}

/* For those who attach while it runs, and end it. */
void truth_steady_locks(void)
{
    use_lock(&quiet_lock, 60000, 0.001);
}
