/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: waits that follow each other add up, although they could all pass at the same time.
 * A weather station asks eight slow sensors, one after the other, for ten values each. The sensors live in a
 * child process that is forked once and plays the outside world; each needs 25 ms to answer and all can work
 * at once. */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SENSORS   8
#define VALUES    10
#define ANSWER_MS 25

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "io_wait: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* --- the weather station
 * ------------------------------------------------------------------------------------ */

/* The mean of some values of one sensor, in degrees. Each value is a question, a wait and an answer. */
__attribute__((noinline)) static double read_sensor(int sensor)
{
    double sum = 0;
    for (int i = 0; i < VALUES; i++) {
        int32_t millidegrees;
        if (send(sensor, "?", 1, MSG_NOSIGNAL) != 1 ||
            recv(sensor, &millidegrees, sizeof millidegrees, 0) != sizeof millidegrees)
            fail("a sensor does not answer");
        sum += millidegrees;
    }
    return sum / VALUES / 1000;
}

/* The lesson: eight times 250 ms of waiting, one after the other. No sensor needs another one's result. */
__attribute__((noinline)) static void read_all_sensors(const int sensors[SENSORS], double degrees[SENSORS])
{
    for (int i = 0; i < SENSORS; i++)
        degrees[i] = read_sensor(sensors[i]);
}

/* --- the outside world
 * -------------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Answers what is due and returns how long nothing else will be, in milliseconds; -1 when nothing is under
 * way. */
static int answer_due(const struct pollfd *lines, int64_t *due_ms)
{
    int next = -1;
    for (int i = 0; i < SENSORS; i++) {
        int64_t rest = due_ms[i] - now_ms();
        if (due_ms[i] && rest <= 0) {
            int32_t millidegrees = 20000 + 100 * i;
            if (write(lines[i].fd, &millidegrees, sizeof millidegrees) < 0)
                fail("write");
            due_ms[i] = 0;
        } else if (due_ms[i] && (next < 0 || rest < next)) {
            next = (int)rest;
        }
    }
    return next;
}

/* Every sensor notes when its answer is due, so that eight questions at once are answered in 25 ms. */
__attribute__((noreturn)) static void run_sensors(const int ends[SENSORS])
{
    struct pollfd lines[SENSORS];
    int64_t due_ms[SENSORS] = {0};
    for (int i = 0; i < SENSORS; i++)
        lines[i] = (struct pollfd){.fd = ends[i], .events = POLLIN};
    for (;;) {
        if (poll(lines, SENSORS, answer_due(lines, due_ms)) < 0)
            fail("poll");
        for (int i = 0; i < SENSORS; i++) {
            char question;
            if (lines[i].revents && read(lines[i].fd, &question, 1) != 1)
                _exit(0); /* the station has hung up */
            if (lines[i].revents)
                due_ms[i] = now_ms() + ANSWER_MS;
        }
    }
}

int main(void)
{
    int near[SENSORS], far[SENSORS];
    for (int i = 0; i < SENSORS; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
            fail("socketpair");
        near[i] = pair[0];
        far[i] = pair[1];
    }
    pid_t world = fork();
    if (world < 0)
        fail("fork");
    for (int i = 0; i < SENSORS; i++)
        close(world == 0 ? near[i] : far[i]);
    if (world == 0)
        run_sensors(far);

    double degrees[SENSORS];
    read_all_sensors(near, degrees);
    for (int i = 0; i < SENSORS; i++) {
        printf("sensor %d: %.1f degrees\n", i, degrees[i]);
        close(near[i]);
    }
    return waitpid(world, NULL, 0) == world ? 0 : 1;
}
