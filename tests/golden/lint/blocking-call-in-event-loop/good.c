/* SPDX-License-Identifier: Apache-2.0 */
/* The same in a program without a loop of events, and callbacks that only do what does not wait. */
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct handler {
    void (*run)(int descriptor);
};

static void on_request(int descriptor)
{
    char buffer[16];
    if (recv(descriptor, buffer, sizeof(buffer), MSG_DONTWAIT) <= 0)
        close(descriptor);
}

static struct handler handlers[1] = {{on_request}};

int main(void)
{
    struct epoll_event events[8];
    struct addrinfo *found;
    int loop = epoll_create1(0);
    if (getaddrinfo("example.org", "80", NULL, &found) != 0)
        return 1;
    for (;;) {
        int count = epoll_wait(loop, events, 8, -1);
        for (int i = 0; i < count; i++)
            handlers[0].run(events[i].data.fd);
    }
}
