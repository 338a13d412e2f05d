/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned char data[1000000];
static unsigned long total;

static unsigned long checksum(int part)
{
    unsigned long sum = 0;
    for (int i = 0; i < 1000000; i++)
        sum = sum * 31 + data[i] + (unsigned long)part;
    return sum;
}

static void *work(void *unused)
{
    for (int part = 0; part < 100; part++) {
        pthread_mutex_lock(&lock);
        total += checksum(part);
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

int main(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    printf("%lu\n", total);
    return 0;
}
