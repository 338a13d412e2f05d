/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/event_loop.h"
#include "runtime/failure.h"
#include "runtime/task_wait.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

/* A bounded queue after Dmitry Vyukov: each cell says by its turn whether it is to be written or read, so
 * that senders and receivers, of one process or of several, only meet at the two ends. */
struct cell {
    _Atomic uint64_t turn; /* see try_send() */
    uint64_t bytes;
};

/* Those who wait at one end of the channel. Tasks of a single loop wait in a list and cost no system call;
 * all others wait for a counter of the kernel, which whoever makes them ready raises by one. */
struct waiting_end {
    _Atomic uint32_t waiting;
    int counter; /* eventfd with EFD_SEMAPHORE */
    struct fiber_list fibers;
};

/* What SEQUENTIAL sends beyond the capacity. */
struct overflow {
    struct overflow *next;
    size_t bytes;
    char message[];
};

struct corewise_channel {
    alignas(CACHE_LINE_BYTES) _Atomic uint64_t sent;
    alignas(CACHE_LINE_BYTES) _Atomic uint64_t received;
    alignas(CACHE_LINE_BYTES) struct waiting_end receivers, senders;
    _Atomic uint32_t closed;
    size_t capacity, message_bytes, cell_bytes, mapped_bytes;
    struct overflow *overflow_first, *overflow_last;
    alignas(CACHE_LINE_BYTES) char cells[];
};

static struct cell *cell_at(struct corewise_channel *channel, uint64_t position)
{
    return (struct cell *)(void *)(channel->cells + position % channel->capacity * channel->cell_bytes);
}

struct corewise_channel *corewise_channel_new(size_t capacity, size_t message_bytes,
                                              struct corewise_error *error)
{
    size_t cell_bytes = (sizeof(struct cell) + message_bytes + 7) / 8 * 8, all = 0;
    if (capacity == 0 || message_bytes == 0 || cell_bytes < message_bytes ||
        __builtin_mul_overflow(capacity, cell_bytes, &all) ||
        __builtin_add_overflow(all, sizeof(struct corewise_channel), &all)) {
        (void)corewise_fail(error, EINVAL, "cannot make a channel for %zu messages of %zu bytes", capacity,
                            message_bytes);
        return NULL;
    }
    struct corewise_channel *channel =
        mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (channel == MAP_FAILED) {
        (void)corewise_fail(error, errno, "cannot make a channel: no memory for %zu bytes", all);
        return NULL;
    }
    channel->capacity = capacity;
    channel->message_bytes = message_bytes;
    channel->cell_bytes = cell_bytes;
    channel->mapped_bytes = all;
    for (uint64_t i = 0; i < capacity; i++)
        atomic_store(&cell_at(channel, i)->turn, 2 * i);
    int flags = EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC;
    channel->receivers.counter = eventfd(0, flags);
    channel->senders.counter = eventfd(0, flags);
    if (channel->receivers.counter >= 0 && channel->senders.counter >= 0)
        return channel;
    (void)corewise_fail(error, errno, "cannot make a channel: no descriptor (%s); raise ulimit -n",
                        strerror(errno));
    corewise_channel_free(channel);
    return NULL;
}

void corewise_channel_free(struct corewise_channel *channel)
{
    if (!channel)
        return;
    if (channel->receivers.counter >= 0)
        close(channel->receivers.counter);
    if (channel->senders.counter >= 0)
        close(channel->senders.counter);
    for (struct overflow *next; channel->overflow_first; channel->overflow_first = next) {
        next = channel->overflow_first->next;
        free(channel->overflow_first);
    }
    munmap(channel, channel->mapped_bytes);
}

/* Turns: a cell whose turn is 2 * position waits for the sender of that position, one more for its receiver,
 * and then for the sender of the next round. */
static bool try_send(struct corewise_channel *channel, const void *message, size_t bytes)
{
    uint64_t position = atomic_load_explicit(&channel->sent, memory_order_relaxed);
    for (;;) {
        struct cell *cell = cell_at(channel, position);
        uint64_t turn = atomic_load_explicit(&cell->turn, memory_order_acquire);
        if (turn < 2 * position)
            return false;
        if (turn > 2 * position) {
            position = atomic_load_explicit(&channel->sent, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak(&channel->sent, &position, position + 1)) {
            cell->bytes = bytes;
            memcpy(cell + 1, message, bytes);
            atomic_store(&cell->turn, 2 * position + 1);
            return true;
        }
    }
}

/* The bytes of the message; 0 when there is none. */
static size_t try_receive(struct corewise_channel *channel, void *message, size_t most)
{
    uint64_t position = atomic_load_explicit(&channel->received, memory_order_relaxed);
    for (;;) {
        struct cell *cell = cell_at(channel, position);
        uint64_t turn = atomic_load_explicit(&cell->turn, memory_order_acquire);
        if (turn < 2 * position + 1)
            return 0;
        if (turn > 2 * position + 1) {
            position = atomic_load_explicit(&channel->received, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak(&channel->received, &position, position + 1)) {
            size_t bytes = cell->bytes;
            memcpy(message, cell + 1, bytes < most ? bytes : most);
            atomic_store(&cell->turn, 2 * (position + channel->capacity));
            return bytes;
        }
    }
}

/* The fiber of a task whose loop is the only one of its job, so that nobody else uses its channels. */
static struct fiber *lone_fiber(void)
{
    const struct execution *execution = corewise_execution();
    return execution && execution->board->options.model == COREWISE_ASYNC ? execution->fiber : NULL;
}

static bool is_sequential(void)
{
    const struct execution *execution = corewise_execution();
    return execution && execution->board->options.model == COREWISE_SEQUENTIAL;
}

static void wake_one(struct waiting_end *end)
{
    if (end->fibers.first)
        (void)corewise_fiber_wake_first(&end->fibers);
    else if (atomic_load(&end->waiting) > 0)
        corewise_doorbell_ring(end->counter);
}

typedef bool readiness(struct corewise_channel *channel);

/* When cells are completed out of their order, who was woken for the later one finds nothing, and who is
 * woken for the earlier one finds both: he passes the call on. */
static void pass_on(struct waiting_end *end, readiness *is_ready, struct corewise_channel *channel)
{
    if (atomic_load(&end->waiting) > 0 && is_ready(channel))
        corewise_doorbell_ring(end->counter);
}

/* Announces first that somebody waits; then the caller looks once more, and then sleeps. */
static int sleep_at(struct waiting_end *end, readiness *is_ready, struct corewise_channel *channel)
{
    struct fiber *fiber = lone_fiber();
    if (fiber) {
        enum wake_reason reason = corewise_fiber_wait(fiber, &end->fibers, 0);
        errno = reason == WAKE_CANCELLED ? ECANCELED : ETIMEDOUT;
        return reason == WAKE_EVENT ? 0 : -1;
    }
    atomic_fetch_add(&end->waiting, 1);
    int slept = is_ready(channel) ? 1 : corewise_wait_descriptor(end->counter, POLLIN, 0);
    atomic_fetch_sub(&end->waiting, 1);
    if (slept < 0)
        return -1; /* what the counter counts is for the others */
    corewise_doorbell_silence(end->counter);
    return 0;
}

static bool can_send(struct corewise_channel *channel)
{
    uint64_t position = atomic_load(&channel->sent);
    return atomic_load(&channel->closed) || atomic_load(&cell_at(channel, position)->turn) >= 2 * position;
}

static bool can_receive(struct corewise_channel *channel)
{
    uint64_t position = atomic_load(&channel->received);
    return atomic_load(&channel->closed) || atomic_load(&cell_at(channel, position)->turn) > 2 * position;
}

/* Nobody receives before this task is over, so that waiting would never end. */
static int send_over_capacity(struct corewise_channel *channel, const void *message, size_t bytes)
{
    struct overflow *more = malloc(sizeof(*more) + bytes);
    if (!more)
        return -1;
    *more = (struct overflow){.bytes = bytes};
    memcpy(more->message, message, bytes);
    if (channel->overflow_first)
        channel->overflow_last->next = more;
    else
        channel->overflow_first = more;
    channel->overflow_last = more;
    return 0;
}

/* The messages beyond the capacity move up as soon as there is room. */
static void refill(struct corewise_channel *channel)
{
    struct overflow *first = channel->overflow_first;
    if (!first || !try_send(channel, first->message, first->bytes))
        return;
    channel->overflow_first = first->next;
    free(first);
}

int corewise_channel_send(struct corewise_channel *channel, const void *message, size_t bytes)
{
    if (bytes == 0 || bytes > channel->message_bytes) {
        errno = EMSGSIZE;
        return -1;
    }
    for (;;) {
        if (atomic_load(&channel->closed)) {
            errno = EPIPE;
            return -1;
        }
        if (!channel->overflow_first && try_send(channel, message, bytes)) {
            wake_one(&channel->receivers);
            pass_on(&channel->senders, can_send, channel);
            return 0;
        }
        if (is_sequential())
            return send_over_capacity(channel, message, bytes);
        if (sleep_at(&channel->senders, can_send, channel) != 0)
            return -1;
    }
}

ssize_t corewise_channel_receive(struct corewise_channel *channel, void *message, size_t bytes)
{
    for (;;) {
        bool closed =
            atomic_load(&channel->closed); /* before the look: what was sent before is still there */
        size_t got = try_receive(channel, message, bytes);
        if (got > 0) {
            refill(channel);
            wake_one(&channel->senders);
            pass_on(&channel->receivers, can_receive, channel);
            return (ssize_t)got;
        }
        if (closed)
            return 0;
        if (is_sequential()) {
            errno = EDEADLK;
            return -1;
        }
        if (sleep_at(&channel->receivers, can_receive, channel) != 0)
            return -1;
    }
}

static void wake_all(struct waiting_end *end)
{
    while (corewise_fiber_wake_first(&end->fibers))
        continue;
    for (uint32_t count = atomic_load(&end->waiting); count > 0; count--)
        corewise_doorbell_ring(end->counter);
}

void corewise_channel_close(struct corewise_channel *channel)
{
    atomic_store(&channel->closed, 1);
    wake_all(&channel->receivers);
    wake_all(&channel->senders);
}
