/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's side of a job: gives tasks out as long as there is room, and takes results in. */
#ifndef RUNTIME_DISPATCH_H
#define RUNTIME_DISPATCH_H

#include "runtime/board.h"

#include <poll.h>

struct dispatch {
    struct board *board;
    uint64_t total;                   /* UINT64_MAX: not known yet */
    uint64_t issued, delivered, base; /* base: all tasks before it are delivered */
    uint8_t *arrived;                 /* per slot, while a result waits for its turn or for the base */
    uint64_t began_ns, next_progress_ns;
    uint64_t by_status[COREWISE_CANCELLED + 1];
};

/* False with `error` set when there is no memory. The board is borrowed. */
bool corewise_dispatch_init(struct dispatch *dispatch, struct board *board, struct corewise_error *error);
void corewise_dispatch_clear(struct dispatch *dispatch);

/* Delivers what has come and issues what there is room for. False when all is delivered, or cancelled. */
bool corewise_dispatch_turn(struct dispatch *dispatch);
/* Whether the caller, when it does tasks itself, has to take a turn after each. */
bool corewise_dispatch_is_eager(const struct dispatch *dispatch);
/* Waits until something has come or `most_seconds` (< 0: no limit) are over; the descriptors may be none. */
void corewise_dispatch_sleep(struct dispatch *dispatch, struct pollfd *others, nfds_t count,
                             double most_seconds);
/* When no worker is left: the last results, and what became of all tasks. */
void corewise_dispatch_finish(struct dispatch *dispatch, struct corewise_outcome *outcome);

#endif
