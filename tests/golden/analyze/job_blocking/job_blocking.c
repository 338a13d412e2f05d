/* A task that blocks in a library: no event loop can watch what it waits for. Its number is not told. */
#include <netdb.h>

struct corewise_task;
struct corewise_job {
    int (*run)(const struct corewise_task *task);
    unsigned long task_count;
};
_Bool corewise_job_run(const struct corewise_job *job, const void *options, void *outcome, void *error);
int corewise_run_blocking(int (*function)(void *data), void *data);

static int look_up(void *data)
{
    struct addrinfo *found = 0;
    int failed = getaddrinfo(data, "80", 0, &found);
    if (!failed)
        freeaddrinfo(found);
    return failed;
}

static int visit(const struct corewise_task *task)
{
    (void)task;
    return corewise_run_blocking(look_up, "example.org");
}

int main(int argc, char **argv)
{
    (void)argv;
    const struct corewise_job job = {.run = visit, .task_count = (unsigned long)argc};
    return !corewise_job_run(&job, 0, 0, 0);
}
