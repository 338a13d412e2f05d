/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/bpf.h>
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
        if (state->woken == WAKING_SEEN) {
            state->wait_blocked_ns = peek->woken_ns > state->since_ns ? peek->woken_ns - state->since_ns : 0;
            elapsed -= MIN(elapsed, state->wait_blocked_ns);
        }
        state->totals.blocked_ns += state->wait_blocked_ns;
        state->totals.woken_ns += elapsed;
        open.total.blocked_ns = open.total.longest_ns = state->wait_blocked_ns;
        open.total.runnable_ns = elapsed;
        open.total.queued_ns = state->wait_queued_ns;
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

/* --- sums of one moment -------------------------------------------------------------------------------- */

static int map_of(const struct watch *watch, enum watch_sums sums)
{
    if (watch->plain)
        return -1;
    const struct bpf_map *const maps[WATCH_SUMS] = {
        [WATCH_WAITS] = watch->skeleton->maps.waits,
        [WATCH_SAMPLES] = watch->skeleton->maps.samples,
        [WATCH_CALLBACKS] = watch->skeleton->maps.callbacks,
    };
    return bpf_map__fd(maps[sums]);
}

struct watch_cursor watch_cursor(const struct watch *watch, enum watch_sums sums)
{
    return (struct watch_cursor){.map = map_of(watch, sums), .copy = watch->copies[sums]};
}

static gboolean next_of_copy(struct watch_cursor *cursor, void *key, gsize key_size, void *value,
                             gsize value_size)
{
    if (cursor->at + key_size + value_size > cursor->copy->len)
        return FALSE;
    memcpy(key, cursor->copy->data + cursor->at, key_size);
    memcpy(value, cursor->copy->data + cursor->at + key_size, value_size);
    cursor->at += key_size + value_size;
    return TRUE;
}

gboolean watch_cursor_next(struct watch_cursor *cursor, void *key, gsize key_size, void *value,
                           gsize value_size)
{
    if (cursor->copy)
        return next_of_copy(cursor, key, key_size, value, value_size);
    g_assert(key_size <= sizeof(cursor->key));
    while (bpf_map_get_next_key(cursor->map, cursor->begun ? cursor->key : NULL, key) == 0) {
        cursor->begun = TRUE;
        memcpy(cursor->key, key, key_size);
        if (bpf_map_lookup_elem(cursor->map, key, value) == 0)
            return TRUE;
    }
    return FALSE;
}

static void copy_sums(struct watch *watch, enum watch_sums sums, gsize key_size, gsize value_size)
{
    guint8 key[sizeof(struct wait_key)], value[sizeof(struct wait_total)];
    struct watch_cursor cursor = watch_cursor(watch, sums);
    GByteArray *copy = g_byte_array_new();
    while (watch_cursor_next(&cursor, key, key_size, value, value_size)) {
        g_byte_array_append(copy, key, (guint)key_size);
        g_byte_array_append(copy, value, (guint)value_size);
    }
    watch->copies[sums] = copy;
}

static void copy_all(struct watch *watch)
{
    G_STATIC_ASSERT(sizeof(struct wait_key) >= sizeof(struct sample_key) &&
                    sizeof(struct wait_key) >= sizeof(struct callback_key));
    copy_sums(watch, WATCH_SAMPLES, sizeof(struct sample_key), sizeof(struct sample_total));
    copy_sums(watch, WATCH_WAITS, sizeof(struct wait_key), sizeof(struct wait_total));
    copy_sums(watch, WATCH_CALLBACKS, sizeof(struct callback_key), sizeof(guint64));
}

static void add_samples(const struct sample_key *key, const struct sample_total *total, gpointer data)
{
    guint64 *sum = g_hash_table_lookup(data, GUINT_TO_POINTER(key->thread));
    if (!sum) {
        sum = g_new0(guint64, 1);
        g_hash_table_insert(data, GUINT_TO_POINTER(key->thread), sum);
    }
    *sum += total->weight;
}

void watch_forget_open(struct watch *watch)
{
    for (guint sums = 0; sums < WATCH_SUMS; sums++)
        g_clear_pointer(&watch->copies[sums], g_byte_array_unref);
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
    copy_all(watch);
    g_autoptr(GHashTable) samples = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    watch_each_sample(watch, add_samples, samples);
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
        /* They went on while the threads were looked at: a thread's parts are not more than its whole. */
        const guint64 *counted = g_hash_table_lookup(samples, GUINT_TO_POINTER(peek.state.thread));
        if (counted && *counted > peek.state.totals.sample_weight)
            peek.state.totals.sample_weight = *counted;
        report_thread(watch, &peek);
    }
    return TRUE;
}
