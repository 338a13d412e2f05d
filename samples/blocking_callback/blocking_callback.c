/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: one callback that blocks stops everything else in its event loop.
 * An epoll loop beats a heart every 10 ms and serves a job every 23 ms. The job looks a name up, which
 * blocks, and the heart misses its beats: the program measures by how much. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define JOBS           87
#define HEARTBEAT_MS   10
#define JOB_MS         23
#define LOOKUP_US      15000 /* what a name server needs that is not around the corner */
#define NS_PER_MS      1000000LL
#define NS_PER_SECOND  1000000000LL
#define EVENTS_AT_ONCE 8

/* A descriptor and what to do when it is ready: the way every event library does it. */
struct watcher {
    int descriptor;
    void (*on_ready)(struct watcher *watcher);
};

static int jobs_done;
static int beats;
static int64_t first_beat_ns, worst_delay_ns;

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "blocking_callback: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* How many times the timer went off since it was last read. Never blocks: the descriptor is non-blocking. */
static uint64_t read_expirations(int timer)
{
    uint64_t expirations = 0;
    if (read(timer, &expirations, sizeof expirations) != sizeof expirations)
        return 0;
    return expirations;
}

/* Stands in for getaddrinfo(): a C library call that talks to a server and returns when it has the answer. */
__attribute__((noinline)) static uint32_t look_up_name(int job)
{
    usleep(LOOKUP_US);
    return 0x7f000001u + (uint32_t)job;
}

/* The lesson: for 15 ms out of 23 nobody is in epoll_wait. */
__attribute__((noinline)) static void serve_job(struct watcher *watcher)
{
    if (read_expirations(watcher->descriptor) == 0)
        return;
    uint32_t address = look_up_name(jobs_done);
    jobs_done++;
    if (jobs_done % 20 == 0)
        printf("job %d: host-%d is 127.%u.%u.%u\n", jobs_done, jobs_done, (address >> 16) & 255,
               (address >> 8) & 255, address & 255);
}

/* Notes how late the oldest beat is that was still to come. */
__attribute__((noinline)) static void beat_heart(struct watcher *watcher)
{
    int64_t due_ns = first_beat_ns + beats * HEARTBEAT_MS * NS_PER_MS;
    uint64_t expirations = read_expirations(watcher->descriptor);
    if (expirations > 0 && now_ns() - due_ns > worst_delay_ns)
        worst_delay_ns = now_ns() - due_ns;
    beats += (int)expirations;
}

/* Watches a timer that goes off every `milliseconds`. */
static void add_timer(int epoll, struct watcher *watcher, long milliseconds)
{
    struct timespec interval = {.tv_nsec = milliseconds * NS_PER_MS};
    struct itimerspec setting = {.it_interval = interval, .it_value = interval};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watcher};
    watcher->descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (watcher->descriptor < 0 || timerfd_settime(watcher->descriptor, 0, &setting, NULL) != 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, watcher->descriptor, &event) != 0)
        fail("cannot watch a timer");
}

static void run_event_loop(int epoll)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    while (jobs_done < JOBS) {
        int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, -1);
        if (count < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            struct watcher *watcher = events[i].data.ptr;
            watcher->on_ready(watcher);
        }
    }
}

int main(void)
{
    static struct watcher heart = {.on_ready = beat_heart}, job = {.on_ready = serve_job};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        fail("epoll_create1");
    first_beat_ns = now_ns() + HEARTBEAT_MS * NS_PER_MS;
    add_timer(epoll, &heart, HEARTBEAT_MS);
    add_timer(epoll, &job, JOB_MS);
    run_event_loop(epoll);
    printf("%d jobs, %d heartbeats, the worst came %.1f ms late\n", jobs_done, beats,
           (double)worst_delay_ns / NS_PER_MS);
    return 0;
}
