/* SPDX-License-Identifier: Apache-2.0 */
/* Two objects of one type in one order; others are taken in the order of their addresses. What two objects of a
 * type do to a third lock is no circle when they are not the same object. */
#include <pthread.h>

struct account {
    pthread_mutex_t lock;
    long money;
};

static struct account checking = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct account savings = {.lock = PTHREAD_MUTEX_INITIALIZER};
static pthread_mutex_t journal = PTHREAD_MUTEX_INITIALIZER;

static void move(struct account *from, struct account *to)
{
    struct account *low = from < to ? from : to, *high = from < to ? to : from;
    pthread_mutex_lock(&low->lock);
    pthread_mutex_lock(&high->lock);
    from->money--;
    to->money++;
    pthread_mutex_unlock(&high->lock);
    pthread_mutex_unlock(&low->lock);
}

static void both(struct account *first, struct account *second)
{
    pthread_mutex_lock(&first->lock);
    pthread_mutex_lock(&second->lock);
    pthread_mutex_unlock(&second->lock);
    pthread_mutex_unlock(&first->lock);
}

static void *save(void *unused)
{
    move(&checking, &savings);
    both(&checking, &savings);
    pthread_mutex_lock(&checking.lock);
    pthread_mutex_lock(&journal);
    pthread_mutex_unlock(&journal);
    pthread_mutex_unlock(&checking.lock);
    return unused;
}

static void *spend(void *unused)
{
    move(&savings, &checking);
    both(&checking, &savings);
    pthread_mutex_lock(&journal);
    pthread_mutex_lock(&savings.lock);
    pthread_mutex_unlock(&savings.lock);
    pthread_mutex_unlock(&journal);
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
