/* SPDX-License-Identifier: Apache-2.0 */
/* The child of the accept loop returns and serves what main goes on with. */
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

static int next_client(int listener)
{
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        pid_t child = fork();
        if (child == 0) {
            close(listener);
            return connection;
        }
        close(connection);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}

int main(void)
{
    serve(next_client(listen_here()));
    return 0;
}
