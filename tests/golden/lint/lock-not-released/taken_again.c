/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller gives up is the lock that it took itself, not the one that the callee forgot. */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int used;

static void put(int size)
{
    pthread_mutex_lock(&lock);
    if (size == 0)
        return;
    used += size;
    pthread_mutex_unlock(&lock);
}

int main(void)
{
    int size = getchar();
    put(size);
    pthread_mutex_lock(&lock);
    printf("%d\n", used);
    pthread_mutex_unlock(&lock);
    return 0;
}
