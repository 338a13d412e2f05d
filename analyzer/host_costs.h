/* SPDX-License-Identifier: Apache-2.0 */
/* What concurrency costs on a host: the numbers that the advisor's formulas need (docs/advice.md has each
 * with its source). Until they are measured on the host itself these are documented defaults. */
#ifndef ANALYZER_HOST_COSTS_H
#define ANALYZER_HOST_COSTS_H

#include "analyzer/effects.h"

struct host_costs {
    gboolean measured; /* FALSE: defaults */
    int cores;         /* usable by this process */
    double create_thread_seconds, create_process_seconds, create_coroutine_seconds;
    double switch_seconds;    /* thread or process, woken through the kernel */
    double event_seconds;     /* one wake-up of an event loop with its dispatch */
    double message_seconds;   /* a small message between processes, there and back */
    double hand_over_seconds; /* a job to a pool thread and its result */
    double thread_bytes, process_bytes,
        task_bytes; /* one thread, one process, one waiting task of an event loop */
    double wait_ns[WAIT_CAUSE_COUNT][WAIT_LEVEL_COUNT]; /* one blocking operation, by what it waits for */
    double operation_ns; /* one arithmetic or memory operation of compiled code */
};

/* The documented defaults; cores is what this process may use (affinity respected), at least 1. */
void host_costs_default(struct host_costs *costs);

#endif
