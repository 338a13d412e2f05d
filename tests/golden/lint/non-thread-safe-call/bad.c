/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void stamp(time_t now)
{
    struct tm *parts = localtime(&now);
    printf("%d:%02d\n", parts->tm_hour, parts->tm_min);
}

static void *log_line(void *argument)
{
    stamp(time(NULL));
    for (char *word = strtok(argument, " "); word; word = strtok(NULL, " "))
        puts(word);
    setenv("LAST", "line", 1);
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    char lines[2][16] = {"one line", "another line"};
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, log_line, lines[i]);
    puts(ctime(&(time_t){0}));
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
