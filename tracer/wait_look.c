/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/wait_look.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#include "tracer/system_call.h"

#define FUTEX_JOIN_OPERATION 0x109
#define FUTEX_COMMAND        0x7f
#define FUTEX_LOCK_PI        6
#define FUTEX_WAITERS_BIT    0x80000000u
#define FUTEX_TID_BITS       0x3fffffffu
#define OWNER_OFFSET         8

/* A line of /proc/PID/task/TID/syscall. */
struct call_line {
    long number;
    guint64 arguments[6], sp, ip;
};

static gboolean read_line(const struct snapshot_event *event, struct call_line *line)
{
    g_autofree char *path = g_strdup_printf("/proc/%u/task/%u/syscall", event->tgid, event->tid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    guint64 *at = line->arguments;
    /* `running`; `-1 SP IP` outside of any call */
    if (sscanf(text, "%ld %lx %lx %lx %lx %lx %lx %lx %lx", &line->number, &at[0], &at[1], &at[2], &at[3],
               &at[4], &at[5], &line->sp, &line->ip) == 9)
        return TRUE;
    return sscanf(text, "%ld %lx %lx", &line->number, &line->sp, &line->ip) == 3;
}

static void read_owner(struct wait_key *key, const struct snapshot_event *event, guint64 address,
                       guint32 mask)
{
    guint32 word = 0;
    struct iovec local = {&word, sizeof(word)}, remote = {(void *)(gsize)address, sizeof(word)};
    if (process_vm_readv((pid_t)event->tgid, &local, 1, &remote, 1, 0) != (ssize_t)sizeof(word))
        return;
    key->peer = word & mask;
    key->peer_kind = key->peer ? PEER_OWNER : PEER_NONE;
}

/* As the kernel side does it (bpf/watch_wait.bpf.h). */
static void describe_futex(struct wait_key *key, const struct snapshot_event *event,
                           const struct call_line *line)
{
    guint32 operation = (guint32)line->arguments[1], value = (guint32)line->arguments[2];
    key->object = line->arguments[0];
    key->operation = (guint16)operation;
    if ((operation & FUTEX_COMMAND) == FUTEX_LOCK_PI || value & FUTEX_WAITERS_BIT) {
        key->value = FUTEX_VALUE_OWNED;
        read_owner(key, event, key->object, FUTEX_TID_BITS);
    } else if (operation == FUTEX_JOIN_OPERATION && value > 3) {
        key->value = FUTEX_VALUE_TID;
        key->peer = value;
        key->peer_kind = PEER_OWNER;
    } else if (value == 2) {
        key->value = FUTEX_VALUE_TWO;
        read_owner(key, event, key->object + OWNER_OFFSET, G_MAXUINT32);
    } else {
        key->value = value == 0 ? FUTEX_VALUE_ZERO : value == 3 ? FUTEX_VALUE_THREE : FUTEX_VALUE_OTHER;
    }
}

static void describe_descriptor(struct wait_key *key, const struct snapshot_event *event, guint64 number)
{
    struct stat status;
    g_autofree char *path = g_strdup_printf("/proc/%u/fd/%" G_GUINT64_FORMAT, event->tgid, number);
    if (stat(path, &status) == 0)
        key->object = (status.st_mode & S_IFMT) | ((guint64)major(status.st_rdev) << 16);
}

gboolean wait_look(struct wait_key *key, struct snapshot_event *event)
{
    struct call_line line = {0};
    if (!read_line(event, &line))
        return FALSE;
    *key = (struct wait_key){.thread = event->thread, .syscall = (gint16)line.number};
    guint8 flags = system_call_find(key->syscall)->flags;
    if (flags & SYSCALL_FUTEX)
        describe_futex(key, event, &line);
    else if (flags & SYSCALL_DESCRIPTOR)
        describe_descriptor(key, event, line.arguments[0]);
    else
        key->object =
            (line.arguments[0] == 0 ? WAIT_FIRST_ZERO : 0) | (line.arguments[1] == 0 ? WAIT_SECOND_ZERO : 0);
    event->origin = SNAPSHOT_ATTACH;
    event->ip = line.ip;
    event->sp = line.sp;
    event->object = flags & SYSCALL_FUTEX ? key->object : 0;
    const guint64 prime = G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    key->stack = event->stack =
        ((line.ip * prime ^ event->thread) * prime ^ line.sp) * prime ^ event->object * prime;
    return TRUE;
}
