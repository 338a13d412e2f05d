/* SPDX-License-Identifier: Apache-2.0 */
/* One read per event, reads that a poll guards, MSG_DONTWAIT, fcntl, and a loop outside the event loop. */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
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
    struct pollfd ready = {connection->descriptor, POLLIN, 0};
    if (read(connection->descriptor, buffer, sizeof(buffer)) <= 0)
        close(connection->descriptor);
    while (recv(connection->descriptor, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
        continue;
    while (poll(&ready, 1, 0) > 0)
        if (read(connection->descriptor, buffer, sizeof(buffer)) <= 0)
            break;
}

static void on_listener(struct connection *connection)
{
    watch(accept(connection->descriptor, NULL, NULL), on_client);
}

static void greet(int descriptor)
{
    char buffer[64];
    while (read(descriptor, buffer, sizeof(buffer)) > 0)
        continue;
}

/* Doubtful: waits for the answer to its question on purpose. */
static void on_question(struct connection *connection)
{
    char answer[64];
    write(connection->descriptor, "?", 1);
    while (read(connection->descriptor, answer, sizeof(answer)) > 0)
        continue;
}

int main(void)
{
    struct epoll_event events[8];
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    greet(peer);
    listen(listener, 16);
    loop = epoll_create1(0);
    watch(listener, on_listener);
    watch(peer, on_question);
    for (;;) {
        int count = epoll_wait(loop, events, 8, -1);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            connection->run(connection);
        }
    }
}
