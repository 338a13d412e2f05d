/* SPDX-License-Identifier: Apache-2.0 */
/* What concurrency costs on a host: the numbers that the advisor's formulas need (docs/advice.md has each
 * with its source). Until they are measured on the host itself (docs/calibrate.md) these are documented
 * defaults. */
#ifndef ANALYZER_HOST_COSTS_H
#define ANALYZER_HOST_COSTS_H

#include "analyzer/effects.h"
#include "model/records.h"

/* Ways for two processes to pass data, and the sizes that are measured. */
enum message_channel { CHANNEL_PIPE, CHANNEL_SOCKET, CHANNEL_SHARED_MEMORY, MESSAGE_CHANNEL_COUNT };
enum message_size { MESSAGE_64_B, MESSAGE_4_KIB, MESSAGE_1_MIB, MESSAGE_SIZE_COUNT };
extern const double message_size_bytes[MESSAGE_SIZE_COUNT];

struct host_costs {
    gboolean measured;  /* FALSE: defaults, all of them */
    int cores;          /* workers that can run at once: usable by this process, a quota rounded up */
    double quota_cores; /* CPU seconds per second that a control group grants; 0: no quota */
    double create_thread_seconds;  /* and join it */
    double create_process_seconds; /* fork a small process, wait for its end */
    double fork_per_gib_seconds;   /* what fork takes longer per GiB of resident memory */
    double create_coroutine_seconds, switch_coroutine_seconds;
    double switch_seconds;         /* a thread sleeps, another one is woken through a futex */
    double process_switch_seconds; /* the same for processes, through a pipe */
    double event_seconds;          /* one wake-up of an event loop with its dispatch */
    double hand_over_seconds;      /* a job to a pool thread and its result */
    double lock_seconds;           /* take and release a mutex that is free */
    double contended_lock_seconds; /* the same while others want it too: what each time costs all of them */
    double message_seconds[MESSAGE_CHANNEL_COUNT][MESSAGE_SIZE_COUNT]; /* one way, wake-up included */
    double thread_bytes, process_bytes;                                /* idle, with the kernel's part */
    double connection_bytes; /* an idle TCP connection, both ends, kernel memory */
    double task_bytes;       /* one waiting task of an event loop: an idle coroutine */
    double wait_ns[WAIT_CAUSE_COUNT][WAIT_LEVEL_COUNT]; /* one blocking operation, by what it waits for */
    double operation_ns; /* one arithmetic or memory operation of compiled code */
};

/* The costs that can be measured, in the order in which they are shown and kept. */
enum host_cost_id {
    HOST_CREATE_THREAD,
    HOST_CREATE_PROCESS,
    HOST_FORK_GIB,
    HOST_CREATE_COROUTINE,
    HOST_SWITCH_COROUTINE,
    HOST_SWITCH,
    HOST_PROCESS_SWITCH,
    HOST_EVENT,
    HOST_HAND_OVER,
    HOST_LOCK,
    HOST_CONTENDED_LOCK,
    HOST_PIPE_64_B,
    HOST_PIPE_4_KIB,
    HOST_PIPE_1_MIB,
    HOST_SOCKET_64_B,
    HOST_SOCKET_4_KIB,
    HOST_SOCKET_1_MIB,
    HOST_SHARED_64_B,
    HOST_SHARED_4_KIB,
    HOST_SHARED_1_MIB,
    HOST_THREAD_BYTES,
    HOST_PROCESS_BYTES,
    HOST_CONNECTION_BYTES,
    HOST_TASK_BYTES,
    HOST_OPERATION,
    HOST_COST_COUNT
};

struct host_cost_kind {
    const char *name; /* in files and JSON */
    const char *unit; /* "s", "B" or "ns" */
    double fallback;  /* the default */
    gsize offset;     /* of the double in struct host_costs */
};
extern const struct host_cost_kind host_cost_kinds[HOST_COST_COUNT];

/* The documented defaults; cores are what this process may use, at least 1. */
void host_costs_default(struct host_costs *costs);

/* The defaults, overridden by what is known of `host`: its costs, and its cores when it tells them. Costs
 * that nobody knows by name are left out. */
void host_costs_apply(struct host_costs *costs, const struct host *host);

/* The record of `costs` for a session: all costs in order, with the spread and origin of `measured`
 * (optional). */
struct host *host_costs_record(const struct host_costs *costs, const struct host *measured);

/* CPU seconds per second that `workers` can use: a quota may be less than the cores. */
double host_costs_lanes(const struct host_costs *costs, double workers);

/* Seconds for one message of `bytes` between processes, by the cheapest way, named in *channel (optional):
 * linear between the measured sizes, and by the byte beyond the largest. */
double host_costs_message(const struct host_costs *costs, double bytes, enum message_channel *channel);

#endif
