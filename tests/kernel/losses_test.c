/* SPDX-License-Identifier: Apache-2.0 */
/* What a watch with tables or buffers that are far too small says it lost, and what is judged all the same.
 */
#include <string.h>

#include "model/judge.h"
#include "tests/kernel/traced.h"

static double lost(const struct session *session, const char *kind)
{
    g_autofree char *metric = g_strdup_printf("lost_events.%s", kind);
    const struct run *run = session_last_run(session);
    const struct measurement *found =
        session_find_measurement(session, run->id, SUBJECT_PROGRAM, NULL, metric);
    double value = found ? found->value : 0;
    g_print("%s: %.0f of %" G_GUINT64_FORMAT "\n", metric, value, found ? found->samples : 0);
    g_assert_true(!found || (double)found->samples >= value);
    return value;
}

static const struct verdict *verdict_on(const struct session *session, const char *metric)
{
    for (guint i = 0; i < session->verdicts->len; i++) {
        const struct prediction *prediction = g_ptr_array_index(session->predictions, i);
        const struct verdict *verdict = g_ptr_array_index(session->verdicts, i);
        if (strcmp(prediction->metric, metric) == 0) {
            g_print("%s: %s\n", verdict_kind_name(verdict->kind), verdict->why);
            return verdict;
        }
    }
    g_assert_not_reached();
}

/* Traces the case of 2,000 threads, and judges what a count of threads and what a stack is needed for. */
static struct session *trace_threads(struct trace_options options)
{
    g_autoptr(GError) error = NULL;
    const char *command[] = {traced_program, "threads", "/dev/null", NULL};
    struct session *session = session_new();
    session_add_prediction(session, NULL, NULL, "threads_created", COMPARE_AT_LEAST, 2000);
    session_add_prediction(session, NULL, NULL, "io_share", COMPARE_BELOW, 2);
    options.command = command;
    trace(&options, session, &error);
    g_assert_no_error(error);
    judge_session(session);
    return session;
}

static void check_none(void)
{
    g_autoptr(Session) session = trace_threads((struct trace_options){0});
    g_assert_cmpuint(session_last_run(session)->lost_events, ==, 0);
    g_assert_cmpint(verdict_on(session, "threads_created")->kind, ==, VERDICT_CONFIRMED);
    g_assert_cmpint(verdict_on(session, "io_share")->kind, ==, VERDICT_CONFIRMED);
}

static void check_tables(void)
{
    g_autoptr(Session) session = trace_threads((struct trace_options){.table_entries = 4});
    double waits = lost(session, "waits"), stacks = lost(session, "stacks");
    g_assert_cmpfloat(waits, >, 100);
    g_assert_cmpfloat(lost(session, "threads"), ==, 0);
    g_assert_cmpfloat((double)session_last_run(session)->lost_events, ==,
                      waits + stacks + lost(session, "samples"));
    g_assert_cmpint(verdict_on(session, "threads_created")->kind, ==, VERDICT_CONFIRMED);
    const struct verdict *share = verdict_on(session, "io_share");
    g_assert_cmpint(share->kind, ==, VERDICT_INCONCLUSIVE);
    g_assert_nonnull(strstr(share->why, "were lost"));
}

static void check_ring(void)
{
    g_autoptr(Session) session = trace_threads((struct trace_options){.snapshot_bytes = 16384});
    g_assert_cmpfloat(lost(session, "stacks"), >, 0);
    g_assert_cmpfloat(lost(session, "waits"), ==, 0);
    g_assert_cmpint(verdict_on(session, "threads_created")->kind, ==, VERDICT_CONFIRMED);
    g_assert_cmpint(verdict_on(session, "io_share")->kind, ==, VERDICT_INCONCLUSIVE);
}

/* Of what ran before the watch began, the report says that it did. */
static void check_found(void)
{
    pid_t child = start_case("wait");
    g_usleep(300000);
    g_autoptr(GError) error = NULL;
    struct traced traced = {.session = session_new(), .truth = g_hash_table_new(NULL, NULL)};
    struct trace_options options = {.pids = (int[]){child, 0}, .duration_seconds = 0.5};
    trace(&options, traced.session, &error);
    end_case(child);
    g_assert_no_error(error);
    g_assert_cmpfloat(measured(&traced, SUBJECT_PROGRAM, NULL, "threads_found"), ==,
                      (double)traced.session->threads->len);
    g_assert_cmpuint(session_last_run(traced.session)->lost_events, ==, 0);
    traced_clear(&traced);
}

static const struct traced_case cases[] = {{"loss_none", check_none},
                                           {"loss_tables", check_tables},
                                           {"loss_ring", check_ring},
                                           {"loss_found", check_found}};

int main(int argc, char **argv)
{
    return run_traced_case(argc, argv, "losses_test CASE TRUTH_PROGRAM", cases, G_N_ELEMENTS(cases));
}
