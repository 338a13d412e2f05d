/* SPDX-License-Identifier: Apache-2.0 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void *serve(void *argument)
{
    int client = *(int *)argument;
    free(argument);
    write(client, "hello\n", 6);
    close(client);
    return NULL;
}

static void serve_threads(int listener)
{
    for (;;) {
        pthread_t thread;
        int *client = malloc(sizeof(int));
        *client = accept(listener, NULL, NULL);
        if (*client < 0)
            continue;
        pthread_create(&thread, NULL, serve, client);
        pthread_detach(thread);
    }
}

static void talk(int client)
{
    write(client, "hello\n", 6);
    _exit(0);
}

static void serve_processes(int listener)
{
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (fork() == 0)
            talk(client);
        close(client);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}

int main(int count, char **arguments)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    listen(listener, 16);
    if (count > 1 && arguments[1])
        serve_processes(listener);
    serve_threads(listener);
}
