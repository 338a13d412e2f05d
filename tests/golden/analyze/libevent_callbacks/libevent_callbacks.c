/* libevent: the callback sleeps, which stops everybody else. Declared here, so that the case needs no package. */
#include <stddef.h>
#include <unistd.h>

struct event_base;
struct event;
struct evconnlistener;
struct bufferevent;
typedef void (*event_callback_fn)(int fd, short what, void *data);
typedef void (*bufferevent_data_cb)(struct bufferevent *stream, void *data);
struct event_base *event_base_new(void);
struct event *event_new(struct event_base *base, int fd, short what, event_callback_fn callback, void *data);
int event_add(struct event *event, const void *timeout);
int event_base_dispatch(struct event_base *base);
void bufferevent_setcb(struct bufferevent *stream, bufferevent_data_cb read, bufferevent_data_cb write,
                       bufferevent_data_cb event, void *data);
struct bufferevent *bufferevent_socket_new(struct event_base *base, int fd, int options);

static void on_data(struct bufferevent *stream, void *data)
{
    usleep(20000);
}

static void on_ready(int fd, short what, void *data)
{
    struct bufferevent *stream = bufferevent_socket_new(data, fd, 0);
    bufferevent_setcb(stream, on_data, NULL, NULL, NULL);
}

int main(void)
{
    struct event_base *base = event_base_new();
    event_add(event_new(base, 0, 2, on_ready, base), NULL);
    return event_base_dispatch(base);
}
