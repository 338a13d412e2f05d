/* SPDX-License-Identifier: Apache-2.0 */
/* Wrappers that keep the lock on purpose, trylock, results that are looked at, flags, and a dead end. */
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int used;

static int enter(int wanted)
{
    pthread_mutex_lock(&lock);
    if (used >= wanted) {
        pthread_mutex_unlock(&lock);
        return -1;
    }
    return 0;
}

static void leave(void)
{
    pthread_mutex_unlock(&lock);
}

static int try_it(void)
{
    if (pthread_mutex_trylock(&lock) != 0)
        return 0;
    used++;
    pthread_mutex_unlock(&lock);
    return 1;
}

static int checked(void)
{
    if (pthread_mutex_lock(&lock) != 0)
        return -1;
    used++;
    return pthread_mutex_unlock(&lock);
}

static void with_flag(int wanted)
{
    int locked = 0;
    if (wanted) {
        pthread_mutex_lock(&lock);
        locked = 1;
    }
    used++;
    if (locked)
        pthread_mutex_unlock(&lock);
}

static void dead_end(void)
{
    pthread_mutex_lock(&lock);
    if (used > 1000)
        abort();
    pthread_mutex_unlock(&lock);
}

/* A scope that takes the lock, made of two loops that run once. */
#define SYNCHRONIZED(mutex)                                                                                  \
    for (unsigned outer = 0; outer ? (pthread_mutex_unlock(mutex), 0) : (pthread_mutex_lock(mutex), 1);      \
         ++outer)                                                                                            \
        for (unsigned inner = 0; !inner; ++inner)

static int scoped(int wanted)
{
    int found = 0;
    SYNCHRONIZED(&lock)
    {
        if (used < wanted)
            break;
        found = used;
    }
    SYNCHRONIZED(&lock)
    used = found;
    return found;
}

int main(int count, char **arguments)
{
    (void)arguments;
    if (enter(10) == 0) {
        used++;
        leave();
    }
    with_flag(count > 1);
    dead_end();
    return try_it() + checked() + scoped(count);
}
