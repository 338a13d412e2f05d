/* libev by its names before version 4, which are inline functions around today's; workers are forked before the loop. */
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

struct ev_loop;
typedef struct ev_io { int active; void *data; void (*cb)(struct ev_loop *loop, struct ev_io *w, int revents); int fd, events; } ev_io;
struct ev_loop *ev_default_loop(unsigned flags);
void ev_loop(struct ev_loop *loop, int flags);
void ev_io_start(struct ev_loop *loop, ev_io *w);
#define ev_io_init(ev, cb_, fd_, events_) do { (ev)->cb = (cb_); (ev)->fd = (fd_); (ev)->events = (events_); } while (0)

static ev_io listening, reading;

static void on_data(struct ev_loop *loop, ev_io *w, int revents)
{
    char buffer[512];
    ssize_t got = recv(w->fd, buffer, sizeof buffer, 0);
    if (got > 0)
        send(w->fd, buffer, (size_t)got, 0);
}

static void on_connection(struct ev_loop *loop, ev_io *w, int revents)
{
    ev_io_init(&reading, on_data, accept(w->fd, NULL, NULL), 1);
    ev_io_start(loop, &reading);
}

static void work(int listener)
{
    struct ev_loop *loop = ev_default_loop(0);
    ev_io_init(&listening, on_connection, listener, 1);
    ev_io_start(loop, &listening);
    ev_loop(loop, 0);
    _exit(1);
}

int main(int argc, char **argv)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    for (int i = 0; i < argc; i++)
        if (fork() == 0)
            work(listener);
    for (;;)
        pause();
}
