/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int ready, told;
static int result;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *unused)
{
    result = 42;
    ready = 1;
    while (pthread_mutex_trylock(&lock) != 0)
        ;
    told = 1;
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(void)
{
    pthread_t thread;
    int status;
    pthread_create(&thread, NULL, work, NULL);
    while (!atomic_load(&ready))
        ;
    while (!told)
        sched_yield();
    pthread_join(thread, NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(result);
    while (waitpid(child, &status, WNOHANG) == 0)
        ;
    return status;
}
