/* Hooks of plugins are stored in one field, whatever they are for: the loop calls those for its ticks, and the one
 * that computes long is for logins. Nothing says that the loop itself ever calls it: the model stays. */
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>

typedef int (*hook)(int reason, void *data);
struct hook_entry { hook call; };

static struct hook_entry ticks[4], logins[4];

static int check_password(int reason, void *data)
{
    unsigned *hash = data;
    for (int round = 0; round < 50000000; round++)
        *hash = *hash * 31 + (unsigned)round;
    return reason;
}

static int on_tick(int reason, void *data)
{
    return reason + (data != NULL);
}

static void add_hook(struct hook_entry *entry, hook call)
{
    entry->call = call;
}

static int login(int connection)
{
    unsigned hash = (unsigned)connection;
    const struct hook_entry *entry = &logins[connection & 3];
    return entry->call(1, &hash);
}

static void serve(int connection)
{
    char request[64];
    if (recv(connection, request, sizeof request, MSG_DONTWAIT) > 0 && request[0] == 'l')
        send(connection, login(connection) ? "+" : "-", 1, MSG_NOSIGNAL);
}

static int wait_for_events(int poll, struct epoll_event *events)
{
    return epoll_wait(poll, events, 16, 1000);
}

static void serve_events(int poll)
{
    struct epoll_event events[16];
    int count = wait_for_events(poll, events);
    for (int i = 0; i < count; i++)
        serve(events[i].data.fd);
    for (int i = 0; i < 4; i++) {
        const struct hook_entry *entry = &ticks[i];
        entry->call(2, NULL);
    }
}

int main(void)
{
    int poll = epoll_create1(0);
    add_hook(&ticks[0], on_tick);
    add_hook(&logins[0], check_password);
    for (;;)
        serve_events(poll);
}
