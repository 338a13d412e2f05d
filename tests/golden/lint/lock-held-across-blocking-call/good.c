/* SPDX-License-Identifier: Apache-2.0 */
/* The condition gives its mutex up, the lock is given up before the wait, the call does not wait, and nobody
 * else runs yet. */
#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int jobs, descriptor;

static void *work(void *unused)
{
    char buffer[16];
    pthread_mutex_lock(&lock);
    while (jobs == 0)
        pthread_cond_wait(&ready, &lock);
    jobs--;
    recv(descriptor, buffer, sizeof(buffer), MSG_DONTWAIT);
    pthread_mutex_unlock(&lock);
    fsync(descriptor);
    return unused;
}

int main(void)
{
    pthread_t workers[2];
    pthread_mutex_lock(&lock);
    sleep(1);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < 2; i++)
        pthread_create(&workers[i], NULL, work, NULL);
    pthread_mutex_lock(&lock);
    jobs = 2;
    pthread_cond_broadcast(&ready);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < 2; i++)
        pthread_join(workers[i], NULL);
    return 0;
}
