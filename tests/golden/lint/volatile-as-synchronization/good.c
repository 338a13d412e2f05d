/* SPDX-License-Identifier: Apache-2.0 */
/* Used by one thread, by a signal handler, under a lock, after the join; and what is atomic. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;
static volatile long total;
static volatile unsigned *device;
static volatile _Atomic long hits;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
    stopped = number;
}

static void *work(void *unused)
{
    hits++;
    pthread_mutex_lock(&lock);
    total++;
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(void)
{
    pthread_t first, second;
    unsigned latch = 0;
    signal(SIGTERM, on_signal);
    device = &latch;
    pthread_create(&first, NULL, work, NULL);
    pthread_create(&second, NULL, work, NULL);
    while (!stopped)
        sleep(1);
    *device = 1;
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    total++;
    return total > 0;
}
