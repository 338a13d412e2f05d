/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/worker.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { JOB_ANSWER, JOB_CRASH, JOB_HANG, JOB_EXIT, JOB_DEEP, JOB_LARGE, JOB_COUNT };

#define LARGE_BYTES (8 << 20)

struct outcome {
    char *why[JOB_COUNT];
    gsize size[JOB_COUNT];
};

/* Uses about `bytes` of stack. */
static int descend(gsize bytes)
{
    volatile char frame[4096];
    memset((char *)frame, 1, sizeof(frame));
    return bytes > sizeof(frame) ? frame[0] + descend(bytes - sizeof(frame)) : frame[0];
}

static GVariant *work(guint job, gpointer data)
{
    (void)data;
    if (job == JOB_CRASH)
        raise(SIGSEGV);
    if (job == JOB_HANG)
        for (;;)
            pause();
    if (job == JOB_EXIT)
        _exit(9);
    if (job == JOB_DEEP)
        return g_variant_new_bytestring(descend((gsize)64 << 20) ? "deep" : "");
    if (job == JOB_LARGE)
        return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, g_malloc0(LARGE_BYTES), LARGE_BYTES, 1);
    return g_variant_new_bytestring("answer");
}

static void finished(guint job, GVariant *result, const char *why, gpointer data)
{
    struct outcome *outcome = data;
    outcome->why[job] = g_strdup(why ? why : "");
    outcome->size[job] = result ? g_variant_n_children(result) : 0;
}

static void test_outcomes(void)
{
    struct outcome outcome = {0};
    struct worker_pool pool = {
        .limits = {.seconds = 2, .stack_bytes = (gsize)128 << 20, .at_once = 3},
        .work = work,
        .type = "ay",
        .finished = finished,
        .data = &outcome,
    };
    guint order[JOB_COUNT];
    for (guint i = 0; i < JOB_COUNT; i++)
        order[i] = JOB_COUNT - 1 - i;
    gint64 before_us = g_get_monotonic_time();
    worker_pool_run(&pool, order, JOB_COUNT);
    g_assert_cmpint(g_get_monotonic_time() - before_us, <, 60 * G_USEC_PER_SEC);
    g_assert_cmpuint(outcome.size[JOB_ANSWER], ==, strlen("answer") + 1);
    g_assert_cmpuint(outcome.size[JOB_DEEP], ==, strlen("deep") + 1);
    g_assert_cmpuint(outcome.size[JOB_LARGE], ==, LARGE_BYTES);
    g_assert_nonnull(strstr(outcome.why[JOB_HANG], "did not finish within 2 s"));
    g_assert_cmpuint(outcome.size[JOB_HANG] + outcome.size[JOB_CRASH] + outcome.size[JOB_EXIT], ==, 0);
    g_assert_nonnull(strstr(outcome.why[JOB_EXIT], "exit status 9"));
    g_assert_cmpstr(outcome.why[JOB_CRASH], !=, "");
    for (guint i = 0; i < JOB_COUNT; i++)
        g_free(outcome.why[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/worker/outcomes", test_outcomes);
    return g_test_run();
}
