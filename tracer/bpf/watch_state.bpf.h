/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Maps, configuration and sums of the watch, and the report of a thread. */
#ifndef TRACER_BPF_WATCH_STATE_BPF_H
#define TRACER_BPF_WATCH_STATE_BPF_H

#define TASK_UNINTERRUPTIBLE 0x2
#define TASK_STOPPED         0x4
#define TASK_TRACED          0x8
#define TASK_DEAD            0x80
#define TASK_IS_KERNELS      (0x00200000 | 0x2) /* flags: PF_KTHREAD, and PF_IDLE of a core's idle task */
#define CPU_UNKNOWN          0xffffffffu

struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct thread_state);
} threads SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WATCH_WAITS_MAX);
    __type(key, struct wait_key);
    __type(value, struct wait_total);
} waits SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WATCH_SAMPLES_MAX);
    __type(key, struct sample_key);
    __type(value, struct sample_total);
} samples SEC(".maps");

/* Stacks whose snapshot was sent. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WATCH_STACKS_MAX);
    __type(key, __u64);
    __type(value, __u32); /* enum stack_flag */
} stacks SEC(".maps");

/* Written by user space, which knows where in a stack the return addresses are. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WATCH_CHECKS_MAX);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, __u64);
    __type(value, struct stack_check);
} checks SEC(".maps");

/* Images whose stacks were too long once: whatever is new there is sent whole, in up to so many pieces. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WATCH_DEEP_IMAGES);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, __u32);
    __type(value, __u32);
} deep_images SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 16 << 20);
} snapshots SEC(".maps");

/* Apart from the snapshots, so that a flood of those cannot lose a thread. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4 << 20);
} lifecycle SEC(".maps");

/* Set by user space before loading. */
const volatile __u8 watch_locks;
const volatile __u8 syscall_flags[WATCH_SYSCALLS]; /* enum watch_syscall_flag */

/* Set by user space while running. */
__u64 stopped;                      /* the time at which the watch ended */
__u32 stack_generation = 1;         /* grows when there is something new about stacks that were sent */
__u32 sample_weight = 1;            /* of the samples that are taken now */
__u64 samples_taken, samples_early; /* the latter where there were not enough */
int launched_tgid;
int launching;       /* the launched process has not yet executed its program */
__u64 crowd = ~0ull; /* so many active threads are more than there are cores */

/* Apart from what every program reads: its counts are written at each wait, by all cores. */
struct watch_totals totals __attribute__((aligned(64)));
struct watch_core cores[WATCH_CORES] __attribute__((aligned(64)));
__u32 next_thread = 1;
__u32 next_image = 1;

static __always_inline void span_begin(struct span_sum *spans, __u64 now)
{
    __sync_fetch_and_add(&spans->sum_ns, -now);
    __sync_fetch_and_add(&spans->open, 1);
}

static __always_inline void span_end(struct span_sum *spans, __u64 now)
{
    __sync_fetch_and_add(&spans->sum_ns, now);
    __sync_fetch_and_add(&spans->open, -1);
}

static __always_inline void active_leave(__u64 now)
{
    struct span_sum *running = &cores[bpf_get_smp_processor_id() & (WATCH_CORES - 1)].running;
    running->sum_ns += now;
    running->open--;
    __u64 before = __sync_fetch_and_add(&totals.active_threads, -1);
    if (before == 1)
        span_end(&totals.active, now);
    if (before == crowd)
        span_end(&totals.crowded, now);
}

/* One more thread is active. Since when, active_begin is told later: which spans that begins. */
static __always_inline __u8 active_count(void)
{
    __u64 before = __sync_fetch_and_add(&totals.active_threads, 1);
    return (before == 0 ? CROSSING_ACTIVE : 0) | (before + 1 == crowd ? CROSSING_CROWDED : 0);
}

static __always_inline void active_begin(__u64 since, __u8 crossed)
{
    struct span_sum *running = &cores[bpf_get_smp_processor_id() & (WATCH_CORES - 1)].running;
    running->sum_ns -= since;
    running->open++;
    if (crossed & CROSSING_ACTIVE)
        span_begin(&totals.active, since);
    if (crossed & CROSSING_CROWDED)
        span_begin(&totals.crowded, since);
}

static __always_inline void active_enter(__u64 now)
{
    active_begin(now, active_count());
}

/* NULL for the threads that nobody follows; those of the kernel, idle cores among them, cost no look-up. */
static __always_inline struct thread_state *thread_find(struct task_struct *task)
{
    if (task->flags & TASK_IS_KERNELS)
        return NULL;
    return bpf_task_storage_get(&threads, task, NULL, 0);
}

static __always_inline __u32 namespace_tid(struct task_struct *task)
{
    struct pid *pid = BPF_CORE_READ(task, thread_pid);
    unsigned int level = BPF_CORE_READ(pid, level);
    struct upid upid = {};
    if (level > 32) /* the kernel's own limit */
        return 0;
    __u64 offset =
        bpf_core_field_offset(struct pid, numbers) + (__u64)level * bpf_core_type_size(struct upid);
    bpf_probe_read_kernel(&upid.nr, sizeof(upid.nr), (void *)pid + offset);
    return upid.nr;
}

static __always_inline void thread_report(struct task_struct *task, struct thread_state *state, __u32 kind,
                                          __u32 alive, __u64 wakeup)
{
    struct thread_event *event = bpf_ringbuf_reserve(&lifecycle, sizeof(*event), 0);
    if (!event) {
        __sync_fetch_and_add(&totals.lost_threads, 1);
        return;
    }
    event->kind = kind;
    event->thread = state->thread;
    event->tid = state->tid;
    event->tgid = state->tgid;
    event->namespace_tid = state->namespace_tid;
    event->image = state->image;
    event->parent = state->parent;
    event->alive = alive;
    event->time_ns = kind == THREAD_EVENT_END ? state->since_ns : bpf_ktime_get_ns();
    event->started_ns = state->started_ns;
    bpf_probe_read_kernel(event->name, sizeof(event->name), task->comm);
    event->totals = state->totals;
    bpf_ringbuf_submit(event, wakeup);
}

#endif
