/* All of a task's work is under one lock: no model makes it faster. */
#include <pthread.h>

struct corewise_task;
struct corewise_job {
    int (*run)(const struct corewise_task *task);
    unsigned long task_count;
};
_Bool corewise_job_run(const struct corewise_job *job, const void *options, void *outcome, void *error);

struct table {
    pthread_mutex_t lock;
    unsigned cells[1000];
};
static struct table table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int fill(const struct corewise_task *task)
{
    (void)task;
    pthread_mutex_lock(&table.lock);
    for (int round = 0; round < 1000; round++)
        for (int i = 0; i < 1000; i++)
            table.cells[i] = table.cells[i] * 3 + 1;
    pthread_mutex_unlock(&table.lock);
    return 0;
}

int main(void)
{
    const struct corewise_job job = {.run = fill, .task_count = 300};
    return !corewise_job_run(&job, 0, 0, 0);
}
