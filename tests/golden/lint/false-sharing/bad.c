/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

struct worker {
    pthread_t thread;
    long count;
};

static long hits[4];
static struct worker workers[4];
static unsigned char data[1000000];

static void *count(void *argument)
{
    intptr_t self = (intptr_t)argument;
    for (int i = 0; i < 1000000; i++)
        hits[self] += data[i];
    return NULL;
}

static void *count_struct(void *argument)
{
    struct worker *worker = argument;
    for (int i = 0; i < 1000000; i++)
        worker->count += data[i];
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    for (intptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, count, (void *)i);
    for (int i = 0; i < 4; i++)
        pthread_create(&workers[i].thread, NULL, count_struct, &workers[i]);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        pthread_join(workers[i].thread, NULL);
    }
    printf("%ld %ld\n", hits[0], workers[0].count);
    return 0;
}
