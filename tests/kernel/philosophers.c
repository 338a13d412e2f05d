/* SPDX-License-Identifier: Apache-2.0 */
/* Five philosophers at a round table, a fork between each two (E. Dijkstra, Hierarchical ordering of
 * sequential processes, 1971). Each takes the left fork, then the right one: soon each holds one and waits
 * for the other for ever. The host closes the house after two seconds. With `convoy` there is but one thing
 * on the table, which they pass on. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PHILOSOPHERS = 5, OPENING_SECONDS = 2, ROUNDS = 100 };

static pthread_mutex_t forks[PHILOSOPHERS] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
                                              PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
                                              PTHREAD_MUTEX_INITIALIZER};
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static void *philosopher(void *argument)
{
    unsigned seat = (unsigned)(uintptr_t)argument;
    unsigned left = seat, right = (seat + 1) % PHILOSOPHERS;
    for (;;) {
        pthread_mutex_lock(&forks[left]);
        usleep(100000); /* reaching over the table */
        pthread_mutex_lock(&forks[right]);
        pthread_mutex_unlock(&forks[right]);
        pthread_mutex_unlock(&forks[left]);
    }
    return NULL;
}

static void *guest(void *unused)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        pthread_mutex_lock(&table);
        usleep(1000);
        pthread_mutex_unlock(&table);
        usleep(100); /* lets the next one have it */
    }
    return unused;
}

int main(int argc, char **argv)
{
    int convoy = argc > 1 && strcmp(argv[1], "convoy") == 0;
    pthread_t threads[PHILOSOPHERS];
    for (unsigned seat = 0; seat < PHILOSOPHERS; seat++)
        pthread_create(&threads[seat], NULL, convoy ? guest : philosopher, (void *)(uintptr_t)seat);
    if (convoy) {
        for (unsigned seat = 0; seat < PHILOSOPHERS; seat++)
            pthread_join(threads[seat], NULL);
        return 0;
    }
    struct timespec closing;
    clock_gettime(CLOCK_REALTIME, &closing);
    closing.tv_sec += OPENING_SECONDS;
    pthread_timedjoin_np(threads[0], NULL, &closing);
    return 0;
}
