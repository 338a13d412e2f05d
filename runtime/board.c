/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/board.h"

#include <time.h>
#include <unistd.h>

/* A range is one word, so that it changes as one: 40 bits first task, 23 bits number of tasks, 1 bit that the
 * first one is running. */
enum { COUNT_BITS = 23, FIRST_SHIFT = COUNT_BITS + 1 };
#define RANGE_RUNNING ((uint64_t)1)
#define RANGE_MOST    (((uint64_t)1 << COUNT_BITS) - 1)

/* Tasks that a worker claims at once at most: where results are delivered, few, so that they come in time. */
#define CLAIM_MOST        ((uint64_t)1 << 16)
#define CLAIM_MOST_QUEUED 64

static uint64_t range_make(uint64_t first, uint64_t count)
{
    return first << FIRST_SHIFT | count << 1;
}
static uint64_t range_first(uint64_t range)
{
    return range >> FIRST_SHIFT;
}
static uint64_t range_count(uint64_t range)
{
    return range >> 1 & RANGE_MOST;
}

uint64_t corewise_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void corewise_doorbell_ring(int doorbell)
{
    uint64_t one = 1;
    (void)!write(doorbell, &one, sizeof(one)); /* full means that it rings already */
}

void corewise_doorbell_silence(int doorbell)
{
    uint64_t count;
    (void)!read(doorbell, &count, sizeof(count));
}

static bool ring_worker(struct board *board, uint32_t worker)
{
    struct board_worker *other = &board->workers[worker];
    if (!atomic_load(&other->sleeping) || !atomic_exchange(&other->sleeping, 0))
        return false;
    atomic_fetch_sub(&board->sleepers, 1);
    corewise_doorbell_ring(other->doorbell);
    return true;
}

static void ring_workers(struct board *board, uint64_t most)
{
    if (atomic_load(&board->sleepers) == 0)
        return;
    for (uint32_t i = 0; i < board->worker_count && most > 0; i++)
        most -= ring_worker(board, i);
}

/* An event loop that has begun a task calls the sleeping ones that have fewer: they may take the next. */
static void ring_idlers(struct board *board, uint32_t begun)
{
    if (atomic_load(&board->sleepers) == 0 || !corewise_board_has_work(board))
        return;
    for (uint32_t i = 0; i < board->worker_count; i++)
        if (atomic_load(&board->workers[i].in_flight) < begun)
            (void)ring_worker(board, i);
}

static void ring_caller(struct board *board)
{
    if (atomic_load(&board->caller_sleeping) && atomic_exchange(&board->caller_sleeping, 0))
        corewise_doorbell_ring(board->caller_doorbell);
}

/* Marks the front task of a worker's own range as running. */
static bool begin_own(struct board_worker *own, uint64_t *index)
{
    uint64_t range = atomic_load(&own->range);
    while (range_count(range) > 0) {
        if (atomic_compare_exchange_weak(&own->range, &range, range | RANGE_RUNNING)) {
            *index = range_first(range);
            return true;
        }
    }
    return false;
}

static void drop_front(struct board_worker *own)
{
    uint64_t range = atomic_load(&own->range), rest;
    do
        rest = range_make(range_first(range) + 1, range_count(range) - 1);
    while (!atomic_compare_exchange_weak(&own->range, &range, rest));
}

/* Both at once: the front task is over, and the one behind it, if there is one, is running. */
static bool advance(struct board_worker *own, uint64_t *index)
{
    uint64_t range = atomic_load_explicit(&own->range, memory_order_relaxed), rest;
    do {
        rest = range_make(range_first(range) + 1, range_count(range) - 1);
        rest |= range_count(rest) > 0 ? RANGE_RUNNING : 0;
    } while (!atomic_compare_exchange_weak(&own->range, &range, rest));
    *index = range_first(rest);
    return rest & RANGE_RUNNING;
}

/* An event loop that has begun more tasks than another leaves new ones to it. */
static bool is_busiest(const struct board *board, uint32_t worker)
{
    uint32_t own = atomic_load(&board->workers[worker].in_flight);
    for (uint32_t i = 0; own > 0 && i < board->worker_count; i++)
        if (atomic_load(&board->workers[i].in_flight) < own)
            return true;
    return false;
}

static bool claim(struct board *board, uint32_t worker)
{
    uint64_t next = atomic_load(&board->next), limit = atomic_load(&board->limit), count;
    if (next >= limit || (board->loops && is_busiest(board, worker)))
        return false;
    uint64_t most = board->queued ? CLAIM_MOST_QUEUED : CLAIM_MOST;
    if (board->options.claim_limit > 0)
        most = board->options.claim_limit;
    do {
        if (next >= limit)
            return false;
        count = (limit - next) / (2 * (uint64_t)board->worker_count);
        count = count < 1 ? 1 : count > most ? most : count;
    } while (!atomic_compare_exchange_weak(&board->next, &next, next + count));
    atomic_store(&board->workers[worker].range, range_make(next, count));
    if (!board->loops && (count > 1 || next + count < limit))
        ring_workers(board, 1);
    return true;
}

void corewise_board_deal(struct board *board, uint64_t count)
{
    uint64_t share = count / board->worker_count + (count % board->worker_count != 0), next = 0;
    if (share > RANGE_MOST)
        share = RANGE_MOST;
    for (uint32_t i = 0; i < board->worker_count && next < count; i++) {
        uint64_t own = count - next < share ? count - next : share;
        atomic_store(&board->workers[i].range, range_make(next, own));
        next += own;
    }
    atomic_store(&board->next, next);
    atomic_store(&board->limit, count);
}

static bool may_rob(const struct board *board, const struct board_worker *own,
                    const struct board_worker *other)
{
    if (!board->loops)
        return true;
    uint32_t begun = atomic_load(&own->in_flight);
    return atomic_load(&other->started) && (begun == 0 || begun < atomic_load(&other->in_flight));
}

/* Half of what another worker has not begun, from the back. */
static bool rob(struct board *board, uint32_t worker)
{
    struct board_worker *own = &board->workers[worker];
    for (uint32_t i = 1; i < board->worker_count; i++) {
        struct board_worker *other = &board->workers[(worker + i) % board->worker_count];
        uint64_t range = atomic_load(&other->range);
        for (;;) {
            uint64_t running = range & RANGE_RUNNING, waiting = range_count(range) - running;
            if (range_count(range) == 0 || waiting == 0 || !may_rob(board, own, other))
                break;
            uint64_t kept = range_count(range) - (waiting + 1) / 2;
            uint64_t rest = range_make(range_first(range), kept) | running;
            if (!atomic_compare_exchange_weak(&other->range, &range, rest))
                continue;
            atomic_store(&own->range, range_make(range_first(range) + kept, (waiting + 1) / 2));
            if (waiting > 2)
                ring_workers(board, 1); /* who looked while these were in nobody's range */
            return true;
        }
    }
    return false;
}

void corewise_board_start(struct board *board, uint32_t worker)
{
    atomic_store(&board->workers[worker].started, 1);
    ring_workers(board, UINT64_MAX);
}

bool corewise_board_take(struct board *board, uint32_t worker, uint64_t *index)
{
    struct board_worker *own = &board->workers[worker];
    if (atomic_load_explicit(&board->cancelled, memory_order_relaxed))
        return false;
    while (!begin_own(own, index))
        if (!claim(board, worker) && !rob(board, worker))
            return false;
    if (board->loops) { /* from here on the slot says who has it */
        atomic_store(&board_slot(board, *index)->owner, worker + 1);
        uint32_t begun = atomic_fetch_add(&own->in_flight, 1) + 1;
        drop_front(own);
        ring_idlers(board, begun);
    }
    return true;
}

static void record(struct board *board, struct board_worker *own, uint64_t index, enum corewise_status status,
                   int code, float seconds)
{
    if (board->slots) {
        struct board_slot *slot = board_slot(board, index);
        slot->code = code;
        slot->seconds = seconds;
    }
    atomic_store_explicit(board_state(board, index), (uint8_t)(status + 1), memory_order_release);
    if (board->queued) {
        uint64_t tail = atomic_load_explicit(&own->ring_tail, memory_order_relaxed);
        board->rings[(uint64_t)(own - board->workers) * board->window + tail % board->window] = index;
        atomic_store(&own->ring_tail, tail + 1);
    }
    if (status != COREWISE_DONE) {
        atomic_fetch_add_explicit(&own->failed, 1, memory_order_relaxed);
        if (board->options.stop_on_failure)
            corewise_board_cancel(board);
    }
    uint64_t finished = atomic_load_explicit(&own->finished, memory_order_relaxed);
    atomic_store_explicit(&own->finished, finished + 1, memory_order_release);
}

bool corewise_board_finish(struct board *board, uint32_t worker, uint64_t index, enum corewise_status status,
                           int code, uint64_t duration_ns, uint64_t *next)
{
    struct board_worker *own = &board->workers[worker];
    bool begun = false;
    if (board->measured)
        corewise_histogram_add(&own->latencies, duration_ns);
    record(board, own, index, status, code, (float)((double)duration_ns / 1e9));
    if (board->loops) {
        atomic_store(&board_slot(board, index)->owner, 0);
        atomic_fetch_sub(&own->in_flight, 1);
    } else if (next && !atomic_load_explicit(&board->cancelled, memory_order_relaxed)) {
        begun = advance(own, next);
    } else {
        drop_front(own);
    }
    if (board->queued)
        ring_caller(board);
    return begun;
}

void corewise_board_publish(struct board *board, uint64_t limit)
{
    uint64_t before = atomic_exchange(&board->limit, limit);
    ring_workers(board, limit - before);
}

void corewise_board_cancel(struct board *board)
{
    atomic_store(&board->cancelled, 1);
    ring_workers(board, UINT64_MAX);
    ring_caller(board);
}

void corewise_board_end(struct board *board)
{
    atomic_store(&board->ended, 1);
    ring_workers(board, UINT64_MAX);
}

bool corewise_board_has_work(struct board *board)
{
    if (atomic_load(&board->cancelled))
        return false;
    if (atomic_load(&board->next) < atomic_load(&board->limit))
        return true;
    for (uint32_t i = 0; i < board->worker_count; i++) {
        uint64_t range = atomic_load(&board->workers[i].range);
        if (range_count(range) > (range & RANGE_RUNNING))
            return true;
    }
    return false;
}

bool corewise_board_fall_asleep(struct board *board, uint32_t worker)
{
    struct board_worker *own = &board->workers[worker];
    atomic_fetch_add(&board->sleepers, 1);
    atomic_store(&own->sleeping, 1);
    ring_caller(board); /* which may be waiting for the end of the last task */
    /* A loop that may not take what there is sleeps too: who begins tasks rings. */
    if (atomic_load(&board->ended) || (!board->loops && corewise_board_has_work(board))) {
        corewise_board_wake_up(board, worker);
        return false;
    }
    return true;
}

void corewise_board_wake_up(struct board *board, uint32_t worker)
{
    if (atomic_exchange(&board->workers[worker].sleeping, 0))
        atomic_fetch_sub(&board->sleepers, 1);
}

/* A worker killed while it recorded an end may have told it to the caller already: it is then the last of its
 * ring. */
uint32_t corewise_board_bury(struct board *board, uint32_t worker, enum corewise_status status, int code)
{
    struct board_worker *own = &board->workers[worker];
    uint32_t buried = 0;
    uint64_t range = atomic_load(&own->range), tail = atomic_load(&own->ring_tail);
    uint64_t last = tail == 0 || !board->queued
                        ? UINT64_MAX
                        : board->rings[(uint64_t)worker * board->window + (tail - 1) % board->window];
    if (range & RANGE_RUNNING) {
        uint64_t index = range_first(range);
        bool recorded = board->queued ? last == index : atomic_load(board_state(board, index)) != 0;
        if (!recorded) {
            record(board, own, index, status, code, 0);
            buried++;
        }
        if (board->slots)
            atomic_store(&board_slot(board, index)->owner, 0);
        drop_front(own);
    }
    uint64_t limit = atomic_load(&board->limit);
    uint64_t first = limit > board->window ? limit - board->window : 0;
    for (uint64_t index = first; board->loops && index < limit; index++) {
        struct board_slot *slot = board_slot(board, index);
        if (atomic_load(&slot->owner) != worker + 1)
            continue;
        if (board->queued ? last != index : atomic_load(&slot->state) == 0) {
            record(board, own, index, status, code, 0);
            buried++;
        }
        atomic_store(&slot->owner, 0);
    }
    atomic_store(&own->in_flight, 0);
    atomic_store(&own->started, 0);
    atomic_store(&own->deadline_ns, 0);
    corewise_board_wake_up(board, worker);
    return buried;
}

uint32_t corewise_board_bury_lost(struct board *board, uint64_t first, int code)
{
    uint32_t buried = 0;
    for (uint64_t index = first; index < atomic_load(&board->next); index++) {
        if (atomic_load(board_state(board, index)) != 0)
            continue;
        record(board, &board->workers[0], index, COREWISE_CRASHED, code, 0);
        buried++;
    }
    return buried;
}
