/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long total;

static void make_cancellable(void)
{
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
}

static void add(long number)
{
    pthread_mutex_lock(&lock);
    total += number;
    pthread_mutex_unlock(&lock);
}

static void *count(void *unused)
{
    make_cancellable();
    for (long number = 0;; number++)
        add(number);
    return unused;
}

static void *allocate(void *unused)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    for (;;)
        free(malloc(16));
    return unused;
}

int main(void)
{
    pthread_t counter, allocator;
    pthread_create(&counter, NULL, count, NULL);
    pthread_create(&allocator, NULL, allocate, NULL);
    sleep(1);
    pthread_cancel(counter);
    pthread_cancel(allocator);
    pthread_join(counter, NULL);
    return pthread_join(allocator, NULL);
}
