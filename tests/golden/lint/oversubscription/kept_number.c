/* SPDX-License-Identifier: Apache-2.0 */
/* The number is counted when options are read, kept, and used where work is handed out. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static unsigned char data[1000000];
static unsigned long sums[1024];
static struct {
    int workers;
    int verbose;
} options;

static int cores(int otherwise)
{
    int count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? otherwise : count;
}

static void *work(void *argument)
{
    unsigned long sum = 0;
    for (int round = 0; round < 100; round++)
        for (int i = 0; i < 1000000; i++)
            sum = sum * 31 + data[i];
    *(unsigned long *)argument = sum;
    return NULL;
}

static int hand_out(int jobs)
{
    pthread_t threads[1024];
    int started = 0;
    for (int job = 0; job < jobs; job++) {
        if (started < options.workers && started < 1024) {
            pthread_create(&threads[started], NULL, work, &sums[started]);
            started++;
        }
    }
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return started;
}

int main(int count, char **arguments)
{
    (void)arguments;
    options.workers = cores(8);
    options.verbose = count > 1;
    printf("%d\n", hand_out(count * 100));
    return 0;
}
