/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int used;

static void *take(int size)
{
    pthread_mutex_lock(&lock);
    if (used + size > 100)
        return NULL;
    used += size;
    pthread_mutex_unlock(&lock);
    return malloc((size_t)size);
}

int main(void)
{
    free(take(1));
    return 0;
}
