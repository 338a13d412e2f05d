/* SPDX-License-Identifier: Apache-2.0 */
/* A callback of an event loop reads, writes or accepts until nothing is left, from a descriptor that was not
 * made non-blocking: the last turn waits. */
#include <string.h>
#include <sys/socket.h>

#include "analyzer/descriptor_origins.h"
#include "analyzer/rules/rules.h"

static gboolean transfers(const struct call_site *call)
{
    static const char *const names[] = {"read",   "recv",    "recvfrom", "recvmsg", "readv",
                                        "write",  "send",    "sendto",   "sendmsg", "writev",
                                        "accept", "accept4", NULL};
    return call->effect && call->effect->descriptor_argument != NO_ARGUMENT && call_site_name(call) &&
           g_strv_contains(names, call_site_name(call));
}

static gboolean asks_not_to_wait(const struct call_site *call)
{
    const char *name = call_site_name(call);
    gboolean has_flags = g_str_has_prefix(name, "recv") || g_str_has_prefix(name, "send");
    for (int i = 2; has_flags && i < (int)call->event->arguments->len; i++) {
        const struct fact_argument *argument = call_site_argument(call, i);
        if (i != call->effect->size_argument && (argument->integer & MSG_DONTWAIT))
            return TRUE;
    }
    return FALSE;
}

/* TRUE when every way of the descriptor was seen, it can wait, and nothing made it non-blocking. */
static gboolean may_wait(const struct lint *lint, const struct call_site *call)
{
    struct descriptor_origin origin =
        descriptor_origin_find(lint->graph->origins, call, call->effect->descriptor_argument);
    guint waiting = 1U << CAUSE_SOCKET | 1U << CAUSE_PIPE | 1U << CAUSE_ACCEPT;
    return !origin.unknown && !origin.nonblocking && (origin.causes & waiting) &&
           !(origin.causes & ~waiting) && !asks_not_to_wait(call);
}

/* A wait for this one descriptor in the loop guards the call. */
static gboolean is_guarded(const struct call_site *call)
{
    const struct graph_function *function = call->caller;
    for (guint i = 0; i < function->calls->len; i++) {
        const struct call_site *other = g_ptr_array_index(function->calls, i);
        if (other->effect && (other->effect->properties & EFFECT_POLLS) &&
            loop_contains(function->facts, call->event->loop, other->event->loop))
            return TRUE;
    }
    return FALSE;
}

/* A loop over what arrives, and not one over elements: its length is decided by the call. */
static gboolean drains(const struct call_site *call)
{
    if (call->event->loop < 0)
        return FALSE;
    const struct fact_loop *loop = g_ptr_array_index(call->caller->facts->loops, (guint)call->event->loop);
    return (loop->trip_count < 0 || loop->trip_count == G_MAXINT64) &&
           (call->event->checked || call->event->result) && !is_guarded(call);
}

/* `send(query); while (recv(answer) > 0)`: a wait for the answer to what was asked, on purpose. */
static gboolean asked_before(const struct call_site *call)
{
    const struct fact_argument *descriptor = call_site_argument(call, call->effect->descriptor_argument);
    for (guint i = 0; i < call->caller->calls->len; i++) {
        const struct call_site *other = g_ptr_array_index(call->caller->calls, i);
        const char *name = call_site_name(other);
        const struct fact_argument *same = call_site_argument(other, 0);
        if (other->event_index < call->event_index && name && same && descriptor &&
            (g_str_has_prefix(name, "send") || g_str_has_prefix(name, "write")) &&
            g_strcmp0(same->text, descriptor->text) == 0)
            return TRUE;
    }
    return FALSE;
}

static void report(struct lint *lint, const struct call_site *call, gboolean sure)
{
    const char *name = call_site_name(call);
    gboolean writes = g_str_has_prefix(name, "send") || g_str_has_prefix(name, "write");
    gboolean accepts = g_str_has_prefix(name, "accept");
    char *message = g_strdup_printf(
        "%s repeats %s below a callback of an event loop, on a descriptor that nothing makes non-blocking: "
        "%s it waits, and the whole loop with it; set O_NONBLOCK (or SOCK_NONBLOCK where it is made) and "
        "stop "
        "at EAGAIN",
        call->caller->facts->name, name,
        writes    ? "when the other side does not read"
        : accepts ? "when no further connection is there"
                  : "when nothing is left to read");
    finding_report(lint, &nonblocking_missing_rule, sure ? SEVERITY_WARNING : SEVERITY_NOTE, call->caller,
                   call->event, name, message);
}

static void check(struct lint *lint)
{
    for (guint i = 0; i < lint->graph->functions->len; i++) {
        const struct graph_function *function = g_ptr_array_index(lint->graph->functions, i);
        for (guint j = 0; lint->model->dispatched[i] && j < function->calls->len; j++) {
            const struct call_site *call = g_ptr_array_index(function->calls, j);
            if (transfers(call) && drains(call) && may_wait(lint, call))
                report(lint, call, !asked_before(call));
        }
    }
}

const struct rule nonblocking_missing_rule = {
    .name = "nonblocking-missing",
    .summary = "a callback of an event loop drains a descriptor that waits",
    .check = check,
};
