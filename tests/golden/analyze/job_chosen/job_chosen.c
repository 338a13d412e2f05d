/* A pool of processes that the source chooses, for a parser that may crash. The task works on a thread of its own and
 * awaits it. That the source of the library lies beside (runner.c) changes nothing. */
#include <pthread.h>
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
typedef void *CXTranslationUnit;
int clang_parseTranslationUnit2(void *index, const char *file, const char *const *flags, int count, void *files, unsigned files_count,
                                unsigned options, CXTranslationUnit *unit);

static void *parse(void *data)
{
    static const char *const flags[] = {"-O2"};
    CXTranslationUnit unit;
    clang_parseTranslationUnit2(0, data, flags, 1, 0, 0, 0, &unit);
    return unit;
}

static int parse_apart(const struct corewise_task *task)
{
    pthread_t thread;
    if (pthread_create(&thread, 0, parse, (void *)task))
        return 1;
    return pthread_join(thread, 0);
}

int main(void)
{
    const struct corewise_job job = {.name = "units", .run = parse_apart, .task_count = 100};
    struct corewise_options options;
    corewise_options_init(&options);
    options.model = COREWISE_PROCESSES;
    return !corewise_job_run(&job, &options, 0, 0);
}
