/* A server with an event loop that sums up now and then, on threads: the loop is what the program is, the job a site of its own. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
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

static struct pollfd clients[64];
static void (*handlers[64])(int descriptor);

static int count(const struct corewise_task *task)
{
    volatile double sum = 0;
    for (int i = 0; i < 100000; i++)
        sum += i;
    return task == 0;
}

static void sum_up(int descriptor)
{
    const struct corewise_options options = {.model = COREWISE_THREADS};
    const struct corewise_job job = {.name = "sums", .run = count, .task_count = 8};
    char word = corewise_job_run(&job, &options, 0, 0) ? 'y' : 'n';
    write(descriptor, &word, 1);
}

static void answer(int descriptor)
{
    char text[256];
    ssize_t length = recv(descriptor, text, sizeof text, MSG_DONTWAIT);
    if (length > 0 && text[0] == 's')
        sum_up(descriptor);
    else if (length > 0)
        send(descriptor, text, (size_t)length, MSG_DONTWAIT);
}

int main(void)
{
    for (int i = 0; i < 64; i++)
        handlers[i] = answer;
    for (;;) {
        poll(clients, 64, -1);
        for (int i = 0; i < 64; i++) {
            if (clients[i].revents)
                handlers[i](clients[i].fd);
        }
    }
}
