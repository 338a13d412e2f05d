/* SPDX-License-Identifier: Apache-2.0 */
/* One event loop and threads that take the blocking work from it. */
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

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static int jobs[64], first, last;

static void *run_jobs(void *unused)
{
    for (;;) {
        pthread_mutex_lock(&lock);
        while (first == last)
            pthread_cond_wait(&filled, &lock);
        int file = jobs[first++ % 64];
        pthread_mutex_unlock(&lock);
        fsync(file);
        close(file);
    }
    return unused;
}

int main(void)
{
    pthread_t thread;
    for (int i = 0; i < 4; i++)
        pthread_create(&thread, NULL, run_jobs, NULL);
    run_loop(listen_here());
    return 0;
}
