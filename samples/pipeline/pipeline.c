/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: jobs that have nothing in common but the data between them are processes with pipes, as in a shell.
 * One reads a sensor, one takes the noise out of the readings, one keeps the books. Each has its own pace and
 * its own memory, and could be another program, in another language, on another day. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define READINGS  400
#define PERIOD_US 5000
#define SMOOTHING 8 /* readings that an average is taken over */

/* Shorter than PIPE_BUF: a pipe takes and gives readings as a whole. */
struct reading {
    int number;
    int millidegrees;
};

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "pipeline: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void send_reading(int output, struct reading reading)
{
    if (write(output, &reading, sizeof reading) != sizeof reading)
        fail("write");
}

/* FALSE at the end of the readings. */
static int receive_reading(int input, struct reading *reading)
{
    ssize_t got = read(input, reading, sizeof *reading);
    if (got < 0)
        fail("read");
    return got == sizeof *reading;
}

/* The sensor needs its time. Around 20 degrees, with the noise of a cheap one. */
__attribute__((noinline)) static int read_sensor(uint64_t *noise)
{
    usleep(PERIOD_US);
    *noise = *noise * 6364136223846793005u + 1442695040888963407u;
    return 20000 + (int)(*noise >> 55) - 256;
}

static void measure(int unused, int output)
{
    uint64_t noise = 42;
    (void)unused;
    for (int number = 0; number < READINGS; number++) {
        int millidegrees = read_sensor(&noise);
        send_reading(output, (struct reading){number, millidegrees});
    }
}

static void smooth(int input, int output)
{
    struct reading reading;
    int latest[SMOOTHING] = {0};
    while (receive_reading(input, &reading)) {
        int sum = 0;
        latest[reading.number % SMOOTHING] = reading.millidegrees;
        for (int i = 0; i < SMOOTHING; i++)
            sum += latest[i];
        if (reading.number + 1 >= SMOOTHING)
            send_reading(output, (struct reading){reading.number, sum / SMOOTHING});
    }
}

static void keep_books(int input, int unused)
{
    struct reading reading, lowest = {0, INT32_MAX}, highest = {0, INT32_MIN};
    (void)unused;
    while (receive_reading(input, &reading)) {
        if (reading.millidegrees < lowest.millidegrees)
            lowest = reading;
        if (reading.millidegrees > highest.millidegrees)
            highest = reading;
    }
    printf("%.3f degrees at reading %d, %.3f at reading %d\n", lowest.millidegrees / 1000.0, lowest.number,
           highest.millidegrees / 1000.0, highest.number);
}

/* A process that runs one job between two descriptors; `foreign` is the end that another job has. */
static void start_job(void (*job)(int input, int output), int input, int output, int foreign)
{
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child > 0)
        return;
    if (foreign >= 0)
        close(foreign);
    job(input, output);
    exit(0);
}

int main(void)
{
    int raw[2], smoothed[2], failed = 0;
    if (pipe(raw) != 0)
        fail("pipe");
    start_job(measure, -1, raw[1], raw[0]);
    close(raw[1]);
    if (pipe(smoothed) != 0)
        fail("pipe");
    start_job(smooth, raw[0], smoothed[1], smoothed[0]);
    close(raw[0]);
    close(smoothed[1]);
    start_job(keep_books, smoothed[0], -1, -1);
    close(smoothed[0]);
    for (int job = 0; job < 3; job++) {
        int status;
        if (wait(&status) < 0)
            fail("wait");
        failed += status != 0;
    }
    return failed == 0 ? 0 : 1;
}
