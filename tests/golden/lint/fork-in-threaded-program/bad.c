/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *count(void *unused)
{
    for (int i = 0; i < 100; i++)
        printf("%d\n", i);
    return unused;
}

int main(void)
{
    pthread_t counter;
    pthread_create(&counter, NULL, count, NULL);
    if (fork() == 0) {
        printf("child\n");
        _exit(0);
    }
    pthread_join(counter, NULL);
    return 0;
}
