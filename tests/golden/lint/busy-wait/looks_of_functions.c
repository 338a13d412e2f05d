/* SPDX-License-Identifier: Apache-2.0 */
/* The look is a function: a thread that spins for a while before it waits for a lock, and one that adds up until
 * all others are done. Searching a table with the same function is none, nor is a short spin. */
#include <pthread.h>
#include <unistd.h>

#define WORKERS 4

static struct {
    unsigned long value;
} pending[WORKERS];
static pthread_mutex_t gates[WORKERS];
static int found;

static unsigned long pending_count(long worker)
{
    return __atomic_load_n(&pending[worker].value, __ATOMIC_SEQ_CST);
}

static void pending_set(long worker, unsigned long count)
{
    __atomic_store_n(&pending[worker].value, count, __ATOMIC_SEQ_CST);
}

static int first_pending(void)
{
    for (int worker = 0; worker < 100000; worker++) {
        if (pending_count(worker) != 0)
            return worker;
    }
    return -1;
}

static void *work(void *argument)
{
    long self = (long)argument;
    for (;;) {
        for (int spin = 0; spin < 100; spin++) {
            if (pending_count(self) != 0)
                break;
        }
        for (int spin = 0; spin < 1000000; spin++) {
            if (pending_count(self) != 0)
                break;
        }
        pthread_mutex_lock(&gates[self]);
        pthread_mutex_unlock(&gates[self]);
        if (write(1, "x", 1) < 0)
            break;
        pending_set(self, 0);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[WORKERS];
    for (long i = 0; i < WORKERS; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    for (int job = 0; job < 100; job++) {
        for (int i = 0; i < WORKERS; i++)
            pending_set(i, 1);
        found = first_pending();
        for (;;) {
            unsigned long sum = 0;
            for (int i = 0; i < WORKERS; i++)
                sum += pending_count(i);
            if (sum == 0)
                break;
        }
    }
    return 0;
}
