/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Every system call counted and timed. Attached only on demand: even an empty program here costs a third of a
 * short call. */
#ifndef TRACER_BPF_WATCH_CALLS_BPF_H
#define TRACER_BPF_WATCH_CALLS_BPF_H

#include "tracer/bpf/watch_state.bpf.h"

#define NUMBER_RT_SIGRETURN 15
#define NUMBER_CLONE        56
#define NUMBER_VFORK        58
#define NUMBER_CLONE3       435

struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct call_state);
} calls SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1); /* WATCH_CALLS_MAX when it is used */
    __type(key, struct call_key);
    __type(value, struct call_total);
} call_totals SEC(".maps");

/* Set by user space before loading. */
const volatile __u8 count_calls;

/* Set by user space while running: what entered its call before that is not timed. */
__u64 calls_since_ns;

static __always_inline void calls_begin(struct task_struct *task, __u32 thread)
{
    if (!count_calls)
        return;
    struct call_state *state = bpf_task_storage_get(&calls, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!state) {
        __sync_fetch_and_add(&totals.lost_calls, 1);
        return;
    }
    state->thread = thread;
    for (int i = 0; i < CALL_SLOTS; i++)
        state->slots[i].total.count = 0;
}

static __noinline int call_spill(struct call_slot *slot, __u32 thread)
{
    if (!slot || !slot->total.count)
        return 0;
    struct call_key key = {thread, slot->number};
    struct call_total *total = bpf_map_lookup_elem(&call_totals, &key);
    if (total) {
        total->count += slot->total.count;
        total->total_ns += slot->total.total_ns;
        if (slot->total.longest_ns > total->longest_ns)
            total->longest_ns = slot->total.longest_ns;
    } else if (bpf_map_update_elem(&call_totals, &key, &slot->total, BPF_NOEXIST)) {
        __sync_fetch_and_add(&totals.lost_calls, slot->total.count);
    }
    slot->total.count = 0;
    return 0;
}

static __always_inline void calls_end(struct task_struct *task)
{
    if (!count_calls)
        return;
    struct call_state *state = bpf_task_storage_get(&calls, task, NULL, 0);
    for (int i = 0; state && i < CALL_SLOTS; i++)
        call_spill(&state->slots[i], state->thread);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_call_enter)
{
    struct call_state *state = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL, 0);
    if (state)
        state->entered_ns = bpf_ktime_get_ns();
    return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_call_exit, struct pt_regs *registers, long result)
{
    struct call_state *state = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL, 0);
    if (!state || stopped)
        return 0;
    __s32 number = registers->orig_ax;
    if (number == -1)
        number = NUMBER_RT_SIGRETURN; /* it restores the registers, and with them this mark */
    if (!result && ((number >= NUMBER_CLONE && number <= NUMBER_VFORK) || number == NUMBER_CLONE3))
        return 0; /* a child begins here; its parent made the call */
    struct call_slot *slot = &state->slots[number & (CALL_SLOTS - 1)];
    if (slot->number != number || !slot->total.count) {
        call_spill(slot, state->thread);
        slot->number = number;
        slot->total.total_ns = slot->total.longest_ns = 0;
    }
    slot->total.count++;
    __u64 entered = state->entered_ns;
    if (entered > calls_since_ns) {
        __u64 elapsed = bpf_ktime_get_ns() - entered;
        slot->total.total_ns += elapsed;
        if (elapsed > slot->total.longest_ns)
            slot->total.longest_ns = elapsed;
    }
    state->entered_ns = 0;
    return 0;
}

#endif
