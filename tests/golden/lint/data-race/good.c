/* SPDX-License-Identifier: Apache-2.0 */
/* What two threads use and is no race: before the first thread and after the last join, per-thread objects,
 * one lock through wrappers, atomics, thread-local variables, read locks, threads one after the other. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct task {
    int input;
    long result;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static int configured, guarded, table, in_turn;
static _Atomic int hits;
static int builtin_hits;
static _Thread_local int own;

static void enter(void)
{
    pthread_mutex_lock(&lock);
}

static void leave(void)
{
    pthread_mutex_unlock(&lock);
}

static int look_up(void)
{
    pthread_rwlock_rdlock(&table_lock);
    int found = table;
    pthread_rwlock_unlock(&table_lock);
    return found;
}

static void change(void)
{
    pthread_rwlock_wrlock(&table_lock);
    table++;
    pthread_rwlock_unlock(&table_lock);
}

static void *work(void *argument)
{
    struct task *task = argument;
    int *scratch = malloc(sizeof(*scratch));
    *scratch = task->input + configured + look_up();
    task->result = *scratch;
    own++;
    atomic_fetch_add(&hits, 1);
    __atomic_fetch_add(&builtin_hits, 1, __ATOMIC_RELAXED);
    enter();
    guarded++;
    leave();
    change();
    free(scratch);
    return NULL;
}

static void *first(void *unused)
{
    in_turn = 1;
    return unused;
}

static void *second(void *unused)
{
    in_turn = 2;
    return unused;
}

int main(void)
{
    struct task tasks[4];
    pthread_t threads[4], turn;
    configured = 7;
    for (int i = 0; i < 4; i++) {
        tasks[i].input = i;
        pthread_create(&threads[i], NULL, work, &tasks[i]);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    pthread_create(&turn, NULL, first, NULL);
    pthread_join(turn, NULL);
    pthread_create(&turn, NULL, second, NULL);
    pthread_join(turn, NULL);
    configured = 8;
    guarded = 0;
    return (int)tasks[0].result + in_turn;
}
