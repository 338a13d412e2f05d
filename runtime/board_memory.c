/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/board.h"
#include "runtime/failure.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

/* Zeroed pages that appear when they are touched. */
static void *map(size_t bytes, bool shared)
{
    int sharing = shared ? MAP_SHARED : MAP_PRIVATE;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void unmap(void *memory, size_t bytes)
{
    if (memory)
        munmap(memory, bytes);
}

/* True when the slots need memory of their own for results: where the job's array is not the workers'. */
static bool needs_results(const struct board *board)
{
    return board->job->result_bytes > 0 && (board->shared || board->queued || !board->job->results);
}

static bool map_parts(struct board *board)
{
    const struct corewise_job *job = board->job;
    board->worker_bytes = board->worker_count * sizeof(*board->workers);
    board->workers = map(board->worker_bytes, board->shared);
    if (board->queued || board->loops) {
        board->slot_bytes = board->window * sizeof(*board->slots);
        board->slots = map(board->slot_bytes, board->shared);
    } else {
        board->state_bytes = board->window * sizeof(*board->states);
        board->states = map(board->state_bytes, board->shared);
    }
    if (!board->workers || (!board->slots && !board->states))
        return false;
    if (board->queued) {
        board->ring_bytes = board->worker_count * board->window * sizeof(*board->rings);
        board->rings = map(board->ring_bytes, board->shared);
        if (!board->rings)
            return false;
    }
    if (job->next_input && job->input_bytes > 0) {
        board->input_bytes = board->window * job->input_bytes;
        board->inputs = map(board->input_bytes, board->shared);
        if (!board->inputs)
            return false;
    }
    if (job->outputs) {
        board->outputs_bytes = board->window * sizeof(*board->outputs);
        board->outputs = map(board->outputs_bytes, board->shared);
        if (!board->outputs)
            return false;
    }
    if (needs_results(board)) {
        board->result_bytes = board->window * job->result_bytes;
        board->results = map(board->result_bytes, board->shared);
        return board->results != NULL;
    }
    if (job->result_bytes > 0) {
        board->results = job->results;
        memset(board->results, 0, board->window * job->result_bytes);
    }
    return true;
}

static bool open_descriptors(struct board *board)
{
    board->caller_doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool made = board->caller_doorbell >= 0;
    if (made && board->outputs) {
        board->output_file = memfd_create("corewise-outputs", MFD_CLOEXEC);
        made = board->output_file >= 0;
    }
    for (uint32_t i = 0; i < board->worker_count; i++) {
        board->workers[i].doorbell = made ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
        made = made && board->workers[i].doorbell >= 0;
    }
    return made;
}

struct board *corewise_board_new(const struct corewise_job *job, const struct corewise_options *options,
                                 bool shared, bool loops, struct corewise_error *error)
{
    struct board *board = map(sizeof(*board), shared);
    if (!board) {
        (void)corewise_fail(error, errno, "cannot run the job: no memory for %zu bytes", sizeof(*board));
        return NULL;
    }
    board->board_bytes = sizeof(*board);
    board->job = job;
    board->options = *options;
    board->shared = shared;
    board->loops = loops;
    board->worker_count = options->workers;
    board->queued = job->next_input || job->finished || job->merge;
    bool bounded = board->queued && (job->task_count == 0 || job->task_count > options->queue_limit);
    board->window = bounded ? options->queue_limit : job->task_count > 0 ? job->task_count : 1;
    board->caller_doorbell = board->output_file = -1;
    if (!map_parts(board)) {
        (void)corewise_fail(error, ENOMEM,
                            "cannot run the job: no memory for %llu tasks at once with results of %zu bytes; "
                            "use `finished` with a smaller queue_limit",
                            (unsigned long long)board->window, job->result_bytes);
        corewise_board_free(board);
        return NULL;
    }
    if (!open_descriptors(board)) {
        (void)corewise_fail(error, errno,
                            "cannot run the job: no descriptor for each of %u workers (%s); raise ulimit -n "
                            "or use fewer workers",
                            board->worker_count, strerror(errno));
        corewise_board_free(board);
        return NULL;
    }
    return board;
}

void corewise_board_free(struct board *board)
{
    if (!board)
        return;
    for (uint32_t i = 0; board->workers && i < board->worker_count; i++)
        if (board->workers[i].doorbell > 0)
            close(board->workers[i].doorbell);
    if (board->caller_doorbell >= 0)
        close(board->caller_doorbell);
    if (board->output_file >= 0)
        close(board->output_file);
    unmap(board->workers, board->worker_bytes);
    unmap(board->states, board->state_bytes);
    unmap(board->slots, board->slot_bytes);
    unmap(board->rings, board->ring_bytes);
    unmap(board->inputs, board->input_bytes);
    unmap(board->outputs, board->outputs_bytes);
    if (board->result_bytes > 0)
        unmap(board->results, board->result_bytes);
    unmap(board, board->board_bytes);
}
