/* A loop that hands events on does what the callbacks of its connections do, which are registered while it
 * runs. Those that are registered once, before it begins, get few events. */
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct watch {
    void (*handler)(struct watch *watch);
    int descriptor;
};

static int poll_descriptor, ready_count;
static struct watch listener, configuration, connections[1024];
static struct watch *ready[1024];
static uint32_t checksum;

static void watch_start(struct watch *watch, int descriptor, void (*handler)(struct watch *))
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};
    watch->handler = handler;
    watch->descriptor = descriptor;
    epoll_ctl(poll_descriptor, EPOLL_CTL_ADD, descriptor, &event);
}

/* light work for each event: the connection is served after the loop */
static void note_ready(struct watch *watch)
{
    ready[ready_count++] = watch;
}

static void accept_connection(struct watch *watch)
{
    int descriptor = accept(watch->descriptor, NULL, NULL);
    if (descriptor >= 0 && descriptor < 1024)
        watch_start(&connections[descriptor], descriptor, note_ready);
}

/* computes, but only when somebody changes the configuration */
static void read_configuration(struct watch *watch)
{
    unsigned char bytes[65536];
    long length = read(watch->descriptor, bytes, sizeof(bytes));
    for (long i = 0; i < length; i++)
        for (long j = i; j < length; j++)
            checksum = checksum * 31 + bytes[j];
}

/* io: the wait itself is most of it */
static int poll_once(void)
{
    struct epoll_event events[64];
    int count = epoll_wait(poll_descriptor, events, 64, -1);
    for (int i = 0; i < count; i++) {
        struct watch *watch = events[i].data.ptr;
        watch->handler(watch);
    }
    return count;
}

static void serve(struct watch *watch)
{
    char bytes[4096];
    long length = recv(watch->descriptor, bytes, sizeof(bytes), 0);
    if (length > 0)
        send(watch->descriptor, bytes, (size_t)length, 0);
}

int main(void)
{
    poll_descriptor = epoll_create1(0);
    watch_start(&listener, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), accept_connection);
    watch_start(&configuration, 0, read_configuration);
    for (;;) {
        poll_once();
        while (ready_count > 0)
            serve(ready[--ready_count]);
    }
}
