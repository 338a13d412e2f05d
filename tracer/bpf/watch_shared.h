/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What the kernel side (watch.bpf.c) and user space (watch.c) exchange: fixed-width layouts without holes.
 * Times are nanoseconds of CLOCK_MONOTONIC. A thread is named by a serial number, which unlike a tid is never
 * used twice; an image is one address space layout: it is inherited by fork and replaced by exec. */
#ifndef TRACER_BPF_WATCH_SHARED_H
#define TRACER_BPF_WATCH_SHARED_H

#include <linux/types.h>

#define WATCH_SYSCALLS        512  /* system call numbers below this are told apart */
#define WATCH_SNAPSHOT_BYTES  8192 /* at least 4097 of them are read where the stack is that deep */
#define WATCH_WAITS_MAX       65536
#define WATCH_SAMPLES_MAX     65536
#define WATCH_STACKS_MAX      65536
#define WATCH_CHECKS_MAX      16384
#define WATCH_SNAPSHOTS_LEAST (16u << 20) /* bytes */
#define WATCH_IMAGE_EXEC                                                                                     \
    0x80000000u                 /* images numbered by exec; the others bear the tgid they were found in */
#define WATCH_SYSCALL_NONE (-1) /* page fault or interrupt */

/* What a thread that becomes active begins. */
enum active_crossing { CROSSING_ACTIVE = 1, CROSSING_CROWDED = 2 };

/* What is known of the waking of a thread that was blocked. */
enum watch_waking { WAKING_NONE, WAKING_SEEN, WAKING_TIMED };

enum watch_thread_state { THREAD_RUNNING = 1, THREAD_RUNNABLE, THREAD_BLOCKED, THREAD_ENDED };

/* What the system call table says of a call, as far as the kernel side must know. */
enum watch_syscall_flag {
    SYSCALL_DESCRIPTOR = 1, /* the first argument is a descriptor */
    SYSCALL_FUTEX = 2,
    SYSCALL_WAKES = 4, /* can end a wait of another thread that is not a futex wait */
    SYSCALL_ENDS = 8,  /* ends the thread or the process */
    SYSCALL_POLL = 16, /* waits for several descriptors */
};

/* How the value of a futex wait looked: with the operation it tells the primitive (glibc 2.36). */
enum watch_futex_value {
    FUTEX_VALUE_OTHER,
    FUTEX_VALUE_ZERO,
    FUTEX_VALUE_TWO,
    FUTEX_VALUE_THREE,
    FUTEX_VALUE_OWNED, /* a tid with the waiters bit: robust mutex */
    FUTEX_VALUE_TID,   /* the tid of a joined thread */
};

enum watch_peer_kind {
    PEER_NONE,      /* never woken, or woken before the watch began */
    PEER_OWNER,     /* tid in the lock word, as the target sees it */
    PEER_WAKER,     /* tid of the thread that woke it, as the host sees it */
    PEER_INTERRUPT, /* woken from an interrupt: a timer, a device, the network */
};

#define WAIT_UNINTERRUPTIBLE 1
#define WAIT_STOPPED         2

/* Bits of `object` for calls that are neither futex nor descriptor calls: a poll or select of nothing is a
 * sleep. */
#define WAIT_FIRST_ZERO  1
#define WAIT_SECOND_ZERO 2

struct wait_key {
    __u64 stack;  /* 0: unknown, because the table of stacks was full */
    __u64 object; /* futex: user address; descriptor: inode type | device major << 16; else WAIT_*_ZERO */
    __u32 thread;
    __u32 peer;
    __s16 syscall;
    __u16 operation; /* futex operation word */
    __u8 value;      /* enum watch_futex_value */
    __u8 peer_kind;
    __u8 flags;
    __u8 unused;
};

struct wait_total {
    __u64 count;
    __u64 blocked_ns;
    __u64 runnable_ns; /* from being woken to running */
    __u64 longest_ns;  /* blocked */
    __u64 queued_ns;   /* of blocked_ns: while who ended the wait, another thread, waited for a core itself */
};

struct sample_key {
    __u64 stack;
    __u32 thread;
    __s16 syscall; /* the call during which the thread was in the kernel, else WATCH_SYSCALL_NONE */
    __u16 in_kernel;
};

/* A sample stands for as much time as `weight` says, in periods of the fastest rate. */
struct sample_total {
    __u64 count;
    __u64 weight;  /* sum */
    __u64 squares; /* sum of the weights' squares */
    __u64
        parts; /* sum of the weights by the threads active at that moment, in SAMPLE_PARTS of the weight 1 */
};

#define SAMPLE_PARTS (1u << 20)

/* Samples of one instruction under one stack in one thread; with fewer, it is news that it runs. */
#define WATCH_SAMPLES_ENOUGH 20

struct thread_totals {
    __u64 on_cpu_ns;
    __u64 runnable_ns; /* after preemption or creation */
    __u64 woken_ns;    /* from being woken to running */
    __u64 blocked_ns;
    __u64 wakeups;
    __u64 sample_weight; /* of all samples */
    __u64 voluntary, involuntary, migrations;
};

enum thread_event_kind {
    THREAD_EVENT_START = 1,
    THREAD_EVENT_EXEC,
    THREAD_EVENT_END,
    THREAD_EVENT_MAPPED, /* objects were mapped into its process; only with markers attached */
};

struct thread_event {
    __u32 kind;
    __u32 thread;
    __u32 tid, tgid;
    __u32 namespace_tid; /* as the thread itself sees it */
    __u32 image;
    __u32 parent; /* START: serial of the creator, 0 for threads found at attach */
    __u32 alive;  /* END: still living when the watch stopped */
    __u64 time_ns;
    __u64 started_ns; /* since when it was watched */
    char name[16];
    struct thread_totals totals; /* END */
};

enum snapshot_origin {
    SNAPSHOT_WAIT,
    SNAPSHOT_SAMPLE,
    SNAPSHOT_LOCK,
    SNAPSHOT_ATTACH /* no bytes: blocked before the watch began */
};

/* What is known of a stack by its number. */
enum stack_flag {
    STACK_SENT = 1,
    STACK_CHECKED = 2,  /* there is a struct stack_check of it */
    STACK_DEEP = 4,     /* its snapshot was too short: a long one is wanted */
    STACK_ANSWERED = 8, /* user space has seen it: without a check the number tells all */
    STACK_AGAIN = 16,   /* times this: snapshots sent until then, under numbers of their own */
};

#define STACKS_AGAIN_MAX 8

#define STACK_CHECK_WORDS 24

/* Return addresses that a stack's number does not tell: of libraries, and far up. Where one differs, it is
 * another stack, and gets a number of its own. */
struct stack_check {
    __u64 words[STACK_CHECK_WORDS];
    __u16 at[STACK_CHECK_WORDS]; /* words above sp */
    __u32 count;
    __u32 unused;
};

#define SNAPSHOT_PIECES   16 /* of a long one, at most */
#define WATCH_DEEP_IMAGES 1024

enum snapshot_piece { PIECE_ONLY, PIECE_MORE, PIECE_LAST };

/* Where a snapshot was taken, and of whom; the event begins with it. */
#define SNAPSHOT_HEAD                                                                                        \
    __u64 stack;                                                                                             \
    __u64 object; /* SNAPSHOT_WAIT on a futex: its address, else 0 */                                        \
    __u64 ip, sp, bp, bx, r12, r13, r14, r15;                                                                \
    __u32 thread, tid, tgid, image;                                                                          \
    __u32 origin

struct snapshot_head {
    SNAPSHOT_HEAD;
    __u32 unused;
};

struct snapshot_event {
    SNAPSHOT_HEAD;
    __u32 size;
    __u32 offset; /* of a long one's pieces: bytes above sp */
    __u32 piece;  /* enum snapshot_piece */
    __u8 bytes[WATCH_SNAPSHOT_BYTES];
};

#define WAIT_SLOTS 8
#define WAIT_PATHS 4
#define PATH_WORDS 6

/* Where on the stack the return addresses stood that told a wait's path. With the same registers it is enough
 * to look at these again. */
struct wait_path {
    __u64 stack; /* its number; 0: none */
    __u64 ip, sp;
    __u64 object; /* the futex, else 0 */
    __u8 count;   /* of return addresses; 0: none, or more than PATH_WORDS */
    __u8 depth;   /* words of the stack down to the last one */
    __u8 at[PATH_WORDS];
    __u32 generation; /* of `stack_generation`, when nothing else had to be looked at */
    __u32 unused;
};

struct wait_slot {
    union {
        struct wait_key key;
        __u64 words[sizeof(struct wait_key) / 8];
    };
    struct wait_total total;
};

#define WATCH_CALLBACKS_MAX 16384
#define DURATION_PART_BITS  5 /* a power of two is divided into 2^5 parts, as in model/histogram.h */

/* How long a thread was away between two waits for descriptors at one place: a round of an event loop's
 * callbacks. */
struct callback_key {
    __u64 stack; /* of the waits */
    __u32 thread;
    __u32 part; /* of a histogram of durations in nanoseconds */
};

#define QUEUE_SPELLS         32    /* of a thread that are remembered, the last ones */
#define QUEUE_SPELL_LEAST_NS 20000 /* shorter ones are what a wake-up takes */

/* A time in which a thread waited for a core. */
struct queue_spell {
    __u64 start_ns, end_ns;
};

#define POLL_SLOTS 2 /* a callback may wait for descriptors, too */

/* The last wait for descriptors at a place. */
struct poll_return {
    __u64 stack;
    __u64 ended_ns; /* when the thread ran again; 0: none */
};

/* What one thread did so far. Waits are added up in a few slots first: a thread that waits at the same few
 * places again and again never touches a shared map. What another core writes to wake it comes first, in one
 * cache line. */
struct thread_state {
    __u64 since_ns;
    __u64 wait_blocked_ns; /* of the wait that has just ended; not yet in `totals` while `woken` */
    __u64 wait_queued_ns;  /* of it, as in struct wait_total */
    __u32 waker;           /* tid of who ended the current wait */
    __u8 waker_flags;      /* of its system call */
    __u8 crossed;          /* enum active_crossing, by its waking */
    __u8 next_path;
    __u8 wait_flags;                /* enum watch_syscall_flag, of the call that it waits in */
    __u32 early_waker, early_flags; /* the same, of a waking while it was on its way off the core */
    __u8 state;                     /* enum watch_thread_state */
    __u8 woken;                     /* enum watch_waking */
    __u8 next_slot;
    __u8 next_spell;
    __u32 cpu;
    __u64 executed_ns; /* the scheduler's own count at the last switch away */
    __u64 queued_ns;   /* the same, of the time in which it waited for cores */
    __u32 thread, image, tid, tgid, namespace_tid, parent;
    struct thread_totals totals;
    __u64 started_ns;
    __u64 futex_address, futex_end_ns; /* of the last sleep in a futex call; only with locks watched */
    struct poll_return polls[POLL_SLOTS];
    struct queue_spell spells[QUEUE_SPELLS];
    struct wait_slot current;
    struct wait_slot slots[WAIT_SLOTS];
    struct wait_path paths[WAIT_PATHS]; /* the last ones of its waits */
};

#define WATCH_CALLS_MAX 65536
#define CALL_SLOTS      16

struct call_key {
    __u32 thread;
    __s32 number;
};

struct call_total {
    __u64 count;
    __u64 total_ns; /* 0 when calls are only counted */
    __u64 longest_ns;
};

struct call_slot {
    __s32 number;
    __u32 unused;
    struct call_total total;
};

/* The system calls of one thread, added up in a few slots first, as waits are. */
struct call_state {
    __u64 entered_ns; /* 0: not seen */
    __u32 thread;
    __u32 unused;
    struct call_slot slots[CALL_SLOTS];
};

#define WATCH_LOCKS_MAX 65536

enum watch_lock_kind { WATCH_LOCK_MUTEX, WATCH_LOCK_RWLOCK, WATCH_LOCK_SPIN };

struct lock_key {
    __u64 address;
    __u32 image;
    __u32 unused;
};

/* How a lock was used, over all threads. */
struct lock_use {
    __u64 stack; /* of who took it first */
    __u64 count; /* of releases */
    __u64 hold_ns;
    __u64 longest_ns;
    __u32 thread; /* who took it first */
    __u32 kind;   /* enum watch_lock_kind */
};

#define WATCH_HOLD_PARTS_MAX 16384

/* How locks were held that were taken at one place. */
struct hold_total {
    __u64 count;
    __u64 hold_ns;
    __u64 longest_ns;
};

/* How often such a hold took so long. */
struct hold_part {
    __u64 stack;
    __u32 part; /* of a histogram of durations in nanoseconds */
    __u32 unused;
};

#define WATCH_MARKERS_MAX      1024 /* regions that programs mark themselves; numbers from 1 */
#define WATCH_MARKER_PARTS_MAX 16384
#define MARKER_OF_BLOCK        0x80000000u /* in the cookie of a begin, beside its number */

/* What all threads did in a region of this number. */
struct marker_total {
    __u64 calls; /* that ended */
    __u64 wall_ns, on_cpu_ns, blocked_ns;
};

/* How often a call of the region took so long. */
struct marker_part {
    __u32 number;
    __u32 part; /* of a histogram of durations in nanoseconds */
};

#define TIMELINE_BYTES (8 << 20)

struct interval_event {
    __u64 start_ns, end_ns;
    __u32 thread;
    __u32 state;         /* enum watch_thread_state */
    struct wait_key key; /* THREAD_BLOCKED */
};

/* A followed thread as it is while the watch goes on; it may change while it is copied. */
struct thread_peek {
    __u64 now_ns;
    __u64 woken_ns; /* when it was woken, if it was and has not run since */
    char name[16];
    struct thread_state state;
    struct call_state calls; /* all zero unless they are counted */
};

#define SCOPE_NAME_SIZE 16
#define SCOPE_PIDS_MAX  4096

#define WATCH_CORES 1024 /* a power of two */

/* A sum of spans of time: minus the time of every begin, plus that of every end, in whatever order they
 * become known. With the present time for each that is open it is what the spans have come to. */
struct span_sum {
    __u64 sum_ns;
    __u64 open; /* begins less ends */
};

static inline __u64 span_sum_at(const volatile struct span_sum *spans, __u64 now_ns)
{
    return spans->sum_ns + spans->open * now_ns;
}

/* Written by one core only, so that no wait costs an exchange with the others. */
struct watch_core {
    struct span_sum running; /* of threads that are active, as far as it was noted on this core */
    /* What CLOCK_MONOTONIC is ahead of the scheduler's clock of this core, and when, by the latter, that was
     * looked at; 0: not yet. */
    __u64 ahead_ns, looked_ns;
    __u64 futex_waits; /* that began on this core */
    __u64 unused[3];
};

struct watch_totals {
    __u64 active_threads;    /* on a core or runnable */
    struct span_sum active;  /* with at least one of them */
    struct span_sum crowded; /* with more of them than cores */
    __u64 started_ns;
    __u64 live_threads, peak_threads;
    __u64 threads_created, processes_created;
    __u64 lost_waits, lost_samples, lost_stacks, lost_snapshots, lost_threads, lost_calls, lost_locks,
        lost_callbacks, lost_markers;
    __u64 timeline_left_out;
};

#endif
