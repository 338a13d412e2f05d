/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/wait_cause.h"

#include <sys/stat.h>
#include <sys/syscall.h>

static const char *const no_names[] = {NULL};

/* The primitives of glibc 2.36 as they look at the system call, told without any function name. */
static void test_futex_by_operation(void)
{
    static const struct {
        guint16 operation;
        enum watch_futex_value value;
        enum wait_cause cause;
    } cases[] = {
        {0x80, FUTEX_VALUE_TWO, CAUSE_MUTEX},   /* normal, recursive, error-checking, adaptive */
        {0x00, FUTEX_VALUE_TWO, CAUSE_MUTEX},   /* shared between processes */
        {0x00, FUTEX_VALUE_OWNED, CAUSE_MUTEX}, /* robust */
        {0x86, FUTEX_VALUE_OWNED, CAUSE_MUTEX}, /* priority-inheriting */
        {0x189, FUTEX_VALUE_TWO, CAUSE_MUTEX},  /* with a time limit */
        {0x189, FUTEX_VALUE_THREE, CAUSE_RWLOCK},
        {0x189, FUTEX_VALUE_ZERO, CAUSE_CONDITION}, /* or a semaphore */
        {0x109, FUTEX_VALUE_TID, CAUSE_JOIN},
        {0x80, FUTEX_VALUE_OTHER, CAUSE_FUTEX},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct wait_key key = {
            .syscall = SYS_futex, .operation = cases[i].operation, .value = (guint8)cases[i].value};
        g_assert_cmpint(wait_cause_classify(&key, no_names), ==, cases[i].cause);
    }
}

static void test_futex_by_name(void)
{
    static const struct {
        const char *names[4];
        enum watch_futex_value value;
        enum wait_cause cause;
    } cases[] = {
        {{"libc.so.6+0x89134", "sem_wait"}, FUTEX_VALUE_ZERO, CAUSE_SEMAPHORE},
        {{"libc.so.6+0x89134", "pthread_cond_timedwait"}, FUTEX_VALUE_ZERO, CAUSE_CONDITION},
        {{"libc.so.6+0x89134", "pthread_cond_wait"}, FUTEX_VALUE_TWO, CAUSE_MUTEX},
        {{"__lll_lock_wait", "___pthread_mutex_lock"}, FUTEX_VALUE_TWO, CAUSE_MUTEX},
        {{"pthread_barrier_wait"}, FUTEX_VALUE_OTHER, CAUSE_BARRIER},
        {{"pthread_rwlock_wrlock"}, FUTEX_VALUE_TWO, CAUSE_RWLOCK},
        {{"pthread_clockjoin_np"}, FUTEX_VALUE_OTHER, CAUSE_JOIN},
        {{"mtx_lock"}, FUTEX_VALUE_TWO, CAUSE_MUTEX},
        {{"some_other_function"}, FUTEX_VALUE_OTHER, CAUSE_FUTEX},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct wait_key key = {.syscall = SYS_futex, .operation = 0x80, .value = (guint8)cases[i].value};
        g_assert_cmpint(wait_cause_classify(&key, cases[i].names), ==, cases[i].cause);
    }
}

static void test_descriptors(void)
{
    static const struct {
        guint64 object;
        enum wait_cause cause;
    } cases[] = {
        {S_IFREG, CAUSE_DISK}, {S_IFBLK | 254 << 16, CAUSE_DISK},     {S_IFSOCK, CAUSE_SOCKET},
        {S_IFIFO, CAUSE_PIPE}, {S_IFCHR | 136 << 16, CAUSE_TERMINAL}, {S_IFCHR | 10 << 16, CAUSE_OTHER},
        {0, CAUSE_OTHER},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct wait_key key = {.syscall = SYS_read, .object = cases[i].object};
        g_assert_cmpint(wait_cause_classify(&key, no_names), ==, cases[i].cause);
    }
}

static void test_other_calls(void)
{
    static const struct {
        struct wait_key key;
        enum wait_cause cause;
    } cases[] = {
        {{.syscall = SYS_clock_nanosleep}, CAUSE_TIMER},
        {{.syscall = SYS_fsync, .object = S_IFREG}, CAUSE_DISK},
        {{.syscall = SYS_epoll_wait}, CAUSE_POLL},
        {{.syscall = SYS_poll, .object = WAIT_FIRST_ZERO | WAIT_SECOND_ZERO}, CAUSE_TIMER},
        {{.syscall = SYS_select, .object = WAIT_FIRST_ZERO}, CAUSE_TIMER},
        {{.syscall = SYS_select, .object = WAIT_SECOND_ZERO}, CAUSE_POLL}, /* only descriptors to write to */
        {{.syscall = SYS_accept4, .object = S_IFSOCK}, CAUSE_ACCEPT},
        {{.syscall = SYS_connect, .object = S_IFSOCK}, CAUSE_SOCKET},
        {{.syscall = SYS_wait4}, CAUSE_CHILD},
        {{.syscall = SYS_io_uring_enter}, CAUSE_IO_URING},
        {{.syscall = SYS_munmap, .flags = WAIT_UNINTERRUPTIBLE}, CAUSE_KERNEL_LOCK},
        {{.syscall = SYS_openat, .flags = WAIT_UNINTERRUPTIBLE}, CAUSE_DISK},
        {{.syscall = SYS_openat}, CAUSE_PIPE}, /* a FIFO without its other end */
        {{.syscall = WATCH_SYSCALL_NONE, .flags = WAIT_UNINTERRUPTIBLE}, CAUSE_PAGE_FAULT},
        {{.syscall = SYS_read, .object = S_IFIFO, .flags = WAIT_STOPPED}, CAUSE_STOPPED},
        {{.syscall = 499}, CAUSE_OTHER},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(wait_cause_classify(&cases[i].key, no_names), ==, cases[i].cause);
}

static void test_io_calls(void)
{
    g_assert_true(wait_cause_is_io_call(SYS_sendmsg));
    g_assert_true(wait_cause_is_io_call(SYS_epoll_wait));
    g_assert_false(wait_cause_is_io_call(SYS_mmap));
    g_assert_false(wait_cause_is_io_call(SYS_futex));
    g_assert_false(wait_cause_is_io_call(WATCH_SYSCALL_NONE));
    g_assert_false(wait_cause_is_io_call(G_MAXINT));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wait_cause/futex_by_operation", test_futex_by_operation);
    g_test_add_func("/wait_cause/futex_by_name", test_futex_by_name);
    g_test_add_func("/wait_cause/descriptors", test_descriptors);
    g_test_add_func("/wait_cause/other_calls", test_other_calls);
    g_test_add_func("/wait_cause/io_calls", test_io_calls);
    return g_test_run();
}
