/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Stacks: a number for the path that led to a place, and the copy of the stack that user space unwinds. */
#ifndef TRACER_BPF_WATCH_STACK_BPF_H
#define TRACER_BPF_WATCH_STACK_BPF_H

#include "tracer/bpf/watch_state.bpf.h"

#define STACK_WORDS 64 /* of 8 bytes: the part of the stack that tells two paths apart */
#define PATH_PRIME  0x9e3779b97f4a7c15ull

struct stack_words {
    __u64 words[STACK_WORDS];
};

/* One entry for each that may interrupt another: a sample any program that is not run with interrupts off, a
 * switch one on a lock's function. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 3);
    __type(key, __u32);
    __type(value, struct stack_words);
} scratch SEC(".maps");

/* Up to the end of the page that holds `from`, which is certainly mapped, then one page more. */
static __always_inline __u32 snapshot_copy(struct snapshot_event *event, __u64 from)
{
    __u32 first = 4096 - (from & 4095);
    if (bpf_probe_read_user(event->bytes, first & 8191, (void *)from))
        return 0;
    if (first <= 4096 && !bpf_probe_read_user(event->bytes + first, 4096, (void *)(from + first)))
        return first + 4096;
    return first;
}

/* Sends what is `offset` bytes above the stack's end: how many bytes there were, which for the last piece are
 * none or those up to where the stack ends; negative when the ring was full. Not static: so the verifier
 * looks at it once, and not for each piece and each of the ways that lead here. */
__noinline int snapshot_send_piece(const struct snapshot_head *head, __u32 offset, enum snapshot_piece piece)
{
    if (!head)
        return -1;
    struct snapshot_event *event = bpf_ringbuf_reserve(&snapshots, sizeof(*event), 0);
    if (!event) {
        __u64 stack = head->stack;
        __sync_fetch_and_add(&totals.lost_snapshots, 1);
        bpf_map_delete_elem(&stacks, &stack); /* sent the next time */
        return -1;
    }
    __builtin_memcpy(event, head, offsetof(struct snapshot_head, unused));
    __u32 size = head->origin == SNAPSHOT_ATTACH ? 0 : snapshot_copy(event, head->sp + offset);
    event->size = size;
    event->offset = offset;
    event->piece = piece == PIECE_MORE && !size ? PIECE_LAST : piece;
    bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
    return size;
}

/* The whole stack, as far as it is there, in up to so many pieces. */
static __always_inline void snapshot_send_deep(const struct snapshot_head *head, __u32 pieces)
{
    __u32 offset = 0;
    for (__u32 i = 0; i < SNAPSHOT_PIECES; i++) {
        bool last = i == SNAPSHOT_PIECES - 1 || i + 1 >= pieces;
        int size = snapshot_send_piece(head, offset, last ? PIECE_LAST : PIECE_MORE);
        if (size <= 0 || last)
            return;
        offset += size;
    }
}

static __always_inline void snapshot_send(const struct thread_state *state, const struct pt_regs *registers,
                                          __u64 stack, enum snapshot_origin origin, __u64 object)
{
    struct snapshot_head head = {
        .stack = stack,
        .object = object,
        .ip = registers->ip,
        .sp = registers->sp,
        .bp = registers->bp,
        .bx = registers->bx,
        .r12 = registers->r12,
        .r13 = registers->r13,
        .r14 = registers->r14,
        .r15 = registers->r15,
        .thread = state->thread,
        .tid = state->tid,
        .tgid = state->tgid,
        .image = state->image,
        .origin = origin,
    };
    const __u32 *pieces = bpf_map_lookup_elem(&deep_images, &head.image);
    if (origin != SNAPSHOT_ATTACH && pieces)
        snapshot_send_deep(&head, *pieces);
    else
        snapshot_send_piece(&head, 0, PIECE_ONLY);
}

/* What the thread waited under lately was sent already, and its number tells all: spares the look-up in the
 * shared map. */
static __always_inline bool stack_is_recent(const struct thread_state *state, __u64 stack)
{
    for (int i = 0; i < WAIT_PATHS; i++) {
        if (state->paths[i].stack == stack && state->paths[i].generation == stack_generation)
            return true;
    }
    return false;
}

static __always_inline void path_remember(struct thread_state *state, const struct wait_path *path)
{
    for (int i = 0; i < WAIT_PATHS; i++) {
        if (state->paths[i].stack == path->stack) {
            state->paths[i] = *path;
            return;
        }
    }
    state->paths[state->next_path++ & (WAIT_PATHS - 1)] = *path;
}

static __always_inline __u64 path_begin(const struct thread_state *state, __u64 ip, __u64 sp, __u64 object)
{
    return (ip * PATH_PRIME ^ state->image) * PATH_PRIME ^ (sp & 4095) ^ object * PATH_PRIME;
}

static __always_inline __u64 path_end(__u64 stack)
{
    return (stack ^ (stack >> 29)) * PATH_PRIME;
}

/* The number of the path when the thread waited under it lately, else 0: with equal registers, a path is the
 * same when the return addresses that made it are still where they were. Not static, as path_walk: so the
 * verifier looks at each once and for itself. */
__noinline __u64 path_known(struct thread_state *state, struct stack_words *words, __u64 ip, __u64 sp,
                            __u64 object)
{
    if (!state || !words)
        return 0;
    for (int i = 0; i < WAIT_PATHS; i++) {
        const struct wait_path *path = &state->paths[i];
        if (path->ip != ip || path->sp != sp || path->object != object || !path->count ||
            path->generation != stack_generation)
            continue;
        __u32 size = path->depth * 8, count = path->count;
        if (size > sizeof(*words) || bpf_probe_read_user(words, size, (void *)sp))
            return 0;
        __u64 stack = path_begin(state, ip, sp, object);
        for (__u32 k = 0; k < PATH_WORDS; k++) {
            if (k < count)
                stack = (stack ^ words->words[path->at[k] & (STACK_WORDS - 1)]) * PATH_PRIME;
        }
        stack = path_end(stack);
        if (stack == path->stack)
            return stack;
    }
    return 0;
}

/* The position of a word's only bit, found by a de Bruijn sequence: BPF has no instruction for it. */
#define BIT_SEQUENCE 0x03f79d71b4cb0a89ull
const __u8 bit_positions[64] = {
    0,  1,  48, 2,  57, 49, 28, 3,  61, 58, 50, 42, 38, 29, 17, 4,  62, 55, 59, 36, 53, 51,
    43, 22, 45, 39, 33, 30, 24, 18, 12, 5,  63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21,
    44, 32, 23, 11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,  13, 8,  7,  6,
};

/* Adds those words near the stack's end to the path that point into the program's own code, which are its
 * return addresses, and notes where they were. */
__noinline __u64 path_walk(struct wait_path *path, struct stack_words *words, __u64 stack, __u64 code,
                           __u64 code_size)
{
    __u64 found = 0;
    if (!path || !words)
        return stack;
    for (int i = 0; i < STACK_WORDS; i++) {
        __u64 word = words->words[i];
        if (word - code < code_size) {
            stack = (stack ^ word) * PATH_PRIME;
            found |= 1ull << i;
        }
    }
    /* Through memory: the verifier would tell all values apart that it knows, and here that is every subset.
     */
    *(volatile __u64 *)&words->words[0] = found;
    found = *(volatile __u64 *)&words->words[0];
    __u8 count = 0;
    for (int k = 0; k < PATH_WORDS && found; k++, count++) {
        __u64 lowest = found & -found;
        path->at[k] = bit_positions[lowest * BIT_SEQUENCE >> 58];
        path->depth = path->at[k] + 1;
        found ^= lowest;
    }
    path->count = found ? 0 : count;
    return stack;
}

#define CHECK_LEVELS 8           /* stacks whose number alone is the same */
#define CODE_NEAR    (32u << 20) /* of a return address: others of the same library */

/* 0 when all the return addresses of the check stand where they should, else a number for what stands there.
 * Words that are no code near the expected would only be noise in it. Not static, as path_walk. */
__noinline __u64 check_differences(const struct stack_check *check, __u64 sp)
{
    __u64 mixed = 0;
    if (!check)
        return 0;
    for (__u32 k = 0; k < STACK_CHECK_WORDS; k++) {
        __u64 word = 0;
        if (k >= check->count)
            break;
        bpf_probe_read_user(&word, sizeof(word), (void *)(sp + check->at[k] * 8ull));
        if (word == check->words[k])
            continue;
        if (word - check->words[k] + CODE_NEAR >= 2 * CODE_NEAR)
            word = 0;
        mixed = (mixed ^ (word + k + 1)) * PATH_PRIME;
    }
    return mixed;
}

/* From the number that the words near the stack's end give to the one that also those words tell that user
 * space has found to matter. `flags` receives what is known of it, NULL for a new one. */
static __always_inline __u64 stack_refine(__u64 stack, __u64 sp, __u32 **flags)
{
    for (int level = 0; level < CHECK_LEVELS; level++) {
        *flags = bpf_map_lookup_elem(&stacks, &stack);
        if (!*flags || !(**flags & STACK_CHECKED))
            break;
        const struct stack_check *check = bpf_map_lookup_elem(&checks, &stack);
        __u64 differs = check ? check_differences(check, sp) : 0;
        if (!differs)
            break;
        stack = path_end((stack ^ differs) * PATH_PRIME);
    }
    return stack;
}

/* A number for the path that led here, equal in all threads of an image: of ip, of the offset of sp in its
 * page (stacks of threads are aligned alike), of the return addresses near the stack's end, and of those that
 * its check names. A futex counts as part of the path, so that each one is seen once while it can be named.
 * Sends a snapshot when the path is new. 0 when no more paths can be remembered. */
static __always_inline __u64 stack_identify(struct task_struct *task, struct thread_state *state,
                                            struct pt_regs *registers, enum snapshot_origin origin,
                                            __u64 object)
{
    __u64 sp = registers->sp;
    __u64 stack = path_begin(state, registers->ip, sp, object);
    __u32 slot = origin == SNAPSHOT_SAMPLE ? 1 : origin == SNAPSHOT_LOCK ? 2 : 0;
    struct stack_words *words = bpf_map_lookup_elem(&scratch, &slot);
    struct wait_path path = {.ip = registers->ip, .sp = sp, .object = object};
    __u32 generation = *(volatile __u32 *)&stack_generation; /* before what it stands for is looked up */
    if (origin == SNAPSHOT_WAIT && words) {
        __u64 known = path_known(state, words, registers->ip, sp, object);
        if (known)
            return known;
    }
    if (origin == SNAPSHOT_ATTACH)
        stack ^= (__u64)state->thread * PATH_PRIME;
    else if (words && task->mm && !bpf_probe_read_user(words, sizeof(*words), (void *)sp))
        stack =
            path_walk(&path, words, stack, task->mm->start_code, task->mm->end_code - task->mm->start_code);
    stack = path_end(stack);
    if (stack_is_recent(state, stack))
        return stack;
    __u32 *flags = NULL;
    stack = stack_refine(stack, sp, &flags);
    if (flags && !(*flags & STACK_ANSWERED)) {
        /* Another path may have this number; until user space has looked, a few are kept apart. */
        __u32 again = __sync_fetch_and_add(flags, STACK_AGAIN) / STACK_AGAIN;
        if (again >= STACKS_AGAIN_MAX || origin == SNAPSHOT_ATTACH)
            return stack;
        stack = path_end((stack ^ (again + 1)) * PATH_PRIME);
        snapshot_send(state, registers, stack, origin, object);
        return stack;
    }
    if (flags) {
        if (origin == SNAPSHOT_WAIT && !(*flags & STACK_CHECKED)) {
            path.stack = stack;
            path.generation = generation;
            path_remember(state, &path);
        }
        if (*flags & STACK_DEEP && __sync_fetch_and_and(flags, ~STACK_DEEP) & STACK_DEEP)
            snapshot_send(state, registers, stack, origin, object);
        return stack;
    }
    __u32 sent = STACK_SENT;
    long failed = bpf_map_update_elem(&stacks, &stack, &sent, BPF_NOEXIST);
    if (failed == -17 /* EEXIST: another core was first */)
        return stack;
    if (failed) {
        __sync_fetch_and_add(&totals.lost_stacks, 1);
        return 0;
    }
    snapshot_send(state, registers, stack, origin, object);
    return stack;
}

#endif
