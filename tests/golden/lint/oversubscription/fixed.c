/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>

static unsigned char data[1000000];
static unsigned long sums[64];

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
    pthread_t threads[64];
    for (long i = 0; i < 64; i++)
        pthread_create(&threads[i], NULL, work, &sums[i]);
    for (long i = 0; i < 64; i++)
        pthread_join(threads[i], NULL);
    printf("%lu\n", sums[0]);
    return 0;
}
