/* SPDX-License-Identifier: Apache-2.0 */
/* Called by one thread only, before the others are made or after they are joined, under one lock, or in a
 * form that two threads may use. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *argument)
{
    struct tm parts;
    char *rest;
    time_t now = time(NULL);
    localtime_r(&now, &parts);
    printf("%d %s\n", parts.tm_hour, strtok_r(argument, " ", &rest));
    pthread_mutex_lock(&lock);
    puts(strtok(argument, "-"));
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *clock_thread(void *unused)
{
    time_t now = time(NULL);
    puts(asctime(gmtime(&now)));
    return unused;
}

int main(void)
{
    pthread_t threads[2], clock;
    char lines[2][16] = {"one line", "another line"};
    time_t now = time(NULL);
    puts(ctime(&now));
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, lines[i]);
    pthread_create(&clock, NULL, clock_thread, NULL);
    pthread_join(clock, NULL);
    puts(ctime(&now));
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    puts(strtok(lines[0], " "));
    return 0;
}
