/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots while a watch goes on: they grow towards the run, and change nothing about it. */
#include <stdlib.h>
#include <string.h>

#include "model/session_mark.h"
#include "tests/kernel/traced.h"

#define WAIT_METRIC "blocked_seconds.mutex"

struct looks {
    struct session *session; /* where snapshots go, and nothing else */
    guint taken, with_waits;
    double waited, seconds; /* of the last one */
    gboolean ended, stack_seen;
};

static double program_value(const struct session *session, const char *metric)
{
    const struct measurement *found =
        session_find_measurement(session, session_last_run(session)->id, SUBJECT_PROGRAM, NULL, metric);
    return found ? found->value : 0;
}

/* The stack of the wait goes from the place in the program down into the library. */
static gboolean has_stack(struct tracing *tracing, const struct session *session)
{
    gboolean found = FALSE;
    for (guint i = 0; i < session->threads->len; i++) {
        const struct thread *thread = g_ptr_array_index(session->threads, i);
        if (strcmp(thread->name, "waiter") != 0)
            continue;
        g_autoptr(GPtrArray) stacks = trace_stacks(tracing, session, thread->tid);
        for (guint k = 0; k < stacks->len; k++) {
            const struct thread_stack *stack = g_ptr_array_index(stacks, k);
            g_assert_cmpuint(stack->frames->len, >, 0);
            found |= !stack->on_core && stack->cause == CAUSE_MUTEX && stack->frames->len > 2;
        }
    }
    return found;
}

static void look(struct tracing *tracing, gboolean ended, gpointer data)
{
    struct looks *looks = data;
    g_autoptr(GError) error = NULL;
    struct session_mark mark = session_mark_set(looks->session);
    g_assert_true(trace_snapshot(tracing, looks->session, &error));
    g_assert_no_error(error);
    const struct run *run = session_last_run(looks->session);
    double waited = program_value(looks->session, WAIT_METRIC);
    g_assert_cmpfloat(run->seconds, >=, looks->seconds);
    g_assert_cmpfloat(waited, >=, looks->waited - SLACK_SECONDS);
    looks->seconds = run->seconds;
    looks->waited = waited;
    looks->taken++;
    looks->with_waits += waited > 0;
    looks->ended = ended;
    looks->stack_seen |= has_stack(tracing, looks->session);
    session_mark_return(looks->session, &mark);
    g_assert_cmpuint(looks->session->runs->len, ==, 0);
    g_assert_cmpuint(looks->session->measurements->len, ==, 0);
    g_assert_cmpuint(looks->session->locks->len, ==, 0);
}

static void check_snapshots(void)
{
    struct looks looks = {.session = session_new()};
    struct trace_options options = {.tick = look, .tick_data = &looks};
    struct traced traced = trace_case_with("mutex", &options);
    double whole = measured(&traced, SUBJECT_PROGRAM, NULL, WAIT_METRIC);
    g_print("%u snapshots, %u with waits; %.6f s waited, %.6f s in the last snapshot\n", looks.taken,
            looks.with_waits, whole, looks.waited);
    g_assert_cmpuint(looks.taken, >, 2);
    g_assert_cmpuint(looks.with_waits, >, 1);
    g_assert_true(looks.ended);
    g_assert_true(looks.stack_seen);
    g_assert_cmpfloat_with_epsilon(looks.waited, whole, 1e-9);
    assert_waited(&traced, thread_named(&traced, "waiter")->id, whole, truth_of(&traced, "mutex"));
    check_states(&traced);
    session_free(looks.session);
    traced_clear(&traced);
}

static const struct traced_case cases[] = {{"snapshot", check_snapshots}};

int main(int argc, char **argv)
{
    return run_traced_case(argc, argv, "snapshot_test CASE TRUTH_PROGRAM", cases, G_N_ELEMENTS(cases));
}
