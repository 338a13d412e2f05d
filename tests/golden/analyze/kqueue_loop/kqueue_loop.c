/* A loop of a program's own around kevent with a handler per descriptor. Declared here: Linux has no sys/event.h. */
#include <stdint.h>
#include <time.h>
#include <unistd.h>

struct kevent {
    uintptr_t ident;
    short filter;
    unsigned short flags;
    unsigned fflags;
    intptr_t data;
    void *udata;
};
int kqueue(void);
int kevent(int queue, const struct kevent *changes, int change_count, struct kevent *events, int event_count,
           const struct timespec *timeout);

struct watcher {
    void (*ready)(struct watcher *watcher);
    int descriptor;
};

static void on_readable(struct watcher *watcher)
{
    char buffer[512];
    if (read(watcher->descriptor, buffer, sizeof(buffer)) > 0)
        usleep(20000);
}

static struct watcher input = {on_readable, 0};

int main(void)
{
    int queue = kqueue();
    struct kevent change = {0, -1, 1, 0, 0, &input};
    kevent(queue, &change, 1, NULL, 0, NULL);
    for (;;) {
        struct kevent events[64];
        int count = kevent(queue, NULL, 0, events, 64, NULL);
        for (int i = 0; i < count; i++) {
            struct watcher *watcher = events[i].udata;
            watcher->ready(watcher);
        }
    }
}
