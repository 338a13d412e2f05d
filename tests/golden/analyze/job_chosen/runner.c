/* What the library is made of: all the models, of which a program takes one. */
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

struct corewise_job;
struct corewise_options;

static void *work(void *job)
{
    return job;
}

_Bool corewise_job_run(const struct corewise_job *job, const struct corewise_options *options, void *outcome, void *error)
{
    struct pollfd ready[8];
    pthread_t threads[8];
    (void)options, (void)outcome, (void)error;
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], 0, work, (void *)job);
    for (int i = 0; i < 8; i++) {
        if (fork() == 0)
            _exit(work((void *)job) != 0);
    }
    while (poll(ready, 8, -1) > 0)
        work((void *)job);
    return 1;
}
