/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/host_costs.h"

#include <math.h>

#include "runtime/host_limits.h"

const double message_size_bytes[MESSAGE_SIZE_COUNT] = {64, 4096, 1 << 20};

#define COST(FIELD) G_STRUCT_OFFSET(struct host_costs, FIELD)
#define MESSAGE(CHANNEL, SIZE)                                                                               \
    (G_STRUCT_OFFSET(struct host_costs, message_seconds) +                                                   \
     ((CHANNEL) * MESSAGE_SIZE_COUNT + (SIZE)) * sizeof(double))

/* Defaults: between a virtual machine and a desktop, Linux 6, glibc 2.36, x86-64. */
const struct host_cost_kind host_cost_kinds[HOST_COST_COUNT] = {
    [HOST_CREATE_THREAD] = {"create_thread_seconds", "s", 20e-6, COST(create_thread_seconds)},
    [HOST_CREATE_PROCESS] = {"create_process_seconds", "s", 300e-6, COST(create_process_seconds)},
    [HOST_FORK_GIB] = {"fork_per_gib_seconds", "s", 10e-3, COST(fork_per_gib_seconds)},
    [HOST_CREATE_COROUTINE] = {"create_coroutine_seconds", "s", 0.3e-6, COST(create_coroutine_seconds)},
    [HOST_SWITCH_COROUTINE] = {"switch_coroutine_seconds", "s", 20e-9, COST(switch_coroutine_seconds)},
    [HOST_SWITCH] = {"switch_seconds", "s", 3e-6, COST(switch_seconds)},
    [HOST_PROCESS_SWITCH] = {"process_switch_seconds", "s", 3e-6, COST(process_switch_seconds)},
    [HOST_EVENT] = {"event_seconds", "s", 2e-6, COST(event_seconds)},
    [HOST_HAND_OVER] = {"hand_over_seconds", "s", 8e-6, COST(hand_over_seconds)},
    [HOST_LOCK] = {"lock_seconds", "s", 20e-9, COST(lock_seconds)},
    [HOST_CONTENDED_LOCK] = {"contended_lock_seconds", "s", 200e-9, COST(contended_lock_seconds)},
    [HOST_PIPE_64_B] = {"pipe_64_b_seconds", "s", 5e-6, MESSAGE(CHANNEL_PIPE, MESSAGE_64_B)},
    [HOST_PIPE_4_KIB] = {"pipe_4_kib_seconds", "s", 6e-6, MESSAGE(CHANNEL_PIPE, MESSAGE_4_KIB)},
    [HOST_PIPE_1_MIB] = {"pipe_1_mib_seconds", "s", 400e-6, MESSAGE(CHANNEL_PIPE, MESSAGE_1_MIB)},
    [HOST_SOCKET_64_B] = {"socket_64_b_seconds", "s", 6e-6, MESSAGE(CHANNEL_SOCKET, MESSAGE_64_B)},
    [HOST_SOCKET_4_KIB] = {"socket_4_kib_seconds", "s", 7e-6, MESSAGE(CHANNEL_SOCKET, MESSAGE_4_KIB)},
    [HOST_SOCKET_1_MIB] = {"socket_1_mib_seconds", "s", 500e-6, MESSAGE(CHANNEL_SOCKET, MESSAGE_1_MIB)},
    [HOST_SHARED_64_B] = {"shared_64_b_seconds", "s", 5e-6, MESSAGE(CHANNEL_SHARED_MEMORY, MESSAGE_64_B)},
    [HOST_SHARED_4_KIB] = {"shared_4_kib_seconds", "s", 5.5e-6,
                           MESSAGE(CHANNEL_SHARED_MEMORY, MESSAGE_4_KIB)},
    [HOST_SHARED_1_MIB] = {"shared_1_mib_seconds", "s", 200e-6,
                           MESSAGE(CHANNEL_SHARED_MEMORY, MESSAGE_1_MIB)},
    [HOST_THREAD_BYTES] = {"thread_bytes", "B", 96e3, COST(thread_bytes)},
    [HOST_PROCESS_BYTES] = {"process_bytes", "B", 1.2e6, COST(process_bytes)},
    [HOST_CONNECTION_BYTES] = {"connection_bytes", "B", 8e3, COST(connection_bytes)},
    [HOST_TASK_BYTES] = {"task_bytes", "B", 4e3, COST(task_bytes)},
    [HOST_OPERATION] = {"operation_ns", "ns", 0.4, COST(operation_ns)},
};

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

static double *cost_of(struct host_costs *costs, int id)
{
    return (double *)((char *)costs + host_cost_kinds[id].offset);
}

static int find_kind(const char *name)
{
    for (int id = 0; id < HOST_COST_COUNT; id++) {
        if (g_strcmp0(host_cost_kinds[id].name, name) == 0)
            return id;
    }
    return -1;
}

void host_costs_default(struct host_costs *costs)
{
    *costs = (struct host_costs){0};
    for (int id = 0; id < HOST_COST_COUNT; id++)
        *cost_of(costs, id) = host_cost_kinds[id].fallback;
    for (int cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        for (int level = 0; level < WAIT_LEVEL_COUNT; level++)
            costs->wait_ns[cause][level] = default_wait_ns[cause][level];
    }
    struct usable_cores usable;
    corewise_usable_cores_read("/", &usable);
    costs->cores = usable.workers;
    costs->quota_cores = usable.quota_cores;
}

void host_costs_apply(struct host_costs *costs, const struct host *host)
{
    host_costs_default(costs);
    for (guint i = 0; i < host->costs->len; i++) {
        const struct host_cost *cost = g_ptr_array_index(host->costs, i);
        int id = find_kind(cost->name);
        if (id < 0)
            continue;
        *cost_of(costs, id) = cost->value;
        costs->measured = TRUE;
    }
    if (host->cores > 0) {
        costs->cores = host->cores;
        costs->quota_cores = host->quota_cores;
    }
}

static const struct host_cost *find_cost(const struct host *host, const char *name)
{
    for (guint i = 0; host && i < host->costs->len; i++) {
        const struct host_cost *cost = g_ptr_array_index(host->costs, i);
        if (g_strcmp0(cost->name, name) == 0)
            return cost;
    }
    return NULL;
}

struct host *host_costs_record(const struct host_costs *costs, const struct host *measured)
{
    struct host *host = host_new();
    host->cores = costs->cores;
    host->quota_cores = costs->quota_cores;
    if (measured) {
        host->name = g_strdup(measured->name);
        host->kernel = g_strdup(measured->kernel);
        host->processor = g_strdup(measured->processor);
        host->measured_at = g_strdup(measured->measured_at);
        host->corewise = g_strdup(measured->corewise);
    }
    for (int id = 0; id < HOST_COST_COUNT; id++) {
        const struct host_cost *known = find_cost(measured, host_cost_kinds[id].name);
        struct host_cost *cost = host_cost_new();
        cost->name = g_strdup(host_cost_kinds[id].name);
        cost->unit = g_strdup(host_cost_kinds[id].unit);
        cost->value = *(const double *)((const char *)costs + host_cost_kinds[id].offset);
        cost->samples = known ? known->samples : 0;
        cost->low = known ? known->low : NAN;
        cost->high = known ? known->high : NAN;
        g_ptr_array_add(host->costs, cost);
    }
    return host;
}

double host_costs_lanes(const struct host_costs *costs, double workers)
{
    double lanes = MIN(costs->cores, workers);
    return costs->quota_cores > 0 ? MIN(lanes, costs->quota_cores) : lanes;
}

static double channel_seconds(const double *seconds, double bytes)
{
    if (bytes > message_size_bytes[MESSAGE_1_MIB])
        return seconds[MESSAGE_1_MIB] * bytes / message_size_bytes[MESSAGE_1_MIB];
    int upper = bytes <= message_size_bytes[MESSAGE_4_KIB] ? MESSAGE_4_KIB : MESSAGE_1_MIB;
    double from = message_size_bytes[upper - 1], to = message_size_bytes[upper];
    double share = MAX(0, bytes - from) / (to - from);
    return seconds[upper - 1] * (1 - share) + seconds[upper] * share;
}

double host_costs_message(const struct host_costs *costs, double bytes, enum message_channel *channel)
{
    double best = G_MAXDOUBLE;
    for (int each = 0; each < MESSAGE_CHANNEL_COUNT; each++) {
        double seconds = channel_seconds(costs->message_seconds[each], bytes);
        if (seconds < best && channel)
            *channel = (enum message_channel)each;
        best = MIN(best, seconds);
    }
    return best;
}
