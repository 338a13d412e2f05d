/* The environment of a run has the last word: what the source stores before is no choice. A pointer to options that are not
 * seen says nothing either. */
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
_Bool corewise_options_environment(struct corewise_options *options, void *error);

static int count(const struct corewise_task *task)
{
    volatile double sum = 0;
    for (int i = 0; i < 100000000; i++)
        sum += i;
    return task == 0;
}

static const struct corewise_job job = {.name = "sums", .run = count, .task_count = 500};

int main(void)
{
    struct corewise_options options;
    corewise_options_init(&options);
    options.model = COREWISE_THREADS;
    if (!corewise_options_environment(&options, 0))
        return 1;
    return !corewise_job_run(&job, &options, 0, 0);
}
