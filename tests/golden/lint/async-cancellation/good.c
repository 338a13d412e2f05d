/* SPDX-License-Identifier: Apache-2.0 */
/* Only computes, goes back to the deferred type first, or never leaves it. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned long last;

static void *search(void *unused)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    for (unsigned long number = 1; number; number = number * 5 + 1)
        last = number;
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL);
    free(malloc(16));
    return unused;
}

static void *allocate(void *unused)
{
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL);
    for (;;) {
        free(malloc(16));
        pthread_testcancel();
    }
    return unused;
}

int main(void)
{
    pthread_t searcher, allocator;
    pthread_create(&searcher, NULL, search, NULL);
    pthread_create(&allocator, NULL, allocate, NULL);
    pthread_cancel(searcher);
    pthread_cancel(allocator);
    pthread_join(searcher, NULL);
    return pthread_join(allocator, NULL);
}
