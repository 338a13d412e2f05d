/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller of a job and its workers share, in memory that processes can share too: which tasks are to
 * be done, by whom, and what became of them. A worker owns a range of tasks, takes them from its front, and
 * when it has none left claims new ones or takes half of another's from the back.
 *
 * A worker may be killed at any instruction: the task at the front of a range stays there, marked as running,
 * until its end is recorded, so that the caller can tell what a dead worker was doing. */
#ifndef RUNTIME_BOARD_H
#define RUNTIME_BOARD_H

#include "runtime/corewise.h"
#include "runtime/latency_histogram.h"

#include <stdalign.h>
#include <stdatomic.h>

#define CACHE_LINE_BYTES 64

struct board_worker {
    alignas(CACHE_LINE_BYTES) _Atomic uint64_t range; /* see board.c */
    _Atomic uint32_t started;                         /* the others may take its tasks */
    _Atomic uint32_t in_flight;                       /* tasks that an event loop has begun */
    _Atomic uint32_t sleeping;                        /* or about to: has to be rung */
    _Atomic uint64_t deadline_ns;                     /* of the task that is on the core; 0: none */
    int doorbell;                                     /* eventfd */
    alignas(CACHE_LINE_BYTES) _Atomic uint64_t finished, failed; /* tasks */
    _Atomic uint64_t ring_tail;                                  /* finished ones, for the caller */
    struct latency_histogram latencies, own_latencies;           /* own: corewise_latency_add() */
    alignas(CACHE_LINE_BYTES) _Atomic uint64_t ring_head;        /* the caller's */
};

/* A task between its input and the delivery of its result: slot index % window. */
struct board_slot {
    _Atomic uint32_t owner; /* number + 1 of the worker whose event loop runs it */
    int32_t code;
    float seconds;
    _Atomic uint8_t state; /* 0: not finished; else 1 + enum corewise_status */
};

/* What a task handed over beside its result, in the board's file. */
struct board_output {
    uint64_t offset;        /* of a page */
    _Atomic uint64_t bytes; /* written last; 0: nothing */
};

struct board {
    /* Constant while workers run. */
    const struct corewise_job *job;
    struct corewise_options options; /* without zeros that stand for defaults */
    uint64_t window;                 /* slots */
    uint32_t worker_count;
    bool shared;   /* with other processes */
    bool queued;   /* the caller gets each result: rings are in use */
    bool loops;    /* workers are event loops */
    bool measured; /* latencies are wanted */
    struct board_worker *workers;
    struct board_slot *slots;     /* NULL where a task's state is enough: neither queued nor loops */
    _Atomic uint8_t *states;      /* in place of slots, so that less memory is touched; else NULL */
    uint64_t *rings;              /* window entries per worker: indices of finished tasks */
    char *inputs;                 /* of the slots; NULL: the job's own array, or none */
    char *results;                /* of the slots, which may be the job's own array */
    struct board_output *outputs; /* of the slots; NULL: the job has none */
    int output_file;              /* memory that processes share; -1 */
    int caller_doorbell;
    struct blocking_pool *pool; /* that all loops of a process share; NULL: each has its own */
    size_t board_bytes, worker_bytes, state_bytes, slot_bytes; /* of mappings */
    size_t ring_bytes, input_bytes, result_bytes, outputs_bytes;

    alignas(CACHE_LINE_BYTES) _Atomic uint64_t next;  /* the first task that nobody has claimed */
    alignas(CACHE_LINE_BYTES) _Atomic uint64_t limit; /* tasks below it may be claimed */
    _Atomic uint32_t ended;                           /* workers go home */
    _Atomic uint32_t cancelled;                       /* nothing more is begun */
    _Atomic int failure;                              /* errno of a worker that could not start its loop */
    _Atomic uint32_t caller_sleeping;
    _Atomic uint64_t output_end;                         /* of what has been handed over so far */
    alignas(CACHE_LINE_BYTES) _Atomic uint32_t sleepers; /* workers */
};

/* NULL with `error` set when there is no memory or no descriptor. `job` is borrowed, `options` copied. */
struct board *corewise_board_new(const struct corewise_job *job, const struct corewise_options *options,
                                 bool shared, bool loops, struct corewise_error *error);
void corewise_board_free(struct board *board);

/* The worker is there: from now on others may take its tasks. */
void corewise_board_start(struct board *board, uint32_t worker);
/* Gives the worker its next task, which it has then begun. */
bool corewise_board_take(struct board *board, uint32_t worker, uint64_t *index);
/* Records the end of a task that it took; of its front task where workers are not loops. With `next`, such a
 * worker begins the task behind it, if its range has one: then true. */
bool corewise_board_finish(struct board *board, uint32_t worker, uint64_t index, enum corewise_status status,
                           int code, uint64_t duration_ns, uint64_t *next);
/* Before the workers start: `count` tasks in equal parts, for jobs without a queue. */
void corewise_board_deal(struct board *board, uint64_t count);
/* Makes tasks up to `limit` claimable and wakes who sleeps. */
void corewise_board_publish(struct board *board, uint64_t limit);
void corewise_board_cancel(struct board *board);
void corewise_board_end(struct board *board);

/* A worker that found nothing: true when it may now sleep until its doorbell rings (the flag is set, and
 * nothing has come since), false when there is something to take, or the job has ended. */
bool corewise_board_fall_asleep(struct board *board, uint32_t worker);
void corewise_board_wake_up(struct board *board, uint32_t worker);
/* Whether any task could be taken by somebody. */
bool corewise_board_has_work(struct board *board);

/* What a dead worker had begun becomes finished with this status; what it had not begun stays in its range.
 * Only the caller, when the worker's process is gone. Returns how many tasks. */
uint32_t corewise_board_bury(struct board *board, uint32_t worker, enum corewise_status status, int code);
/* Every task below the limit that is not finished, when no worker has any: a worker was killed while it
 * claimed them. */
uint32_t corewise_board_bury_lost(struct board *board, uint64_t first, int code);

/* Where a task is among the slots. Often all have one of their own: then nothing is divided. */
static inline uint64_t board_place(const struct board *board, uint64_t index)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): there is always a slot */
    return index < board->window ? index : index % board->window;
}
static inline struct board_slot *board_slot(const struct board *board, uint64_t index)
{
    return &board->slots[board_place(board, index)];
}
static inline _Atomic uint8_t *board_state(const struct board *board, uint64_t index)
{
    return board->slots ? &board_slot(board, index)->state : &board->states[board_place(board, index)];
}
static inline const void *board_input(const struct board *board, uint64_t index)
{
    if (board->inputs)
        return board->inputs + board_place(board, index) * board->job->input_bytes;
    return board->job->inputs ? (const char *)board->job->inputs + index * board->job->input_bytes : NULL;
}
static inline void *board_result(const struct board *board, uint64_t index)
{
    return board->results ? board->results + board_place(board, index) * board->job->result_bytes : NULL;
}

/* The output of a task that is finished: NULL when there is none. False when there is no memory for it. */
bool corewise_board_output_map(const struct board *board, uint64_t index, const void **output, size_t *bytes);
/* Gives its memory back; accepts NULL. */
void corewise_board_output_unmap(const struct board *board, uint64_t index, const void *output);

void corewise_doorbell_ring(int doorbell);
void corewise_doorbell_silence(int doorbell);
uint64_t corewise_now_ns(void); /* monotonic */

#endif
