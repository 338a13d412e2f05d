/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that writes the log is a detail: this is still one event loop. */
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

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t log_filled = PTHREAD_COND_INITIALIZER;
static char log_line[128];
static int log_full;

static void *write_log(void *file)
{
    pthread_mutex_lock(&log_lock);
    for (;;) {
        while (!log_full)
            pthread_cond_wait(&log_filled, &log_lock);
        fputs(log_line, file);
        log_full = 0;
    }
    return NULL;
}

int main(void)
{
    pthread_t logger;
    pthread_create(&logger, NULL, write_log, stderr);
    run_loop(listen_here());
    return 0;
}
