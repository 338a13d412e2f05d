/* SPDX-License-Identifier: Apache-2.0 */
/* As many threads as it is told, with the same body. */
#include <pthread.h>
#include <stdlib.h>

static double work(double x)
{
    for (int i = 0; i < 2000000; i++)
        x = x * 1.000001 + 0.5;
    return x;
}

static double results[64];

static void *compute(void *number)
{
    results[(long)number] = work((double)(long)number);
    return NULL;
}

int main(int count, char **arguments)
{
    long threads = count > 1 ? atol(arguments[1]) : 4;
    pthread_t thread[64];
    for (long i = 0; i < threads; i++)
        pthread_create(&thread[i], NULL, compute, (void *)i);
    for (long i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    return results[0] < 0;
}
