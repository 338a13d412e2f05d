/* A loop with its own registry, in redis' shape: handlers are stored, called two functions below the loop, and one
 * of them passes the event on to the handler of the connection, which was set through a table of functions. */
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct loop;
typedef void handler(struct loop *loop, int fd, void *data);
struct event { handler *read; void *data; };
struct loop { int poll, stop; struct event events[64]; };

struct connection;
typedef void (*connection_handler)(struct connection *connection);
struct connection_type { int (*set_read)(struct connection *connection, connection_handler handler); };
struct connection { int fd; const struct connection_type *type; connection_handler read; };

static struct loop server;
static struct connection connections[64];

static void loop_add(struct loop *loop, int fd, handler *read, void *data)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    loop->events[fd].read = read;
    loop->events[fd].data = data;
    epoll_ctl(loop->poll, EPOLL_CTL_ADD, fd, &event);
}

static int wait_for_events(struct loop *loop, struct epoll_event *fired)
{
    return epoll_wait(loop->poll, fired, 64, -1);
}

static void process_events(struct loop *loop)
{
    struct epoll_event fired[64];
    int count = wait_for_events(loop, fired);
    for (int i = 0; i < count; i++) {
        struct event *event = &loop->events[fired[i].data.fd];
        event->read(loop, fired[i].data.fd, event->data);
    }
}

static void run(struct loop *loop)
{
    while (!loop->stop)
        process_events(loop);
}

static void call_handler(struct connection *connection, connection_handler handler)
{
    if (handler)
        handler(connection);
}

static void on_readable(struct loop *loop, int fd, void *data)
{
    struct connection *connection = data;
    call_handler(connection, connection->read);
}

static int set_read(struct connection *connection, connection_handler handler)
{
    connection->read = handler;
    loop_add(&server, connection->fd, on_readable, connection);
    return 0;
}

static const struct connection_type plain = {.set_read = set_read};

static void read_query(struct connection *connection)
{
    char buffer[4096];
    ssize_t got = recv(connection->fd, buffer, sizeof buffer, 0);
    if (got > 0)
        send(connection->fd, buffer, (size_t)got, 0);
}

static void on_accept(struct loop *loop, int fd, void *data)
{
    struct connection *connection = &connections[accept(fd, NULL, NULL) & 63];
    connection->type = &plain;
    connection->type->set_read(connection, read_query);
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    server.poll = epoll_create1(0);
    listen(listener, 64);
    loop_add(&server, listener, on_accept, NULL);
    run(&server);
    return 0;
}
