/* SPDX-License-Identifier: Apache-2.0 */
/* A mutex that is free, and one that every core wants. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "analyzer/calibration/cost_groups.h"

#define RIVALS_LIMIT 7
#define BUSY_FACTOR  4  /* more time to catch moments in which the other cores are free */
#define RIVAL_UNIT   10 /* least_others is in tenths of the own times */

struct rivalry {
    pthread_mutex_t mutex;
    guint64 taken; /* under the mutex */
    atomic_bool stop;
    guint64 least_others; /* of a repetition: where the rivals took it less often there was no contention */
};

static guint64 take_and_release(guint64 count, gpointer data)
{
    struct rivalry *rivalry = data;
    pthread_mutex_lock(&rivalry->mutex);
    guint64 before = rivalry->taken;
    pthread_mutex_unlock(&rivalry->mutex);
    guint64 after = before;
    for (guint64 i = 0; i < count; i++) {
        pthread_mutex_lock(&rivalry->mutex);
        after = ++rivalry->taken;
        pthread_mutex_unlock(&rivalry->mutex);
    }
    if (after - before - count < rivalry->least_others * count / RIVAL_UNIT) {
        errno = REPETITION_AGAIN;
        return 0;
    }
    return after - before; /* by all */
}

static void *compete(void *data)
{
    struct rivalry *rivalry = data;
    while (!atomic_load_explicit(&rivalry->stop, memory_order_relaxed)) {
        pthread_mutex_lock(&rivalry->mutex);
        rivalry->taken++;
        pthread_mutex_unlock(&rivalry->mutex);
    }
    return NULL;
}

/* The C library takes no lock in earnest while a process has one thread: there must be another. */
static void *wait_for_mutex(void *data)
{
    struct rivalry *rivalry = data;
    pthread_mutex_lock(&rivalry->mutex);
    pthread_mutex_unlock(&rivalry->mutex);
    return NULL;
}

static void measure_free_lock(struct calibration *calibration)
{
    struct rivalry parked = {.mutex = PTHREAD_MUTEX_INITIALIZER}, free_lock = parked;
    pthread_t thread;
    pthread_mutex_lock(&parked.mutex);
    int failed = pthread_create(&thread, NULL, wait_for_mutex, &parked);
    if (failed)
        calibration_fail(calibration, HOST_LOCK, "no thread", failed);
    else
        calibration_time(calibration, HOST_LOCK, take_and_release, &free_lock, 1);
    pthread_mutex_unlock(&parked.mutex);
    if (!failed)
        pthread_join(thread, NULL);
}

/* Each rival on a core of its own, as long as there are other cores than the one that is measured on. */
static int start_rival(const struct calibration *calibration, int index, struct rivalry *rivalry,
                       pthread_t *thread)
{
    cpu_set_t one;
    pthread_attr_t attributes;
    CPU_ZERO(&one);
    for (int core = 0, passed = 0; core < CPU_SETSIZE; core++) {
        if (CPU_ISSET(core, &calibration->usable) && passed++ == index)
            CPU_SET(core, &one);
    }
    pthread_attr_init(&attributes);
    pthread_attr_setaffinity_np(&attributes, sizeof(one), &one);
    int failed = pthread_create(thread, &attributes, compete, rivalry);
    pthread_attr_destroy(&attributes);
    return failed;
}

static void measure_contended_lock(struct calibration *calibration)
{
    int wanted = MIN(CPU_COUNT(&calibration->usable) - 1, RIVALS_LIMIT), made = 0, failed = 0;
    if (wanted == 0)
        return; /* with one core nobody contends; the default stays */
    struct rivalry rivalry = {.mutex = PTHREAD_MUTEX_INITIALIZER, .least_others = 3};
    const struct effort effort = calibration->effort;
    pthread_t rivals[RIVALS_LIMIT];
    while (made < wanted && (failed = start_rival(calibration, made, &rivalry, &rivals[made])) == 0)
        made++;
    calibration_pin(calibration);
    calibration->effort.clock = NULL; /* the rivals are on other cores */
    calibration->effort.limit_seconds *= BUSY_FACTOR;
    calibration->effort.disturbed_factor = 0; /* the slow ones are those that contend */
    if (failed)
        calibration_fail(calibration, HOST_CONTENDED_LOCK, "no thread", failed);
    else
        calibration_time(calibration, HOST_CONTENDED_LOCK, take_and_release, &rivalry, 1);
    calibration_unpin(calibration);
    calibration->effort = effort;
    atomic_store(&rivalry.stop, TRUE);
    for (int i = 0; i < made; i++)
        pthread_join(rivals[i], NULL);
}

void calibrate_locks(struct calibration *calibration)
{
    measure_free_lock(calibration);
    measure_contended_lock(calibration);
}
