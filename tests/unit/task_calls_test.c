/* SPDX-License-Identifier: Apache-2.0 */
/* What tasks may call, under every model: input and output, channels, names, blocking functions. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "each_model.h"

enum { PAIRS = 50, ROUNDS = 20, MESSAGES = 5000 };

static void run_all(const struct corewise_job *job, const struct corewise_options *options)
{
    struct corewise_outcome outcome = run_job(job, options);
    g_assert_cmpuint(outcome.failed + outcome.crashed + outcome.timed_out + outcome.cancelled, ==, 0);
}

/* Failures come as the line where they happened. */
#define CHECK(condition)                                                                                     \
    if (!(condition))                                                                                        \
    return __LINE__

static bool print_failure(const struct corewise_result *result, void *data)
{
    (void)data;
    if (result->status != COREWISE_DONE)
        g_printerr("task %u: status %d, line %d\n", (guint)result->index, (int)result->status, result->code);
    return true;
}

/* Even tasks ask, odd ones answer, over a pair of sockets. */
static int ask_or_answer(const struct corewise_task *task)
{
    const int *ends = (const int *)task->data + task->index / 2 * 2;
    int own = ends[task->index % 2];
    for (int round = 0; round < ROUNDS; round++) {
        char text[64] = "";
        if (task->index % 2 == 0) {
            int length = g_snprintf(text, sizeof(text), "question %d of %d", round, (int)task->index);
            CHECK(corewise_write_all(own, text, (size_t)length) == 0);
            CHECK(corewise_read(own, text, sizeof(text)) == length + 1 && text[length] == '!');
        } else {
            ssize_t length = corewise_read(own, text, sizeof(text) - 1);
            CHECK(length > 0);
            text[length] = '!';
            CHECK(corewise_write_all(own, text, (size_t)length + 1) == 0);
        }
    }
    return corewise_close(own);
}

static void close_ends(const int *ends, int count, const struct corewise_options *options)
{
    bool processes = options->model == COREWISE_PROCESSES || options->model == COREWISE_ASYNC_PROCESSES;
    for (int i = 0; processes && i < count; i++)
        close(ends[i]);
}

static void test_sockets(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    if (options.model == COREWISE_SEQUENTIAL)
        return; /* who asks would wait for ever */
    int ends[2 * PAIRS];
    int pairs = options.model >= COREWISE_ASYNC ? PAIRS : 3;
    for (int i = 0; i < pairs; i++)
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends + 2 * (gsize)i), ==, 0);
    struct corewise_job job = {.run = ask_or_answer,
                               .data = ends,
                               .task_count = 2 * (guint64)pairs,
                               .finished = print_failure,
                               .together = 2 * (uint32_t)pairs};
    run_all(&job, &options);
    close_ends(ends, 2 * pairs, &options);
}

struct server {
    int listener;
    struct sockaddr_in address;
    int clients;
};

static int serve_one(const struct corewise_task *task)
{
    const struct server *server = task->data;
    char text[16];
    int client = corewise_accept(server->listener, NULL, NULL);
    CHECK(client >= 0);
    ssize_t length = corewise_read(client, text, sizeof(text));
    CHECK(length == 4 && corewise_write_all(client, text, 4) == 0);
    return corewise_close(client);
}

static int ask_server(const struct corewise_task *task)
{
    const struct server *server = task->data;
    char text[16];
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(corewise_connect(client, (const struct sockaddr *)&server->address, sizeof(server->address)) == 0);
    CHECK(corewise_wait_writable(client, 5) == 1);
    CHECK(corewise_write_all(client, "ping", 4) == 0);
    CHECK(corewise_wait_readable(client, 5) == 1);
    CHECK(corewise_read(client, text, sizeof(text)) == 4 && memcmp(text, "ping", 4) == 0);
    CHECK(corewise_read(client, text, sizeof(text)) == 0);
    return corewise_close(client);
}

static int be_server_or_client(const struct corewise_task *task)
{
    return task->index % 2 ? ask_server(task) : serve_one(task);
}

static void test_connections(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    if (options.model == COREWISE_SEQUENTIAL)
        return;
    struct server server = {.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    socklen_t bytes = sizeof(server.address);
    server.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    g_assert_cmpint(bind(server.listener, (struct sockaddr *)&server.address, bytes), ==, 0);
    g_assert_cmpint(getsockname(server.listener, (struct sockaddr *)&server.address, &bytes), ==, 0);
    g_assert_cmpint(listen(server.listener, 128), ==, 0);
    struct corewise_job job = {.run = be_server_or_client,
                               .data = &server,
                               .task_count = 8,
                               .finished = print_failure,
                               .together = 8};
    run_all(&job, &options);
    close(server.listener);
}

/* A pipeline: the first task sends numbers, the second squares them, the third adds them up. */
struct pipeline {
    struct corewise_channel *numbers, *squares;
};

static int be_stage(const struct corewise_task *task)
{
    const struct pipeline *pipeline = task->data;
    guint64 number = 0, sum = 0;
    if (task->index == 0) {
        for (number = 1; number <= MESSAGES; number++)
            CHECK(corewise_channel_send(pipeline->numbers, &number, sizeof(number)) == 0);
        corewise_channel_close(pipeline->numbers);
        CHECK(corewise_channel_send(pipeline->numbers, &number, sizeof(number)) < 0 && errno == EPIPE);
    } else if (task->index == 1) {
        while (corewise_channel_receive(pipeline->numbers, &number, sizeof(number)) == sizeof(number)) {
            number *= number;
            CHECK(corewise_channel_send(pipeline->squares, &number, sizeof(number)) == 0);
        }
        corewise_channel_close(pipeline->squares);
    } else {
        for (ssize_t got;
             (got = corewise_channel_receive(pipeline->squares, &number, sizeof(number))) != 0;) {
            CHECK(got == sizeof(number));
            sum += number;
        }
    }
    *(guint64 *)task->result = sum;
    return 0;
}

static void test_pipeline(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    struct pipeline pipeline = {.numbers = corewise_channel_new(16, sizeof(guint64), NULL),
                                .squares = corewise_channel_new(3, sizeof(guint64), NULL)};
    guint64 results[3] = {0}, expected = 0;
    for (guint64 i = 1; i <= MESSAGES; i++)
        expected += i * i;
    struct corewise_job job = {.run = be_stage,
                               .data = &pipeline,
                               .task_count = 3,
                               .result_bytes = sizeof(guint64),
                               .results = results,
                               .finished = print_failure,
                               .together = 3};
    run_all(&job, &options);
    g_assert_cmpuint(results[2], ==, expected);
    corewise_channel_free(pipeline.numbers);
    corewise_channel_free(pipeline.squares);
}

enum { SENDERS = 6 };

/* Several senders and receivers: each message arrives once. */
static int send_or_receive(const struct corewise_task *task)
{
    struct corewise_channel *channel = task->data;
    guint64 sum = 0, number = 0;
    for (guint64 i = 0; task->index < SENDERS && i < MESSAGES; i++) {
        number = task->index * MESSAGES + i;
        CHECK(corewise_channel_send(channel, &number, sizeof(number)) == 0);
    }
    for (guint64 i = 0; task->index >= SENDERS && i < MESSAGES; i++) {
        CHECK(corewise_channel_receive(channel, &number, sizeof(number)) == sizeof(number));
        sum += number + 1;
    }
    *(guint64 *)task->result = sum;
    return 0;
}

static void test_crowd(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    struct corewise_channel *channel = corewise_channel_new(5, sizeof(guint64), NULL);
    guint64 results[2 * SENDERS], sum = 0, count = (guint64)SENDERS * MESSAGES;
    struct corewise_job job = {.run = send_or_receive,
                               .data = channel,
                               .task_count = 2 * SENDERS,
                               .result_bytes = sizeof(guint64),
                               .results = results,
                               .finished = print_failure,
                               .together = 2 * SENDERS};
    run_all(&job, &options);
    for (int i = 0; i < 2 * SENDERS; i++)
        sum += results[i];
    g_assert_cmpuint(sum, ==, count * (count + 1) / 2);
    corewise_channel_free(channel);
}

static int receive_in_vain(const struct corewise_task *task)
{
    char byte;
    ssize_t got = corewise_channel_receive(task->data, &byte, 1);
    return got < 0 ? errno : 0;
}

static void test_channel_limits(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    struct corewise_channel *channel = corewise_channel_new(1, 4, NULL);
    struct corewise_error error;
    struct corewise_outcome outcome;
    char text[8] = "0123456";
    g_assert_cmpint(corewise_channel_send(channel, text, 5), ==, -1);
    g_assert_cmpint(errno, ==, EMSGSIZE);
    g_assert_cmpint(corewise_channel_send(channel, text, 0), ==, -1);
    g_assert_cmpint(corewise_channel_send(channel, text, 4), ==, 0);
    g_assert_cmpint(corewise_channel_receive(channel, text + 4, 2), ==, 4);
    g_assert_cmpstr(text, ==, "0123016");
    g_assert_null(corewise_channel_new(0, 1, &error));
    g_assert_null(corewise_channel_new(G_MAXSIZE / 2, 16, &error));
    g_assert_cmpint(error.code, ==, EINVAL);
    options.task_timeout_seconds = 0.02;
    struct corewise_job job = {.run = receive_in_vain, .data = channel, .task_count = 2};
    g_assert_true(corewise_job_run(&job, &options, &outcome, &error));
    g_assert_cmpuint(options.model == COREWISE_SEQUENTIAL ? outcome.failed : outcome.timed_out, ==, 2);
    corewise_channel_free(channel);
    corewise_channel_free(NULL);
}

static int add_one(void *data)
{
    g_usleep(100);
    return ++*(int *)data;
}

static int call_elsewhere(const struct corewise_task *task)
{
    int value = (int)task->index;
    for (int i = 1; i <= 20; i++)
        CHECK(corewise_run_blocking(add_one, &value) == (int)task->index + i);
    return 0;
}

static void test_run_blocking(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    options.queue_limit = 4; /* fewer than ask at once */
    struct corewise_job job = {.run = call_elsewhere, .task_count = 40};
    run_all(&job, &options);
}

static int resolve_names(const struct corewise_task *task)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_family = AF_INET}, *addresses = NULL;
    (void)task;
    CHECK(corewise_resolve("127.0.0.1", "80", &hints, &addresses) == 0);
    const struct sockaddr_in *address = (const struct sockaddr_in *)(void *)addresses->ai_addr;
    CHECK(address->sin_addr.s_addr == htonl(INADDR_LOOPBACK) && address->sin_port == htons(80));
    freeaddrinfo(addresses);
    CHECK(corewise_resolve("no number", "80", &hints, &addresses) == EAI_NONAME);
    return 0;
}

static void test_resolve(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    struct corewise_job job = {.run = resolve_names, .task_count = 30};
    run_all(&job, &options);
}

static int use_files(const struct corewise_task *task)
{
    g_autofree char *path = g_strdup_printf("%s/file-%d", (const char *)task->data, (int)task->index);
    char text[32] = "";
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CHECK(file >= 0 && corewise_write_all(file, path, strlen(path)) == 0);
    CHECK(lseek(file, 0, SEEK_SET) == 0);
    CHECK(corewise_wait_readable(file, 1) == 1);
    CHECK(corewise_read(file, text, sizeof(text)) > 0 && strncmp(text, path, sizeof(text)) == 0);
    unlink(path);
    CHECK(corewise_close(file) == 0);
    CHECK(corewise_read(file, text, 1) == -1 && errno == EBADF);
    return 0;
}

static void test_files(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    g_autofree char *folder = g_dir_make_tmp("task-calls-XXXXXX", NULL);
    /* One at a time per process: the closed number must not be somebody else's. */
    options.workers = 1;
    options.tasks_at_once = 1;
    struct corewise_job job = {.run = use_files, .data = folder, .task_count = 20, .finished = print_failure};
    run_all(&job, &options);
    g_assert_cmpint(rmdir(folder), ==, 0);
}

/* Waits that end: by their own time, by the task's, by the other end. */
static int wait_in_vain(const struct corewise_task *task)
{
    const int *ends = task->data;
    char byte;
    CHECK(corewise_wait_readable(ends[0], 0.001) == 0);
    CHECK(corewise_wait_readable(ends[0], 0) == 0);
    CHECK(corewise_read(ends[0], &byte, 1) == -1 && errno == ETIMEDOUT);
    CHECK(corewise_sleep(10) == -1 && errno == ETIMEDOUT);
    CHECK(corewise_task_stopped());
    *(int *)task->result = 1; /* its status says only that it was late */
    return 0;
}

static void test_waits_that_end(gconstpointer data)
{
    struct corewise_options options = options_of(data);
    struct corewise_outcome outcome;
    int ends[2], results[3] = {0};
    g_assert_cmpint(pipe(ends), ==, 0);
    options.task_timeout_seconds = 0.3;
    struct corewise_job job = {
        .run = wait_in_vain, .data = ends, .task_count = 3, .result_bytes = sizeof(int), .results = results};
    g_assert_true(corewise_job_run(&job, &options, &outcome, NULL));
    g_assert_cmpuint(outcome.timed_out, ==, 3);
    for (int i = 0; i < 3; i++)
        g_assert_cmpint(results[i], ==, 1);
    close(ends[0]);
    close(ends[1]);
}

static void test_outside_of_tasks(void)
{
    int ends[2];
    char text[4];
    g_assert_cmpint(pipe(ends), ==, 0);
    g_assert_cmpint(corewise_write_all(ends[1], "abc", 3), ==, 0);
    g_assert_cmpint(corewise_wait_readable(ends[0], 1), ==, 1);
    g_assert_cmpint(corewise_read(ends[0], text, sizeof(text)), ==, 3);
    g_assert_cmpint(corewise_wait_readable(ends[0], 0.001), ==, 0);
    g_assert_cmpint(corewise_sleep(0.001), ==, 0);
    g_assert_false(corewise_task_stopped());
    corewise_yield();
    corewise_latency_add(1);
    g_assert_cmpint(corewise_close(ends[0]), ==, 0);
    g_assert_cmpint(corewise_close(ends[1]), ==, 0);
    g_assert_cmpint(corewise_wait_readable(ends[0], 1), ==, -1);
    g_assert_cmpint(errno, ==, EBADF);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/task-calls/outside-of-tasks", test_outside_of_tasks);
    for (int i = 0; i < MODELS; i++) {
        enum corewise_model model = (enum corewise_model)i;
        add_test("/task-calls/sockets", model, test_sockets);
        add_test("/task-calls/connections", model, test_connections);
        add_test("/task-calls/pipeline", model, test_pipeline);
        if (model != COREWISE_SEQUENTIAL)
            add_test("/task-calls/crowd", model, test_crowd);
        add_test("/task-calls/channel-limits", model, test_channel_limits);
        add_test("/task-calls/run-blocking", model, test_run_blocking);
        add_test("/task-calls/resolve", model, test_resolve);
        add_test("/task-calls/files", model, test_files);
        add_test("/task-calls/waits-that-end", model, test_waits_that_end);
    }
    return g_test_run();
}
