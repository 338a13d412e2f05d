/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/host_costs.h"

#include <sched.h>

static const double default_wait_ns[WAIT_CAUSE_COUNT][WAIT_LEVEL_COUNT] = {
    [CAUSE_DISK] = {0, 2e3, 5e6},     /* in the page cache, read ahead, from the device */
    [CAUSE_SOCKET] = {5e4, 1e7, 1e9}, /* the same host, a network, a silent client */
    [CAUSE_PIPE] = {2e3, 1e5, 1e8},     [CAUSE_TERMINAL] = {0, 1e3, 1e6},
    [CAUSE_CONDITION] = {0, 2e4, 1e6}, /* not for the next task: back-pressure, seldom */
    [CAUSE_SEMAPHORE] = {0, 2e4, 1e6},  [CAUSE_BARRIER] = {0, 1e4, 1e6},
    [CAUSE_JOIN] = {1e3, 1e7, 1e9},     [CAUSE_FUTEX] = {0, 1e4, 1e6},
    [CAUSE_TIMER] = {5e4, 5e6, 1e9},    [CAUSE_POLL] = {1e3, 1e6, 1e9},
    [CAUSE_ACCEPT] = {1e3, 1e6, 1e9},   [CAUSE_CHILD] = {1e6, 1e8, 1e10},
    [CAUSE_IO_URING] = {1e3, 1e5, 1e7}, [CAUSE_OTHER] = {0, 5e3, 1e7}, /* a descriptor of unknown origin */
};

void host_costs_default(struct host_costs *costs)
{
    *costs = (struct host_costs){
        .cores = 1,
        .create_thread_seconds = 20e-6,
        .create_process_seconds = 300e-6,
        .create_coroutine_seconds = 0.3e-6,
        .switch_seconds = 3e-6,
        .event_seconds = 2e-6,
        .message_seconds = 10e-6,
        .hand_over_seconds = 8e-6,
        .thread_bytes = 96e3,
        .process_bytes = 1.2e6,
        .task_bytes = 4e3,
        .operation_ns = 0.4,
    };
    for (int cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        for (int level = 0; level < WAIT_LEVEL_COUNT; level++)
            costs->wait_ns[cause][level] = default_wait_ns[cause][level];
    }
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof(usable), &usable) == 0)
        costs->cores = MAX(1, CPU_COUNT(&usable));
}
