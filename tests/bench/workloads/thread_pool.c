/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of four workers takes tasks of some microseconds from a short queue: threads wait for work, and the
 * producer for space, so that the queue's two conditions switch threads many thousand times a second. The
 * second argument is a task's steps of computing. */
#include <pthread.h>

#include "workload.h"

#define WORKERS     4
#define QUEUE_SPACE 4

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_task = PTHREAD_COND_INITIALIZER, has_space = PTHREAD_COND_INITIALIZER;
static long queued, left, steps;
static volatile unsigned long result;

static int take_task(void)
{
    pthread_mutex_lock(&queue_lock);
    while (queued == 0 && left > 0)
        pthread_cond_wait(&has_task, &queue_lock);
    int taken = queued > 0;
    queued -= taken;
    pthread_mutex_unlock(&queue_lock);
    pthread_cond_signal(&has_space);
    return taken;
}

static void *serve(void *argument)
{
    while (take_task()) {
        unsigned long sum = 0;
        for (long k = 0; k < steps; k++)
            sum = sum * 31 + (unsigned long)k;
        result = sum;
    }
    return argument;
}

static void add_task(void)
{
    pthread_mutex_lock(&queue_lock);
    while (queued == QUEUE_SPACE)
        pthread_cond_wait(&has_space, &queue_lock);
    queued++;
    left--;
    pthread_mutex_unlock(&queue_lock);
    pthread_cond_signal(&has_task);
}

int main(int argc, char **argv)
{
    pthread_t threads[WORKERS];
    const long tasks = workload_rounds(200000, argc, argv);
    steps = argc > 2 ? strtol(argv[2], NULL, 10) : 8000;
    left = tasks;
    double start = workload_now();
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&threads[i], NULL, serve, NULL);
    for (long i = 0; i < tasks; i++)
        add_task();
    pthread_cond_broadcast(&has_task);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    workload_report(tasks, start);
    return 0;
}
