/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/lock_holder.h"

static struct traced_thread *add_thread(struct collection *collection, guint32 serial, int tid,
                                        int namespace_tid, guint64 started_ns, guint64 ended_ns)
{
    struct traced_thread *thread = g_new0(struct traced_thread, 1);
    thread->serial = serial;
    thread->tid = tid;
    thread->tgid = 100;
    thread->namespace_tid = namespace_tid;
    thread->started_ns = started_ns;
    thread->ended_ns = ended_ns;
    g_hash_table_insert(collection->threads, GUINT_TO_POINTER(serial), thread);
    g_ptr_array_add(collection->thread_list, thread);
    return thread;
}

static void assert_found(const struct collection *collection, const struct traced_thread *waiter,
                         const struct wait_key *key, enum wait_cause cause,
                         const struct traced_thread *expected, gboolean expect_reason)
{
    g_autoptr(LockHolders) holders = lock_holders_new(collection);
    g_autofree char *reason = NULL;
    g_assert_true(lock_holders_find(holders, waiter, key, cause, &reason) == expected);
    g_assert_cmpint(reason != NULL, ==, expect_reason);
}

static void test_owner(void)
{
    g_autoptr(Collection) collection = collection_new(FALSE);
    struct traced_thread *waiter = add_thread(collection, 1, 100, 10, 0, 1000);
    struct traced_thread *owner = add_thread(collection, 2, 101, 11, 0, 1000);
    add_thread(collection, 3, 102, 12, 2000, 3000); /* born after the waiter's end */
    struct wait_key key = {.peer_kind = PEER_OWNER, .peer = 11};
    assert_found(collection, waiter, &key, CAUSE_MUTEX, owner, FALSE);
    assert_found(collection, waiter, &key, CAUSE_CONDITION, NULL, TRUE); /* nobody owns a condition */
    key.peer = 12;
    assert_found(collection, waiter, &key, CAUSE_MUTEX, NULL, TRUE);
    key.peer = 101; /* a number of the host, not of the target's namespace */
    assert_found(collection, waiter, &key, CAUSE_MUTEX, NULL, TRUE);
    key.peer = 10;
    assert_found(collection, waiter, &key, CAUSE_MUTEX, NULL, TRUE);
}

static void test_waker(void)
{
    g_autoptr(Collection) collection = collection_new(FALSE);
    struct traced_thread *waiter = add_thread(collection, 1, 100, 10, 0, 1000);
    struct traced_thread *waker = add_thread(collection, 2, 101, 11, 0, 1000);
    struct wait_key key = {.peer_kind = PEER_WAKER, .peer = 101};
    assert_found(collection, waiter, &key, CAUSE_CONDITION, waker, FALSE);
    assert_found(collection, waiter, &key, CAUSE_PIPE, waker, FALSE);
    key.peer = 77;
    assert_found(collection, waiter, &key, CAUSE_CONDITION, NULL, TRUE);
    assert_found(collection, waiter, &key, CAUSE_PIPE, NULL, FALSE); /* from outside, as is usual */
}

static void test_nobody(void)
{
    g_autoptr(Collection) collection = collection_new(FALSE);
    struct traced_thread *waiter = add_thread(collection, 1, 100, 10, 0, 1000);
    struct wait_key key = {.peer_kind = PEER_INTERRUPT};
    assert_found(collection, waiter, &key, CAUSE_TIMER, NULL, FALSE);
    assert_found(collection, waiter, &key, CAUSE_MUTEX, NULL, TRUE);
    key.peer_kind = PEER_NONE;
    assert_found(collection, waiter, &key, CAUSE_DISK, NULL, FALSE);
    assert_found(collection, waiter, &key, CAUSE_JOIN, NULL, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lock_holder/owner", test_owner);
    g_test_add_func("/lock_holder/waker", test_waker);
    g_test_add_func("/lock_holder/nobody", test_nobody);
    return g_test_run();
}
