/* SPDX-License-Identifier: Apache-2.0 */
#include <netdb.h>
#include <sys/epoll.h>
#include <unistd.h>

struct handler {
    void (*run)(int descriptor);
};

static int resolve(const char *name)
{
    struct addrinfo *found;
    return getaddrinfo(name, "80", NULL, &found);
}

static void on_request(int descriptor)
{
    if (resolve("example.org") != 0)
        close(descriptor);
}

static struct handler handlers[1] = {{on_request}};

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
