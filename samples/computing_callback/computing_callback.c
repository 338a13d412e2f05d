/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: one event loop is one core. A server derives a key for each request: its connections wait in one
 * epoll loop, which is right, but the requests compute for milliseconds, and together they need more than the
 * one core that the loop runs on. The clients live in a child process that is forked once and plays the
 * outside world. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLIENTS        24
#define REQUESTS       30 /* of each client */
#define ROUNDS         1500000
#define EVENTS_AT_ONCE 16

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "computing_callback: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* --- the server
 * --------------------------------------------------------------------------------------------- */

/* A descriptor of the loop, and what to do when it is ready; the result is the number of requests served. */
struct watcher {
    int descriptor, epoll;
    int (*on_ready)(struct watcher *watcher);
};

static void watch(int epoll, int descriptor, int (*on_ready)(struct watcher *watcher))
{
    struct watcher *watcher = malloc(sizeof *watcher);
    if (!watcher)
        fail("malloc");
    *watcher = (struct watcher){descriptor, epoll, on_ready};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watcher};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        fail("epoll_ctl");
}

/* Each round needs the result of the last: one request cannot be spread over cores, many requests can. */
__attribute__((noinline)) static uint64_t derive_key(uint64_t secret)
{
    for (long round = 0; round < ROUNDS; round++) {
        secret ^= secret >> 29;
        secret *= 0xbf58476d1ce4e5b9;
    }
    return secret;
}

/* The lesson: nothing blocks here, and yet everybody else waits for three milliseconds. Requests share
 * nothing. */
__attribute__((noinline)) static int serve_request(struct watcher *watcher)
{
    uint64_t secret;
    if (recv(watcher->descriptor, &secret, sizeof secret, 0) != sizeof secret) {
        close(watcher->descriptor); /* which takes it out of the loop, too */
        free(watcher);
        return 0;
    }
    uint64_t key = derive_key(secret);
    if (send(watcher->descriptor, &key, sizeof key, MSG_NOSIGNAL) != sizeof key)
        fail("send");
    return 1;
}

static int accept_client(struct watcher *watcher)
{
    int connection = accept4(watcher->descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0)
        fail("accept4");
    watch(watcher->epoll, connection, serve_request);
    return 0;
}

/* A server without an end would have no `requests`. */
static void run_event_loop(int epoll, int requests)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    for (int served = 0; served < requests;) {
        int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, -1);
        if (count < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            struct watcher *watcher = events[i].data.ptr;
            served += watcher->on_ready(watcher);
        }
    }
}

/* --- the clients
 * -------------------------------------------------------------------------------------------- */

/* All ask at once, and ask again when all have their answers. Sequential packets: a request never comes in
 * parts. */
__attribute__((noreturn)) static void run_clients(const struct sockaddr_un *address, socklen_t length)
{
    int connections[CLIENTS];
    uint64_t key, mixed = 0;
    for (int i = 0; i < CLIENTS; i++) {
        connections[i] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        if (connections[i] < 0 || connect(connections[i], (const struct sockaddr *)address, length) != 0)
            fail("connect");
    }
    for (uint64_t request = 0; request < REQUESTS; request++) {
        for (uint64_t i = 0; i < CLIENTS; i++) {
            uint64_t secret = request * CLIENTS + i + 1;
            if (send(connections[i], &secret, sizeof secret, MSG_NOSIGNAL) != sizeof secret)
                fail("send");
        }
        for (int i = 0; i < CLIENTS; i++) {
            if (recv(connections[i], &key, sizeof key, 0) != sizeof key)
                fail("recv");
            mixed ^= key;
        }
    }
    printf("%d keys, all together %016llx\n", CLIENTS * REQUESTS, (unsigned long long)mixed);
    fflush(stdout);
    _exit(0);
}

int main(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof address;
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* An address of two bytes: the kernel chooses a name that no file has. */
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address.sun_family) != 0 ||
        listen(listener, CLIENTS) != 0 || getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        fail("cannot listen");
    pid_t clients = fork();
    if (clients < 0)
        fail("fork");
    if (clients == 0)
        run_clients(&address, length);

    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        fail("epoll_create1");
    watch(epoll, listener, accept_client);
    run_event_loop(epoll, CLIENTS * REQUESTS);
    int status;
    return waitpid(clients, &status, 0) == clients && status == 0 ? 0 : 1;
}
