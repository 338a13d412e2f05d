/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/blocking_pool.h"
#include "runtime/task_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* One read or write, for any thread. */
struct transfer {
    int descriptor;
    void *buffer;
    size_t bytes;
    bool writes;
    ssize_t done;
    int failure;
};

static int transfer_now(void *data)
{
    struct transfer *transfer = data;
    if (transfer->writes) { /* a closed connection is an error of this task, not the end of the program */
        transfer->done = send(transfer->descriptor, transfer->buffer, transfer->bytes, MSG_NOSIGNAL);
        if (transfer->done < 0 && errno == ENOTSOCK)
            transfer->done = write(transfer->descriptor, transfer->buffer, transfer->bytes);
    } else {
        transfer->done = read(transfer->descriptor, transfer->buffer, transfer->bytes);
    }
    transfer->failure = errno;
    return 0;
}

static ssize_t end_transfer(const struct transfer *transfer)
{
    errno = transfer->failure;
    return transfer->done;
}

static bool would_block(const struct transfer *transfer)
{
    return transfer->done < 0 && (transfer->failure == EAGAIN || transfer->failure == EWOULDBLOCK);
}

static ssize_t transfer_on_loop(struct transfer *transfer, struct fiber *fiber)
{
    struct watched_descriptor *watched = corewise_loop_watch(fiber->loop, transfer->descriptor);
    if (!watched)
        return -1;
    if (watched->plain) { /* never "not ready", and yet it may wait for a disk */
        if (fiber->loop->board->options.model == COREWISE_ASYNC_THREADS)
            (void)corewise_blocking_pool_call(fiber, transfer_now, transfer);
        else
            (void)transfer_now(transfer);
        return end_transfer(transfer);
    }
    short event = transfer->writes ? POLLOUT : POLLIN;
    bool wait = !transfer->writes && watched->drained;
    for (;;) {
        if (wait && corewise_wait_descriptor(transfer->descriptor, event, 0) < 0)
            return -1;
        if (transfer->writes && watched->socket) {
            transfer->done = send(transfer->descriptor, transfer->buffer, transfer->bytes, MSG_NOSIGNAL);
            transfer->failure = errno;
        } else {
            (void)transfer_now(transfer);
        }
        if (!transfer->writes && corewise_loop_watch(fiber->loop, transfer->descriptor) == watched)
            watched->drained =
                would_block(transfer) || (transfer->done > 0 && (size_t)transfer->done < transfer->bytes);
        if (!would_block(transfer))
            return end_transfer(transfer);
        wait = true;
    }
}

static ssize_t transfer(struct transfer *transfer)
{
    const struct execution *execution = corewise_execution();
    short event = transfer->writes ? POLLOUT : POLLIN;
    if (execution && execution->loop)
        return transfer_on_loop(transfer, execution->fiber);
    bool wait = corewise_may_be_stopped(execution);
    do {
        if (wait && corewise_wait_descriptor(transfer->descriptor, event, 0) < 0)
            return -1;
        (void)transfer_now(transfer);
        wait = true;
    } while (would_block(transfer));
    return end_transfer(transfer);
}

ssize_t corewise_read(int descriptor, void *buffer, size_t bytes)
{
    return transfer(&(struct transfer){.descriptor = descriptor, .buffer = buffer, .bytes = bytes});
}

ssize_t corewise_write(int descriptor, const void *buffer, size_t bytes)
{
    return transfer(&(struct transfer){
        .descriptor = descriptor, .buffer = (void *)(uintptr_t)buffer, .bytes = bytes, .writes = true});
}

int corewise_write_all(int descriptor, const void *buffer, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t written = corewise_write(descriptor, (const char *)buffer + done, bytes - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        done += (size_t)written;
    }
    return 0;
}

static bool is_on_loop(void)
{
    const struct execution *execution = corewise_execution();
    return execution && execution->loop;
}

int corewise_accept(int descriptor, struct sockaddr *address, socklen_t *address_bytes)
{
    const struct execution *execution = corewise_execution();
    if (is_on_loop() && !corewise_loop_watch(execution->loop, descriptor)) /* makes it non-blocking */
        return -1;
    bool wait = !is_on_loop() && corewise_may_be_stopped(execution);
    for (;; wait = true) {
        if (wait && corewise_wait_descriptor(descriptor, POLLIN, 0) < 0)
            return -1;
        int accepted =
            accept4(descriptor, address, address_bytes, SOCK_CLOEXEC | (is_on_loop() ? SOCK_NONBLOCK : 0));
        if (accepted >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
            return accepted;
    }
}

/* A connection in progress is over when the socket is writable; how it went is its error. */
static int await_connection(int descriptor)
{
    int failure = 0;
    socklen_t bytes = sizeof(failure);
    if (corewise_wait_descriptor(descriptor, POLLOUT, 0) < 0 ||
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &bytes) != 0)
        return -1;
    errno = failure;
    return failure ? -1 : 0;
}

int corewise_connect(int descriptor, const struct sockaddr *address, socklen_t address_bytes)
{
    const struct execution *execution = corewise_execution();
    if (is_on_loop() && !corewise_loop_watch(execution->loop, descriptor))
        return -1;
    int flags = fcntl(descriptor, F_GETFL);
    bool borrow = !is_on_loop() && flags >= 0 && !(flags & O_NONBLOCK) && corewise_may_be_stopped(execution);
    if (borrow)
        (void)fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
    int connected = connect(descriptor, address, address_bytes);
    if (connected != 0 && (errno == EINPROGRESS || errno == EINTR))
        connected = await_connection(descriptor);
    if (borrow) {
        int failure = errno;
        (void)fcntl(descriptor, F_SETFL, flags);
        errno = failure;
    }
    return connected;
}

int corewise_close(int descriptor)
{
    const struct execution *execution = corewise_execution();
    if (is_on_loop())
        corewise_loop_forget(execution->loop, descriptor);
    return close(descriptor);
}
