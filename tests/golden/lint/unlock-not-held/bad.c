/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int value;

static int set(int wanted)
{
    pthread_mutex_lock(&lock);
    if (wanted < 0) {
        pthread_mutex_unlock(&lock);
        goto out;
    }
    value = wanted;
out:
    pthread_mutex_unlock(&lock);
    return value;
}

static void twice(void)
{
    pthread_mutex_lock(&lock);
    value++;
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&lock);
}

int main(void)
{
    twice();
    set(1);
    while (value == 0)
        pthread_cond_wait(&ready, &lock);
    return 0;
}
