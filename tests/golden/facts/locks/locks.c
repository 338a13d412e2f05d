/* Every lock with its name, wherever it stands. */
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

typedef pthread_mutex_t my_lock;
struct connection {
    int fd;
    pthread_rwlock_t lock;
    struct {
        sem_t free;
    } inner;
    pthread_mutex_t *shared;
    mtx_t locks[4];
};
my_lock cache_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready;
pthread_spinlock_t spin[3];
static struct {
    pthread_mutex_t lock;
    union {
        pthread_mutex_t small;
        pthread_rwlock_t large;
    };
    struct {
        pthread_cond_t filled;
    } queues[2];
} server;

static void enter(pthread_mutex_t *lock)
{
    pthread_mutex_lock(lock);
}

void guard(struct connection *connection, int i)
{
    static pthread_mutex_t own;
    pthread_barrier_t barrier;
    pthread_mutex_t *lock = &cache_lock;
    pthread_mutex_lock(lock);
    pthread_cond_wait(&ready, lock);
    pthread_mutex_unlock(&cache_lock);
    pthread_rwlock_rdlock(&connection->lock);
    sem_wait(&connection->inner.free);
    pthread_mutex_lock(connection->shared);
    mtx_lock(&connection->locks[i]);
    pthread_spin_lock(spin + 1);
    pthread_spin_lock(&spin[i]);
    enter(&server.lock);
    enter(&server.small);
    pthread_cond_signal(&server.queues[i].filled);
    pthread_mutex_lock(&own);
    pthread_barrier_wait(&barrier);
}
