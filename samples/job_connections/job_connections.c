/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: connections that are idle nearly all of the time. What counts is not how fast one is served, but
 * how many can wait at once, and at what price. An echo server and a hundred and fifty people who write a
 * word now and then. The people live in a child process that is forked once and plays the outside world; a
 * task is one connection, from its first word until its end. How the tasks run is up to COREWISE_MODEL. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/corewise.h"

#define PEOPLE     150
#define WORDS      3
#define PAUSE_MS   10
#define WORD_BYTES 32

struct connection {
    int descriptor;
};

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "job_connections: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* The lesson: read, write, and wait for the next word. */
__attribute__((noinline)) static int serve_connection(const struct corewise_task *task)
{
    int connection = ((const struct connection *)task->input)->descriptor, *words = task->result;
    char word[WORD_BYTES];
    ssize_t length;
    while ((length = corewise_read(connection, word, sizeof word)) > 0) {
        if (corewise_write_all(connection, word, (size_t)length) != 0)
            return 1;
        ++*words;
    }
    corewise_close(connection);
    return length < 0;
}

static void add_words(void *total, const void *result, void *data)
{
    (void)data;
    *(int *)total += *(const int *)result;
}

/* --- the outside world
 * -------------------------------------------------------------------------------------- */

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct person {
    int left;          /* words still to say */
    int64_t speaks_us; /* when the next one is said; 0: waits for the echo */
};

/* Says what is due and returns how long nothing else will be, in milliseconds; -1: everybody listens. */
static int say_due(struct pollfd *lines, struct person *people)
{
    static const char word[WORD_BYTES] = "a word";
    int64_t now = now_us();
    int next_ms = -1;
    for (int i = 0; i < PEOPLE; i++) {
        int64_t rest_ms = (people[i].speaks_us - now + 999) / 1000;
        if (!people[i].speaks_us)
            continue;
        if (rest_ms <= 0) {
            if (write(lines[i].fd, word, sizeof word) != sizeof word)
                fail("write");
            people[i].speaks_us = 0;
        } else if (next_ms < 0 || rest_ms < next_ms) {
            next_ms = (int)rest_ms;
        }
    }
    return next_ms;
}

__attribute__((noreturn)) static void run_people(const int *ends)
{
    static struct pollfd lines[PEOPLE];
    static struct person people[PEOPLE];
    int here = PEOPLE;
    for (int i = 0; i < PEOPLE; i++) {
        lines[i] = (struct pollfd){.fd = ends[i], .events = POLLIN};
        people[i] = (struct person){.left = WORDS, .speaks_us = now_us() + (i % 10) * 500};
    }
    while (here > 0) {
        if (poll(lines, PEOPLE, say_due(lines, people)) < 0)
            fail("poll");
        for (int i = 0; i < PEOPLE; i++) {
            char word[WORD_BYTES];
            if (!lines[i].revents)
                continue;
            if (read(lines[i].fd, word, sizeof word) <= 0)
                _exit(0); /* the server has hung up */
            people[i].speaks_us = now_us() + PAUSE_MS * 1000;
            if (--people[i].left > 0)
                continue;
            people[i].speaks_us = 0;
            close(lines[i].fd);
            lines[i].fd = -1;
            here--;
        }
    }
    _exit(0);
}

int main(void)
{
    static struct connection near[PEOPLE];
    static int far[PEOPLE];
    int words = 0;
    for (int i = 0; i < PEOPLE; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
            fail("socketpair");
        near[i].descriptor = pair[0];
        far[i] = pair[1];
    }
    pid_t world = fork();
    if (world < 0)
        fail("fork");
    for (int i = 0; i < PEOPLE; i++)
        close(world == 0 ? near[i].descriptor : far[i]);
    if (world == 0)
        run_people(far);

    const struct corewise_job job = {
        .name = "connections",
        .run = serve_connection,
        .task_count = PEOPLE,
        .inputs = near,
        .input_bytes = sizeof near[0],
        .result_bytes = sizeof words,
        .merge = add_words,
        .total = &words,
    };
    struct corewise_error error;
    if (!corewise_job_run(&job, NULL, NULL, &error)) {
        fprintf(stderr, "job_connections: %s\n", error.message);
        return 1;
    }
    printf("%d people said %d words\n", PEOPLE, words);
    for (int i = 0; i < PEOPLE; i++)
        close(near[i].descriptor); /* of processes that served in their own copy */
    return waitpid(world, NULL, 0) == world && words == PEOPLE * WORDS ? 0 : 1;
}
