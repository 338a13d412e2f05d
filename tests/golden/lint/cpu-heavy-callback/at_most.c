/* SPDX-License-Identifier: Apache-2.0 */
/* At most so many turns, and mostly one. */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct handler {
    void (*run)(int descriptor);
};

static unsigned char seen[65536];

static void look_up(int connection)
{
    for (int i = 1; i < 65536; i++)
        seen[i] = (unsigned char)(seen[i - 1] * 31 + connection);
}

static void on_connections(int descriptor)
{
    int most = 1000;
    while (most-- > 0) {
        int connection = accept4(descriptor, NULL, NULL, SOCK_NONBLOCK);
        if (connection < 0)
            return;
        look_up(connection);
    }
}

static struct handler handlers[1] = {{on_connections}};

int main(void)
{
    struct epoll_event events[8];
    int loop = epoll_create1(0);
    for (;;) {
        int count = epoll_wait(loop, events, 8, -1);
        for (int i = 0; i < count; i++)
            handlers[0].run(events[i].data.fd);
    }
}
