/* SPDX-License-Identifier: Apache-2.0 */
/* Four threads and one mutex with a critical section of about a microsecond. */
#include <pthread.h>

#include "workload.h"

static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static volatile unsigned long shared_value;
static long rounds;

static void *contend(void *argument)
{
    for (long i = 0; i < rounds; i++) {
        pthread_mutex_lock(&shared_lock);
        for (int k = 0; k < 300; k++)
            shared_value += (unsigned long)k;
        pthread_mutex_unlock(&shared_lock);
    }
    return argument;
}

int main(int argc, char **argv)
{
    pthread_t threads[4];
    rounds = workload_rounds(900000, argc, argv);
    double start = workload_now();
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, contend, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    workload_report(4 * rounds, start);
    return 0;
}
