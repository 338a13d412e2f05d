/* SPDX-License-Identifier: Apache-2.0 */
/* Joined, joined through a copy, detached by the creator, by itself or by an attribute, or endless. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct job {
    pthread_t thread;
    struct job *next;
};

static void *short_work(void *argument)
{
    return argument;
}

static void *detached_itself(void *argument)
{
    pthread_detach(pthread_self());
    return argument;
}

static void *endless(void *unused)
{
    for (;;)
        getchar();
    return unused;
}

static void join(pthread_t thread)
{
    pthread_join(thread, NULL);
}

static void many(int count)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t *threads = calloc((size_t)count, sizeof(*threads));
    struct job *jobs = NULL;
    for (int i = 0; i < count; i++) {
        pthread_t by_attribute, by_itself, waits_for_ever, by_creator, passed;
        struct job *job = malloc(sizeof(*job));
        pthread_create(&threads[i], NULL, short_work, NULL);
        pthread_create(&by_attribute, &attributes, short_work, NULL);
        pthread_create(&by_itself, NULL, detached_itself, NULL);
        pthread_create(&waits_for_ever, NULL, endless, NULL);
        pthread_create(&by_creator, NULL, short_work, NULL);
        pthread_detach(by_creator);
        pthread_create(&passed, NULL, short_work, NULL);
        join(passed);
        pthread_create(&job->thread, NULL, short_work, NULL);
        job->next = jobs;
        jobs = job;
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    for (; jobs; jobs = jobs->next)
        pthread_join(jobs->thread, NULL);
}

int main(int count, char **arguments)
{
    many(count);
    return arguments == NULL;
}
