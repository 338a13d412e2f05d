/* SPDX-License-Identifier: Apache-2.0 */
/* Never given up, though others take the lock in between; and a lock that is handed over, which is fine. */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, interpreter = PTHREAD_MUTEX_INITIALIZER;
static int used, turns;

static void put(int size)
{
    pthread_mutex_lock(&lock);
    used += size;
}

static int get(void)
{
    pthread_mutex_lock(&lock);
    int found = used;
    pthread_mutex_unlock(&lock);
    return found;
}

static void enter(void)
{
    pthread_mutex_lock(&interpreter);
}

static void leave(void)
{
    pthread_mutex_unlock(&interpreter);
}

static void *work(void *unused)
{
    for (;;) {
        enter();
        turns++;
        leave();
    }
    return unused;
}

int main(void)
{
    pthread_t thread;
    enter();
    pthread_create(&thread, NULL, work, NULL);
    while (getchar() != EOF) {
        put(1);
        printf("%d\n", get());
    }
    return 0;
}
