/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/wait_cause.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tracer/system_call.h"

#define FUTEX_PRIVATE_WAIT 0x80
#define FUTEX_SHARED_WAIT  0x00
#define FUTEX_COMMAND      0x7f
#define FUTEX_LOCK_PI      6
#define FUTEX_LOCK_PI2     13

/* Exported names of glibc, leading underscores removed; the first prefix that fits. */
static const struct {
    const char *prefix;
    enum wait_cause cause;
} primitives[] = {
    {"pthread_mutex_", CAUSE_MUTEX},     {"mtx_", CAUSE_MUTEX},
    {"lll_lock_wait", CAUSE_MUTEX},      {"pthread_cond_", CAUSE_CONDITION},
    {"cnd_", CAUSE_CONDITION},           {"sem_", CAUSE_SEMAPHORE},
    {"new_sem_wait", CAUSE_SEMAPHORE},   {"pthread_rwlock_", CAUSE_RWLOCK},
    {"pthread_barrier_", CAUSE_BARRIER}, {"pthread_join", CAUSE_JOIN},
    {"pthread_timedjoin", CAUSE_JOIN},   {"pthread_clockjoin", CAUSE_JOIN},
    {"thrd_join", CAUSE_JOIN},
};

static gboolean cause_from_function(const char *function, enum wait_cause *cause)
{
    while (*function == '_')
        function++;
    for (guint i = 0; i < G_N_ELEMENTS(primitives); i++) {
        if (g_str_has_prefix(function, primitives[i].prefix)) {
            *cause = primitives[i].cause;
            return TRUE;
        }
    }
    return FALSE;
}

static enum wait_cause classify_operation(const struct wait_key *key)
{
    guint command = key->operation & FUTEX_COMMAND;
    if (command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2 || key->value == FUTEX_VALUE_OWNED)
        return CAUSE_MUTEX;
    if (key->value == FUTEX_VALUE_TID)
        return CAUSE_JOIN;
    if (key->value == FUTEX_VALUE_TWO)
        return CAUSE_MUTEX;
    if (key->value == FUTEX_VALUE_THREE)
        return CAUSE_RWLOCK;
    /* A condition and a semaphore look alike here; the former is far more frequent. */
    if (key->value == FUTEX_VALUE_ZERO && command == 9)
        return CAUSE_CONDITION;
    return CAUSE_FUTEX;
}

static enum wait_cause classify_futex(const struct wait_key *key, const char *const *functions)
{
    enum wait_cause by_name;
    for (; functions && *functions; functions++) {
        if (!cause_from_function(*functions, &by_name))
            continue;
        /* A condition wait that has been signalled takes its mutex again, in a function without a public
         * name. */
        if (by_name == CAUSE_CONDITION && key->value == FUTEX_VALUE_TWO)
            return CAUSE_MUTEX;
        return by_name;
    }
    return classify_operation(key);
}

static enum wait_cause classify_descriptor(const struct wait_key *key)
{
    guint major = (guint)(key->object >> 16);
    switch (key->object & S_IFMT) {
    case S_IFREG:
    case S_IFBLK:
    case S_IFDIR:
        return CAUSE_DISK;
    case S_IFSOCK:
        return CAUSE_SOCKET;
    case S_IFIFO:
        return CAUSE_PIPE;
    case S_IFCHR: /* tty, console, pseudo-terminals */
        return major == 4 || major == 5 || (major >= 136 && major <= 143) ? CAUSE_TERMINAL : CAUSE_OTHER;
    default: /* eventfd, timerfd and their like have no type */
        return CAUSE_OTHER;
    }
}

enum wait_cause wait_cause_classify(const struct wait_key *key, const char *const *functions)
{
    gboolean uninterruptible = (key->flags & WAIT_UNINTERRUPTIBLE) != 0;
    if (key->flags & WAIT_STOPPED)
        return CAUSE_STOPPED;
    if (key->syscall == WATCH_SYSCALL_NONE)
        return CAUSE_PAGE_FAULT;
    switch (system_call_find(key->syscall)->kind) {
    case CALL_DESCRIPTOR:
        return classify_descriptor(key);
    case CALL_FILE:
        return CAUSE_DISK;
    case CALL_OPEN:
        return uninterruptible ? CAUSE_DISK : CAUSE_PIPE;
    case CALL_ACCEPT:
        return CAUSE_ACCEPT;
    case CALL_CONNECT:
        return CAUSE_SOCKET;
    case CALL_FUTEX:
        return classify_futex(key, functions);
    case CALL_TIMER:
        return CAUSE_TIMER;
    case CALL_POLL:
        return key->object & WAIT_SECOND_ZERO ? CAUSE_TIMER : CAUSE_POLL;
    case CALL_SELECT:
        return key->object & WAIT_FIRST_ZERO ? CAUSE_TIMER : CAUSE_POLL;
    case CALL_CHILD:
        return CAUSE_CHILD;
    case CALL_SEMAPHORE:
        return CAUSE_SEMAPHORE;
    case CALL_MESSAGE:
        return CAUSE_PIPE;
    case CALL_IO_URING:
        return CAUSE_IO_URING;
    case CALL_MEMORY:
        return uninterruptible ? CAUSE_KERNEL_LOCK : CAUSE_OTHER;
    case CALL_OTHER:
        return CAUSE_OTHER;
    }
    return CAUSE_OTHER;
}

gboolean wait_cause_lock_kind(enum wait_cause cause, enum lock_kind *kind)
{
    switch (cause) {
    case CAUSE_MUTEX:
        *kind = LOCK_MUTEX;
        return TRUE;
    case CAUSE_CONDITION:
        *kind = LOCK_CONDITION;
        return TRUE;
    case CAUSE_RWLOCK:
        *kind = LOCK_RWLOCK;
        return TRUE;
    case CAUSE_SEMAPHORE:
        *kind = LOCK_SEMAPHORE;
        return TRUE;
    case CAUSE_BARRIER:
        *kind = LOCK_BARRIER;
        return TRUE;
    case CAUSE_FUTEX:
        *kind = LOCK_UNKNOWN;
        return TRUE;
    default:
        return FALSE;
    }
}

gboolean wait_cause_is_io_call(int system_call)
{
    return system_call_find(system_call)->io;
}

gboolean wait_cause_fills_cache(enum wait_cause cause, int system_call)
{
    if (cause == CAUSE_PAGE_FAULT)
        return TRUE;
    if (cause != CAUSE_DISK)
        return FALSE;
    switch (system_call) {
    case SYS_read:
    case SYS_readv:
    case SYS_pread64:
    case SYS_preadv:
    case SYS_preadv2:
    case SYS_sendfile:
    case SYS_copy_file_range:
    case SYS_getdents64:
        return TRUE;
    default:
        return system_call_find(system_call)->kind == CALL_OPEN;
    }
}
