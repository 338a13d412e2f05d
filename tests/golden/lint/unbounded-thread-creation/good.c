/* SPDX-License-Identifier: Apache-2.0 */
/* Counted, bounded by a semaphore, a fixed number, or one at a time. */
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLIENTS_MAX 100

static atomic_int clients;
static sem_t places;

static void *serve(void *argument)
{
    int client = (int)(intptr_t)argument;
    write(client, "hello\n", 6);
    close(client);
    clients--;
    return NULL;
}

static void *serve_place(void *argument)
{
    close((int)(intptr_t)argument);
    sem_post(&places);
    return NULL;
}

static void *accept_loop(void *argument)
{
    for (;;)
        close(accept((int)(intptr_t)argument, NULL, NULL));
    return NULL;
}

static void counted(int listener)
{
    for (;;) {
        pthread_t thread;
        int client = accept(listener, NULL, NULL);
        if (clients >= CLIENTS_MAX) {
            close(client);
            continue;
        }
        clients++;
        pthread_create(&thread, NULL, serve, (void *)(intptr_t)client);
        pthread_detach(thread);
    }
}

static void by_semaphore(int listener)
{
    for (;;) {
        pthread_t thread;
        sem_wait(&places);
        int client = accept(listener, NULL, NULL);
        pthread_create(&thread, NULL, serve_place, (void *)(intptr_t)client);
        pthread_detach(thread);
    }
}

static void one_at_a_time(int listener)
{
    for (;;) {
        int client = accept(listener, NULL, NULL);
        pid_t child = fork();
        if (child == 0) {
            write(client, "hello\n", 6);
            _exit(0);
        }
        waitpid(child, NULL, 0);
        close(client);
    }
}

int main(int count, char **arguments)
{
    pthread_t pool[4];
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    listen(listener, 16);
    sem_init(&places, 0, CLIENTS_MAX);
    for (int i = 0; i < 4; i++)
        pthread_create(&pool[i], NULL, accept_loop, (void *)(intptr_t)listener);
    if (count > 2 && arguments[2])
        one_at_a_time(listener);
    if (count > 1)
        counted(listener);
    by_semaphore(listener);
    for (int i = 0; i < 4; i++)
        pthread_join(pool[i], NULL);
}
