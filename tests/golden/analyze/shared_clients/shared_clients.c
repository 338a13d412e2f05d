/* Requests that compute long and write nothing shared, beside a callback that keeps the table of all clients: a loop
 * per process would have a part of the table each. Threads can share it. */
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

struct client;
typedef void (*handler)(struct client *client);
struct client { int connection; handler ready; };

static struct client *clients[1024];

static void on_request(struct client *client)
{
    unsigned hash = 0;
    if (recv(client->connection, &hash, sizeof hash, MSG_DONTWAIT) != sizeof hash)
        return;
    for (int round = 0; round < 50000000; round++)
        hash = hash * 31 + (unsigned)round;
    send(client->connection, &hash, sizeof hash, MSG_NOSIGNAL);
}

static void on_connect(struct client *listener)
{
    int connection = accept4(listener->connection, NULL, NULL, SOCK_NONBLOCK);
    struct client *client = malloc(sizeof *client);
    if (!client || connection < 0 || connection >= 1024)
        return;
    *client = (struct client){connection, on_request};
    clients[connection] = client;
}

int main(void)
{
    struct epoll_event events[16];
    struct client listener = {3, on_connect};
    int poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &listener};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener.connection, &event);
    for (;;) {
        int count = epoll_wait(poll, events, 16, -1);
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            client->ready(client);
        }
    }
}
