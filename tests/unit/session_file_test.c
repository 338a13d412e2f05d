/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session_file.h"

#include <glib/gstdio.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

struct fixture {
    char *folder, *path;
};

static void fixture_init(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture->folder = g_dir_make_tmp("session-XXXXXX", NULL);
    fixture->path = g_build_filename(fixture->folder, "s.cw", NULL);
}

static void fixture_clear(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_unlink(fixture->path);
    g_rmdir(fixture->folder);
    g_free(fixture->folder);
    g_free(fixture->path);
}

static void add_host(struct session *session)
{
    session->host = host_new();
    session->host->name = g_strdup("h");
    session->host->quota_cores = 1.5;
    session->host->cores = 2;
    struct host_cost *cost = host_cost_new();
    cost->name = g_strdup("switch_seconds");
    cost->unit = g_strdup("s");
    cost->value = 2e-6;
    cost->samples = 31;
    g_ptr_array_add(session->host->costs, cost);
}

static void fill_analysis(struct session *session)
{
    add_host(session);
    session->root = g_strdup("/src/x");
    session->program = program_new();
    session->program->name = g_strdup("x");
    session->program->suggested_model = MODEL_ASYNC_THREADS;
    session->program->confidence = 0.8;
    g_ptr_array_add(session->program->reasons, g_strdup("first; \"quoted\""));
    g_ptr_array_add(session->program->reasons, g_strdup("second"));
    struct unit *unit = unit_new();
    unit->file = g_strdup("a.c");
    g_ptr_array_add(session->units, unit);
    for (int i = 0; i < 2; i++) {
        struct region *region = region_new();
        region->id = g_strdup_printf("f%d@a.c:%d", i, i);
        region->kind = REGION_CALLBACK;
        region->class = WORK_IO;
        region->function = g_strdup("f\x1b[31m</script>");
        g_ptr_array_add(region->evidence, place_new("a.c", 10 + i, "calls read"));
        g_ptr_array_add(region->idle_sites, place_new("a.c", 20 + i, "waits"));
        g_ptr_array_add(region->idle_sites, place_new("b.c", 30 + i, "waits too"));
        g_ptr_array_add(session->regions, region);
    }
    struct advice *advice = advice_new();
    advice->id = g_strdup("program/model");
    g_ptr_array_add(advice->models, model_estimate_new(MODEL_PROCESSES));
    ((struct model_estimate *)advice->models->pdata[0])->ruled_out = g_strdup("shared state");
    g_ptr_array_add(session->advice, advice);
    struct lock *lock = lock_new();
    lock->id = g_strdup("cache_lock");
    g_ptr_array_add(session->locks, lock);
    struct unknown_function *unknown = unknown_function_new();
    unknown->name = g_strdup("frobnicate");
    unknown->calls = 3;
    g_ptr_array_add(session->unknown_functions, unknown);
    struct lock_order *order = lock_order_new();
    order->first = g_strdup("cache_lock");
    order->second = g_strdup("struct conn.lock");
    g_ptr_array_add(order->path, place_new("a.c", 5, "takes cache_lock"));
    g_ptr_array_add(session->lock_orders, order);
    session_add_prediction(session, NULL, "f0@a.c:0", "io_share", COMPARE_AT_LEAST, 0.7);
}

static void fill_run(struct session *session, const char *id)
{
    struct run *run = run_new();
    run->id = g_strdup(id);
    run->seconds = 1.5;
    run->lost_events = G_GUINT64_CONSTANT(1) << 40;
    g_ptr_array_add(session->runs, run);
    struct lock *lock = lock_new();
    lock->id = g_strdup("heap");
    lock->traced = TRUE;
    g_ptr_array_add(session->locks, lock);
    session_add_measurement(session, id, SUBJECT_REGION, "f0@a.c:0", "io_share", 0.9, 1234);
    struct wait_edge *wait = wait_edge_new();
    wait->run = g_strdup(id);
    wait->cause = CAUSE_MUTEX;
    wait->idle = TRUE;
    g_ptr_array_add(session->waits, wait);
}

static struct session *read_back(const struct fixture *fixture)
{
    GError *error = NULL;
    struct session *session = session_file_read(fixture->path, &error);
    g_assert_no_error(error);
    return session;
}

static void write_stages(const struct fixture *fixture, const struct session *session, unsigned stages)
{
    GError *error = NULL;
    g_assert_true(session_file_write(session, fixture->path, stages, &error));
    g_assert_no_error(error);
}

static void test_gaps(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(Session) session = session_new();
    struct gap *gap = gap_new();
    gap->run = g_strdup("r1");
    gap->what = g_strdup("hot");
    gap->name = g_strdup("hash");
    gap->line = 7;
    gap->seconds = 1.5;
    g_ptr_array_add(session->gaps, gap);
    write_stages(fixture, session, STAGE_TRACE);

    g_autoptr(Session) copy = read_back(fixture);
    g_assert_cmpuint(copy->gaps->len, ==, 1);
    const struct gap *read_gap = copy->gaps->pdata[0];
    g_assert_cmpstr(read_gap->name, ==, "hash");
    g_assert_cmpint(read_gap->line, ==, 7);
    g_assert_cmpfloat(read_gap->seconds, ==, 1.5);
    g_assert_null(read_gap->missing);
}

static void add_frame(struct session *session, int caller, const char *function)
{
    struct call_frame *frame = call_frame_new();
    frame->caller = caller;
    frame->function = g_strdup(function);
    frame->line = 3;
    g_ptr_array_add(session->call_frames, frame);
}

static void test_stacks(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(Session) session = session_new();
    add_frame(session, 0, "main");
    add_frame(session, 1, "hash");
    add_frame(session, 3, "circle"); /* as only a damaged file has it */
    struct call_stack *stack = call_stack_new();
    stack->run = g_strdup("r1");
    stack->frame = 2;
    stack->activity = ACTIVITY_BLOCKED;
    stack->cause = g_strdup("disk");
    stack->idle = TRUE;
    stack->seconds = 1.5;
    stack->runnable_seconds = 0.5;
    stack->count = 7;
    stack->merged = 2;
    g_ptr_array_add(session->call_stacks, stack);
    write_stages(fixture, session, STAGE_TRACE);

    g_autoptr(Session) copy = read_back(fixture);
    g_assert_cmpuint(copy->call_stacks->len, ==, 1);
    struct call_stack *kept = copy->call_stacks->pdata[0];
    g_assert_null(kept->thread_group);
    g_assert_cmpint(kept->activity, ==, ACTIVITY_BLOCKED);
    g_assert_cmpstr(kept->cause, ==, "disk");
    g_assert_true(kept->idle);
    g_assert_cmpfloat(kept->seconds, ==, 1.5);
    g_assert_cmpfloat(kept->runnable_seconds, ==, 0.5);
    g_assert_cmpuint(kept->count, ==, 7);
    g_assert_cmpint(kept->merged, ==, 2);
    g_autoptr(GPtrArray) frames = session_stack_frames(copy, kept);
    g_assert_cmpuint(frames->len, ==, 2);
    g_assert_cmpstr(((const struct call_frame *)frames->pdata[0])->function, ==, "hash");
    g_assert_cmpstr(((const struct call_frame *)frames->pdata[1])->function, ==, "main");

    kept->frame = 3;
    g_autoptr(GPtrArray) circle = session_stack_frames(copy, kept);
    g_assert_cmpuint(circle->len, ==, 1);
    kept->frame = 4;
    g_autoptr(GPtrArray) none = session_stack_frames(copy, kept);
    g_assert_cmpuint(none->len, ==, 0);
}

static void test_round_trip(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(Session) session = session_new();
    fill_analysis(session);
    fill_run(session, "r1");
    struct verdict *verdict = verdict_new();
    verdict->prediction = g_strdup("f0@a.c:0/io_share");
    verdict->kind = VERDICT_INCONCLUSIVE;
    g_ptr_array_add(session->verdicts, verdict);
    struct interval *interval = interval_new();
    interval->thread = g_strdup("r1/7");
    interval->activity = ACTIVITY_BLOCKED;
    interval->cause = g_strdup("disk");
    interval->seconds = 0.25;
    g_ptr_array_add(session->timeline, interval);
    write_stages(fixture, session, STAGE_ALL);

    g_autoptr(Session) copy = read_back(fixture);
    g_assert_cmpuint(copy->timeline->len, ==, 1);
    const struct interval *kept = copy->timeline->pdata[0];
    g_assert_cmpint(kept->activity, ==, ACTIVITY_BLOCKED);
    g_assert_cmpstr(kept->cause, ==, "disk");
    g_assert_cmpfloat(kept->seconds, ==, 0.25);
    g_assert_cmpstr(copy->root, ==, "/src/x");
    g_assert_cmpint(copy->program->suggested_model, ==, MODEL_ASYNC_THREADS);
    g_assert_cmpuint(copy->program->reasons->len, ==, 2);
    g_assert_cmpstr(copy->program->reasons->pdata[0], ==, "first; \"quoted\"");
    g_assert_cmpuint(copy->unknown_functions->len, ==, 1);
    g_assert_cmpuint(copy->lock_orders->len, ==, 1);
    const struct lock_order *order = copy->lock_orders->pdata[0];
    g_assert_cmpstr(order->first, ==, "cache_lock");
    g_assert_cmpstr(order->second, ==, "struct conn.lock");
    g_assert_null(order->finding);
    g_assert_cmpstr(((const struct place *)order->path->pdata[0])->text, ==, "takes cache_lock");
    const struct unknown_function *unknown = copy->unknown_functions->pdata[0];
    g_assert_cmpstr(unknown->name, ==, "frobnicate");
    g_assert_cmpint(unknown->calls, ==, 3);
    const struct host_cost *cost = copy->host->costs->pdata[0];
    g_assert_cmpfloat(copy->host->quota_cores, ==, 1.5);
    g_assert_null(copy->host->measured_at);
    g_assert_cmpstr(cost->name, ==, "switch_seconds");
    g_assert_cmpfloat(cost->value, ==, 2e-6);
    g_assert_true(isnan(cost->low));
    const struct region *region = session_find_region(copy, "f1@a.c:1");
    g_assert_nonnull(region);
    g_assert_cmpint(region->kind, ==, REGION_CALLBACK);
    g_assert_cmpstr(region->function, ==, "f\x1b[31m</script>");
    g_assert_cmpuint(region->evidence->len, ==, 1);
    g_assert_cmpuint(region->idle_sites->len, ==, 2);
    g_assert_cmpint(((struct place *)region->idle_sites->pdata[1])->line, ==, 31);
    const struct advice *advice = copy->advice->pdata[0];
    const struct model_estimate *estimate = advice->models->pdata[0];
    g_assert_cmpint(estimate->model, ==, MODEL_PROCESSES);
    g_assert_cmpstr(estimate->ruled_out, ==, "shared state");
    g_assert_cmpuint(session_find_run(copy, "r1")->lost_events, ==, G_GUINT64_CONSTANT(1) << 40);
    const struct measurement *measurement =
        session_find_measurement(copy, "r1", SUBJECT_REGION, "f0@a.c:0", "io_share");
    g_assert_cmpfloat(measurement->value, ==, 0.9);
    g_assert_cmpuint(measurement->samples, ==, 1234);
    g_assert_cmpstr(measurement->unit, ==, "1");
    const struct wait_edge *wait = copy->waits->pdata[0];
    g_assert_true(wait->idle);
    g_assert_null(wait->holder);
    g_assert_true(isnan(session_find_verdict(copy, "f0@a.c:0/io_share")->measured));
}

static void test_stages_do_not_touch_each_other(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(Session) analysis = session_new();
    fill_analysis(analysis);
    write_stages(fixture, analysis, STAGE_ANALYSIS);
    g_autoptr(Session) traced = session_new();
    fill_run(traced, "r1");
    fill_run(traced, "r2");
    write_stages(fixture, traced, STAGE_TRACE);
    /* The analysis again, without the second region: the runs and the traced lock stay. */
    g_ptr_array_set_size(analysis->regions, 1);
    write_stages(fixture, analysis, STAGE_ANALYSIS);

    g_autoptr(Session) copy = read_back(fixture);
    g_assert_cmpuint(copy->regions->len, ==, 1);
    g_assert_cmpuint(copy->runs->len, ==, 2);
    g_assert_cmpuint(copy->locks->len, ==, 3);
    const struct region *region = copy->regions->pdata[0];
    g_assert_cmpuint(region->idle_sites->len, ==, 2);
}

static void assert_refused(const struct fixture *fixture, enum session_file_error code, const char *message)
{
    GError *error = NULL;
    g_assert_null(session_file_read(fixture->path, &error));
    g_assert_error(error, SESSION_FILE_ERROR, (int)code);
    g_assert_nonnull(strstr(error->message, message));
    g_clear_error(&error);
}

static void execute(const struct fixture *fixture, const char *sql)
{
    sqlite3 *database = NULL;
    g_assert_cmpint(sqlite3_open(fixture->path, &database), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(database);
}

/* Files of versions that did not know the table yet. */
static void test_older_file(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(Session) session = session_new();
    fill_analysis(session);
    write_stages(fixture, session, STAGE_ALL);
    execute(fixture, "DROP TABLE unknown_function; DROP TABLE host; DROP TABLE host_cost;"
                     "ALTER TABLE program DROP COLUMN shape; ALTER TABLE region DROP COLUMN lock");
    g_autoptr(Session) copy = read_back(fixture);
    g_assert_cmpuint(copy->unknown_functions->len, ==, 0);
    g_assert_null(copy->host);
    g_assert_cmpint(copy->program->shape, ==, SHAPE_SEQUENTIAL);
    write_stages(fixture, session, STAGE_ALL); /* gives the file what it lacks */
    g_autoptr(Session) again = read_back(fixture);
    g_assert_cmpuint(again->unknown_functions->len, ==, 1);
    g_assert_cmpint(again->program->shape, ==, session->program->shape);
    g_assert_cmpuint(copy->predictions->len, ==, 1);
}

static void test_refused(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    assert_refused(fixture, SESSION_FILE_ERROR_OPEN, "No such file");
    g_assert_true(
        g_file_set_contents(fixture->path, "this is not a database, it only looks long enough", -1, NULL));
    assert_refused(fixture, SESSION_FILE_ERROR_FORMAT, "not a session file");
    GError *error = NULL;
    g_autoptr(Session) session = session_new();
    g_assert_false(session_file_write(session, fixture->path, STAGE_ALL, &error));
    g_assert_error(error, SESSION_FILE_ERROR, SESSION_FILE_ERROR_FORMAT);
    g_clear_error(&error);
    g_unlink(fixture->path);

    execute(fixture, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    assert_refused(fixture, SESSION_FILE_ERROR_FORMAT, "not a corewise session file");
    g_assert_false(session_file_write(session, fixture->path, STAGE_ALL, &error));
    g_assert_error(error, SESSION_FILE_ERROR, SESSION_FILE_ERROR_FORMAT);
    g_clear_error(&error);
    g_unlink(fixture->path);

    write_stages(fixture, session, STAGE_ALL);
    execute(fixture, "PRAGMA user_version = 99");
    assert_refused(fixture, SESSION_FILE_ERROR_VERSION, "newer");
}

/* The first builds wrote no table `host`. */
/* Whatever byte of the file is damaged: an error or the same records, never a crash. */
static void test_damage(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(Session) session = session_new();
    fill_analysis(session);
    fill_run(session, "r1");
    write_stages(fixture, session, STAGE_ALL);
    g_autofree char *original = NULL;
    gsize size = 0;
    g_assert_true(g_file_get_contents(fixture->path, &original, &size, NULL));
    guint refused = 0;
    for (guint i = 0; i < 200; i++) {
        g_autofree char *damaged = g_memdup2(original, size);
        gsize at = (gsize)g_test_rand_int_range(0, (int)size - 64);
        memset(damaged + at, g_test_rand_int_range(0, 256), 64);
        g_assert_true(g_file_set_contents(fixture->path, damaged, (gssize)(i % 4 ? size : at), NULL));
        g_autoptr(GError) error = NULL;
        g_autoptr(Session) copy = session_file_read(fixture->path, &error);
        g_assert_true((copy != NULL) == (error == NULL));
        refused += copy == NULL;
    }
    g_assert_cmpuint(refused, >, 40);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(PATH, TEST) g_test_add(PATH, struct fixture, NULL, fixture_init, TEST, fixture_clear)
    ADD("/session-file/round-trip", test_round_trip);
    ADD("/session-file/gaps", test_gaps);
    ADD("/session-file/stacks", test_stacks);
    ADD("/session-file/stages", test_stages_do_not_touch_each_other);
    ADD("/session-file/older", test_older_file);
    ADD("/session-file/refused", test_refused);
    ADD("/session-file/damage", test_damage);
    return g_test_run();
}
