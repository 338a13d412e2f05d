/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/lock_state.h"

static struct held_lock lock_named(const char *place, const char *name)
{
    return (struct held_lock){.place = g_quark_from_string(place), .name = g_quark_from_string(name)};
}

static void test_find(void)
{
    g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(struct held_lock));
    struct held_lock first = lock_named("table[0].lock", "struct bucket.lock");
    struct held_lock second = lock_named("table[1].lock", "struct bucket.lock");
    struct held_lock other = lock_named("table[2].lock", "struct bucket.lock");
    struct held_lock pointed = lock_named("%f:b*.lock", "struct bucket.lock");
    g_array_append_val(held, first);
    g_array_append_val(held, second);
    g_assert_cmpint(held_lock_find(held, &first), ==, 0);
    g_assert_cmpint(held_lock_find(held, &other), ==, -1);  /* surely another element */
    g_assert_cmpint(held_lock_find(held, &pointed), ==, 1); /* may be any: the last one taken */
}

static void test_assume(void)
{
    struct lock_state *state = lock_state_new();
    GQuark x = g_quark_from_string("x");
    g_assert_true(lock_state_assume(state, x, RELATION_AT_LEAST, 0));
    g_assert_true(lock_state_assume(state, x, RELATION_DIFFERENT, 0));
    g_assert_true(lock_state_assume(state, x, RELATION_BELOW, 3));
    g_assert_true(lock_state_assume(state, x, RELATION_DIFFERENT, 1));
    struct lock_state *copy = lock_state_copy(state);
    g_assert_true(lock_state_assume(copy, x, RELATION_EQUAL, 2));
    g_assert_false(lock_state_assume(state, x, RELATION_DIFFERENT, 2)); /* nothing is left */
    lock_state_free(copy);
    lock_state_free(state);
}

static void test_decides(void)
{
    struct lock_state *state = lock_state_new();
    struct fact_test is_zero = {"x", RELATION_EQUAL, 0}, is_positive = {"x", RELATION_ABOVE, 0};
    GQuark x = g_quark_from_string("x");
    g_assert_cmpint(lock_state_decides(state, &is_zero), ==, -1);
    g_assert_true(lock_state_assume(state, x, RELATION_ABOVE, 4));
    g_assert_cmpint(lock_state_decides(state, &is_zero), ==, 0);
    g_assert_cmpint(lock_state_decides(state, &is_positive), ==, 1);
    lock_state_forget(state, "x");
    g_assert_cmpint(lock_state_decides(state, &is_positive), ==, -1);
    lock_state_free(state);
}

static void test_join(void)
{
    struct lock_state *one = lock_state_new(), *two = lock_state_new();
    GQuark x = g_quark_from_string("x"), y = g_quark_from_string("y");
    lock_state_assume(one, x, RELATION_EQUAL, 1);
    lock_state_assume(one, y, RELATION_EQUAL, 1);
    lock_state_assume(two, x, RELATION_EQUAL, 3);
    g_assert_true(lock_state_same_locks(one, two));
    g_assert_true(lock_state_join(one, two));
    g_assert_null(lock_state_known(one, y)); /* only one of the paths knew */
    g_assert_cmpint(lock_state_known(one, x)->low, ==, 1);
    g_assert_cmpint(lock_state_known(one, x)->high, ==, 3);
    g_assert_false(lock_state_join(one, two));
    lock_state_free(one);
    lock_state_free(two);
}

/* What is part of the subject is forgotten with it, what only begins alike is not. */
static void test_forget(void)
{
    struct lock_state *state = lock_state_new();
    GQuark flags = g_quark_from_string("flags&4"), other = g_quark_from_string("flags2");
    lock_state_assume(state, flags, RELATION_EQUAL, 4);
    lock_state_assume(state, other, RELATION_EQUAL, 1);
    lock_state_forget(state, "flags");
    g_assert_null(lock_state_known(state, flags));
    g_assert_nonnull(lock_state_known(state, other));
    lock_state_free(state);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/lock_state/find", test_find);
    g_test_add_func("/lock_state/assume", test_assume);
    g_test_add_func("/lock_state/decides", test_decides);
    g_test_add_func("/lock_state/join", test_join);
    g_test_add_func("/lock_state/forget", test_forget);
    return g_test_run();
}
