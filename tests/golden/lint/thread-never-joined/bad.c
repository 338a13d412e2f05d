/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>

static void *greet(void *argument)
{
    puts(argument);
    return NULL;
}

static void *once(void *argument)
{
    return argument;
}

int main(void)
{
    char line[64];
    pthread_t first;
    pthread_create(&first, NULL, once, NULL);
    while (fgets(line, sizeof(line), stdin)) {
        pthread_t thread;
        pthread_create(&thread, NULL, greet, line);
    }
    return 0;
}
