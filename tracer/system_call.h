/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of each system call of x86-64: why a thread that is blocked in it waits, and whether time on
 * the core inside it is I/O work. */
#ifndef TRACER_SYSTEM_CALL_H
#define TRACER_SYSTEM_CALL_H

#include <glib.h>

#include "model/names.h"

enum system_call_kind {
    CALL_OTHER,
    CALL_DESCRIPTOR, /* the kind of file behind the first argument decides */
    CALL_FILE,       /* names or syncs files */
    CALL_OPEN,       /* of a file, or of a FIFO without its other end */
    CALL_ACCEPT,
    CALL_CONNECT,
    CALL_FUTEX,
    CALL_TIMER,
    CALL_POLL,   /* with nothing to watch it is a sleep */
    CALL_SELECT, /* the same, told by another argument */
    CALL_CHILD,
    CALL_SEMAPHORE,
    CALL_MESSAGE, /* message queues */
    CALL_IO_URING,
    CALL_MEMORY, /* changes mappings: can wait for mmap_lock */
};

struct system_call {
    int number;
    enum system_call_kind kind;
    gboolean io;  /* being on the core inside it is I/O work */
    guint8 flags; /* enum watch_syscall_flag, for the kernel side */
};

/* A call of the kind CALL_OTHER for numbers that the table does not list. */
const struct system_call *system_call_find(int number);

/* `pread64`; `number_600` for one that this version does not know. The caller's. */
char *system_call_name(int number);

#endif
