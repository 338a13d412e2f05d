/* SPDX-License-Identifier: Apache-2.0 */
/* Workers made by a wrapper of fork that is handed what they run: an event loop each. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int listen_here(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&address, sizeof(address));
    listen(listener, 64);
    return listener;
}

struct source {
    int descriptor;
    void (*ready)(struct source *source);
};

static void add_source(int poll, int descriptor, void (*ready)(struct source *source))
{
    struct source *source = malloc(sizeof(*source));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};
    source->descriptor = descriptor;
    source->ready = ready;
    epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
}

static __thread int poll_descriptor;

static void echo(struct source *source)
{
    char request[512];
    ssize_t got = read(source->descriptor, request, sizeof(request));
    if (got > 0)
        write(source->descriptor, request, got);
    else
        close(source->descriptor);
}

static void accept_client(struct source *source)
{
    int connection = accept4(source->descriptor, NULL, NULL, SOCK_NONBLOCK);
    if (connection >= 0)
        add_source(poll_descriptor, connection, echo);
}

static void run_loop(int listener)
{
    struct epoll_event events[64];
    poll_descriptor = epoll_create1(0);
    add_source(poll_descriptor, listener, accept_client);
    for (;;) {
        int ready = epoll_wait(poll_descriptor, events, 64, -1);
        for (int i = 0; i < ready; i++) {
            struct source *source = events[i].data.ptr;
            source->ready(source);
        }
    }
}

static int listener;

static void run_worker(void *number)
{
    (void)number;
    run_loop(listener);
    exit(0);
}

static pid_t start(void (*body)(void *data), void *data)
{
    pid_t child = fork();
    switch (child) {
    case -1:
        return -1;
    case 0:
        body(data);
        break;
    default:
        break;
    }
    return child;
}

int main(int count, char **arguments)
{
    int workers = count > 1 ? atoi(arguments[1]) : 4;
    listener = listen_here();
    for (int i = 0; i < workers; i++)
        start(run_worker, NULL);
    while (wait(NULL) > 0)
        ;
    return 0;
}
