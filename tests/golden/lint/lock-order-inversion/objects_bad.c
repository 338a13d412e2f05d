/* SPDX-License-Identifier: Apache-2.0 */
/* Two objects of one type, and two locks that a function is given, in both orders. */
#include <pthread.h>

struct account {
    pthread_mutex_t lock;
    long money;
};

static struct account checking = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct account savings = {.lock = PTHREAD_MUTEX_INITIALIZER};
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void transfer(struct account *from, struct account *to)
{
    pthread_mutex_lock(&from->lock);
    pthread_mutex_lock(&to->lock);
    from->money--;
    to->money++;
    pthread_mutex_unlock(&to->lock);
    pthread_mutex_unlock(&from->lock);
}

static void both(pthread_mutex_t *first, pthread_mutex_t *second)
{
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

static void *save(void *unused)
{
    transfer(&checking, &savings);
    both(&a, &b);
    return unused;
}

static void *spend(void *unused)
{
    transfer(&savings, &checking);
    both(&b, &a);
    return unused;
}

int main(void)
{
    pthread_t saver, spender;
    pthread_create(&saver, NULL, save, NULL);
    pthread_create(&spender, NULL, spend, NULL);
    pthread_join(saver, NULL);
    pthread_join(spender, NULL);
    return 0;
}
