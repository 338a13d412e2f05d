/* SPDX-License-Identifier: Apache-2.0 */
/* Locks that nobody waits for: how often they were taken and for how long. `uses_test CASE TRUTH_PROGRAM`. */
#include <stdlib.h>

#include "tests/kernel/traced.h"

static void check_lock_uses(void)
{
    static const char *const locks[] = {"quiet_lock", "tried_lock", "own_lock", "read_lock", "child_lock"};
    struct trace_options options = {.locks = TRUE};
    struct traced traced = trace_case_with("uses", &options);
    for (guint i = 0; i < G_N_ELEMENTS(locks); i++) {
        g_autofree char *uses = g_strdup_printf("%s.uses", locks[i]);
        g_autofree char *hold = g_strdup_printf("%s.hold", locks[i]);
        assert_near(uses, measured(&traced, SUBJECT_LOCK, locks[i], "lock_acquisitions"),
                    truth_of(&traced, uses), 0, 0);
        const double *held = g_hash_table_lookup(traced.truth, hold);
        if (held)
            assert_near(hold, measured(&traced, SUBJECT_LOCK, locks[i], "lock_hold_seconds"), *held, 0.05,
                        0.03);
    }
    check_states(&traced);
    traced_clear(&traced);
}

/* What a thread sleeps before it gets a lock is no hold, nor is the wait for a condition. */
static void check_lock_holds(void)
{
    struct trace_options options = {.locks = TRUE};
    struct traced mutex = trace_case_with("mutex", &options);
    assert_near("shared_lock", measured(&mutex, SUBJECT_LOCK, "shared_lock", "lock_hold_seconds"),
                truth_of(&mutex, "mutex"), 0.03, 0.03);
    assert_near("handoffs", measured(&mutex, SUBJECT_LOCK, "shared_lock", "lock_handoffs"), 8, 0, 0);
    assert_near("longest wait", measured(&mutex, SUBJECT_LOCK, "shared_lock", "lock_longest_wait_seconds"),
                0.05, 0.2, 0.03);
    traced_clear(&mutex);
    struct traced condition = trace_case_with("condition", &options);
    assert_near("queue.lock", measured(&condition, SUBJECT_LOCK, "queue.lock", "lock_hold_seconds"), 0, 0,
                0.02);
    traced_clear(&condition);
}

static void check_lock_attach(void)
{
    g_autoptr(GError) error = NULL;
    pid_t child = start_case("steady_locks");
    g_usleep(200000);
    struct traced traced = {.session = session_new(),
                            .truth = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    struct trace_options options = {.pids = (int[]){child, 0}, .duration_seconds = 1, .locks = TRUE};
    trace(&options, traced.session, &error);
    end_case(child);
    g_assert_no_error(error);
    g_assert_cmpfloat(measured(&traced, SUBJECT_LOCK, "quiet_lock", "lock_acquisitions"), >, 100);
    assert_near("hold", measured(&traced, SUBJECT_LOCK, "quiet_lock", "lock_hold_seconds"), 0.95, 0.2, 0);
    traced_clear(&traced);
}

static const struct traced_case cases[] = {
    {"lock_uses", check_lock_uses},
    {"lock_holds", check_lock_holds},
    {"lock_attach", check_lock_attach},
};

int main(int argc, char **argv)
{
    return run_traced_case(argc, argv, "uses_test CASE TRUTH_PROGRAM", cases, G_N_ELEMENTS(cases));
}
