/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/finding_verdicts.h"

#include <string.h>

/* A run in which serve@s.c:10-20 was seen, and other@s.c:30-40 was not. */
static struct session *session_with(const char *rule, int line, const char *message)
{
    struct session *session = session_new();
    struct run *run = run_new();
    struct finding *finding = finding_new();
    run->id = g_strdup("r1");
    run->seconds = 10;
    g_ptr_array_add(session->runs, run);
    for (int i = 0; i < 2; i++) {
        struct region *region = region_new();
        region->id = g_strdup(i == 0 ? "serve@s.c:10" : "other@s.c:30");
        region->file = g_strdup("s.c");
        region->line = i == 0 ? 10 : 30;
        region->end_line = region->line + 10;
        g_ptr_array_add(session->regions, region);
    }
    session_add_measurement(session, "r1", SUBJECT_REGION, "serve@s.c:10", "wall_seconds", 2, 100);
    finding->rule = g_strdup(rule);
    finding->severity = SEVERITY_WARNING;
    finding->file = g_strdup("s.c");
    finding->line = line;
    finding->message = g_strdup(message);
    finding->fingerprint = g_strdup("f1");
    g_ptr_array_add(session->findings, finding);
    return session;
}

static void add_wait(struct session *session, int line, enum wait_cause cause, const char *lock,
                     double seconds, gboolean idle)
{
    struct wait_edge *wait = wait_edge_new();
    wait->run = g_strdup("r1");
    wait->waiter = g_strdup("r1/1");
    wait->holder = g_strdup(lock ? "r1/1" : NULL);
    wait->lock = g_strdup(lock);
    wait->cause = cause;
    wait->seconds = seconds;
    wait->count = 4;
    wait->idle = idle;
    wait->file = g_strdup("s.c");
    wait->line = line;
    g_ptr_array_add(session->waits, wait);
}

static void add_lock(struct session *session, const char *name)
{
    struct lock *lock = lock_new();
    lock->id = g_strdup(name);
    lock->name = g_strdup(name);
    g_ptr_array_add(session->locks, lock);
}

static void add_step(struct session *session, int line)
{
    struct finding *finding = g_ptr_array_index(session->findings, 0);
    struct place *place = place_new("s.c", line, "step");
    place->end_line = line;
    g_ptr_array_add(finding->path, place);
}

static const struct finding_verdict *look(struct session *session, enum sighting expected)
{
    finding_verdicts_set(session);
    g_assert_cmpuint(session->finding_verdicts->len, ==, 1);
    const struct finding_verdict *verdict = session_find_finding_verdict(session, "f1");
    g_test_message("%s", verdict->why);
    g_assert_cmpstr(sighting_name(verdict->kind), ==, sighting_name(expected));
    return verdict;
}

static void test_blocking_callback(void)
{
    g_autoptr(Session) blocked = session_with("blocking-call-in-event-loop", 12, "fsync waits");
    add_wait(blocked, 12, CAUSE_DISK, NULL, 1.5, FALSE);
    add_wait(blocked, 13, CAUSE_DISK, NULL, 9, FALSE);
    add_wait(blocked, 12, CAUSE_POLL, NULL, 9, TRUE);
    const struct finding_verdict *verdict = look(blocked, SIGHTING_SEEN);
    g_assert_cmpfloat(verdict->seconds, ==, 1.5);
    g_assert_cmpuint(verdict->count, ==, 4);
    g_autoptr(Session) calm = session_with("blocking-call-in-event-loop", 12, "fsync waits");
    look(calm, SIGHTING_NOT_SEEN);
    g_autoptr(Session) elsewhere = session_with("blocking-call-in-event-loop", 35, "fsync waits");
    look(elsewhere, SIGHTING_NOT_EXERCISED);
}

static void test_lock_held_over_a_wait(void)
{
    const char *message = "`table` is held while fsync waits";
    g_autoptr(Session) alone = session_with("lock-held-across-blocking-call", 12, message);
    add_lock(alone, "table");
    add_lock(alone, "tab");
    add_wait(alone, 12, CAUSE_DISK, NULL, 1.5, FALSE);
    add_wait(alone, 15, CAUSE_MUTEX, "tab", 3, FALSE); /* another lock, whose name is a part of it */
    look(alone, SIGHTING_NOT_SEEN);
    add_wait(alone, 15, CAUSE_MUTEX, "table", 2, FALSE);
    const struct finding_verdict *verdict = look(alone, SIGHTING_SEEN);
    g_assert_cmpfloat(verdict->seconds, ==, 2);
}

static void test_lock_order(void)
{
    g_autoptr(Session) session = session_with("lock-order-inversion", 12, "opposite orders");
    add_step(session, 12);
    add_step(session, 33);
    const struct finding_verdict *verdict = look(session, SIGHTING_NOT_SEEN);
    g_assert_nonnull(strstr(verdict->why, "s.c:33"));
    session_add_measurement(session, "r1", SUBJECT_REGION, "other@s.c:30", "wall_seconds", 1, 100);
    look(session, SIGHTING_SEEN);
}

static void test_self_deadlock(void)
{
    g_autoptr(Session) session = session_with("self-deadlock", 12, "taken twice");
    look(session, SIGHTING_NOT_SEEN);
    add_wait(session, 12, CAUSE_MUTEX, "table", 2, FALSE);
    look(session, SIGHTING_SEEN);
}

static void test_fork(void)
{
    g_autoptr(Session) session = session_with("fork-in-threaded-program", 12, "fork");
    look(session, SIGHTING_NOT_EXERCISED);
    session_add_measurement(session, "r1", SUBJECT_PROGRAM, NULL, "processes_created", 2, 2);
    look(session, SIGHTING_NOT_SEEN);
    session_add_measurement(session, "r1", SUBJECT_PROGRAM, NULL, "threads_created", 3, 3);
    look(session, SIGHTING_SEEN);
}

static void test_crowds(void)
{
    g_autoptr(Session) queue = session_with("oversubscription", 12, "too many");
    ((struct run *)g_ptr_array_index(queue->runs, 0))->cores = 2;
    look(queue, SIGHTING_NOT_SEEN);
    session_add_measurement(queue, "r1", SUBJECT_PROGRAM, NULL, "parallelism", 4.2, 100);
    look(queue, SIGHTING_SEEN);
    g_autoptr(Session) threads = session_with("unbounded-thread-creation", 12, "too many");
    look(threads, SIGHTING_NOT_EXERCISED);
    session_add_measurement(threads, "r1", SUBJECT_PROGRAM, NULL, "threads_created", 40, 40);
    g_assert_cmpuint(look(threads, SIGHTING_SEEN)->count, ==, 40);
    g_autoptr(Session) lock = session_with("big-lock", 12, "table is held for 95 % of the work");
    look(lock, SIGHTING_NOT_SEEN);
    add_lock(lock, "table");
    add_wait(lock, 99, CAUSE_MUTEX, "table", 2, FALSE);
    g_assert_cmpfloat(look(lock, SIGHTING_SEEN)->seconds, ==, 2);
}

static void test_what_no_trace_tells(void)
{
    g_autoptr(Session) ran = session_with("data-race", 12, "race");
    look(ran, SIGHTING_NOT_OBSERVABLE);
    g_autoptr(Session) not_run = session_with("data-race", 35, "race");
    look(not_run, SIGHTING_NOT_EXERCISED);
    g_autoptr(Session) unknown = session_with("some-later-rule", 12, "hazard");
    look(unknown, SIGHTING_NOT_OBSERVABLE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/finding/blocking-callback", test_blocking_callback);
    g_test_add_func("/finding/lock-held", test_lock_held_over_a_wait);
    g_test_add_func("/finding/lock-order", test_lock_order);
    g_test_add_func("/finding/self-deadlock", test_self_deadlock);
    g_test_add_func("/finding/fork", test_fork);
    g_test_add_func("/finding/crowds", test_crowds);
    g_test_add_func("/finding/not-observable", test_what_no_trace_tells);
    return g_test_run();
}
