/* SPDX-License-Identifier: Apache-2.0 */
/* One job, six models: a program hands its tasks to corewise_job_run() and chooses by an option (or by the
 * environment) whether they run one after the other, on threads, in processes, or on event loops. The calls
 * of the second half block in the blocking models and let other tasks go on in the asynchronous ones.
 * The manual is docs/runtime.md.
 *
 * Times are seconds, sizes are bytes. Structures belong to the caller and are only borrowed during the call.
 * Functions may be called by several threads at once unless they say otherwise. */
#ifndef COREWISE_H
#define COREWISE_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* of the shared library */

struct addrinfo; /* of netdb.h, which strict C hides */

enum corewise_model {
    COREWISE_SEQUENTIAL,      /* one task after the other, in the calling thread */
    COREWISE_THREADS,         /* a pool of threads that take work from each other */
    COREWISE_PROCESSES,       /* a pool of processes; a crash or a hang costs one task */
    COREWISE_ASYNC,           /* one event loop in the calling thread; tasks are coroutines */
    COREWISE_ASYNC_PROCESSES, /* an event loop per process */
    COREWISE_ASYNC_THREADS,   /* an event loop per thread, and a pool for what would block them */
};

/* How a task ended. */
enum corewise_status {
    COREWISE_DONE,
    COREWISE_FAILED,    /* its function returned something else than 0 */
    COREWISE_CRASHED,   /* a signal ended its process */
    COREWISE_TIMED_OUT, /* it took longer than task_timeout_seconds */
    COREWISE_CANCELLED, /* not started, or told to stop, because the job was cancelled */
};

/* The longest message of an error, with its terminating zero. */
#define COREWISE_ERROR_BYTES 256

struct corewise_error {
    int code; /* of errno.h */
    char message[COREWISE_ERROR_BYTES];
};

/* What the function of a task is given. Nothing of it may be kept after the task. */
struct corewise_task {
    uint64_t index;    /* 0 … */
    const void *input; /* input_bytes, or NULL when the job has no inputs */
    void *result;      /* result_bytes, zero at first; NULL when result_bytes is 0 */
    void *data;        /* the job's */
};

/* What became of a task; borrowed during the callback. */
struct corewise_result {
    uint64_t index;
    const void *result; /* result_bytes; what a task that was not done left behind is undefined */
    const void *output; /* what corewise_task_output() was given; NULL: nothing */
    size_t output_bytes;
    enum corewise_status status;
    int code;       /* FAILED: what the function returned; CRASHED: the signal; otherwise 0 */
    double seconds; /* from its start to its end; 0 when it did not start */
};

/* Set all fields that are not used to zero. The functions `next_input`, `finished`, `merge` and the
 * progress callback run in the thread that called corewise_job_run(), one at a time. */
struct corewise_job {
    const char *name; /* in reports; NULL: "job" */

    /* Does one task and returns 0, or anything else to fail. In the models with processes it runs in another
     * process: what it writes elsewhere than to its result is lost. */
    int (*run)(const struct corewise_task *task);
    void *data; /* for all functions of the job */

    /* Where tasks come from: `task_count` of them, with inputs[index] of `input_bytes` each as input if
     * given; or from `next_input`, which writes the input of task `index` and returns false when there are no
     * more
     * (`task_count` 0: no bound). It is asked only when there is room for another task. */
    uint64_t task_count;
    const void *inputs;
    size_t input_bytes;
    bool (*next_input)(uint64_t index, void *input, void *data);

    /* Where results go, each optional: to results[index] and statuses[index] (arrays of task_count); to
     * `finished`, which returns false to cancel the job (and still gets what was in progress); to `merge`,
     * which adds the result of a task that is done to `total`. */
    size_t result_bytes;
    void *results;
    enum corewise_status *statuses;
    bool (*finished)(const struct corewise_result *result, void *data);
    void (*merge)(void *total, const void *result, void *data);
    void *total;

    /* Whether tasks also hand over outputs of any size, to `finished`: corewise_task_output(). */
    bool outputs;

    /* Tasks that wait for each other (through channels, say) and so must be in progress together; THREADS and
     * PROCESSES then have at least so many workers. */
    uint32_t together;
};

/* Asks a job to stop. Zero at first; used for one job at a time. */
struct corewise_cancellation {
    int requested;
};
/* May be called by any thread and by signal handlers. Tasks that have not started are dropped, waiting calls
 * of the others fail with ECANCELED; processes that do not react within COREWISE_GRACE_SECONDS are killed. */
void corewise_cancel(struct corewise_cancellation *cancellation);

/* Between asking a task to stop (timeout, cancellation) and killing its process. */
#define COREWISE_GRACE_SECONDS 0.1

struct corewise_progress {
    uint64_t finished, failed; /* tasks so far; failed: all that are not DONE */
    uint64_t total;            /* 0: not known */
    double seconds;            /* since the job began */
};

struct corewise_options {
    enum corewise_model model;
    uint32_t workers;       /* threads, processes or loops; 0: the cores that affinity and quota grant, and
                             * no more than task_count */
    uint32_t tasks_at_once; /* waiting tasks per event loop; 0: COREWISE_TASKS_AT_ONCE */
    uint32_t
        queue_limit;      /* tasks between their input and their delivery; 0: COREWISE_QUEUE_LIMIT.
                           * Where neither `next_input` nor `finished` nor `merge` is used, there is no queue. */
    uint32_t claim_limit; /* tasks that a worker takes from the queue at once at most; 1 where they differ
                           * much and the longest come first; 0: as many as pay */
    bool in_order;        /* deliver results by index, not as they come */
    bool stop_on_failure; /* the first task that is not DONE cancels the job */
    double task_timeout_seconds; /* 0: none. In processes the task is killed after it; elsewhere its waiting
                                  * calls fail with ETIMEDOUT, corewise_task_stopped() says so, and when it
                                  * ends late it counts as TIMED_OUT. */
    size_t stack_bytes;          /* per coroutine; 0: COREWISE_STACK_BYTES */
    void (*progress)(const struct corewise_progress *progress, void *data); /* data: the job's */
    double progress_seconds;                    /* between two calls; 0: COREWISE_PROGRESS_SECONDS */
    struct corewise_cancellation *cancellation; /* NULL: none */
    const char *report_path;                    /* NULL: no report. See corewise_options_environment(). */
};

#define COREWISE_TASKS_AT_ONCE    10000
#define COREWISE_QUEUE_LIMIT      4096
#define COREWISE_STACK_BYTES      65536
#define COREWISE_PROGRESS_SECONDS 0.1
#define COREWISE_WORKERS_LIMIT    1024

/* SEQUENTIAL, and zero everywhere else. */
void corewise_options_init(struct corewise_options *options);

/* Overwrites what the environment sets, so that a program runs under any model without change:
 * COREWISE_MODEL (a model's name), COREWISE_WORKERS (a number), COREWISE_TASKS_AT_ONCE (a number) and
 * COREWISE_JOB_REPORT (a file; at the end of each job one JSON object on one line is appended to it). Not
 * while another thread changes the environment. False with `error` (optional) set when a value is wrong. */
bool corewise_options_environment(struct corewise_options *options, struct corewise_error *error);

/* "sequential" "threads" "processes" "async" "async+processes" "async+threads"; static. */
const char *corewise_model_name(enum corewise_model model);
/* False when no model has the name. */
bool corewise_model_find(const char *name, enum corewise_model *model);

struct corewise_outcome {
    enum corewise_model model;
    uint32_t workers;
    uint64_t tasks;                                 /* all that there were */
    uint64_t failed, crashed, timed_out, cancelled; /* those that were not done, by status */
    double seconds;                                 /* of the whole call */
    double p50_seconds, p90_seconds, p99_seconds,
        max_seconds; /* of tasks from start to end, or of what
                      * corewise_latency_add() was given; within 3 % */
};

/* Runs a job and returns when all its tasks are finished. `options` NULL: corewise_options_init() and the
 * environment. `outcome` and `error` are optional. True also when tasks failed; false with `error` set when
 * the job could not be run (EINVAL, ENOMEM, EAGAIN: no thread or process) or was cancelled (ECANCELED; then
 * `outcome` is filled in).
 * A task may itself run a job; on an event loop that blocks the other tasks of the loop. In the models with
 * processes the caller forks: other threads of the program do not exist in the tasks. */
bool corewise_job_run(const struct corewise_job *job, const struct corewise_options *options,
                      struct corewise_outcome *outcome, struct corewise_error *error);

/* Within a task. */

/* True when the task should come to its end: it is past its timeout, or the job is cancelled. False outside
 * of tasks. */
bool corewise_task_stopped(void);
/* Hands over bytes beside the result of the task that is running, which has a fixed size; they replace what
 * it handed over before. 0, or -1 with errno: EINVAL (outside of tasks, or the job has no `outputs`), ENOSPC
 * … */
int corewise_task_output(const struct corewise_task *task, const void *bytes, size_t size);
/* Lets other tasks of an event loop go on; nothing in the blocking models. */
void corewise_yield(void);
/* Counts a latency of the program's own (one request of a connection, say) instead of the tasks' times in the
 * outcome and the report of this job. */
void corewise_latency_add(double seconds);

/* Input and output: as the system call of the same name, and in addition -1 with errno ETIMEDOUT or ECANCELED
 * when the task is to stop. They wait also for non-blocking descriptors. Outside of tasks they block.
 * An event loop makes the descriptor non-blocking and remembers it: close it with corewise_close(). One task
 * may read while another writes. Regular files: read at once in the loop, or by the pool of ASYNC_THREADS. */
ssize_t corewise_read(int descriptor, void *buffer, size_t bytes);
ssize_t corewise_write(int descriptor, const void *buffer, size_t bytes); /* never SIGPIPE on sockets */
/* Writes all of it: 0, or -1 with errno. */
int corewise_write_all(int descriptor, const void *buffer, size_t bytes);
/* The new descriptor is close-on-exec. */
int corewise_accept(int descriptor, struct sockaddr *address, socklen_t *address_bytes);
int corewise_connect(int descriptor, const struct sockaddr *address, socklen_t address_bytes);
int corewise_close(int descriptor);
/* 1 when ready, 0 after timeout_seconds (< 0: no limit), -1 with errno. */
int corewise_wait_readable(int descriptor, double timeout_seconds);
int corewise_wait_writable(int descriptor, double timeout_seconds);
/* 0, or -1 with errno. */
int corewise_sleep(double seconds);
/* As getaddrinfo(3), whose answer goes to freeaddrinfo(3). In the asynchronous models another thread asks. */
int corewise_resolve(const char *host, const char *service, const struct addrinfo *hints,
                     struct addrinfo **addresses);
/* Calls function(data), which may block or compute: in ASYNC_THREADS on a thread of the pool while other
 * tasks of the loop go on, elsewhere here and now. Returns what it returned. */
int corewise_run_blocking(int (*function)(void *data), void *data);

/* Channels: messages between tasks, first in, first out, copied through shared memory; send pointers as
 * messages within one process. */
struct corewise_channel;

/* Holds up to `capacity` messages of up to `message_bytes`. To be made before the job whose tasks use it, and
 * freed after it. NULL with `error` set when there is no memory or no descriptor. */
struct corewise_channel *corewise_channel_new(size_t capacity, size_t message_bytes,
                                              struct corewise_error *error);
/* Accepts NULL. */
void corewise_channel_free(struct corewise_channel *channel);
/* Waits while the channel is full (SEQUENTIAL: it never is). 0, or -1 with errno: EMSGSIZE, EPIPE (closed),
 * ETIMEDOUT, ECANCELED. */
int corewise_channel_send(struct corewise_channel *channel, const void *message, size_t bytes);
/* Waits while the channel is empty. The bytes of the message, of which at most `bytes` are copied; 0 after
 * the last message of a closed channel; or -1 with errno: ETIMEDOUT, ECANCELED, EDEADLK (SEQUENTIAL: nobody
 * can send). Messages have at least one byte. */
ssize_t corewise_channel_receive(struct corewise_channel *channel, void *message, size_t bytes);
/* No more is sent; what was sent can still be received. */
void corewise_channel_close(struct corewise_channel *channel);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
