/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeps that set a pace, that wait for what no thread does, or between two tries of something that fails. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;
static atomic_long requests;

static void on_signal(int number)
{
    stopped = number;
}

static void *report(void *unused)
{
    for (;;) {
        printf("%ld\n", requests);
        sleep(1);
    }
    return unused;
}

int main(void)
{
    pthread_t thread;
    struct stat status;
    signal(SIGTERM, on_signal);
    while (stat("config", &status) != 0)
        sleep(1);
    pthread_create(&thread, NULL, report, NULL);
    while (!stopped) {
        requests++;
        usleep(1000);
    }
    return 0;
}
