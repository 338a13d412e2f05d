/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_int loaded;
static int config, done;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *load(void *unused)
{
    config = 42;
    loaded = 1;
    pthread_mutex_lock(&lock);
    done = 1;
    pthread_mutex_unlock(&lock);
    return unused;
}

static void *serve(void *unused)
{
    return unused;
}

static void wait_until_done(void)
{
    pthread_mutex_lock(&lock);
    while (!done) {
        pthread_mutex_unlock(&lock);
        usleep(1000);
        pthread_mutex_lock(&lock);
    }
    pthread_mutex_unlock(&lock);
}

int main(void)
{
    pthread_t loader, server;
    pthread_create(&loader, NULL, load, NULL);
    while (!loaded)
        usleep(10000);
    wait_until_done();
    pthread_create(&server, NULL, serve, NULL);
    sleep(1);
    printf("%d\n", config);
    pthread_join(loader, NULL);
    return pthread_join(server, NULL);
}
