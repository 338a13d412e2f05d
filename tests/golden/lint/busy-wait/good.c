/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that wait in a call, that do work meanwhile, that try an update again, or that nobody waits in. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_int total, stop;
static int ready, initialised, table[64];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void *work(void *unused)
{
    int seen = total;
    while (!atomic_compare_exchange_weak(&total, &seen, seen * 2))
        ;
    for (int turn = 0; !stop; turn++)
        table[turn % 64] += turn;
    pthread_mutex_lock(&lock);
    ready = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    return unused;
}

struct node {
    struct node *next;
    int used;
};

static struct node *nodes;

static int count_nodes(void)
{
    int count = 0;
    pthread_mutex_lock(&lock);
    for (struct node *node = nodes; node && node->used; node = node->next)
        count++;
    pthread_mutex_unlock(&lock);
    return count;
}

static void *grow(void *node)
{
    pthread_mutex_lock(&lock);
    ((struct node *)node)->next = nodes;
    ((struct node *)node)->used = 1;
    nodes = node;
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    int used = 0;
    while (table[used] && used < 63)
        used++;
    while (!initialised)
        initialised = used == 0;
    static struct node first;
    pthread_t grower;
    pthread_create(&grower, NULL, grow, &first);
    used += count_nodes();
    pthread_join(grower, NULL);
    pthread_create(&thread, NULL, work, NULL);
    while (pthread_mutex_trylock(&lock) != 0)
        total++;
    stop = 1;
    while (!ready)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return pthread_join(thread, NULL);
}
