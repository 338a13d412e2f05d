/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tracer/watch_inside.h"

static void add_open_wait(struct watch *watch, const struct wait_slot *slot)
{
    if (slot->total.count)
        g_array_append_val(watch->open_waits, *slot);
}

/* What the state that the thread is in has come to. */
static void close_state(struct watch *watch, struct thread_peek *peek)
{
    struct thread_state *state = &peek->state;
    guint64 elapsed = peek->now_ns > state->since_ns ? peek->now_ns - state->since_ns : 0;
    struct wait_slot open = {.key = state->current.key, .total = {.count = 1}};
    if (state->state == THREAD_RUNNING) {
        state->totals.on_cpu_ns += elapsed;
    } else if (state->state == THREAD_BLOCKED) {
        state->totals.blocked_ns += elapsed;
        open.total.blocked_ns = open.total.longest_ns = elapsed;
        add_open_wait(watch, &open);
    } else if (state->woken) {
        state->totals.blocked_ns += state->wait_blocked_ns;
        state->totals.woken_ns += elapsed;
        open.total.blocked_ns = open.total.longest_ns = state->wait_blocked_ns;
        open.total.runnable_ns = elapsed;
        add_open_wait(watch, &open);
    } else {
        state->totals.runnable_ns += elapsed;
    }
}

static void report_thread(struct watch *watch, const struct thread_peek *peek)
{
    const struct thread_state *state = &peek->state;
    struct thread_event event = {
        .kind = THREAD_EVENT_END,
        .thread = state->thread,
        .tid = state->tid,
        .tgid = state->tgid,
        .namespace_tid = state->namespace_tid,
        .image = state->image,
        .parent = state->parent,
        .alive = 1,
        .time_ns = peek->now_ns,
        .started_ns = state->started_ns,
        .totals = state->totals,
    };
    memcpy(event.name, peek->name, sizeof(event.name));
    watch->handlers.thread(&event, watch->handlers.data);
}

void watch_forget_open(struct watch *watch)
{
    g_clear_pointer(&watch->open_calls, g_array_unref);
    g_clear_pointer(&watch->open_waits, g_array_unref);
}

gboolean watch_peek(struct watch *watch, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    if (watch->plain) {
        g_set_error(error, TRACER_ERROR, TRACER_ERROR_PRIVILEGE,
                    "cannot look into a watch that does not load programs");
        return FALSE;
    }
    if (!watch_iterate(watch->skeleton->progs.peek_threads, bytes, error))
        return FALSE;
    watch_forget_open(watch);
    watch->open_calls = g_array_new(FALSE, FALSE, sizeof(struct call_slot));
    watch->open_waits = g_array_new(FALSE, FALSE, sizeof(struct wait_slot));
    for (gsize at = 0; at + sizeof(struct thread_peek) <= bytes->len; at += sizeof(struct thread_peek)) {
        struct thread_peek peek;
        memcpy(&peek, bytes->data + at, sizeof(peek));
        for (guint i = 0; i < WAIT_SLOTS; i++)
            add_open_wait(watch, &peek.state.slots[i]);
        for (guint i = 0; i < CALL_SLOTS; i++) {
            struct call_slot *call = &peek.calls.slots[i];
            call->unused = peek.calls.thread;
            if (call->total.count)
                g_array_append_val(watch->open_calls, *call);
        }
        close_state(watch, &peek);
        report_thread(watch, &peek);
    }
    return TRUE;
}
