/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "example_session.h"
#include "model/session_mark.h"
#include "reports/live_view.h"

#define NEAR 1e-9

/* A run of `seconds` that is nothing but that. */
static struct session *run_of(double seconds)
{
    struct session *session = session_new();
    struct run *run = run_new();
    run->id = g_strdup(EXAMPLE_RUN);
    run->command = g_strdup("./server");
    run->seconds = seconds;
    run->cores = 2;
    g_ptr_array_add(session->runs, run);
    return session;
}

static void measure(struct session *session, enum subject_kind kind, const char *subject, const char *metric,
                    double value, guint64 samples)
{
    session_add_measurement(session, EXAMPLE_RUN, kind, subject, metric, value, samples);
}

/* A thread that ran, waited for the lock, and was idle for the rest of `wall`. */
static void add_thread(struct session *session, int tid, double on_core, double waited, double idle)
{
    const struct thread *thread = example_add_thread(session, tid, "worker", NULL, on_core + waited + idle);
    measure(session, SUBJECT_THREAD, thread->id, "cpu_seconds", on_core, 100);
    measure(session, SUBJECT_THREAD, thread->id, "io_work_seconds", on_core / 4, 100);
    measure(session, SUBJECT_THREAD, thread->id, "idle_seconds", idle, 10);
    measure(session, SUBJECT_THREAD, thread->id, "wall_seconds", on_core + waited + idle, 110);
}

static void add_wait(struct session *session, int waiter, int holder, double seconds, guint64 count)
{
    struct wait_edge *wait =
        example_add_wait(session, waiter, holder, "cache_lock", CAUSE_MUTEX, seconds, count);
    wait->file = g_strdup("cache.c");
    wait->line = 42;
    wait->longest_seconds = seconds;
}

static struct live_numbers *numbers_of(struct session *session)
{
    struct live_numbers *numbers = live_numbers_new(session);
    session_free(session);
    return numbers;
}

/* After 1 s the second thread still waits, for nobody knows whom; after 2 s it is known that it was the
 * first. */
static struct live_numbers *early(void)
{
    struct session *session = run_of(1);
    example_add_lock(session, "cache_lock", LOCK_MUTEX, "cache.c", 7, TRUE);
    add_thread(session, 1, 0.8, 0, 0.2);
    add_thread(session, 2, 0.4, 0.6, 0);
    add_wait(session, 2, 0, 0.6, 1);
    return numbers_of(session);
}

static struct live_numbers *late(void)
{
    struct session *session = run_of(2);
    example_add_lock(session, "cache_lock", LOCK_MUTEX, "cache.c", 7, TRUE);
    add_thread(session, 1, 1.6, 0, 0.4);
    add_thread(session, 2, 0.4, 0.9, 0.7);
    add_thread(session, 3, 0.1, 0, 0);
    add_wait(session, 2, 1, 0.9, 2);
    return numbers_of(session);
}

static void test_since_the_beginning(void)
{
    g_autoptr(LiveNumbers) numbers = early();
    g_autoptr(LiveView) view = live_view_new(numbers, NULL, LIVE_SORT_ON_CORE);
    g_assert_cmpfloat(view->seconds, ==, 1);
    g_assert_cmpuint(view->threads->len, ==, 2);
    const struct live_thread_row *first = g_ptr_array_index(view->threads, 0);
    g_assert_cmpint(first->thread->tid, ==, 1);
    g_assert_cmpfloat_with_epsilon(first->states.on_core, 0.6, NEAR);
    g_assert_cmpfloat_with_epsilon(first->states.io_work, 0.2, NEAR);
    g_assert_cmpfloat_with_epsilon(first->states.idle, 0.2, NEAR);
    g_assert_null(first->worst);
    const struct live_lock_row *lock = g_ptr_array_index(view->locks, 0);
    g_assert_cmpstr(lock->name, ==, "cache_lock");
    g_assert_cmpfloat_with_epsilon(lock->waited, 0.6, NEAR);
    g_assert_null(lock->holder);
    g_assert_cmpint(lock->waiter->tid, ==, 2);
}

static void test_between(void)
{
    g_autoptr(LiveNumbers) before = early();
    g_autoptr(LiveNumbers) now = late();
    g_autoptr(LiveView) view = live_view_new(now, before, LIVE_SORT_LOCK);
    g_assert_cmpuint(view->threads->len, ==, 3);
    const struct live_thread_row *first = g_ptr_array_index(view->threads, 0);
    g_assert_cmpint(first->thread->tid, ==, 2);
    g_assert_cmpfloat_with_epsilon(first->on_lock, 0.3, NEAR);
    g_assert_cmpfloat_with_epsilon(first->states.blocked[CAUSE_MUTEX], 0.3, NEAR);
    g_assert_cmpfloat_with_epsilon(first->states.idle, 0.7, NEAR);
    g_assert_cmpfloat_with_epsilon(first->states.on_core, 0, NEAR);
    /* What was counted without a holder and is counted under one now is not counted twice. */
    const struct live_lock_row *lock = g_ptr_array_index(view->locks, 0);
    g_assert_cmpuint(view->locks->len, ==, 1);
    g_assert_cmpfloat_with_epsilon(lock->waited, 0.3, NEAR);
    g_assert_cmpint(lock->count, ==, 1);
    g_assert_cmpint(lock->holder->tid, ==, 1);
    g_assert_cmpstr(lock->place, ==, "cache.c:42");
}

static void test_ended_threads_leave(void)
{
    g_autoptr(LiveNumbers) before = late();
    g_autoptr(LiveNumbers) now = late();
    now->seconds += 1;
    ((struct live_thread *)g_ptr_array_index(now->threads, 1))->states.idle += 1;
    g_autoptr(LiveView) view = live_view_new(now, before, LIVE_SORT_ON_CORE);
    g_assert_cmpuint(view->threads->len, ==, 1);
    g_assert_cmpuint(view->locks->len, ==, 0);
    g_assert_cmpint(((struct live_thread_row *)g_ptr_array_index(view->threads, 0))->thread->tid, ==, 2);
}

/* Waits that were lost are blocked time all the same. */
static void test_lost_waits(void)
{
    struct session *session = run_of(1);
    add_thread(session, 1, 0.2, 0.5, 0.3);
    g_autoptr(LiveNumbers) numbers = numbers_of(session);
    g_autoptr(LiveView) view = live_view_new(numbers, NULL, LIVE_SORT_ON_CORE);
    const struct live_thread_row *row = g_ptr_array_index(view->threads, 0);
    g_assert_cmpfloat_with_epsilon(row->states.blocked[CAUSE_OTHER], 0.5, NEAR);
}

static void test_sorts(void)
{
    static const int first[LIVE_SORT_COUNT] = {1, 1, 2, 2, 2, 1};
    g_autoptr(LiveNumbers) numbers = late();
    for (enum live_sort sort = 0; sort < LIVE_SORT_COUNT; sort++) {
        g_autoptr(LiveView) view = live_view_new(numbers, NULL, sort);
        g_assert_cmpint(((struct live_thread_row *)g_ptr_array_index(view->threads, 0))->thread->tid, ==,
                        first[sort]);
    }
}

static void add_rounds(struct live_numbers *numbers, guint place, guint count, double longest)
{
    struct histogram durations = {0};
    for (guint i = 0; i + 1 < count; i++)
        histogram_add(&durations, longest / 100);
    if (count)
        histogram_add(&durations, longest);
    live_numbers_add_rounds(numbers, place, &durations);
}

static void test_loops(void)
{
    g_autoptr(LiveNumbers) numbers = late();
    add_rounds(numbers, 0, 400, 0.002);
    add_rounds(numbers, 1, 20, 0.09);
    add_rounds(numbers, 2, 0, 0);
    add_rounds(numbers, 99, 7, 1);
    g_autoptr(LiveView) view = live_view_new(numbers, NULL, LIVE_SORT_ON_CORE);
    g_assert_cmpuint(view->loops->len, ==, 3);
    const struct live_loop_row *busy = g_ptr_array_index(view->loops, 0),
                               *second = g_ptr_array_index(view->loops, 1);
    /* It was not idle for a moment: what it does goes on. */
    g_assert_cmpint(busy->thread->tid, ==, 3);
    g_assert_true(busy->goes_on);
    g_assert_cmpfloat_with_epsilon(busy->longest, 0.1, NEAR);
    g_assert_cmpint(second->thread->tid, ==, 2);
    g_assert_cmpuint(second->count, ==, 20);
    g_assert_cmpfloat_with_epsilon(second->longest, 0.09, 0.09 / HISTOGRAM_PARTS);
    g_assert_cmpstr(second->worst->lock, ==, "cache_lock");
}

/* Of the time between two snapshots only what ended in it counts. */
static void test_loops_between(void)
{
    g_autoptr(LiveNumbers) before = early();
    g_autoptr(LiveNumbers) now = late();
    add_rounds(before, 1, 20, 0.09);
    add_rounds(now, 1, 20, 0.09);
    struct live_rounds *grown = g_ptr_array_index(now->rounds, 0);
    for (guint i = 0; i < 6; i++)
        histogram_add(&grown->durations, 0.03);
    g_autoptr(LiveView) view = live_view_new(now, before, LIVE_SORT_ON_CORE);
    const struct live_loop_row *row = g_ptr_array_index(view->loops, 0);
    g_assert_cmpuint(row->count, ==, 6);
    g_assert_cmpfloat_with_epsilon(row->longest, 0.03, 0.03 / HISTOGRAM_PARTS);
    g_assert_cmpfloat_with_epsilon(row->longest_ever, 0.09, 0.09 / HISTOGRAM_PARTS);
    g_autoptr(LiveView) all = live_view_new(now, NULL, LIVE_SORT_ON_CORE);
    row = g_ptr_array_index(all->loops, 0);
    g_assert_cmpuint(row->count, ==, 26);
}

static gboolean says(const struct live_numbers *numbers, const char *words)
{
    for (guint i = 0; i < numbers->suggestions->len; i++) {
        if (strstr(g_ptr_array_index(numbers->suggestions, i), words))
            return TRUE;
    }
    return FALSE;
}

static void program(struct session *session, const char *metric, double value)
{
    measure(session, SUBJECT_PROGRAM, NULL, metric, value, 1000);
}

static void test_suggestions(void)
{
    struct session *session = run_of(10);
    g_autoptr(LiveNumbers) nothing = numbers_of(session);
    g_assert_true(says(nothing, "no change"));

    session = run_of(10);
    program(session, "lock_share", 0.7);
    program(session, "parallelism", 1.02);
    g_autoptr(LiveNumbers) serial = numbers_of(session);
    g_assert_true(says(serial, "one at a time"));

    session = run_of(10);
    program(session, "cpu_share", 0.99);
    program(session, "parallelism", 1);
    g_autoptr(LiveNumbers) computing = numbers_of(session);
    g_assert_true(says(computing, "one of 2 cores"));

    session = run_of(10);
    program(session, "parallelism", 9);
    g_autoptr(LiveNumbers) crowd = numbers_of(session);
    g_assert_true(says(crowd, "as many threads as cores"));

    session = run_of(10);
    program(session, "io_wait_share", 0.9);
    program(session, "threads_peak", 1);
    g_autoptr(LiveNumbers) waiting = numbers_of(session);
    g_assert_true(says(waiting, "overlap the waits"));
}

/* Too few observations say nothing. */
static void test_too_few_samples(void)
{
    struct session *session = run_of(10);
    measure(session, SUBJECT_PROGRAM, NULL, "io_wait_share", 0.9, 5);
    g_autoptr(LiveNumbers) numbers = numbers_of(session);
    g_assert_cmpuint(numbers->suggestions->len, ==, 1);
    g_assert_true(says(numbers, "no change"));
}

static void test_stopped_loop(void)
{
    struct session *session = run_of(10);
    add_thread(session, 1, 1, 3, 6);
    struct wait_edge *idle = example_add_wait(session, 1, 0, NULL, CAUSE_POLL, 6, 100);
    idle->idle = TRUE;
    struct wait_edge *stop = example_add_wait(session, 1, 0, NULL, CAUSE_DISK, 3, 30);
    stop->file = g_strdup("log.c");
    stop->line = 9;
    g_autoptr(LiveNumbers) numbers = numbers_of(session);
    g_assert_true(says(numbers, "30 %"));
    g_assert_true(says(numbers, "log.c:9"));
}

/* With an analysis its advice speaks, as far as the run does not refute it. */
static void test_analysis_speaks(void)
{
    struct session *session = example_session_pigz();
    g_autoptr(LiveNumbers) numbers = live_numbers_new(session);
    g_assert_cmpuint(numbers->suggestions->len, >, 0);
    g_assert_false(says(numbers, "corewise check says"));
    session_free(session);
}

static void test_mark(void)
{
    struct session *session = example_session_pigz();
    struct session_mark mark = session_mark_set(session);
    guint threads = session->threads->len, waits = session->waits->len, locks = session->locks->len;
    example_add_thread(session, 7000, "late", NULL, 1);
    example_add_wait(session, 7000, 0, "late_lock", CAUSE_MUTEX, 1, 1);
    example_add_lock(session, "late_lock", LOCK_MUTEX, NULL, 0, TRUE);
    session_mark_return(session, &mark);
    g_assert_cmpuint(session->threads->len, ==, threads);
    g_assert_cmpuint(session->waits->len, ==, waits);
    g_assert_cmpuint(session->locks->len, ==, locks);
    g_assert_null(session_find_lock(session, "late_lock"));
    session_free(session);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/live_view/since_the_beginning", test_since_the_beginning);
    g_test_add_func("/live_view/between", test_between);
    g_test_add_func("/live_view/ended_threads_leave", test_ended_threads_leave);
    g_test_add_func("/live_view/lost_waits", test_lost_waits);
    g_test_add_func("/live_view/sorts", test_sorts);
    g_test_add_func("/live_view/loops", test_loops);
    g_test_add_func("/live_view/loops_between", test_loops_between);
    g_test_add_func("/live_advice/suggestions", test_suggestions);
    g_test_add_func("/live_advice/too_few_samples", test_too_few_samples);
    g_test_add_func("/live_advice/stopped_loop", test_stopped_loop);
    g_test_add_func("/live_advice/analysis_speaks", test_analysis_speaks);
    g_test_add_func("/session_mark/return", test_mark);
    return g_test_run();
}
