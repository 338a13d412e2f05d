/* SPDX-License-Identifier: Apache-2.0 */
/* A process for each connection; a select only waits for the two listening sockets. */
#include <sys/select.h>
#include <sys/wait.h>
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

int main(void)
{
    int listeners[2] = {listen_here(), listen_here()};
    for (;;) {
        fd_set readable;
        FD_ZERO(&readable);
        FD_SET(listeners[0], &readable);
        FD_SET(listeners[1], &readable);
        if (select(listeners[1] + 1, &readable, NULL, NULL, NULL) < 0)
            continue;
        int connection = accept(listeners[FD_ISSET(listeners[0], &readable) ? 0 : 1], NULL, NULL);
        if (fork() == 0) {
            serve(connection);
            _exit(0);
        }
        close(connection);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}
