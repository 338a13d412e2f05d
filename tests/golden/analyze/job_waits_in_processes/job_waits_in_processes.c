/* A pool of processes for what only waits: one event loop would do. */
enum corewise_model { COREWISE_SEQUENTIAL, COREWISE_THREADS, COREWISE_PROCESSES, COREWISE_ASYNC };
struct corewise_task;
struct corewise_job {
    const char *name;
    int (*run)(const struct corewise_task *task);
    unsigned long task_count;
};
struct corewise_options {
    enum corewise_model model;
    unsigned workers;
};
_Bool corewise_job_run(const struct corewise_job *job, const struct corewise_options *options, void *outcome, void *error);
void corewise_options_init(struct corewise_options *options);
int corewise_sleep(double seconds);

static int nap(const struct corewise_task *task)
{
    (void)task;
    return corewise_sleep(0.02);
}

int main(void)
{
    static const struct corewise_options options = {.model = COREWISE_PROCESSES, .workers = 4};
    const struct corewise_job job = {.name = "naps", .run = nap, .task_count = 5000};
    return !corewise_job_run(&job, &options, 0, 0);
}
