/* SPDX-License-Identifier: Apache-2.0 */
/* Asks which cores it may use. */
#include <pthread.h>
#include <sched.h>
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

static long count_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        return CPU_COUNT(&set);
    return sysconf(_SC_NPROCESSORS_ONLN);
}

int main(void)
{
    long count = count_cores();
    pthread_t *threads = calloc((size_t)count, sizeof(*threads));
    for (long i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, work, &sums[i]);
    for (long i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("%lu\n", sums[0]);
    return 0;
}
