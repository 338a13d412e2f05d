/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/coroutine.h"

#include <glib.h>

#define STACK_BYTES (64 * 1024)

struct counter {
    int steps, sum;
};

static void count_steps(struct corewise_coroutine *coroutine, void *data)
{
    struct counter *counter = data;
    volatile int local = 0; /* must survive the switches */
    for (int i = 1; i <= counter->steps; i++) {
        local += i;
        counter->sum = local;
        corewise_coroutine_yield(coroutine);
    }
}

static void test_resumes(void)
{
    struct corewise_coroutine *coroutine = corewise_coroutine_new(STACK_BYTES);
    struct counter counter = {.steps = 3};
    g_assert_nonnull(coroutine);
    g_assert_false(corewise_coroutine_resume(coroutine));
    corewise_coroutine_start(coroutine, count_steps, &counter);
    int sums[] = {1, 3, 6};
    for (int i = 0; i < 3; i++) {
        g_assert_true(corewise_coroutine_resume(coroutine));
        g_assert_cmpint(counter.sum, ==, sums[i]);
    }
    g_assert_false(corewise_coroutine_resume(coroutine));
    g_assert_false(corewise_coroutine_resume(coroutine));
    corewise_coroutine_free(coroutine);
}

static void test_used_again(void)
{
    struct corewise_coroutine *coroutine = corewise_coroutine_new(1);
    for (int round = 1; round <= 100; round++) {
        struct counter counter = {.steps = round};
        int resumed = 0;
        corewise_coroutine_start(coroutine, count_steps, &counter);
        while (corewise_coroutine_resume(coroutine))
            resumed++;
        g_assert_cmpint(resumed, ==, round);
        g_assert_cmpint(counter.sum, ==, round * (round + 1) / 2);
    }
    corewise_coroutine_free(coroutine);
}

static void test_interleaved(void)
{
    enum { COUNT = 50 };
    struct corewise_coroutine *coroutines[COUNT];
    struct counter counters[COUNT];
    for (int i = 0; i < COUNT; i++) {
        counters[i] = (struct counter){.steps = i};
        coroutines[i] = corewise_coroutine_new(STACK_BYTES);
        corewise_coroutine_start(coroutines[i], count_steps, &counters[i]);
    }
    for (int alive = COUNT; alive > 0;) {
        alive = 0;
        for (int i = 0; i < COUNT; i++)
            alive += corewise_coroutine_resume(coroutines[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        g_assert_cmpint(counters[i].sum, ==, i * (i + 1) / 2);
        corewise_coroutine_free(coroutines[i]);
    }
}

static void resume_inner(struct corewise_coroutine *coroutine, void *data)
{
    struct corewise_coroutine *inner = data;
    while (corewise_coroutine_resume(inner))
        corewise_coroutine_yield(coroutine);
}

static void test_nested(void)
{
    struct corewise_coroutine *inner = corewise_coroutine_new(STACK_BYTES);
    struct corewise_coroutine *outer = corewise_coroutine_new(STACK_BYTES);
    struct counter counter = {.steps = 4};
    int resumed = 0;
    corewise_coroutine_start(inner, count_steps, &counter);
    corewise_coroutine_start(outer, resume_inner, inner);
    while (corewise_coroutine_resume(outer))
        resumed++;
    g_assert_cmpint(resumed, ==, 4);
    g_assert_cmpint(counter.sum, ==, 10);
    corewise_coroutine_free(outer);
    corewise_coroutine_free(inner);
    corewise_coroutine_free(NULL);
}

static volatile gboolean go_on = TRUE;

static void overflow(struct corewise_coroutine *coroutine, void *data)
{
    volatile char page[4096];
    (void)data;
    page[0] = 1;
    if (go_on)
        overflow(coroutine, (void *)page);
    page[1] = page[0];
}

/* The page below the stack, not a neighbour's memory, takes an overflow. */
static void test_overflow_is_caught(void)
{
    if (g_test_subprocess()) {
        struct corewise_coroutine *coroutine = corewise_coroutine_new(STACK_BYTES);
        corewise_coroutine_start(coroutine, overflow, NULL);
        corewise_coroutine_resume(coroutine);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/coroutine/resumes", test_resumes);
    g_test_add_func("/coroutine/used-again", test_used_again);
    g_test_add_func("/coroutine/interleaved", test_interleaved);
    g_test_add_func("/coroutine/nested", test_nested);
    g_test_add_func("/coroutine/overflow-is-caught", test_overflow_is_caught);
    return g_test_run();
}
