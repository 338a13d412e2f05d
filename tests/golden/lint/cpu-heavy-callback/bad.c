/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/epoll.h>
#include <unistd.h>

struct handler {
    void (*run)(int descriptor);
};

static unsigned char image[4096][4096];

static void blur(void)
{
    for (int y = 1; y < 4095; y++)
        for (int x = 1; x < 4095; x++)
            image[y][x] =
                (unsigned char)((image[y - 1][x] + image[y][x - 1] + image[y][x + 1] + image[y + 1][x]) / 4);
}

static void on_request(int descriptor)
{
    blur();
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
