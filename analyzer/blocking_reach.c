/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/blocking_reach.h"

#include <string.h>

#include "analyzer/lock_place.h"

#define LONG_WAIT_NS 1e6
#define USES_MAX     8 /* remembered per function */
#define POINTERS_MAX                                                                                         \
    2 /* calls through pointers on the way: with more, hardly all hold what is needed at once */
#define TARGETS_MAX 8 /* of one of them: with more, it is a slot that serves many purposes */

static void use_free(gpointer data)
{
    struct blocking_use *use = data;
    g_array_unref(use->given);
    g_free(use);
}

static gboolean is_condition(const struct call_site *call)
{
    return call->effect->lock == LOCK_WAIT && call->effect->lock_kind == LOCK_CONDITION;
}

/* Flags that say "do not wait": MSG_DONTWAIT of send and recv, WNOHANG of waitpid, NI_NUMERICHOST. */
static gboolean has_flag(const struct call_site *call)
{
    static const struct {
        const char *prefix;
        int argument;
        gint64 bit;
    } flags[] = {{"recv", 3, 0x40},    {"send", 3, 0x40},    {"recvmsg", 2, 0x40},
                 {"sendmsg", 2, 0x40}, {"waitpid", 2, 1},    {"wait4", 2, 1},
                 {"waitid", 3, 1},     {"getnameinfo", 6, 1}}; /* NI_NUMERICHOST */
    for (gsize i = 0; i < G_N_ELEMENTS(flags); i++) {
        const struct fact_argument *argument = call_site_argument(call, flags[i].argument);
        if (argument && g_str_has_prefix(call->event->callee, flags[i].prefix) &&
            (argument->integer & flags[i].bit))
            return TRUE;
    }
    return FALSE;
}

/* `poll(fds, 1, 0)` only looks. */
static gboolean only_looks(const struct call_site *call)
{
    static const struct {
        const char *name;
        int argument;
    } polls[] = {{"poll", 2}, {"epoll_wait", 3}, {"epoll_pwait", 3}};
    for (gsize i = 0; i < G_N_ELEMENTS(polls); i++) {
        const struct fact_argument *argument = call_site_argument(call, polls[i].argument);
        if (strcmp(call->event->callee, polls[i].name) == 0 && argument &&
            argument->kind == ARGUMENT_INTEGER && argument->integer == 0)
            return TRUE;
    }
    return FALSE;
}

/* Does the wait matter? *certain tells whether it surely is one. */
static gboolean waits_long(const struct program_graph *graph, const struct host_costs *host,
                           const struct call_site *call, enum wait_cause *cause, gboolean *certain)
{
    if (!call->effect || !call->event->callee || call->effect->block == BLOCK_NEVER || has_flag(call) ||
        only_looks(call))
        return FALSE;
    struct blocking blocking = blocking_of(graph, host, call);
    *cause = blocking.cause;
    /* a library's connection may have been made non-blocking just like a descriptor */
    *certain = call->effect->descriptor_argument == NO_ARGUMENT &&
               (blocking.cause != CAUSE_SOCKET || call->effect->exclusive_argument == NO_ARGUMENT);
    if (is_condition(call))
        return call->effect->mutex_argument != NO_ARGUMENT;
    if (cause_is_exclusion(blocking.cause) || blocking.cause == CAUSE_SEMAPHORE ||
        blocking.cause == CAUSE_BARRIER || blocking.cause == CAUSE_FUTEX)
        return FALSE;
    return blocking.wait_ns[WAIT_TYPICAL] >= LONG_WAIT_NS || (!blocking.known && !*certain);
}

gboolean blocking_use_is_doubtful(const struct blocking_use *use)
{
    guint pointers = 0;
    gboolean vague = FALSE;
    for (const struct blocking_use *step = use; step; step = step->inner) {
        pointers += step->inner && step->call->resolution != CALL_DIRECT;
        vague |= step->inner && step->call->targets->len > TARGETS_MAX;
    }
    return !use->certain || pointers > POINTERS_MAX || vague;
}

/* FALSE when it is remembered already, or as many as can be. */
static gboolean is_wanted(const GPtrArray *uses, const struct call_site *call, const struct call_site *wait)
{
    gboolean wanted = uses->len < USES_MAX;
    for (guint i = 0; wanted && i < uses->len; i++) {
        const struct blocking_use *use = g_ptr_array_index(uses, i);
        wanted = use->wait != wait || use->call != call;
    }
    return wanted;
}

static void use_add(GPtrArray *uses, struct blocking_use use)
{
    g_ptr_array_add(uses, g_memdup2(&use, sizeof(use)));
}

static GArray *given_at(const struct held_locks *locks, const struct call_site *call)
{
    const struct function_locks *own = &locks->functions[call->caller->index];
    const GArray *given = own->given ? own->given[call->event_index] : NULL;
    return given ? g_array_copy((GArray *)given) : g_array_new(FALSE, FALSE, sizeof(struct held_lock));
}

struct search {
    struct blocking_reach *reach;
    const struct program_graph *graph;
    const struct host_costs *host;
    const struct held_locks *locks;
    const struct endings *endings;
};

static void pass_up(const struct search *search, GPtrArray *uses, const struct call_site *call,
                    const struct graph_function *callee)
{
    const GPtrArray *inner_uses = search->reach->functions[callee->index];
    for (guint i = 0; inner_uses && i < inner_uses->len; i++) {
        const struct blocking_use *inner = g_ptr_array_index(inner_uses, i);
        if (!is_wanted(uses, call, inner->wait))
            continue;
        GArray *given = given_at(search->locks, call);
        for (guint j = 0; j < inner->given->len; j++) {
            struct held_lock lock =
                lock_seen_by_caller(callee, &g_array_index(inner->given, struct held_lock, j), call);
            g_array_append_val(given, lock);
        }
        use_add(uses, (struct blocking_use){call, inner, inner->wait, inner->cause, inner->certain, given});
    }
}

static void add_own(const struct search *search, GPtrArray *uses, const struct call_site *call)
{
    enum wait_cause cause = CAUSE_OTHER;
    gboolean certain = FALSE;
    if (!is_wanted(uses, call, call) || !waits_long(search->graph, search->host, call, &cause, &certain))
        return;
    GArray *given = given_at(search->locks, call);
    if (is_condition(call)) {
        struct held_lock mutex = lock_of_argument(call, call->effect->mutex_argument);
        g_array_append_val(given, mutex);
    }
    use_add(uses, (struct blocking_use){call, NULL, call, cause, certain, given});
}

/* On a way on which the function ends the program, as a failed assertion does, nobody is kept waiting any
 * more. Of a function that always does, this is left to its callers. */
static gboolean is_the_end(const struct call_site *call, const gboolean *stops)
{
    int block = call->event->block;
    return block >= 0 && (guint)block < call->caller->facts->blocks->len && stops[block] && !stops[0];
}

static void find_in(const struct search *search, const struct graph_function *function)
{
    GPtrArray *uses = g_ptr_array_new_with_free_func(use_free);
    g_autofree gboolean *stops = blocks_that_stop(function, search->endings->stops);
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *call = g_ptr_array_index(function->calls, i);
        if (is_the_end(call, stops))
            continue;
        add_own(search, uses, call);
        for (guint j = 0; call->resolution != CALL_BY_SIGNATURE && j < call->targets->len; j++)
            pass_up(search, uses, call, g_ptr_array_index(call->targets, j));
    }
    if (uses->len == 0)
        g_clear_pointer(&uses, g_ptr_array_unref);
    search->reach->functions[function->index] = uses;
}

struct blocking_reach *blocking_reach_find(const struct program_graph *graph, const struct host_costs *host,
                                           const struct held_locks *locks, const struct endings *endings)
{
    struct blocking_reach *reach = g_new0(struct blocking_reach, 1);
    reach->count = graph->functions->len;
    reach->functions = g_new0(GPtrArray *, reach->count + 1);
    const struct search search = {reach, graph, host, locks, endings};
    for (guint i = 0; i < graph->order->len; i++)
        find_in(&search, g_ptr_array_index(graph->order, i));
    return reach;
}

void blocking_reach_free(struct blocking_reach *reach)
{
    if (!reach)
        return;
    for (guint i = 0; i < reach->count; i++)
        g_clear_pointer(&reach->functions[i], g_ptr_array_unref);
    g_free(reach->functions);
    g_free(reach);
}

const char *blocking_use_words(const struct blocking_use *use)
{
    static const char *const words[WAIT_CAUSE_COUNT] = {
        [CAUSE_DISK] = "the disk",         [CAUSE_SOCKET] = "the network",
        [CAUSE_PIPE] = "a pipe",           [CAUSE_TERMINAL] = "the terminal",
        [CAUSE_CONDITION] = "a condition", [CAUSE_JOIN] = "another thread to end",
        [CAUSE_TIMER] = "time to pass",    [CAUSE_POLL] = "descriptors to become ready",
        [CAUSE_ACCEPT] = "a connection",   [CAUSE_CHILD] = "a child process",
    };
    const char *callee = use->wait->event->callee;
    if (strstr(callee, "addrinfo") || strstr(callee, "hostby") || strstr(callee, "nameinfo"))
        return "a name to be resolved";
    return words[use->cause] ? words[use->cause] : "something outside the program";
}
