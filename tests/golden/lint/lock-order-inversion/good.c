/* SPDX-License-Identifier: Apache-2.0 */
/* What looks like an inversion and is none: a gate lock, one thread after the other, trylock, and an order
 * that only one thread uses. */
#include <pthread.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t c = PTHREAD_MUTEX_INITIALIZER, d = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t e = PTHREAD_MUTEX_INITIALIZER, f = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void both(pthread_mutex_t *first, pthread_mutex_t *second)
{
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

static void *forward(void *unused)
{
    pthread_mutex_lock(&gate);
    both(&a, &b);
    pthread_mutex_unlock(&gate);
    both(&c, &d);
    both(&e, &f);
    return unused;
}

static void *backward(void *unused)
{
    pthread_mutex_lock(&gate);
    both(&b, &a);
    pthread_mutex_unlock(&gate);
    pthread_mutex_lock(&d);
    if (pthread_mutex_trylock(&c) == 0)
        pthread_mutex_unlock(&c);
    pthread_mutex_unlock(&d);
    return unused;
}

int main(void)
{
    pthread_t one, two;
    both(&f, &e);
    pthread_create(&one, NULL, forward, NULL);
    pthread_create(&two, NULL, backward, NULL);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    both(&f, &e);
    return 0;
}
