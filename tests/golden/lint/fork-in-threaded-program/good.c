/* SPDX-License-Identifier: Apache-2.0 */
/* Before the first thread, after the last one, and with exec. */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void *count(void *unused)
{
    for (int i = 0; i < 100; i++)
        printf("%d\n", i);
    return unused;
}

static void child(void)
{
    if (fork() == 0) {
        printf("child\n");
        _exit(0);
    }
}

static void run_ls(void)
{
    if (fork() == 0) {
        execl("/bin/ls", "ls", (char *)NULL);
        _exit(127);
    }
}

int main(void)
{
    pthread_t counters[4];
    child();
    for (int i = 0; i < 4; i++)
        pthread_create(&counters[i], NULL, count, NULL);
    run_ls();
    for (int i = 0; i < 4; i++)
        pthread_join(counters[i], NULL);
    if (fork() == 0)
        _exit(0);
    while (wait(NULL) > 0) {
    }
    return 0;
}
