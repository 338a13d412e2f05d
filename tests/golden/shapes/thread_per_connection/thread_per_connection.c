/* SPDX-License-Identifier: Apache-2.0 */
/* A thread for each connection that is accepted. */
#include <pthread.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_here(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&address, sizeof(address));
    listen(listener, 64);
    return listener;
}

static void serve(int connection)
{
    char request[512];
    ssize_t got;
    while ((got = read(connection, request, sizeof(request))) > 0)
        write(connection, request, got);
    close(connection);
}

static void *serve_connection(void *connection)
{
    serve((int)(long)connection);
    return NULL;
}

int main(void)
{
    int listener = listen_here();
    for (;;) {
        pthread_t thread;
        long connection = accept(listener, NULL, NULL);
        if (connection >= 0 && pthread_create(&thread, NULL, serve_connection, (void *)connection) == 0)
            pthread_detach(thread);
    }
}
