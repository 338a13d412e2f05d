/* SPDX-License-Identifier: Apache-2.0 */
/* Echo servers that do the same in three ways: echo_server corewise|libuv|liburing prints the port of
 * 127.0.0.1 at which it serves connections until it is killed. */
#include "runtime/corewise.h"

#include <arpa/inet.h>
#include <liburing.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

enum { BUFFER_BYTES = 4096, BACKLOG = 4096, RING_ENTRIES = 4096 };

static int listen_somewhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, BACKLOG) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &bytes) != 0) {
        perror("echo_server: cannot listen");
        exit(1);
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

/* A task per connection: the inputs are the connections that one task has accepted. */
static int listener_descriptor;
static struct corewise_channel *connections;

static int echo(const struct corewise_task *task)
{
    char buffer[BUFFER_BYTES];
    int descriptor;
    if (task->index == 0) {
        while ((descriptor = corewise_accept(listener_descriptor, NULL, NULL)) >= 0)
            if (corewise_channel_send(connections, &descriptor, sizeof(descriptor)) != 0)
                return 1;
        return 1;
    }
    while (corewise_channel_receive(connections, &descriptor, sizeof(descriptor)) > 0) {
        for (ssize_t got; (got = corewise_read(descriptor, buffer, sizeof(buffer))) > 0;)
            if (corewise_write_all(descriptor, buffer, (size_t)got) != 0)
                break;
        corewise_close(descriptor);
    }
    return 0;
}

static int serve_corewise(int listener)
{
    struct corewise_options options;
    struct corewise_error error;
    corewise_options_init(&options);
    options.model = COREWISE_ASYNC;
    listener_descriptor = listener;
    connections = corewise_channel_new(64, sizeof(int), &error);
    struct corewise_job job = {.name = "echo", .run = echo, .task_count = 2001};
    if (!connections || !corewise_job_run(&job, &options, NULL, &error))
        fprintf(stderr, "echo_server: %s\n", error.message);
    return 1;
}

/* libuv, as its manual shows it: streams, with what is written freed when it has been. */
struct uv_answer {
    uv_write_t write;
    uv_buf_t buffer;
};

static void uv_allocate(uv_handle_t *handle, size_t proposed, uv_buf_t *buffer)
{
    (void)handle;
    (void)proposed;
    *buffer = uv_buf_init(malloc(BUFFER_BYTES), BUFFER_BYTES);
}

static void uv_closed(uv_handle_t *handle)
{
    free(handle);
}

static void uv_written(uv_write_t *write, int status)
{
    struct uv_answer *answer = (struct uv_answer *)write;
    (void)status;
    free(answer->buffer.base);
    free(answer);
}

static void uv_got(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
    if (got <= 0) {
        free(buffer->base);
        if (got < 0)
            uv_close((uv_handle_t *)stream, uv_closed);
        return;
    }
    struct uv_answer *answer = malloc(sizeof(*answer));
    answer->buffer = uv_buf_init(buffer->base, (unsigned)got);
    uv_write(&answer->write, stream, &answer->buffer, 1, uv_written);
}

static void uv_connected(uv_stream_t *server, int status)
{
    uv_tcp_t *client = malloc(sizeof(*client));
    uv_tcp_init(server->loop, client);
    if (status == 0 && uv_accept(server, (uv_stream_t *)client) == 0)
        uv_read_start((uv_stream_t *)client, uv_allocate, uv_got);
    else
        uv_close((uv_handle_t *)client, uv_closed);
}

static int serve_libuv(int listener)
{
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t server;
    uv_tcp_init(loop, &server);
    uv_tcp_open(&server, listener);
    uv_listen((uv_stream_t *)&server, BACKLOG, uv_connected);
    return uv_run(loop, UV_RUN_DEFAULT);
}

/* liburing: one request per connection in flight, all that is new submitted at once. */
struct ring_connection {
    int descriptor;
    bool writing;
    char buffer[BUFFER_BYTES];
};

static struct io_uring_sqe *next_entry(struct io_uring *ring)
{
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    if (!entry) {
        io_uring_submit(ring);
        entry = io_uring_get_sqe(ring);
    }
    return entry;
}

static void ring_request(struct io_uring *ring, struct ring_connection *connection, int bytes)
{
    struct io_uring_sqe *entry = next_entry(ring);
    connection->writing = bytes > 0;
    if (bytes > 0)
        io_uring_prep_send(entry, connection->descriptor, connection->buffer, (size_t)bytes, 0);
    else
        io_uring_prep_recv(entry, connection->descriptor, connection->buffer, BUFFER_BYTES, 0);
    io_uring_sqe_set_data(entry, connection);
}

static void ring_completed(struct io_uring *ring, const struct io_uring_cqe *completion, int listener)
{
    struct ring_connection *connection = io_uring_cqe_get_data(completion);
    if (connection && completion->res <= 0) {
        close(connection->descriptor);
        free(connection);
    } else if (connection) {
        ring_request(ring, connection, connection->writing ? 0 : completion->res);
    } else {
        connection = malloc(sizeof(*connection));
        connection->descriptor = completion->res;
        ring_request(ring, connection, 0);
        struct io_uring_sqe *entry = next_entry(ring);
        io_uring_prep_accept(entry, listener, NULL, NULL, SOCK_CLOEXEC);
        io_uring_sqe_set_data(entry, NULL);
    }
}

static int serve_liburing(int listener)
{
    struct io_uring ring;
    int failure = io_uring_queue_init(RING_ENTRIES, &ring, 0);
    if (failure) {
        fprintf(stderr, "echo_server: no io_uring on this host: %s\n", strerror(-failure));
        return 77;
    }
    struct io_uring_sqe *entry = next_entry(&ring);
    io_uring_prep_accept(entry, listener, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data(entry, NULL);
    for (;;) {
        struct io_uring_cqe *completion;
        unsigned head, count = 0;
        io_uring_submit_and_wait(&ring, 1);
        io_uring_for_each_cqe(&ring, head, completion)
        {
            ring_completed(&ring, completion, listener);
            count++;
        }
        io_uring_cq_advance(&ring, count);
    }
}

int main(int count, char **arguments)
{
    if (count != 2)
        return 2;
    (void)signal(SIGPIPE, SIG_IGN); /* clients leave while answers are on their way */
    int listener = listen_somewhere();
    if (strcmp(arguments[1], "corewise") == 0)
        return serve_corewise(listener);
    if (strcmp(arguments[1], "libuv") == 0)
        return serve_libuv(listener);
    return strcmp(arguments[1], "liburing") == 0 ? serve_liburing(listener) : 2;
}
