/* Tasks of a job: their function stands in a field, their number in another. What gives way waits for nobody else. */
struct corewise_task;
struct corewise_job {
    const char *name;
    int (*run)(const struct corewise_task *task);
    unsigned long task_count;
};
_Bool corewise_job_run(const struct corewise_job *job, const void *options, void *outcome, void *error);
int corewise_sleep(double seconds);

static int nap(const struct corewise_task *task)
{
    (void)task;
    return corewise_sleep(0.02);
}

int main(void)
{
    const struct corewise_job job = {.name = "naps", .run = nap, .task_count = 5000};
    return !corewise_job_run(&job, 0, 0, 0);
}
