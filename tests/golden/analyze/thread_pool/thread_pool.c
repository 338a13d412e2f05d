/* A pool whose workers wait for jobs in a function of their own, and for room in the output queue: only the first is
 * idle. */
#include <pthread.h>
#include <stdlib.h>

#define WORKERS 4

struct job {
    struct job *next;
    double value;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job *first;
    int count;
};

static struct queue input, output;

static struct job *queue_pop(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    while (!queue->first)
        pthread_cond_wait(&queue->changed, &queue->lock);
    struct job *job = queue->first;
    queue->first = job->next;
    queue->count--;
    pthread_mutex_unlock(&queue->lock);
    return job;
}

static void queue_push(struct queue *queue, struct job *job)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->count > 64)
        pthread_cond_wait(&queue->changed, &queue->lock);
    job->next = queue->first;
    queue->first = job;
    queue->count++;
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

static double compute(double value)
{
    for (int i = 0; i < 4000000; i++)
        value = value * 1.0000001 + 0.5;
    return value;
}

static void *worker(void *unused)
{
    (void)unused;
    for (;;) {
        struct job *job = queue_pop(&input);
        job->value = compute(job->value);
        queue_push(&output, job);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&threads[i], NULL, worker, NULL);
    for (int i = 0; i < 1000; i++)
        queue_push(&input, calloc(1, sizeof(struct job)));
    for (int i = 0; i < 1000; i++)
        free(queue_pop(&output));
    return 0;
}
