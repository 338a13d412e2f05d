/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: when requests compute for more than one core and share what they compute, the loop needs threads.
 * A server scores offers and keeps the ranking of the best: one epoll loop, a few milliseconds of computing
 * per request, and a table that every request reads and changes. The clients live in a child process that is
 * forked once and plays the outside world. */
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
#define DAYS           2000000
#define RANKS          10
#define EVENTS_AT_ONCE 16

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "shared_ranking: %s: %s\n", what, strerror(errno));
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

struct offer {
    uint64_t number;
    uint32_t score;
};

/* The best offers so far, best first. */
static struct offer ranking[RANKS];

/* What the offer is worth on the best of many days, as a generator of random numbers has them. */
__attribute__((noinline)) static uint32_t score_offer(uint64_t offer)
{
    uint64_t day = offer;
    uint32_t most = 0;
    for (int i = 0; i < DAYS; i++) {
        day = day * 6364136223846793005u + 1442695040888963407u;
        uint32_t worth = (uint32_t)(day >> 32);
        most = worth > most ? worth : most;
    }
    return most;
}

/* Returns the place that the offer gets, RANKS when it gets none. */
__attribute__((noinline)) static uint32_t enter_ranking(struct offer offer)
{
    uint32_t place = RANKS;
    while (place > 0 && ranking[place - 1].score < offer.score) {
        if (place < RANKS)
            ranking[place] = ranking[place - 1];
        place--;
    }
    if (place < RANKS)
        ranking[place] = offer;
    return place;
}

/* The lesson: the scoring needs nobody, the ranking is everybody's. */
__attribute__((noinline)) static int serve_offer(struct watcher *watcher)
{
    uint64_t number;
    if (recv(watcher->descriptor, &number, sizeof number, 0) != sizeof number) {
        close(watcher->descriptor); /* which takes it out of the loop, too */
        free(watcher);
        return 0;
    }
    uint32_t place = enter_ranking((struct offer){number, score_offer(number)});
    if (send(watcher->descriptor, &place, sizeof place, MSG_NOSIGNAL) != sizeof place)
        fail("send");
    return 1;
}

static int accept_client(struct watcher *watcher)
{
    int connection = accept4(watcher->descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0)
        fail("accept4");
    watch(watcher->epoll, connection, serve_offer);
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
    uint32_t place;
    int ranked = 0;
    for (int i = 0; i < CLIENTS; i++) {
        connections[i] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        if (connections[i] < 0 || connect(connections[i], (const struct sockaddr *)address, length) != 0)
            fail("connect");
    }
    for (uint64_t request = 0; request < REQUESTS; request++) {
        for (uint64_t i = 0; i < CLIENTS; i++) {
            uint64_t offer = request * CLIENTS + i;
            if (send(connections[i], &offer, sizeof offer, MSG_NOSIGNAL) != sizeof offer)
                fail("send");
        }
        for (int i = 0; i < CLIENTS; i++) {
            if (recv(connections[i], &place, sizeof place, 0) != sizeof place)
                fail("recv");
            ranked += place < RANKS;
        }
    }
    printf("%d offers, %d came into the ranking\n", CLIENTS * REQUESTS, ranked);
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
