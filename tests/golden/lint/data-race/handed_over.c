/* SPDX-License-Identifier: Apache-2.0 */
/* What a semaphore or a condition orders is doubtful at most; what has to do with neither side, or is only
 * done when an option says so, orders nothing. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static sem_t ready, turn;
static int option, ordered, unordered, optional;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int state;

static void *produce(void *unused)
{
    ordered = 1;
    sem_post(&ready);
    return unused;
}

static void *alone(void *unused)
{
    unordered = 1;
    return unused;
}

static void *sometimes(void *unused)
{
    if (option)
        sem_wait(&turn);
    optional++;
    if (option)
        sem_post(&turn);
    return unused;
}

static void announce(void)
{
    pthread_mutex_lock(&lock);
    state = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static int run_ordered(void)
{
    pthread_t producer;
    pthread_create(&producer, NULL, produce, NULL);
    sem_wait(&ready);
    int result = ordered;
    pthread_join(producer, NULL);
    return result;
}

static int run_alone(void)
{
    pthread_t lonely;
    pthread_create(&lonely, NULL, alone, NULL);
    int result = unordered;
    announce();
    pthread_join(lonely, NULL);
    return result;
}

static int run_sometimes(void)
{
    pthread_t other;
    pthread_create(&other, NULL, sometimes, NULL);
    if (option)
        sem_wait(&turn);
    optional++;
    if (option)
        sem_post(&turn);
    pthread_join(other, NULL);
    return optional;
}

int main(int count, char **arguments)
{
    option = count > 1 && arguments[1];
    sem_init(&ready, 0, 0);
    sem_init(&turn, 0, 1);
    return run_ordered() + run_alone() + run_sometimes();
}
