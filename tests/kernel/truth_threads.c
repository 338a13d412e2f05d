/* SPDX-License-Identifier: Apache-2.0 */
/* Threads and processes: their own time, their switches, their number, their names. */
#include "tests/kernel/truth.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static pthread_mutex_t telling = PTHREAD_MUTEX_INITIALIZER;

static void tell_of_thread(const char *what, double value)
{
    char name[64];
    snprintf(name, sizeof(name), "%s.%d", what, own_tid());
    pthread_mutex_lock(&telling);
    tell(name, value);
    pthread_mutex_unlock(&telling);
}

static void *compute(void *seconds)
{
    compute_seconds(*(const double *)seconds);
    tell_of_thread("cpu", seconds_now(CLOCK_THREAD_CPUTIME_ID));
    return NULL;
}

/* More threads than cores, with different needs. */
void truth_cpu(void)
{
    static double needs[] = {0.2, 0.4, 0.6, 0.8};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, compute, &needs[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static double status_field(const char *field)
{
    FILE *status = fopen("/proc/thread-self/status", "r");
    char line[256];
    double value = -1;
    while (status && fgets(line, sizeof(line), status)) {
        if (strncmp(line, field, strlen(field)) == 0)
            value = atof(line + strlen(field));
    }
    if (status)
        fclose(status);
    return value;
}

static void *switch_often(void *unused)
{
    int there[2], back[2];
    char byte = 0;
    if (pipe(there) || pipe(back))
        exit(1);
    pid_t child = fork();
    if (child == 0) {
        while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
            ;
        _exit(0);
    }
    for (int i = 0; i < 20000; i++) {
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
            exit(1);
    }
    compute_seconds(0.3); /* others want the core */
    tell_of_thread("voluntary", status_field("voluntary_ctxt_switches:"));
    tell_of_thread("involuntary", status_field("nonvoluntary_ctxt_switches:"));
    kill(child, SIGKILL); /* the other thread's child may have this one's pipe open as well */
    return unused;
}

static void *compute_too(void *unused)
{
    compute_seconds(0.5);
    return unused;
}

/* In threads, whose numbers begin at 0. */
void truth_switches(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, i < 2 ? switch_often : compute_too, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static void *live_shortly(void *unused)
{
    return unused;
}

void truth_threads(void)
{
    for (int i = 0; i < 2000; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, live_shortly, NULL))
            exit(1);
        pthread_join(thread, NULL);
    }
    tell("threads", 2000);
}

void truth_forks(void)
{
    for (int i = 0; i < 200; i++) {
        pid_t child = fork();
        if (child < 0)
            exit(1);
        if (child == 0) {
            sleep_seconds(0.002);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    tell("processes", 200);
}

/* Names that want to end a script, command a terminal, or are no UTF-8. */
void truth_names(void)
{
    prctl(PR_SET_NAME, "</script>\033[31m");
    sleep_seconds(0.02);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_NAME, "\xff\xfe\"name\\\n");
        sleep_seconds(0.02);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}
