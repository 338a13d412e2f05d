/* Threads, processes, signal handlers and callbacks. */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

struct job {
    void *(*run)(void *);
    void *data;
};
typedef int callback(void *);
void register_callback(callback *call, void *data);

static void *body(void *data)
{
    return data;
}
static int work(void *data)
{
    return data != NULL;
}
static void stop(int signal)
{
    (void)signal;
}
static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

int create(struct job *job, int *items)
{
    pthread_t threads[4];
    thrd_t thread;
    pid_t child;
    char *arguments[] = {"child", NULL};
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, i ? body : &body, job);
    pthread_create(threads, NULL, job->run, job->data);
    thrd_create(&thread, work, NULL);
    if ((child = fork()) == 0) {
        execvp("child", arguments);
        _exit(127);
    }
    posix_spawn(&child, "/bin/true", NULL, NULL, arguments, NULL);
    signal(SIGTERM, stop);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    register_callback(work, items);
    qsort(items, 10, sizeof(*items), compare);
    atexit((void (*)(void))abort);
    return waitpid(child, NULL, 0) < 0 ? -1 : 0;
}
