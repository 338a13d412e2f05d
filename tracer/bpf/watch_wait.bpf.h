/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Waits: what a thread blocks on (read from its saved registers at the switch), under which stack, who ends
 * it. */
#ifndef TRACER_BPF_WATCH_WAIT_BPF_H
#define TRACER_BPF_WATCH_WAIT_BPF_H

#include "tracer/bpf/watch_callbacks.bpf.h"
#include "tracer/bpf/watch_stack.bpf.h"

#define FUTEX_COMMAND_MASK    0x7f
#define FUTEX_WAIT            0
#define FUTEX_LOCK_PI         6
#define FUTEX_WAIT_BITSET     9
#define FUTEX_LOCK_PI2        13
#define FUTEX_JOIN_OPERATION  0x109 /* WAIT_BITSET | CLOCK_REALTIME, shared */
#define FUTEX_WAITERS_BIT     0x80000000u
#define FUTEX_TID_BITS        0x3fffffffu
#define FILE_TYPE_MASK        0170000
#define FILE_CHARACTER_DEVICE 0020000
#define FILE_BLOCK_DEVICE     0060000
#define SYSCALL_NUMBER_FUTEX2 455        /* futex_wait: the value stands where futex has its operation */
#define TID_LIMIT             (1u << 22) /* the kernel's own limit; larger is no tid */

static __always_inline __u8 syscall_flags_of(__s64 call)
{
    if (call < 0 || call >= WATCH_SYSCALLS)
        return 0;
    barrier_var(call); /* the verifier needs the mask that the compiler has proved superfluous */
    return syscall_flags[call & (WATCH_SYSCALLS - 1)];
}

/* Where the kernel has it (6.2), a pointer that was read is followed without a helper; an unreadable address
 * reads as zeros either way. */
extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym __weak;

/* Inode type and, for devices, the major number of descriptor `number`. */
static __always_inline __u64 descriptor_kind(struct task_struct *task, __u64 number)
{
    /* Pointers that the verifier knows by type are followed without a helper. */
    struct files_struct *files = task->files;
    struct fdtable *table = files ? files->fdt : NULL;
    if (!table || number >= table->max_fds)
        return 0;
    struct file **slots = table->fd;
    struct file *file = NULL;
    struct inode *inode = NULL;
    __u16 mode = 0;
    __u32 device = 0;
    if (bpf_rdonly_cast) {
        const struct list_head *slot =
            bpf_rdonly_cast(slots + number, bpf_core_type_id_kernel(struct list_head));
        file = bpf_rdonly_cast(slot->next, bpf_core_type_id_kernel(struct file));
        inode = file->f_inode;
        mode = inode->i_mode;
    } else {
        bpf_probe_read_kernel(&file, sizeof(file), slots + number);
        bpf_core_read(&inode, sizeof(inode), &file->f_inode);
        bpf_core_read(&mode, sizeof(mode), &inode->i_mode);
    }
    mode &= FILE_TYPE_MASK;
    if (mode != FILE_CHARACTER_DEVICE && mode != FILE_BLOCK_DEVICE)
        return mode;
    bpf_core_read(&device, sizeof(device), &inode->i_rdev);
    return mode | ((__u64)(device >> 20) << 16);
}

static __always_inline __u32 read_user_word(__u64 address)
{
    __u32 word = 0;
    bpf_probe_read_user(&word, sizeof(word), (void *)address);
    return word;
}

static __always_inline void note_owner(struct wait_key *key, __u32 tid)
{
    if (tid && tid < TID_LIMIT) {
        key->peer = tid;
        key->peer_kind = PEER_OWNER;
    }
}

/* Operation, value and, where glibc 2.36 keeps one beside the futex word, the owner's tid. */
static __always_inline void describe_futex(struct wait_key *key, struct pt_regs *registers, bool readable)
{
    bool second_interface = registers->orig_ax == SYSCALL_NUMBER_FUTEX2;
    __u64 address = registers->di;
    __u32 operation = second_interface ? FUTEX_WAIT : registers->si;
    __u32 value = second_interface ? registers->si : registers->dx;
    __u32 command = operation & FUTEX_COMMAND_MASK;

    key->object = address;
    key->operation = operation;
    if (command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2) {
        key->value = FUTEX_VALUE_OWNED;
        if (readable)
            note_owner(key, read_user_word(address) & FUTEX_TID_BITS);
    } else if (command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET) {
        key->value = FUTEX_VALUE_OTHER;
    } else if (value == 0) {
        key->value = FUTEX_VALUE_ZERO;
    } else if (value == 2) {
        key->value = FUTEX_VALUE_TWO;
        if (readable)
            note_owner(key, read_user_word(address + 8));
    } else if (value == 3) {
        /* A read-write lock with a writer inside: readers wait at its offset 8, writers at 12; the writer is
         * at 24. */
        key->value = FUTEX_VALUE_THREE;
        if (readable)
            note_owner(key, read_user_word(address + ((address & 7) ? 12 : 16)));
    } else if (value & FUTEX_WAITERS_BIT) {
        key->value = FUTEX_VALUE_OWNED;
        if (readable)
            note_owner(key, read_user_word(address) & FUTEX_TID_BITS);
    } else if (operation == FUTEX_JOIN_OPERATION) {
        key->value = FUTEX_VALUE_TID;
        note_owner(key, value);
    } else {
        key->value = FUTEX_VALUE_OTHER;
    }
}

static __always_inline void describe_call(struct wait_key *key, struct task_struct *task,
                                          struct thread_state *state, struct pt_regs *registers,
                                          unsigned int task_state, bool readable)
{
    __builtin_memset(key, 0, sizeof(*key));
    key->thread = state->thread;
    key->syscall = (__s16)registers->orig_ax;
    if (task_state & TASK_UNINTERRUPTIBLE)
        key->flags |= WAIT_UNINTERRUPTIBLE;
    if (task_state & (TASK_STOPPED | TASK_TRACED))
        key->flags |= WAIT_STOPPED;
    if (state->wait_flags & SYSCALL_FUTEX)
        describe_futex(key, registers, readable);
    else if (state->wait_flags & SYSCALL_DESCRIPTOR)
        key->object = descriptor_kind(task, registers->di);
    else
        key->object =
            (registers->di == 0 ? WAIT_FIRST_ZERO : 0) | (registers->si == 0 ? WAIT_SECOND_ZERO : 0);
}

/* The thread blocks now, and it is the current one: its memory can be read. This and wait_add are functions
 * of their own, so that the verifier need not follow each way through one of them with each through the
 * other. */
static __noinline int wait_describe(struct task_struct *task, struct thread_state *state,
                                    struct pt_regs *registers, unsigned int task_state)
{
    if (!task || !state || !registers)
        return 0;
    struct wait_key *key = &state->current.key;
    describe_call(key, task, state, registers, task_state, true);
    key->stack = stack_identify(task, state, registers, SNAPSHOT_WAIT,
                                state->wait_flags & SYSCALL_FUTEX ? key->object : 0);
    if (state->wait_flags & SYSCALL_POLL)
        callback_end(state, key->stack, state->since_ns);
    return 0;
}

/* The thread has been blocked since before the watch began. User space reads its stack. */
static __always_inline void wait_describe_other(struct task_struct *task, struct thread_state *state)
{
    struct pt_regs *registers = (struct pt_regs *)bpf_task_pt_regs(task);
    struct wait_key *key = &state->current.key;
    state->wait_flags = syscall_flags_of(registers->orig_ax);
    describe_call(key, task, state, registers, task->__state, false);
    key->stack = stack_identify(task, state, registers, SNAPSHOT_ATTACH,
                                state->wait_flags & SYSCALL_FUTEX ? key->object : 0);
}

/* The current task woke the thread, unless an interrupt did that merely hit it. The kernel's preemption
 * count, which would tell, has no address for programs where CONFIG_KALLSYMS_ALL is off; so the task is
 * believed when it is inside a system call that can end this kind of wait. Loopback delivers in the sender's
 * send call. */
static __always_inline void wait_note_waker(struct thread_state *state)
{
    struct task_struct *current = bpf_get_current_task_btf();
    struct pt_regs *registers = (struct pt_regs *)bpf_task_pt_regs(current);
    state->waker = current->pid;
    state->waker_flags = syscall_flags_of(registers->orig_ax);
}

static __always_inline void queue_spell_add(struct thread_state *state, __u64 start, __u64 end)
{
    if (end < start + QUEUE_SPELL_LEAST_NS)
        return;
    struct queue_spell *spell = &state->spells[state->next_spell++ & (QUEUE_SPELLS - 1)];
    spell->start_ns = start;
    spell->end_ns = end;
}

/* The current task ends a futex wait of another thread: how long it waited for a core itself meanwhile, as
 * far as that is remembered. That was no work under a lock, but the doing of whoever had the core. */
static __always_inline void wait_note_queue(struct thread_state *state)
{
    if (!(state->waker_flags & state->wait_flags & SYSCALL_FUTEX))
        return;
    struct thread_state *waker = bpf_task_storage_get(&threads, bpf_get_current_task_btf(), NULL, 0);
    if (!waker || waker == state)
        return;
    __u64 queued = 0;
    __u32 newest = waker->next_spell;
    for (__u32 i = 1; i <= QUEUE_SPELLS; i++) {
        const struct queue_spell *spell = &waker->spells[(newest - i) & (QUEUE_SPELLS - 1)];
        __u64 start = spell->start_ns, end = spell->end_ns;
        if (end <= state->since_ns)
            break;
        if (start < state->since_ns)
            start = state->since_ns;
        queued += end > start ? end - start : 0;
    }
    state->wait_queued_ns = queued;
}

/* The kernel wakes a thread that has only announced its sleep; whether it sleeps is known later. */
static __always_inline void wait_note_early_waker(struct thread_state *state)
{
    struct pt_regs *registers = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
    state->early_waker = bpf_get_current_pid_tgid();
    state->early_flags = syscall_flags_of(registers->orig_ax);
}

/* At the end of a wait, when what it was on and who ended it are both known. */
static __always_inline void wait_settle_peer(struct thread_state *state)
{
    struct wait_key *key = &state->current.key;
    if (key->peer_kind == PEER_OWNER || !state->woken)
        return;
    __u32 wanted = SYSCALL_ENDS | (state->wait_flags & SYSCALL_FUTEX ? SYSCALL_FUTEX : SYSCALL_WAKES);
    bool believed = state->waker && (state->waker_flags & wanted);
    key->peer_kind = believed ? PEER_WAKER : PEER_INTERRUPT;
    key->peer = believed ? state->waker : 0;
}

static __always_inline void total_add(struct wait_total *total, const struct wait_total *more)
{
    total->count += more->count;
    total->blocked_ns += more->blocked_ns;
    total->runnable_ns += more->runnable_ns;
    total->queued_ns += more->queued_ns;
    if (more->longest_ns > total->longest_ns)
        total->longest_ns = more->longest_ns;
}

/* Moves a slot's sum to the map of all waits. When that is full the sum goes on without its stack and its
 * peer. */
static __noinline int slot_spill(struct wait_slot *slot)
{
    if (!slot || !slot->total.count)
        return 0;
    struct wait_total *total = bpf_map_lookup_elem(&waits, &slot->key);
    if (total) {
        total_add(total, &slot->total);
    } else if (bpf_map_update_elem(&waits, &slot->key, &slot->total, BPF_NOEXIST)) {
        __sync_fetch_and_add(&totals.lost_waits, slot->total.count);
    }
    slot->total.count = 0;
    return 0;
}

/* The current wait is over, and the thread runs at `now`. */
static __noinline int wait_add(struct thread_state *state, __u64 blocked_ns, __u64 runnable_ns, __u64 now)
{
    if (!state)
        return 0;
    struct wait_total more = {1, blocked_ns, runnable_ns, blocked_ns, state->wait_queued_ns};
    struct wait_slot *current = &state->current;

    wait_settle_peer(state);
    if (state->wait_flags & SYSCALL_POLL)
        callback_begin(state, current->key.stack, now);
    if (watch_locks && state->wait_flags & SYSCALL_FUTEX) {
        state->futex_address = state->current.key.object;
        state->futex_end_ns = now;
    }
    for (int i = 0; i < WAIT_SLOTS; i++) {
        struct wait_slot *slot = &state->slots[i];
        if (slot->words[0] == current->words[0] && slot->words[1] == current->words[1] &&
            slot->words[2] == current->words[2] && slot->words[3] == current->words[3] && slot->total.count) {
            total_add(&slot->total, &more);
            return 0;
        }
    }
    struct wait_slot *slot = &state->slots[state->next_slot & (WAIT_SLOTS - 1)];
    state->next_slot++;
    slot_spill(slot);
    slot->key = current->key;
    slot->total = more;
    return 0;
}

#endif
