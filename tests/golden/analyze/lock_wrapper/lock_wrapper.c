/* Lock and thread behind the program's own functions, the body passed through a structure: as in pigz. */
#include <pthread.h>
#include <stdlib.h>

struct lock {
    pthread_mutex_t mutex;
};

struct start {
    void (*body)(void *);
    void *payload;
};

static struct lock *table_lock;
static unsigned long table[64];

static void possess(struct lock *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

static void release(struct lock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

static void *ignition(void *argument)
{
    struct start start = *(struct start *)argument;
    free(argument);
    start.body(start.payload);
    return NULL;
}

static pthread_t launch(void (*body)(void *), void *payload)
{
    pthread_t thread;
    struct start *start = malloc(sizeof *start);
    start->body = body;
    start->payload = payload;
    pthread_create(&thread, NULL, ignition, start);
    return thread;
}

static void fill(void *payload)
{
    (void)payload;
    for (int round = 0; round < 1000; round++) {
        possess(table_lock);
        for (int i = 0; i < 1000000; i++)
            table[i & 63] += (unsigned long)i;
        release(table_lock);
    }
}

int main(void)
{
    pthread_t threads[4];
    table_lock = malloc(sizeof *table_lock);
    pthread_mutex_init(&table_lock->mutex, NULL);
    for (int i = 0; i < 4; i++)
        threads[i] = launch(fill, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
