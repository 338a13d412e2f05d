/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

struct queue {
    pthread_mutex_t lock;
    int length;
};

static struct queue queue = {.lock = PTHREAD_MUTEX_INITIALIZER};
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static int queue_length(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    int length = q->length;
    pthread_mutex_unlock(&q->lock);
    return length;
}

static void queue_grow(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    if (queue_length(q) < 10)
        q->length++;
    pthread_mutex_unlock(&q->lock);
}

static void upgrade(void)
{
    pthread_rwlock_rdlock(&table);
    pthread_rwlock_wrlock(&table);
    pthread_rwlock_unlock(&table);
}

int main(void)
{
    queue_grow(&queue);
    upgrade();
    return 0;
}
