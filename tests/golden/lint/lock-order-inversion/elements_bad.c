/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of one array: philosophers at a round table, two buckets in any order, and the same array once
 * upwards and once downwards. */
#include <pthread.h>
#include <stdlib.h>

#define SEATS   5
#define BUCKETS 64

struct bucket {
    pthread_mutex_t lock;
    long count;
};

static pthread_mutex_t forks[SEATS];
static pthread_mutex_t steps[SEATS];
static struct bucket table[BUCKETS];

static void *dine(void *argument)
{
    long seat = (long)argument;
    long next = (seat + 1) % SEATS;
    pthread_mutex_lock(&forks[seat]);
    pthread_mutex_lock(&forks[next]);
    pthread_mutex_unlock(&forks[next]);
    pthread_mutex_unlock(&forks[seat]);
    return NULL;
}

static void *shuffle(void *argument)
{
    int from = rand_r(argument) % BUCKETS, to = rand_r(argument) % BUCKETS;
    if (from == to)
        return NULL;
    pthread_mutex_lock(&table[from].lock);
    pthread_mutex_lock(&table[to].lock);
    table[from].count--;
    table[to].count++;
    pthread_mutex_unlock(&table[to].lock);
    pthread_mutex_unlock(&table[from].lock);
    return NULL;
}

static pthread_mutex_t sticks[SEATS];

static void take(int stick)
{
    pthread_mutex_lock(&sticks[stick]);
}

static void put(int stick)
{
    pthread_mutex_unlock(&sticks[stick]);
}

static void *dine_again(void *argument)
{
    int seat = *(int *)argument, next = seat + 1 == SEATS ? 0 : seat + 1;
    take(seat);
    take(next);
    put(next);
    put(seat);
    return NULL;
}

static void *climb(void *unused)
{
    for (int i = 0; i < SEATS - 1; i++) {
        pthread_mutex_lock(&steps[i]);
        pthread_mutex_lock(&steps[i + 1]);
        pthread_mutex_unlock(&steps[i + 1]);
        pthread_mutex_unlock(&steps[i]);
    }
    return unused;
}

static void *descend(void *unused)
{
    for (int i = SEATS - 1; i > 0; i--) {
        pthread_mutex_lock(&steps[i]);
        pthread_mutex_lock(&steps[i - 1]);
        pthread_mutex_unlock(&steps[i - 1]);
        pthread_mutex_unlock(&steps[i]);
    }
    return unused;
}

int main(void)
{
    pthread_t philosophers[SEATS], others[SEATS], shufflers[SEATS], up, down;
    static int seats[SEATS];
    static unsigned seeds[SEATS];
    for (long i = 0; i < SEATS; i++) {
        pthread_create(&philosophers[i], NULL, dine, (void *)i);
        seats[i] = (int)i;
        pthread_create(&others[i], NULL, dine_again, &seats[i]);
        pthread_create(&shufflers[i], NULL, shuffle, &seeds[i]);
    }
    pthread_create(&up, NULL, climb, NULL);
    pthread_create(&down, NULL, descend, NULL);
    for (int i = 0; i < SEATS; i++) {
        pthread_join(philosophers[i], NULL);
        pthread_join(others[i], NULL);
        pthread_join(shufflers[i], NULL);
    }
    pthread_join(up, NULL);
    pthread_join(down, NULL);
    return 0;
}
