/* SPDX-License-Identifier: Apache-2.0 */
/* The ways out: one philosopher takes the other fork first, the lower fork is taken first, or only as many sit
 * down as there are forks but one (a note: the number is not looked at). All elements one after the other,
 * neighbours in one direction, and two in order. */
#include <pthread.h>
#include <semaphore.h>

#define SEATS 5

static pthread_mutex_t left_handed[SEATS], sorted[SEATS], few[SEATS], all[SEATS], steps[SEATS], pairs[SEATS];
static sem_t room;

static void *dine(void *argument)
{
    long seat = (long)argument, next = (seat + 1) % SEATS;
    long low = seat < next ? seat : next, high = seat < next ? next : seat;
    if (seat == SEATS - 1) {
        pthread_mutex_lock(&left_handed[next]);
        pthread_mutex_lock(&left_handed[seat]);
    } else {
        pthread_mutex_lock(&left_handed[seat]);
        pthread_mutex_lock(&left_handed[next]);
    }
    pthread_mutex_unlock(&left_handed[next]);
    pthread_mutex_unlock(&left_handed[seat]);
    pthread_mutex_lock(&sorted[low]);
    pthread_mutex_lock(&sorted[high]);
    pthread_mutex_unlock(&sorted[high]);
    pthread_mutex_unlock(&sorted[low]);
    return NULL;
}

static void *dine_in_turns(void *argument)
{
    long seat = (long)argument, next = (seat + 1) % SEATS;
    sem_wait(&room);
    pthread_mutex_lock(&few[seat]);
    pthread_mutex_lock(&few[next]);
    pthread_mutex_unlock(&few[next]);
    pthread_mutex_unlock(&few[seat]);
    sem_post(&room);
    return NULL;
}

static void pair(int one, int other)
{
    if (one < other) {
        pthread_mutex_lock(&pairs[one]);
        pthread_mutex_lock(&pairs[other]);
    } else {
        pthread_mutex_lock(&pairs[other]);
        pthread_mutex_lock(&pairs[one]);
    }
    pthread_mutex_unlock(&pairs[one]);
    pthread_mutex_unlock(&pairs[other]);
}

static void *stop_all(void *unused)
{
    for (int i = 0; i < SEATS; i++)
        pthread_mutex_lock(&all[i]);
    for (int i = 0; i < SEATS; i++)
        pthread_mutex_unlock(&all[i]);
    for (int i = 0; i < SEATS - 1; i++) {
        pthread_mutex_lock(&steps[i]);
        pthread_mutex_lock(&steps[i + 1]);
        pthread_mutex_unlock(&steps[i + 1]);
        pthread_mutex_unlock(&steps[i]);
        pair(i, (i + 3) % SEATS);
    }
    return unused;
}

int main(void)
{
    pthread_t philosophers[SEATS], others[SEATS], stoppers[SEATS];
    sem_init(&room, 0, SEATS - 1);
    for (long i = 0; i < SEATS; i++) {
        pthread_create(&philosophers[i], NULL, dine, (void *)i);
        pthread_create(&others[i], NULL, dine_in_turns, (void *)i);
        pthread_create(&stoppers[i], NULL, stop_all, NULL);
    }
    for (int i = 0; i < SEATS; i++) {
        pthread_join(philosophers[i], NULL);
        pthread_join(others[i], NULL);
        pthread_join(stoppers[i], NULL);
    }
    return 0;
}
