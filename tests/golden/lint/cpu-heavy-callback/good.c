/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded piece of work per turn; the long work is done by a thread, or before the loop. */
#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

struct handler {
    void (*run)(int descriptor);
};

static unsigned char image[4096][4096];
static int next_row = 1;

static void blur(int first, int last)
{
    for (int y = first; y < last; y++)
        for (int x = 1; x < 4095; x++)
            image[y][x] = (unsigned char)((image[y][x - 1] + image[y][x + 1]) / 2);
}

static void blur_all(void)
{
    for (int y = 1; y < 4095; y++)
        for (int x = 1; x < 4095; x++)
            image[y][x] = (unsigned char)((image[y - 1][x] + image[y + 1][x]) / 2);
}

static void *worker(void *unused)
{
    blur_all();
    return unused;
}

static void on_request(int descriptor)
{
    pthread_t thread;
    char buffer[512];
    unsigned sum = 0;
    for (int i = 0; i < 512; i++)
        sum += (unsigned)buffer[i];
    pthread_create(&thread, NULL, worker, NULL);
    pthread_detach(thread);
    next_row += (int)sum;
    close(descriptor);
}

static struct handler handlers[1] = {{on_request}};

int main(void)
{
    struct epoll_event events[8];
    int loop = epoll_create1(0);
    blur(1, 4095);
    blur_all();
    for (;;) {
        int count = epoll_wait(loop, events, 8, -1);
        for (int i = 0; i < count; i++)
            handlers[0].run(events[i].data.fd);
    }
}
