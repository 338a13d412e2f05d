/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Time between the begin and the end of regions that a program marks itself (runtime/corewise_markers.h):
 * differences of what the thread's sums are at both. Costs nothing but at the markers, and at the end of
 * threads once there are any. */
#ifndef TRACER_BPF_WATCH_MARKERS_BPF_H
#define TRACER_BPF_WATCH_MARKERS_BPF_H

#include "tracer/bpf/watch_callbacks.bpf.h"
#include "tracer/bpf/watch_state.bpf.h"

#define OPEN_MARKERS 32 /* of a thread at a time; a power of two */
/* A begin that is higher on the stack than an open one, by less than this: the block of the open one is gone,
 * left by longjmp. By more, it may be on another stack. */
#define FRAMES_MAX 16384
/* Where a core's clock is not known, the scheduler's count of the time that a running thread executed is
 * taken to be this old at most: a tick of the slowest clock that kernels are built with. */
#define COUNT_AGE_NS 10000000

struct marker_time {
    __u64 now_ns, on_cpu_ns, blocked_ns;
};

/* One call. Of several of one region in a thread, inside each other or in coroutines that alternate, one has
 * the time since when it was in the region at all. */
struct marker_open {
    struct marker_time since; /* valid while `has_since` */
    __u64 began_ns;
    __u64 sp;
    __u64 scope;  /* address of the block's variable; 0: it ends by its number */
    __u32 number; /* 0: the slot is free */
    __u32 has_since;
};

/* What a search has found stands in memory: in registers, the verifier would follow each of its outcomes. */
struct marker_slots {
    struct marker_open open[OPEN_MARKERS];
    volatile __u64 last_ns;
    volatile __u32 slot; /* OPEN_MARKERS: none */
    volatile __u32 is_open;
};

struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct marker_slots);
} open_markers SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WATCH_MARKERS_MAX);
    __type(key, __u32); /* number */
    __type(value, struct marker_total);
} marker_totals SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WATCH_MARKER_PARTS_MAX);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct marker_part);
    __type(value, __u64);
} marker_parts SEC(".maps");

/* Set by user space when it attaches to markers. */
__u32 any_markers;
__s64 steal_from_queue; /* bytes from a core's run queue to what KVM tells it of steal; 0: it tells nothing */

/* What of the time since the core's clock was looked at other guests had. */
static __always_inline __u64 stolen_since(const struct rq *queue)
{
    __u64 told = 0, counted = 0;
    if (!steal_from_queue || !bpf_core_field_exists(queue->prev_steal_time_rq))
        return 0;
    counted = BPF_CORE_READ(queue, prev_steal_time_rq);
    bpf_probe_read_kernel(&told, sizeof(told), (const void *)queue + steal_from_queue);
    return told > counted ? told - counted : 0;
}

/* How long the present thread has executed that the scheduler has not counted yet: since the last tick, which
 * the host may delay for long. */
static __always_inline __u64 executed_uncounted(struct task_struct *task, __u64 now)
{
    const struct watch_core *core = &cores[bpf_get_smp_processor_id() & (WATCH_CORES - 1)];
    if (!bpf_core_field_exists(task->se.cfs_rq) || !core->looked_ns)
        return COUNT_AGE_NS;
    const struct rq *queue = BPF_CORE_READ(task, se.cfs_rq, rq);
    __u64 clock = BPF_CORE_READ(queue, clock_task);
    __s64 passed = now - core->ahead_ns - BPF_CORE_READ(queue, clock);
    __s64 executed = clock - task->se.exec_start;
    if (passed > 0) {
        __u64 stolen = stolen_since(queue);
        executed += stolen < (__u64)passed ? passed - stolen : 0;
    }
    return executed > 0 ? executed : 0;
}

/* The part of the present state counts as far as the thread executed in it. Some switches are not reported
 * (see switch_out): what passes a marker runs, whatever its state says. */
static __always_inline struct marker_time marker_now_once(struct task_struct *task,
                                                          const struct thread_state *state)
{
    struct marker_time time = {bpf_ktime_get_ns(), state->totals.on_cpu_ns, state->totals.blocked_ns};
    if (state->state == THREAD_ENDED || time.now_ns <= state->since_ns)
        return time;
    __u64 elapsed = time.now_ns - state->since_ns;
    __u64 executed = task->se.sum_exec_runtime - state->executed_ns + executed_uncounted(task, time.now_ns);
    if (executed > elapsed)
        executed = elapsed;
    time.on_cpu_ns += executed;
    if (state->state == THREAD_BLOCKED || (state->state == THREAD_RUNNABLE && state->woken == WAKING_SEEN))
        time.blocked_ns += elapsed - executed;
    else if (state->state == THREAD_RUNNABLE && state->woken == WAKING_TIMED)
        time.blocked_ns += state->wait_blocked_ns;
    return time;
}

/* A tick in between, or a switch, leaves parts of two moments. */
static __always_inline void marker_now(struct task_struct *task, struct thread_state *state,
                                       struct marker_time *time)
{
    for (int attempt = 0; attempt < 3; attempt++) {
        __u64 counted = *(volatile __u64 *)&task->se.sum_exec_runtime;
        __u64 since = *(volatile __u64 *)&state->since_ns;
        *time = marker_now_once(task, state);
        if (counted == *(volatile __u64 *)&task->se.sum_exec_runtime &&
            since == *(volatile __u64 *)&state->since_ns)
            break;
    }
}

static __always_inline void marker_part_add(__u32 number, __u64 duration_ns)
{
    struct marker_part key = {.number = number, .part = duration_part(duration_ns)};
    __u64 *count = bpf_map_lookup_elem(&marker_parts, &key), one = 1;
    if (count)
        __sync_fetch_and_add(count, 1);
    else if (bpf_map_update_elem(&marker_parts, &key, &one, BPF_NOEXIST)) {
        count = bpf_map_lookup_elem(&marker_parts, &key); /* another thread was first */
        __sync_fetch_and_add(count ? count : &totals.lost_markers, 1);
    }
}

static __always_inline void marker_time_add(struct marker_total *total, const struct marker_time *since,
                                            const struct marker_time *now)
{
    __u64 wall = now->now_ns - since->now_ns;
    __u64 on_cpu = now->on_cpu_ns > since->on_cpu_ns ? now->on_cpu_ns - since->on_cpu_ns : 0;
    __u64 blocked = now->blocked_ns - since->blocked_ns;
    __sync_fetch_and_add(&total->wall_ns, wall);
    if (blocked > wall)
        blocked = wall;
    __sync_fetch_and_add(&total->on_cpu_ns, on_cpu < wall - blocked ? on_cpu : wall - blocked);
    __sync_fetch_and_add(&total->blocked_ns, blocked);
}

static __always_inline struct thread_state *marker_thread(struct task_struct *task)
{
    struct thread_state *state = stopped ? NULL : bpf_task_storage_get(&threads, task, NULL, 0);
    return state && state->state != THREAD_ENDED ? state : NULL;
}

static __always_inline bool marker_is_gone(const struct marker_open *open, __u64 scope, __u64 sp)
{
    return open->scope && (open->scope == scope || (sp > open->sp && sp - open->sp < FRAMES_MAX));
}

SEC("uprobe")
int on_marker_begin(struct pt_regs *context)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread_state *state = marker_thread(task);
    struct marker_slots *slots =
        state ? bpf_task_storage_get(&open_markers, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE) : NULL;
    __u64 cookie = bpf_get_attach_cookie(context);
    __u64 scope = cookie & MARKER_OF_BLOCK ? context->di : 0;
    __u32 number = cookie & ~MARKER_OF_BLOCK;
    if (!slots)
        return 0;
    slots->slot = OPEN_MARKERS;
    slots->is_open = 0;
    for (__u32 i = 0; i < OPEN_MARKERS; i++) {
        struct marker_open *open = &slots->open[i];
        if (open->number && marker_is_gone(open, scope, context->sp))
            open->number = 0;
        if (!open->number)
            slots->slot = i;
        else if (open->number == number)
            slots->is_open = 1;
    }
    __u32 slot = slots->slot;
    if (slot >= OPEN_MARKERS) {
        __sync_fetch_and_add(&totals.lost_markers, 1);
        return 0;
    }
    struct marker_open *open = &slots->open[slot & (OPEN_MARKERS - 1)];
    open->number = number;
    open->scope = scope;
    open->sp = context->sp;
    open->has_since = !slots->is_open;
    marker_now(task, state, &open->since);
    open->began_ns = open->since.now_ns;
    return 0;
}

/* The call is over; the time of its region is, unless another call of it is open. */
static __always_inline void marker_close(struct marker_slots *slots, __u32 slot,
                                         const struct marker_time *now)
{
    struct marker_open *ended = &slots->open[slot & (OPEN_MARKERS - 1)];
    __u32 number = ended->number;
    struct marker_total *total = bpf_map_lookup_elem(&marker_totals, &number);
    ended->number = 0;
    if (!total)
        return;
    __sync_fetch_and_add(&total->calls, 1);
    marker_part_add(number, now->now_ns - ended->began_ns);
    if (!ended->has_since)
        return;
    slots->slot = OPEN_MARKERS;
    for (__u32 i = 0; i < OPEN_MARKERS; i++) {
        if (slots->open[i].number == number)
            slots->slot = i;
    }
    __u32 other = slots->slot;
    if (other >= OPEN_MARKERS) {
        marker_time_add(total, &ended->since, now);
        return;
    }
    slots->open[other & (OPEN_MARKERS - 1)].since = ended->since;
    slots->open[other & (OPEN_MARKERS - 1)].has_since = 1;
}

/* Ends the call in this block, or without a block the last of this number. One that began unseen is none. */
static __always_inline int marker_end(__u64 scope, __u32 number)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread_state *state = marker_thread(task);
    struct marker_slots *slots = state ? bpf_task_storage_get(&open_markers, task, NULL, 0) : NULL;
    if (!slots)
        return 0;
    slots->slot = OPEN_MARKERS;
    slots->last_ns = 0;
    struct marker_time now;
    marker_now(task, state, &now);
    for (__u32 i = 0; i < OPEN_MARKERS; i++) {
        const struct marker_open *open = &slots->open[i];
        bool ends = scope ? open->scope == scope : open->number == number && !open->scope;
        if (open->number && ends && open->began_ns >= slots->last_ns) {
            slots->slot = i;
            slots->last_ns = open->began_ns;
        }
    }
    __u32 slot = slots->slot;
    if (slot < OPEN_MARKERS)
        marker_close(slots, slot, &now);
    return 0;
}

SEC("uprobe")
int on_marker_end(struct pt_regs *context)
{
    return marker_end(0, bpf_get_attach_cookie(context));
}

SEC("uprobe")
int on_marker_leave(struct pt_regs *context)
{
    return marker_end(context->di, 0);
}

/* The linker of the process has mapped objects: user space looks for markers in them. */
SEC("uprobe")
int on_mapped(struct pt_regs *context)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread_state *state = marker_thread(task);
    if (state)
        thread_report(task, state, THREAD_EVENT_MAPPED, 0, BPF_RB_FORCE_WAKEUP);
    return 0;
}

/* The thread or its program ends inside of regions: their time counts, but no call. */
static __noinline void marker_abandon(struct task_struct *task, struct thread_state *state)
{
    struct marker_slots *slots = bpf_task_storage_get(&open_markers, task, NULL, 0);
    if (!slots)
        return;
    struct marker_time now;
    marker_now(task, state, &now);
    if (state->state == THREAD_ENDED)
        now.now_ns = state->since_ns;
    for (__u32 i = 0; i < OPEN_MARKERS; i++) {
        struct marker_open *open = &slots->open[i];
        __u32 number = open->number;
        struct marker_total *total = bpf_map_lookup_elem(&marker_totals, &number);
        if (number && open->has_since && total && now.now_ns > open->since.now_ns)
            marker_time_add(total, &open->since, &now);
        open->number = 0;
    }
}

#endif
