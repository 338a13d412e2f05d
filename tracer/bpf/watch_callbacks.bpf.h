/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* How long rounds of callbacks take: from the return of a wait for descriptors to the next one at the same
 * place. Costs nothing but at such waits. */
#ifndef TRACER_BPF_WATCH_CALLBACKS_BPF_H
#define TRACER_BPF_WATCH_CALLBACKS_BPF_H

#include "tracer/bpf/watch_state.bpf.h"

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WATCH_CALLBACKS_MAX);
    __type(key, struct callback_key);
    __type(value, __u64);
} callbacks SEC(".maps");

static __always_inline __u32 duration_part(__u64 duration_ns)
{
    __u64 rest = duration_ns;
    __u32 octave = 0;
    for (__u32 half = 32; half; half /= 2) {
        if (rest >> half) {
            rest >>= half;
            octave += half;
        }
    }
    __u64 within = octave > DURATION_PART_BITS ? duration_ns >> (octave - DURATION_PART_BITS)
                                               : duration_ns << (DURATION_PART_BITS - octave);
    return (octave << DURATION_PART_BITS) + (within & ((1u << DURATION_PART_BITS) - 1));
}

/* The thread waits for descriptors again. */
static __always_inline void callback_end(struct thread_state *state, __u64 stack, __u64 now)
{
    struct callback_key key = {.stack = stack, .thread = state->thread};
    __u64 ended = 0, one = 1;
    for (int i = 0; i < POLL_SLOTS; i++)
        if (state->polls[i].stack == stack)
            ended = state->polls[i].ended_ns;
    if (!ended || now < ended)
        return;
    key.part = duration_part(now - ended);
    __u64 *count = bpf_map_lookup_elem(&callbacks, &key);
    if (count)
        *count += 1;
    else if (bpf_map_update_elem(&callbacks, &key, &one, BPF_NOEXIST))
        __sync_fetch_and_add(&totals.lost_callbacks, 1);
}

/* It has returned from that wait, and runs. */
static __always_inline void callback_begin(struct thread_state *state, __u64 stack, __u64 now)
{
    struct poll_return *slot = &state->polls[0];
    if (slot->stack != stack && (state->polls[1].stack == stack || state->polls[1].ended_ns < slot->ended_ns))
        slot = &state->polls[1];
    slot->stack = stack;
    slot->ended_ns = now;
}

#endif
