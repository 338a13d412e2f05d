/* SPDX-License-Identifier: Apache-2.0 */
/* Summed up in a local variable, aligned, written once each, or used by one thread only. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

struct padded {
    _Alignas(64) long count;
};

static struct padded aligned[4];
static long totals[4], only_main[4];
static _Thread_local long own[4];
static unsigned char data[1000000], out[1000000];

static void *work(void *argument)
{
    intptr_t self = (intptr_t)argument;
    long sum = 0;
    for (int i = 0; i < 1000000; i++) {
        aligned[self].count += data[i];
        own[0] += data[i];
        sum += data[i];
        out[i] = data[i];
    }
    totals[self] = sum;
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    for (intptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    for (int i = 0; i < 1000000; i++)
        only_main[0] += data[i];
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    printf("%ld %ld\n", totals[0], only_main[0]);
    return 0;
}
