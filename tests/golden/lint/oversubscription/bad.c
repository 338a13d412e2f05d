/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned char data[1000000];
static unsigned long sums[1024];

static void *work(void *argument)
{
    unsigned long sum = 0;
    for (int round = 0; round < 100; round++)
        for (int i = 0; i < 1000000; i++)
            sum = sum * 31 + data[i];
    *(unsigned long *)argument = sum;
    return NULL;
}

int main(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t *threads = calloc((size_t)count, sizeof(*threads));
    for (long i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, work, &sums[i]);
    for (long i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("%lu\n", sums[0]);
    return 0;
}
