/* SPDX-License-Identifier: Apache-2.0 */
/* From a snapshot of registers and stack memory to named frames, for binaries without frame pointers: call
 * frame information is read through libdw, each program counter's rule is remembered, and a walk is then a
 * table look-up per frame. Knows nothing of BPF or of sessions. Not thread-safe: the targets of a process
 * share what is known of a mapped file, so all of them belong to one thread. */
#ifndef TRACER_STACK_H
#define TRACER_STACK_H

#include <glib.h>

#include "model/names.h"

#define STACK_FRAMES_MAX 512

/* A thread's user registers and a copy of its stack that starts at sp. */
struct stack_snapshot {
    guint64 ip, sp, bp;
    guint64 bx, r12, r13, r14, r15; /* callee-saved on x86-64 */
    const guint8 *bytes;
    guint32 size; /* bytes that are valid */
};

enum unwind_end { UNWIND_COMPLETE, UNWIND_TRUNCATED, UNWIND_NO_RULE, UNWIND_BAD_MEMORY, UNWIND_END_COUNT };
const char *unwind_end_name(enum unwind_end end);

/* The address space of one process: its mapped objects with symbols, lines and unwind rules. Opened while the
 * target lives (through /proc/PID/root and map_files); stays usable after it has exited. */
struct target;
struct target *target_open(int pid, GError **error);
/* The target of a child that was forked and has not called exec: the mappings of its parent, without reading
 * /proc, so that a child that is gone already has names too. */
struct target *target_fork(const struct target *parent, int pid);
void target_free(struct target *target);
typedef struct target Target;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Target, target_free)
/* The mappings changed (exec, dlopen): read them again. Called by target_unwind itself for an ip in no known
 * map. */
void target_refresh(struct target *target);

/* Return addresses, innermost first; frames[0] is snapshot->ip. An instruction that a signal interrupted
 * stands there plus one, so that every frame but the innermost is symbolised alike. Returns how many; *end
 * says why it stopped there. */
guint target_unwind(struct target *target, const struct stack_snapshot *snapshot, guint64 *frames,
                    guint capacity, enum unwind_end *end);
/* The same, and where on the stack each return address stood: 0 for the innermost frame, for the caller of a
 * signal frame, and where it was in a register. */
guint target_unwind_places(struct target *target, const struct stack_snapshot *snapshot, guint64 *frames,
                           guint64 *places, guint capacity, enum unwind_end *end);

/* One source-level function at an address; an address inside inlined calls has several, innermost first.
 * Strings belong to the target. `function` is the symbol's name, or `libc.so.6+0x89134` outside of any
 * symbol. */
struct symbol {
    const char *function;
    const char *file;    /* absolute and normalised; NULL without debug info */
    int line;            /* 0 without debug info */
    const char *module;  /* path of the object file */
    gboolean is_program; /* in the main executable, or in a library that is not installed with the system or
                            has debug information */
};

/* Symbols of `address`; for a return address (every frame but the innermost) pass `is_return` so that the
 * call, not the instruction after it, is named. Remembered per address; the array belongs to the target. */
const GArray *target_symbolize(struct target *target, guint64 address,
                               gboolean is_return); /* struct symbol */

/* The function that the caller at `return_address` (any frame but the innermost) meant to call, by the
 * instruction and the import table: `sem_wait` also when a stripped libc shows only `libc.so.6+0x89134` for
 * the frame below, because the exported function jumped on. NULL for calls through pointers. The string
 * belongs to the target. */
const char *target_called_function(struct target *target, guint64 return_address);

/* The name by which the source would call the object at `address` (a mutex, a condition variable): symbol of
 * a global with `.field` or `[index]` from debug info (`cache_lock`, `server.lock`), else through a global
 * pointer that points to the object (`compress_have->cond`), else NULL. Reads the memory of the living
 * target. The name and *file are the caller's; *file (NULL when unknown) and *line receive the declaration.
 */
char *target_object_name(struct target *target, guint64 address, char **file, int *line);

/* Where an object lies in the block of glibc's malloc that holds it; size 0 when it is in none. */
struct heap_place {
    guint64 offset, size; /* bytes */
};
/* Reads the memory of the living target; FALSE with size 0 when no block is recognised around the address. */
gboolean target_heap_place(struct target *target, guint64 address, struct heap_place *place);

/* The name of the lock of `kind` that the code of a stack waits for, by type as the analyzer names it
 * (`struct lock_s.cond`, `struct conn.lock`): the member of that kind in the structs that the parameters and
 * variables of the innermost function of the program have or point to; functions that get the lock as an
 * argument leave the answer to their caller. Frames as target_unwind gives them. Of several members the one
 * at `place` is meant (may be NULL). NULL when none or several fit. Needs debug information but no living
 * target. The name and *file are the caller's; *file (NULL when unknown) and *line receive the member's
 * declaration. */
char *target_type_name(struct target *target, const guint64 *frames, guint count, enum lock_kind kind,
                       const struct heap_place *place, char **file, int *line);

#endif
