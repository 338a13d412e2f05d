/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The life of a followed thread: begin, begin again at exec, end. */
#ifndef TRACER_BPF_WATCH_LIFE_BPF_H
#define TRACER_BPF_WATCH_LIFE_BPF_H

#include "tracer/bpf/watch_calls.bpf.h"
#include "tracer/bpf/watch_clock.bpf.h"
#include "tracer/bpf/watch_markers.bpf.h"
#include "tracer/bpf/watch_wait.bpf.h"

/* NULL when the thread is followed already or there is no memory for it. */
static __always_inline struct thread_state *thread_begin(struct task_struct *task, __u32 image, __u32 parent,
                                                         enum watch_thread_state now_is, __u64 now)
{
    struct thread_state *state = bpf_task_storage_get(&threads, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!state) {
        __sync_fetch_and_add(&totals.lost_threads, 1);
        return NULL;
    }
    if (state->thread)
        return NULL;
    state->since_ns = now;
    state->started_ns = now;
    state->thread = __sync_fetch_and_add(&next_thread, 1);
    state->tid = task->pid;
    state->tgid = task->tgid;
    state->namespace_tid = namespace_tid(task);
    state->image = image;
    state->parent = parent;
    state->cpu = CPU_UNKNOWN;
    state->executed_ns = task->se.sum_exec_runtime;
    state->queued_ns = scheduler_queued_ns(task);
    state->state = now_is;
    __u64 live = __sync_fetch_and_add(&totals.live_threads, 1) + 1;
    if (live > totals.peak_threads)
        totals.peak_threads = live;
    calls_begin(task, state->thread);
    thread_report(task, state, THREAD_EVENT_START, 0, BPF_RB_NO_WAKEUP);
    return state;
}

/* The launched program begins here, as a new thread: what the launcher did before does not count. */
static __always_inline void thread_restart(struct task_struct *task, struct thread_state *state, __u64 now)
{
    state->executed_ns = task->se.sum_exec_runtime;
    __builtin_memset(&state->totals, 0, sizeof(state->totals));
    __builtin_memset(state->slots, 0, sizeof(state->slots));
    state->thread = __sync_fetch_and_add(&next_thread, 1);
    state->started_ns = now;
    state->since_ns = now;
    calls_begin(task, state->thread);
    totals.started_ns = now;
    totals.active = (struct span_sum){-now, 1};
    totals.crowded = (struct span_sum){0};
}

/* Reports a thread's sums for good; afterwards it is no longer followed. `alive`: it goes on living. */
static __always_inline void thread_end(struct task_struct *task, struct thread_state *state, __u64 now,
                                       __u32 alive)
{
    for (int i = 0; i < WAIT_SLOTS; i++)
        slot_spill(&state->slots[i]);
    calls_end(task);
    state->state = THREAD_ENDED;
    state->since_ns = now;
    if (any_markers)
        marker_abandon(task, state);
    thread_report(task, state, THREAD_EVENT_END, alive, BPF_RB_NO_WAKEUP);
    __sync_fetch_and_add(&totals.live_threads, -1);
}

#endif
