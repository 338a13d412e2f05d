/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Every lock taken and released, also without contention: programs on the entry of libc's functions, attached
 * on demand, because each hit costs microseconds. When a lock was got follows without a program on the
 * return: at the call, or at the end of the last sleep for it. */
#ifndef TRACER_BPF_WATCH_LOCKS_BPF_H
#define TRACER_BPF_WATCH_LOCKS_BPF_H

#include "tracer/bpf/watch_state.bpf.h"
#include "tracer/bpf/watch_wait.bpf.h"

#define HELD_LOCKS     16 /* of a thread at a time */
#define LOCK_SIZE      64 /* a sleep for a lock is on a word of it */
#define HELD_TENTATIVE 0  /* a try that may have failed */

struct held_lock {
    __u64 address;
    __u64 since_ns;
    __u64 stack;        /* of who took it */
    __u32 depth;        /* of a recursive lock; HELD_TENTATIVE */
    __u32 in_condition; /* got again when the wait for a condition ends */
};

struct held_locks {
    struct held_lock held[HELD_LOCKS];
    __u32 next;
    __u32 unused;
};

struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct held_locks);
} held SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1); /* WATCH_LOCKS_MAX when it is used */
    __type(key, struct lock_key);
    __type(value, struct lock_use);
} lock_uses SEC(".maps");

/* By the stack under which the lock was taken. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1); /* WATCH_LOCKS_MAX when it is used */
    __type(key, __u64);
    __type(value, struct hold_total);
} holds SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1); /* WATCH_HOLD_PARTS_MAX when it is used */
    __type(key, struct hold_part);
    __type(value, __u64);
} hold_parts SEC(".maps");

static __always_inline struct held_lock *held_find(struct held_locks *locks, __u64 address)
{
    for (int i = 0; i < HELD_LOCKS; i++) {
        if (locks->held[i].address == address)
            return &locks->held[i];
    }
    return NULL;
}

static __always_inline struct held_lock *held_add(struct held_locks *locks, __u64 address)
{
    struct held_lock *lock = held_find(locks, address);
    if (!lock)
        lock = held_find(locks, 0);
    if (!lock)
        lock = &locks->held[locks->next++ & (HELD_LOCKS - 1)]; /* of failed tries, most likely */
    return lock;
}

/* The sums of a lock; *fresh when nobody had taken it before. */
static __always_inline struct lock_use *lock_use_find(struct thread_state *state, __u64 address, __u32 kind,
                                                      bool *fresh)
{
    struct lock_key key = {.address = address, .image = state->image};
    struct lock_use *use = bpf_map_lookup_elem(&lock_uses, &key);
    if (use)
        return use;
    struct lock_use first = {.thread = state->thread, .kind = kind};
    if (bpf_map_update_elem(&lock_uses, &key, &first, BPF_NOEXIST))
        __sync_fetch_and_add(&totals.lost_locks, 1);
    use = bpf_map_lookup_elem(&lock_uses, &key);
    *fresh = use && !use->stack;
    return use;
}

static __always_inline int lock_take(struct pt_regs *registers, bool sure)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread_state *state = bpf_task_storage_get(&threads, task, NULL, 0);
    if (!state || stopped)
        return 0;
    struct held_locks *locks = bpf_task_storage_get(&held, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!locks)
        return 0;
    __u64 address = registers->di;
    bool fresh = false;
    struct lock_use *use = lock_use_find(state, address, bpf_get_attach_cookie(registers), &fresh);
    /* Once the stack is sent together with the lock, which then gets its name. */
    __u64 stack = stack_identify(task, state, registers, SNAPSHOT_LOCK, fresh ? address : 0);
    if (use && fresh)
        use->stack = stack;
    struct held_lock *lock = held_add(locks, address);
    if (lock->address == address && lock->depth != HELD_TENTATIVE) {
        lock->depth += sure;
        return 0;
    }
    lock->address = address;
    lock->depth = sure;
    lock->in_condition = 0;
    lock->stack = stack;
    lock->since_ns = bpf_ktime_get_ns();
    return 0;
}

static __always_inline void hold_add(__u64 stack, __u64 hold_ns)
{
    struct hold_part key = {.stack = stack, .part = duration_part(hold_ns)};
    struct hold_total first = {1, hold_ns, hold_ns};
    __u64 *count = bpf_map_lookup_elem(&hold_parts, &key), one = 1;
    struct hold_total *total = bpf_map_lookup_elem(&holds, &stack);
    if (total) {
        __sync_fetch_and_add(&total->count, 1);
        __sync_fetch_and_add(&total->hold_ns, hold_ns);
        if (hold_ns > total->longest_ns)
            total->longest_ns = hold_ns;
    } else if (bpf_map_update_elem(&holds, &stack, &first, BPF_NOEXIST)) {
        __sync_fetch_and_add(&totals.lost_locks, 1);
    }
    if (count)
        __sync_fetch_and_add(count, 1);
    else if (bpf_map_update_elem(&hold_parts, &key, &one, BPF_NOEXIST))
        __sync_fetch_and_add(&totals.lost_locks, 1);
}

static __always_inline void lock_release(struct thread_state *state, struct held_lock *lock)
{
    __u64 now = bpf_ktime_get_ns(), since = lock->since_ns;
    struct lock_key key = {.address = lock->address, .image = state->image};
    struct lock_use *use = bpf_map_lookup_elem(&lock_uses, &key);
    if (state->futex_end_ns > since &&
        (lock->in_condition || state->futex_address - lock->address < LOCK_SIZE))
        since = state->futex_end_ns;
    if (!use)
        return;
    __u64 hold = now > since ? now - since : 0;
    __sync_fetch_and_add(&use->count, 1);
    __sync_fetch_and_add(&use->hold_ns, hold);
    if (hold > use->longest_ns)
        use->longest_ns = hold;
    if (lock->stack)
        hold_add(lock->stack, hold);
}

SEC("uprobe")
int on_lock(struct pt_regs *context)
{
    return lock_take(context, true);
}

SEC("uprobe")
int on_lock_try(struct pt_regs *context)
{
    return lock_take(context, false);
}

SEC("uprobe")
int on_unlock(struct pt_regs *context)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread_state *state = bpf_task_storage_get(&threads, task, NULL, 0);
    struct held_locks *locks = bpf_task_storage_get(&held, task, NULL, 0);
    struct held_lock *lock = state && locks && !stopped ? held_find(locks, context->di) : NULL;
    if (!lock || !lock->address)
        return 0;
    if (lock->depth > 1) {
        lock->depth--;
        return 0;
    }
    lock_release(state, lock);
    lock->address = 0;
    lock->depth = HELD_TENTATIVE;
    return 0;
}

/* The wait for a condition gives the lock away and gets it again. */
SEC("uprobe")
int on_condition_wait(struct pt_regs *context)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread_state *state = bpf_task_storage_get(&threads, task, NULL, 0);
    struct held_locks *locks = bpf_task_storage_get(&held, task, NULL, 0);
    struct held_lock *lock = state && locks && !stopped ? held_find(locks, context->si) : NULL;
    if (!lock || !lock->address)
        return 0;
    lock_release(state, lock);
    lock->in_condition = 1;
    lock->since_ns = bpf_ktime_get_ns();
    return 0;
}

#endif
