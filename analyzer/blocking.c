/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/blocking.h"

#include <string.h>
#include <sys/socket.h>

#include "analyzer/descriptor_origins.h"

gboolean cause_is_exclusion(enum wait_cause cause)
{
    return cause == CAUSE_MUTEX || cause == CAUSE_RWLOCK || cause == CAUSE_KERNEL_LOCK;
}

/* `recv(fd, buffer, size, MSG_DONTWAIT)` */
static gboolean asks_not_to_wait(const struct call_site *call)
{
    const char *name = call_site_name(call);
    gboolean has_flags = name && (g_str_has_prefix(name, "recv") || g_str_has_prefix(name, "send"));
    for (guint i = 2; has_flags && i < call->event->arguments->len; i++) {
        const struct fact_argument *argument = g_ptr_array_index(call->event->arguments, i);
        if (argument->kind == ARGUMENT_INTEGER && (int)i != call->effect->size_argument &&
            (argument->integer & MSG_DONTWAIT))
            return TRUE;
    }
    return FALSE;
}

/* Several origins: the shortest and the longest of all waits, and the cause of the longest typical one. */
static void set_origin(struct blocking *blocking, const struct host_costs *costs, guint causes)
{
    double sum = 0, longest = -1;
    int count = 0;
    for (int cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        if (!(causes >> cause & 1U))
            continue;
        const double *wait_ns = costs->wait_ns[cause];
        double *own = blocking->wait_ns;
        own[WAIT_LOW] = count ? MIN(own[WAIT_LOW], wait_ns[WAIT_LOW]) : wait_ns[WAIT_LOW];
        own[WAIT_HIGH] = MAX(own[WAIT_HIGH], wait_ns[WAIT_HIGH]);
        sum += wait_ns[WAIT_TYPICAL];
        count++;
        if (wait_ns[WAIT_TYPICAL] > longest) {
            longest = wait_ns[WAIT_TYPICAL];
            blocking->cause = (enum wait_cause)cause;
        }
    }
    blocking->wait_ns[WAIT_TYPICAL] = count ? sum / count : costs->wait_ns[CAUSE_OTHER][WAIT_TYPICAL];
}

static void set_wait(struct blocking *blocking, const double *wait_ns)
{
    memcpy(blocking->wait_ns, wait_ns, sizeof(blocking->wait_ns));
}

struct blocking blocking_of(const struct program_graph *graph, const struct host_costs *costs,
                            const struct call_site *call)
{
    struct blocking blocking = {.cause = CAUSE_OTHER, .known = TRUE};
    const struct effect *effect = call->effect;
    if (!effect || effect->block == BLOCK_NEVER)
        return blocking;
    struct descriptor_origin origin = {0};
    if (effect->descriptor_argument != NO_ARGUMENT)
        origin = descriptor_origin_find(graph->origins, call, effect->descriptor_argument);
    gboolean is_disk =
        effect->block == BLOCK_CAUSE ? effect->cause == CAUSE_DISK : origin.causes == 1U << CAUSE_DISK;
    blocking.blocks = is_disk || (!origin.nonblocking && !asks_not_to_wait(call));
    if (effect->block == BLOCK_CAUSE) {
        blocking.cause = effect->cause;
        set_wait(&blocking, costs->wait_ns[blocking.cause]);
    } else {
        blocking.known = origin.causes != 0 && !origin.unknown && (origin.causes & (origin.causes - 1)) == 0;
        set_origin(&blocking, costs, origin.causes ? origin.causes : 1U << CAUSE_OTHER);
    }
    if (effect->has_wait_ns)
        set_wait(&blocking, effect->wait_ns);
    const struct fact_argument *duration = call_site_argument(call, effect->duration_argument);
    if (duration && duration->kind == ARGUMENT_INTEGER) {
        for (int level = 0; level < WAIT_LEVEL_COUNT; level++)
            blocking.wait_ns[level] = (double)duration->integer * effect->duration_ns;
    }
    return blocking;
}
