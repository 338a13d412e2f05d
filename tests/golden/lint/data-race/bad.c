/* SPDX-License-Identifier: Apache-2.0 */
/* A counter without a lock, an object that two threads got by pointer with the lock taken in one place only,
 * and two locks for one variable. */
#include <pthread.h>

struct counter {
    pthread_mutex_t lock;
    long value;
};

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER, right = PTHREAD_MUTEX_INITIALIZER;
static int hits, shared;

static void counter_add(struct counter *counter)
{
    pthread_mutex_lock(&counter->lock);
    counter->value++;
    pthread_mutex_unlock(&counter->lock);
}

static void counter_reset(struct counter *counter)
{
    counter->value = 0;
}

static void *add(void *argument)
{
    struct counter *counter = argument;
    counter_add(counter);
    hits++;
    pthread_mutex_lock(&left);
    shared++;
    pthread_mutex_unlock(&left);
    return NULL;
}

static void *reset(void *argument)
{
    counter_reset(argument);
    pthread_mutex_lock(&right);
    shared = 0;
    pthread_mutex_unlock(&right);
    return NULL;
}

int main(void)
{
    struct counter counter = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t adders[2], resetter;
    for (int i = 0; i < 2; i++)
        pthread_create(&adders[i], NULL, add, &counter);
    pthread_create(&resetter, NULL, reset, &counter);
    for (int i = 0; i < 2; i++)
        pthread_join(adders[i], NULL);
    pthread_join(resetter, NULL);
    return 0;
}
