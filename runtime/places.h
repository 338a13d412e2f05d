/* SPDX-License-Identifier: Apache-2.0 */
/* Where workers live: each runs the job of a dispatch to its end, or until it is cancelled, with the board's
 * number of workers. False with `error` set when no worker could be started. */
#ifndef RUNTIME_PLACES_H
#define RUNTIME_PLACES_H

#include "runtime/execution.h"

typedef bool place_function(struct dispatch *dispatch, worker_function *work, struct corewise_error *error);

place_function corewise_run_in_caller;
place_function corewise_run_in_threads;
place_function corewise_run_in_processes;

/* A model is a kind of worker in a place. */
struct execution_model {
    const char *name;
    worker_function *work;
    place_function *place;
    bool loops;  /* its workers are event loops */
    bool shared; /* its board is in memory shared with other processes */
    bool many;   /* it can have more than one worker */
};

/* By enum corewise_model; NULL when it is none. */
const struct execution_model *corewise_execution_model(enum corewise_model model);

#endif
