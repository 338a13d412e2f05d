/* Callbacks in a table, a wrapper around epoll_wait, nothing that blocks: right as it is. */
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct watcher {
    int descriptor;
    void (*on_readable)(struct watcher *);
};

static int poller;

static void echo(struct watcher *watcher)
{
    char buffer[4096];
    ssize_t length = recv(watcher->descriptor, buffer, sizeof buffer, 0);
    if (length > 0)
        send(watcher->descriptor, buffer, (size_t)length, 0);
    else
        close(watcher->descriptor);
}

static void watch(int descriptor, void (*callback)(struct watcher *))
{
    struct watcher *watcher = calloc(1, sizeof *watcher);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watcher};
    watcher->descriptor = descriptor;
    watcher->on_readable = callback;
    epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

static void welcome(struct watcher *watcher)
{
    watch(accept(watcher->descriptor, NULL, NULL), echo);
}

static int wait_for_events(struct epoll_event *events, int count)
{
    return epoll_wait(poller, events, count, -1);
}

int main(void)
{
    struct epoll_event events[64];
    poller = epoll_create1(0);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    listen(listener, 16);
    watch(listener, welcome);
    for (;;) {
        int count = wait_for_events(events, 64);
        for (int i = 0; i < count; i++) {
            struct watcher *watcher = events[i].data.ptr;
            watcher->on_readable(watcher);
        }
    }
}
