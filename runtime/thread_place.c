/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/blocking_pool.h"
#include "runtime/failure.h"
#include "runtime/places.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct worker_thread {
    pthread_t thread;
    struct board *board;
    uint32_t number;
    worker_function *work;
};

static void *run_worker(void *data)
{
    const struct worker_thread *own = data;
    own->work(own->board, own->number, NULL);
    return NULL;
}

/* Signals of the program stay with its own threads: workers start with all of them blocked. */
static uint32_t start(struct worker_thread *threads, struct board *board, worker_function *work, int *failure)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    uint32_t count = 0;
    for (; count < board->worker_count; count++) {
        struct worker_thread *thread = &threads[count];
        *thread = (struct worker_thread){.board = board, .number = count, .work = work};
        *failure = pthread_create(&thread->thread, NULL, run_worker, thread);
        if (*failure != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return count;
}

bool corewise_run_in_threads(struct dispatch *dispatch, worker_function *work, struct corewise_error *error)
{
    struct board *board = dispatch->board;
    struct worker_thread *threads = calloc(board->worker_count, sizeof(*threads));
    int failure = threads ? 0 : ENOMEM;
    if (board->loops)
        board->pool = corewise_blocking_pool_new(board);
    uint32_t count = threads ? start(threads, board, work, &failure) : 0;
    /* Fewer threads than asked for do the job all the same: they rob the range of a missing one. */
    bool some = count > 0 && (count == board->worker_count || !board->loops);
    while (some && corewise_dispatch_turn(dispatch))
        corewise_dispatch_sleep(dispatch, NULL, 0, -1);
    corewise_board_end(board);
    for (uint32_t i = 0; i < count; i++)
        pthread_join(threads[i].thread, NULL);
    corewise_blocking_pool_free(board->pool);
    free(threads);
    return some || corewise_fail(error, failure, "cannot start %u worker threads (%s); use fewer workers",
                                 board->worker_count, strerror(failure));
}
