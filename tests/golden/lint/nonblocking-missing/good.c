/* SPDX-License-Identifier: Apache-2.0 */
/* Made non-blocking where they are made. */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    int descriptor;
    void (*run)(struct connection *connection);
};

static int loop;

static void watch(int descriptor, void (*run)(struct connection *))
{
    struct connection *connection = malloc(sizeof(*connection));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    connection->descriptor = descriptor;
    connection->run = run;
    epoll_ctl(loop, EPOLL_CTL_ADD, descriptor, &event);
}

static void on_client(struct connection *connection)
{
    char buffer[4096];
    while (read(connection->descriptor, buffer, sizeof(buffer)) > 0)
        continue;
    close(connection->descriptor);
}

static void on_listener(struct connection *connection)
{
    for (;;) {
        int client = accept4(connection->descriptor, NULL, NULL, SOCK_NONBLOCK);
        if (client < 0)
            break;
        watch(client, on_client);
    }
}

int main(void)
{
    struct epoll_event events[8];
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    listen(listener, 16);
    loop = epoll_create1(0);
    watch(listener, on_listener);
    for (;;) {
        int count = epoll_wait(loop, events, 8, -1);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            connection->run(connection);
        }
    }
}
