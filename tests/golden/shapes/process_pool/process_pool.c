/* SPDX-License-Identifier: Apache-2.0 */
/* Processes made ahead, each accepts and serves on its own. */
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

static void run_worker(int listener)
{
    for (;;)
        serve(accept(listener, NULL, NULL));
}

int main(void)
{
    int listener = listen_here();
    for (int i = 0; i < 8; i++) {
        if (fork() == 0)
            run_worker(listener);
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
