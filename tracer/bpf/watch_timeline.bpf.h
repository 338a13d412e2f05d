/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What each thread did when, one record per state that ends. On demand, and no more than asked for. */
#ifndef TRACER_BPF_WATCH_TIMELINE_BPF_H
#define TRACER_BPF_WATCH_TIMELINE_BPF_H

#include "tracer/bpf/watch_state.bpf.h"

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096); /* TIMELINE_BYTES when it is used */
} intervals SEC(".maps");

/* Set by user space before loading: most records; 0: none are made. */
const volatile __u64 timeline_limit;

__u64 timeline_count;

/* The thread was in its present state until `now`. */
static __always_inline void timeline_add(struct thread_state *state, __u64 now)
{
    if (!timeline_limit)
        return;
    struct interval_event *event = NULL;
    if (__sync_fetch_and_add(&timeline_count, 1) < timeline_limit)
        event = bpf_ringbuf_reserve(&intervals, sizeof(*event), 0);
    if (!event) {
        __sync_fetch_and_add(&totals.timeline_left_out, 1);
        return;
    }
    event->start_ns = state->since_ns;
    event->end_ns = now;
    event->thread = state->thread;
    event->state = state->state;
    event->key = state->current.key;
    bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

#endif
