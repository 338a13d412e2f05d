/* SPDX-License-Identifier: Apache-2.0 */
/* Only main waits for what the pool does; a task that hands work over goes on. */
#include <pthread.h>
#include <stdlib.h>

struct task {
    void (*run)(struct task *task);
    struct task *next;
    int done;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t added = PTHREAD_COND_INITIALIZER, finished = PTHREAD_COND_INITIALIZER;
static struct task *queue;

static void submit(struct task *task)
{
    pthread_mutex_lock(&lock);
    task->next = queue;
    queue = task;
    pthread_cond_signal(&added);
    pthread_mutex_unlock(&lock);
}

static void wait_for(struct task *task)
{
    pthread_mutex_lock(&lock);
    while (!task->done)
        pthread_cond_wait(&finished, &lock);
    pthread_mutex_unlock(&lock);
}

static void half(struct task *task)
{
    pthread_mutex_lock(&lock);
    task->done = 1;
    pthread_cond_broadcast(&finished);
    pthread_mutex_unlock(&lock);
}

/* Hands the rest over and does not wait for it. */
static void whole(struct task *task)
{
    struct task *left = calloc(1, sizeof(*left));
    left->run = half;
    submit(left);
    half(task);
}

static void *worker(void *unused)
{
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!queue)
            pthread_cond_wait(&added, &lock);
        struct task *task = queue;
        queue = task->next;
        pthread_mutex_unlock(&lock);
        task->run(task);
    }
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    struct task tasks[2] = {{.run = whole}, {.run = whole}};
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, worker, NULL);
    for (int i = 0; i < 2; i++)
        submit(&tasks[i]);
    for (int i = 0; i < 2; i++)
        wait_for(&tasks[i]);
    return 0;
}
