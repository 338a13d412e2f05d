/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's lock is given up and taken back, or given up for it. */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int value;

static void pause_work(void)
{
    pthread_mutex_unlock(&lock);
    pthread_mutex_lock(&lock);
}

static void finish(void)
{
    value++;
    pthread_mutex_unlock(&lock);
}

int main(int count, char **arguments)
{
    (void)arguments;
    pthread_mutex_lock(&lock);
    pause_work();
    if (count > 1) {
        finish();
        return 0;
    }
    pthread_mutex_unlock(&lock);
    return 1;
}
