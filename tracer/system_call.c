/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/system_call.h"

#include <sys/syscall.h>

#include "tracer/bpf/watch_shared.h"

#define READS  SYSCALL_DESCRIPTOR
#define WRITES (SYSCALL_DESCRIPTOR | SYSCALL_WAKES)

#ifndef SYS_futex_wait
#define SYS_futex_wait 455
#endif
#ifndef SYS_futex_wake
#define SYS_futex_wake 454
#endif

static const struct system_call table[] = {
    {SYS_read, CALL_DESCRIPTOR, TRUE, WRITES}, /* draining a pipe wakes its writer */
    {SYS_write, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_pread64, CALL_DESCRIPTOR, TRUE, READS},
    {SYS_pwrite64, CALL_DESCRIPTOR, TRUE, READS},
    {SYS_readv, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_writev, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_preadv, CALL_DESCRIPTOR, TRUE, READS},
    {SYS_pwritev, CALL_DESCRIPTOR, TRUE, READS},
    {SYS_preadv2, CALL_DESCRIPTOR, TRUE, READS},
    {SYS_pwritev2, CALL_DESCRIPTOR, TRUE, READS},
    {SYS_recvfrom, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_recvmsg, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_recvmmsg, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_sendto, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_sendmsg, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_sendmmsg, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_sendfile, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_splice, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_tee, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_vmsplice, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_copy_file_range, CALL_DESCRIPTOR, TRUE, READS},
    {SYS_getdents64, CALL_DESCRIPTOR, TRUE, READS},
    {SYS_ioctl, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_shutdown, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_setsockopt, CALL_DESCRIPTOR, TRUE, WRITES}, /* taking TCP_CORK away sends what was held back */
    {SYS_close, CALL_DESCRIPTOR, TRUE, WRITES},
    {SYS_lseek, CALL_DESCRIPTOR, TRUE, READS},
    {SYS_connect, CALL_CONNECT, TRUE, WRITES},
    {SYS_accept, CALL_ACCEPT, TRUE, READS},
    {SYS_accept4, CALL_ACCEPT, TRUE, READS},
    {SYS_fsync, CALL_FILE, TRUE, READS},
    {SYS_fdatasync, CALL_FILE, TRUE, READS},
    {SYS_sync_file_range, CALL_FILE, TRUE, READS},
    {SYS_syncfs, CALL_FILE, TRUE, READS},
    {SYS_fallocate, CALL_FILE, TRUE, READS},
    {SYS_ftruncate, CALL_FILE, TRUE, READS},
    {SYS_readahead, CALL_FILE, TRUE, READS},
    {SYS_fstat, CALL_FILE, TRUE, READS},
    {SYS_sync, CALL_FILE, TRUE, 0},
    {SYS_msync, CALL_FILE, TRUE, 0},
    {SYS_stat, CALL_FILE, TRUE, 0},
    {SYS_lstat, CALL_FILE, TRUE, 0},
    {SYS_newfstatat, CALL_FILE, TRUE, 0},
    {SYS_statx, CALL_FILE, TRUE, 0},
    {SYS_access, CALL_FILE, TRUE, 0},
    {SYS_faccessat, CALL_FILE, TRUE, 0},
    {SYS_readlink, CALL_FILE, TRUE, 0},
    {SYS_readlinkat, CALL_FILE, TRUE, 0},
    {SYS_rename, CALL_FILE, TRUE, 0},
    {SYS_renameat, CALL_FILE, TRUE, 0},
    {SYS_renameat2, CALL_FILE, TRUE, 0},
    {SYS_unlink, CALL_FILE, TRUE, 0},
    {SYS_unlinkat, CALL_FILE, TRUE, 0},
    {SYS_mkdir, CALL_FILE, TRUE, 0},
    {SYS_mkdirat, CALL_FILE, TRUE, 0},
    {SYS_rmdir, CALL_FILE, TRUE, 0},
    {SYS_link, CALL_FILE, TRUE, 0},
    {SYS_linkat, CALL_FILE, TRUE, 0},
    {SYS_symlink, CALL_FILE, TRUE, 0},
    {SYS_symlinkat, CALL_FILE, TRUE, 0},
    {SYS_truncate, CALL_FILE, TRUE, 0},
    {SYS_execve, CALL_FILE, FALSE, 0},
    {SYS_execveat, CALL_FILE, FALSE, 0},
    {SYS_open, CALL_OPEN, TRUE, SYSCALL_WAKES},
    {SYS_openat, CALL_OPEN, TRUE, SYSCALL_WAKES},
    {SYS_openat2, CALL_OPEN, TRUE, SYSCALL_WAKES},
    {SYS_creat, CALL_OPEN, TRUE, SYSCALL_WAKES},
    {SYS_futex, CALL_FUTEX, FALSE, SYSCALL_FUTEX},
    {SYS_futex_wait, CALL_FUTEX, FALSE, SYSCALL_FUTEX},
    {SYS_futex_wake, CALL_FUTEX, FALSE, SYSCALL_FUTEX},
    {SYS_nanosleep, CALL_TIMER, FALSE, 0},
    {SYS_clock_nanosleep, CALL_TIMER, FALSE, 0},
    {SYS_poll, CALL_POLL, TRUE, SYSCALL_POLL},
    {SYS_ppoll, CALL_POLL, TRUE, SYSCALL_POLL},
    {SYS_select, CALL_SELECT, TRUE, SYSCALL_POLL},
    {SYS_pselect6, CALL_SELECT, TRUE, SYSCALL_POLL},
    {SYS_epoll_wait, CALL_POLL, TRUE, SYSCALL_POLL},
    {SYS_epoll_pwait, CALL_POLL, TRUE, SYSCALL_POLL},
    {SYS_epoll_pwait2, CALL_POLL, TRUE, SYSCALL_POLL},
    {SYS_epoll_ctl, CALL_OTHER, TRUE, SYSCALL_WAKES},
    {SYS_wait4, CALL_CHILD, FALSE, 0},
    {SYS_waitid, CALL_CHILD, FALSE, 0},
    {SYS_vfork, CALL_CHILD, FALSE, 0},
    {SYS_clone, CALL_CHILD, FALSE, 0}, /* blocks only as a vfork does */
    {SYS_clone3, CALL_CHILD, FALSE, 0},
    {SYS_semop, CALL_SEMAPHORE, FALSE, SYSCALL_WAKES},
    {SYS_semtimedop, CALL_SEMAPHORE, FALSE, SYSCALL_WAKES},
    {SYS_msgrcv, CALL_MESSAGE, TRUE, SYSCALL_WAKES},
    {SYS_msgsnd, CALL_MESSAGE, TRUE, SYSCALL_WAKES},
    {SYS_mq_timedreceive, CALL_MESSAGE, TRUE, SYSCALL_WAKES},
    {SYS_mq_timedsend, CALL_MESSAGE, TRUE, SYSCALL_WAKES},
    {SYS_io_uring_enter, CALL_IO_URING, TRUE, SYSCALL_WAKES},
    {SYS_mmap, CALL_MEMORY, FALSE, 0},
    {SYS_munmap, CALL_MEMORY, FALSE, 0},
    {SYS_mremap, CALL_MEMORY, FALSE, 0},
    {SYS_mprotect, CALL_MEMORY, FALSE, 0},
    {SYS_madvise, CALL_MEMORY, FALSE, 0},
    {SYS_brk, CALL_MEMORY, FALSE, 0},
    {SYS_kill, CALL_OTHER, FALSE, SYSCALL_WAKES},
    {SYS_tkill, CALL_OTHER, FALSE, SYSCALL_WAKES},
    {SYS_tgkill, CALL_OTHER, FALSE, SYSCALL_WAKES},
    {SYS_rt_sigqueueinfo, CALL_OTHER, FALSE, SYSCALL_WAKES},
    {SYS_exit, CALL_OTHER, FALSE, SYSCALL_ENDS},
    {SYS_exit_group, CALL_OTHER, FALSE, SYSCALL_ENDS},
};

static const char *const names[] = {
#include "tracer/system_call_names.h"
};

char *system_call_name(int number)
{
    if (number >= 0 && (guint)number < G_N_ELEMENTS(names) && names[number])
        return g_strdup(names[number]);
    return g_strdup_printf("number_%d", number);
}

const struct system_call *system_call_find(int number)
{
    static const struct system_call unknown = {-1, CALL_OTHER, FALSE, 0};
    static guint8 index[WATCH_SYSCALLS]; /* position in the table + 1; 0 when not listed */
    static gsize filled;
    G_STATIC_ASSERT(G_N_ELEMENTS(table) < 255);

    if (g_once_init_enter(&filled)) {
        for (guint i = 0; i < G_N_ELEMENTS(table); i++)
            index[table[i].number] = (guint8)(i + 1);
        g_once_init_leave(&filled, 1);
    }
    if (number < 0 || number >= WATCH_SYSCALLS || !index[number])
        return &unknown;
    return &table[index[number] - 1];
}
