/* SPDX-License-Identifier: Apache-2.0 */
/* Many threads that wait, as many as the user says, and a number of cores that is only printed. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *work(void *argument)
{
    char buffer[64];
    while (fgets(buffer, sizeof(buffer), argument))
        sleep(1);
    return NULL;
}

int main(int count, char **arguments)
{
    int wanted = count > 1 ? atoi(arguments[1]) : 2;
    pthread_t threads[32], *more = calloc((size_t)wanted, sizeof(*more));
    for (int i = 0; i < 32; i++)
        pthread_create(&threads[i], NULL, work, stdin);
    for (int i = 0; i < wanted; i++)
        pthread_create(&more[i], NULL, work, stdin);
    for (int i = 0; i < 32; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < wanted; i++)
        pthread_join(more[i], NULL);
    return 0;
}
