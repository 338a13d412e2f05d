/* SPDX-License-Identifier: Apache-2.0 */
/* Recursive mutexes, another element, given up in between, and conditions that exclude each other. */
#include <pthread.h>

static pthread_mutex_t recursive, plain = PTHREAD_MUTEX_INITIALIZER, locks[4];
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static void make_recursive(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(mutex, &attributes);
}

static void work(void)
{
    pthread_mutex_lock(&plain);
    pthread_mutex_unlock(&plain);
}

static void either(int held)
{
    if (held)
        pthread_mutex_lock(&plain);
    if (!held)
        work();
    if (held)
        pthread_mutex_unlock(&plain);
}

static void in_between(void)
{
    pthread_mutex_lock(&plain);
    pthread_mutex_unlock(&plain);
    work();
    pthread_mutex_lock(&plain);
    pthread_mutex_unlock(&plain);
}

static void readers(void)
{
    pthread_rwlock_rdlock(&table);
    pthread_rwlock_rdlock(&table);
    pthread_rwlock_unlock(&table);
    pthread_rwlock_unlock(&table);
}

void handed_out(pthread_mutex_t *lock);

/* Doubtful: the function may have given it up. */
static void hand_out(void)
{
    static pthread_mutex_t given = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&given);
    handed_out(&given);
    pthread_mutex_lock(&given);
    pthread_mutex_unlock(&given);
}

int main(int count, char **arguments)
{
    (void)arguments;
    make_recursive(&recursive);
    pthread_mutex_lock(&recursive);
    pthread_mutex_lock(&recursive);
    pthread_mutex_unlock(&recursive);
    pthread_mutex_unlock(&recursive);
    for (int i = 0; i < 4; i++)
        pthread_mutex_lock(&locks[i]);
    for (int i = 0; i < 4; i++)
        pthread_mutex_unlock(&locks[i]);
    either(count);
    in_between();
    readers();
    hand_out();
    return 0;
}
