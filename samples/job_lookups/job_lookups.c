/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: a library that only knows how to block. An event loop cannot wait for it, so somebody else must: a
 * pool of threads, more of them than cores, because most of them stand still. The names of visitors are
 * looked up at a resolver, and each visitor's record is then scored. The resolver lives in a child process
 * that is forked once and plays the network: it answers after five milliseconds. How the tasks run is up to
 * COREWISE_MODEL. */
#include <arpa/inet.h>
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

#define VISITORS  400
#define DELAY_US  5000
#define NAME_MAX_ 32
#define STEPS     120000

static struct sockaddr_in resolver_address;

struct lookup {
    char name[NAME_MAX_];
    uint32_t address;
};

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "job_lookups: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* What a resolver library does: a question, a wait, an answer. */
__attribute__((noinline)) static int ask_resolver(void *data)
{
    struct lookup *lookup = data;
    int line = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (line < 0)
        return 1;
    int failed = connect(line, (const struct sockaddr *)&resolver_address, sizeof resolver_address) != 0 ||
                 send(line, lookup->name, sizeof lookup->name, 0) != sizeof lookup->name ||
                 recv(line, &lookup->address, sizeof lookup->address, 0) != sizeof lookup->address;
    close(line);
    return failed;
}

__attribute__((noinline)) static uint32_t score(uint32_t address)
{
    uint32_t score = address;
    for (int i = 0; i < STEPS; i++)
        score = score * 1664525u + (score >> 7) + 1013904223u;
    return score;
}

/* The lesson: corewise_run_blocking() hands the question to the pool where there is one. */
__attribute__((noinline)) static int rate_visitor(const struct corewise_task *task)
{
    struct lookup lookup = {.address = 0};
    snprintf(lookup.name, sizeof lookup.name, "visitor%u.example", (unsigned)task->index);
    if (corewise_run_blocking(ask_resolver, &lookup) != 0)
        return 1;
    *(uint32_t *)task->result = score(lookup.address);
    return 0;
}

static void add_score(void *total, const void *result, void *data)
{
    (void)data;
    *(uint32_t *)total += *(const uint32_t *)result;
}

/* --- the outside world
 * -------------------------------------------------------------------------------------- */

struct question {
    int64_t due_us;
    struct sockaddr_in from;
    uint32_t answer;
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The address is made of the letters. */
static uint32_t address_of(const char *name)
{
    uint32_t address = 2166136261u;
    for (; *name; name++)
        address = (address ^ (unsigned char)*name) * 16777619u;
    return address;
}

/* Every question is answered five milliseconds after it came, however many there are. */
__attribute__((noreturn)) static void run_resolver(int line)
{
    static struct question questions[VISITORS];
    unsigned first = 0, next = 0;
    for (;;) {
        int64_t wait_us = first < next ? questions[first].due_us - now_us() : -1;
        struct pollfd ready = {.fd = line, .events = POLLIN};
        struct timespec wait = {.tv_nsec = wait_us > 0 ? wait_us * 1000 : 0};
        if (ppoll(&ready, 1, first < next ? &wait : NULL, NULL) < 0)
            fail("ppoll");
        if (ready.revents && next < VISITORS) {
            char name[NAME_MAX_] = "";
            struct question *question = &questions[next];
            socklen_t length = sizeof question->from;
            if (recvfrom(line, name, sizeof name - 1, 0, (struct sockaddr *)&question->from, &length) <= 0)
                fail("recvfrom");
            question->answer = address_of(name);
            question->due_us = now_us() + DELAY_US;
            next++;
        }
        for (; first < next && questions[first].due_us <= now_us(); first++) {
            const struct question *due = &questions[first];
            sendto(line, &due->answer, sizeof due->answer, 0, (const struct sockaddr *)&due->from,
                   sizeof due->from);
        }
        if (first == VISITORS)
            _exit(0);
    }
}

static pid_t start_resolver(void)
{
    socklen_t length = sizeof resolver_address;
    int line = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    resolver_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (line < 0 || bind(line, (const struct sockaddr *)&resolver_address, sizeof resolver_address) != 0 ||
        getsockname(line, (struct sockaddr *)&resolver_address, &length) != 0)
        fail("cannot open a line for the resolver");
    pid_t world = fork();
    if (world < 0)
        fail("fork");
    if (world == 0)
        run_resolver(line);
    close(line);
    return world;
}

int main(void)
{
    uint32_t total = 0;
    pid_t world = start_resolver();
    const struct corewise_job job = {
        .name = "lookups",
        .run = rate_visitor,
        .task_count = VISITORS,
        .result_bytes = sizeof total,
        .merge = add_score,
        .total = &total,
    };
    struct corewise_error error;
    if (!corewise_job_run(&job, NULL, NULL, &error)) {
        fprintf(stderr, "job_lookups: %s\n", error.message);
        return 1;
    }
    printf("%d visitors, scores add up to %08x\n", VISITORS, (unsigned)total);
    return waitpid(world, NULL, 0) == world ? 0 : 1;
}
