/* SPDX-License-Identifier: Apache-2.0 */
/* A name is looked up by a callback that surely does it and by one of which that is doubtful; a failed
 * assertion keeps nobody waiting. */
#include <netdb.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct handler {
    void (*run)(int descriptor);
};

struct outer {
    void (*call)(int descriptor);
};

struct middle {
    void (*call)(int descriptor);
};

struct inner {
    void (*call)(int descriptor);
};

static void look_up(int descriptor)
{
    struct addrinfo *found;
    if (getaddrinfo("example.org", "80", NULL, &found) != 0)
        close(descriptor);
}

static struct inner inner = {look_up};

static void through_inner(int descriptor)
{
    inner.call(descriptor);
}

static struct middle middle = {through_inner};

static void through_middle(int descriptor)
{
    middle.call(descriptor);
}

static struct outer outer = {through_middle};

static void on_doubtful(int descriptor)
{
    outer.call(descriptor);
}

static void fail(void)
{
    sleep(1);
    abort();
}

static void on_sure(int descriptor)
{
    if (descriptor < 0)
        fail();
    look_up(descriptor);
}

static struct handler handlers[2] = {{on_doubtful}, {on_sure}};

int main(void)
{
    struct epoll_event events[8];
    int loop = epoll_create1(0);
    for (;;) {
        int count = epoll_wait(loop, events, 8, -1);
        for (int i = 0; i < count; i++)
            handlers[events[i].data.u32 % 2].run(events[i].data.fd);
    }
}
