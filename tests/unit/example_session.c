/* SPDX-License-Identifier: Apache-2.0 */
#include "example_session.h"

#include <math.h>

#define COMPRESS_THREAD "compress_thread@pigz.c:1665"
#define WRITE_THREAD    "write_thread@pigz.c:1821"
#define DEFLATE_SLOW    "deflate_slow@deflate.c:1820"
#define LONGEST_MATCH   "longest_match@deflate.c:1226"
#define PARALLEL        "parallel_compress@pigz.c:1958"
#define PIGZ_ACTIVE     9.13

static void pigz_regions(struct session *session)
{
    struct region *region = example_add_region(session, REGION_THREAD_BODY, "compress_thread", "pigz.c", 1665,
                                               1816, WORK_CPU, 0.86);
    example_add_evidence(region, "pigz.c", 1719, "calls deflate_engine");
    example_add_evidence(region, "deflate.c", 1820, "loop over the window, no bound known");
    struct place *idle = place_new("yarn.c", 262, "waits on compress_have for the next job");
    idle->end_line = 263;
    g_ptr_array_add(region->idle_sites, idle);
    region =
        example_add_region(session, REGION_THREAD_BODY, "write_thread", "pigz.c", 1821, 1900, WORK_IO, 0.74);
    example_add_evidence(region, "pigz.c", 1866, "writes to a descriptor of unknown origin");
    region =
        example_add_region(session, REGION_FUNCTION, "deflate_slow", "deflate.c", 1820, 1943, WORK_CPU, 0.95);
    example_add_evidence(region, "deflate.c", 1828, "endless loop over the window");
    example_add_region(session, REGION_FUNCTION, "longest_match", "deflate.c", 1226, 1367, WORK_CPU, 0.97);
    example_add_region(session, REGION_FUNCTION, "parallel_compress", "pigz.c", 1958, 2197, WORK_CPU, 0.62);
    region = example_add_region(session, REGION_CRITICAL_SECTION, "possess/section", "yarn.c", 95, 99,
                                WORK_LIGHT, 0.8);
    region->lock = g_strdup("struct lock_s.mutex");
    example_add_region(session, REGION_FUNCTION, "help", "pigz.c", 4010, 4025, WORK_LIGHT, 0.99);
}

static void pigz_locks(struct session *session)
{
    example_add_lock(session, "struct lock_s.mutex", LOCK_MUTEX, "yarn.c", 80, FALSE);
    example_add_lock(session, "compress_have->cond", LOCK_CONDITION, "pigz.c", 1450, TRUE);
    example_add_lock(session, "write_first->cond", LOCK_CONDITION, "pigz.c", 1456, TRUE);
    example_add_lock(session, "out_pool.have->mutex", LOCK_MUTEX, "pigz.c", 1490, TRUE);
}

static void pigz_advice(struct session *session)
{
    struct advice *advice = example_add_advice(session, COMPRESS_THREAD "/threads", COMPRESS_THREAD,
                                               MODEL_THREADS, MODEL_THREADS, 0.86);
    g_ptr_array_add(advice->reasons, g_strdup("blocks are compressed independently of each other"));
    example_add_estimate(advice, MODEL_SEQUENTIAL, 7.9, 2.1e6, NULL);
    example_add_estimate(advice, MODEL_THREADS, 4.0, 6.3e6, NULL);
    example_add_estimate(advice, MODEL_PROCESSES, 4.3, 2.2e7, NULL);
    example_add_estimate(advice, MODEL_ASYNC, -1, -1, "deflate computes and never gives way");
    example_add_estimate(advice, MODEL_ASYNC_PROCESSES, -1, -1, "nothing to wait for in the loop");
    example_add_estimate(advice, MODEL_ASYNC_THREADS, -1, -1, "nothing to wait for in the loop");
}

static void pigz_predictions(struct session *session)
{
    static const struct {
        const char *advice, *region, *metric;
        double threshold;
        enum verdict_kind kind;
        double measured, low, high;
        guint64 samples;
        const char *why;
    } rows[] = {
        {NULL, COMPRESS_THREAD, "cpu_share", 0.7, VERDICT_CONFIRMED, 0.957, 0.952, 0.961, 7821,
         "predicted >= 0.7"},
        {NULL, WRITE_THREAD, "io_share", 0.7, VERDICT_REFUTED, 0.41, 0.36, 0.46, 402,
         "io_share of " WRITE_THREAD
         " was 0.41 (95 % interval 0.360 to 0.460) in 402 samples; predicted >= 0.7"},
        {NULL, DEFLATE_SLOW, "cpu_share", 0.7, VERDICT_CONFIRMED, 0.992, 0.989, 0.994, 6904,
         "predicted >= 0.7"},
        {NULL, LONGEST_MATCH, "cpu_share", 0.7, VERDICT_CONFIRMED, 0.995, 0.992, 0.997, 4102,
         "predicted >= 0.7"},
        {NULL, PARALLEL, "cpu_share", 0.7, VERDICT_INCONCLUSIVE, 0.66, 0.45, 0.82, 20,
         "predicted >= 0.7; about 400 samples would decide, a run of 85 s like this one"},
        {NULL, "help@pigz.c:4010", "cpu_share", 0.7, VERDICT_NOT_EXERCISED, NAN, NAN, NAN, 0,
         "help@pigz.c:4010 was not seen in this run"},
        {COMPRESS_THREAD "/threads", NULL, "parallelism", 1.2, VERDICT_CONFIRMED, 1.93, 1.93, 1.93, 8120,
         "parallelism of the program was 1.93 in 8120 samples; predicted >= 1.2"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct prediction *prediction = session_add_prediction(
            session, rows[i].advice, rows[i].region, rows[i].metric, COMPARE_AT_LEAST, rows[i].threshold);
        example_add_verdict(session, prediction, rows[i].kind, rows[i].measured, rows[i].low, rows[i].high,
                            rows[i].samples, rows[i].why);
    }
}

static void pigz_trace(struct session *session)
{
    example_add_run(session, "./pigz -p 2 -k -c big", 4.21, 0);
    struct time_split compressing = {
        .on_cpu = 3.7, .runnable = 0.085, .io_wait = 0.01, .lock_wait = 0.16, .idle = 0.22};
    struct time_split writing = {
        .on_cpu = 0.11, .io_work = 0.14, .io_wait = 0.02, .lock_wait = 0.12, .idle = 3.81};
    struct time_split reading = {
        .on_cpu = 0.2, .io_work = 0.31, .io_wait = 0.25, .lock_wait = 0.07, .idle = 3.38};
    struct time_split both = {
        .on_cpu = 7.4, .runnable = 0.17, .io_wait = 0.02, .lock_wait = 0.32, .idle = 0.44};
    struct time_split all = {
        .on_cpu = 7.71, .io_work = 0.45, .runnable = 0.17, .io_wait = 0.29, .lock_wait = 0.51, .idle = 7.63};
    example_add_thread_split(session, 4100, "pigz", NULL, reading, PIGZ_ACTIVE);
    example_add_thread_split(session, 4101, "pigz", WRITE_THREAD, writing, PIGZ_ACTIVE);
    example_add_thread_split(session, 4102, "pigz", COMPRESS_THREAD, compressing, PIGZ_ACTIVE);
    example_add_thread_split(session, 4103, "pigz", COMPRESS_THREAD, compressing, PIGZ_ACTIVE);
    example_add_split(session, SUBJECT_PROGRAM, NULL, all, PIGZ_ACTIVE, 8120);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_PROGRAM, NULL, "parallelism", 1.93, 8120);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_PROGRAM, NULL, "threads_peak", 4, 1);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_PROGRAM, NULL, "threads_created", 3, 1);
    example_add_split(session, SUBJECT_REGION, COMPRESS_THREAD, both, PIGZ_ACTIVE, 7821);
    example_add_split(session, SUBJECT_REGION, WRITE_THREAD, writing, PIGZ_ACTIVE, 402);
    struct time_split slow = {.on_cpu = 6.82, .runnable = 0.1, .lock_wait = 0.06};
    struct time_split match = {.on_cpu = 4.08, .runnable = 0.04, .lock_wait = 0.02};
    struct time_split reader = {
        .on_cpu = 0.35, .runnable = 0.02, .io_work = 0.1, .io_wait = 0.1, .idle = 3.38};
    example_add_split(session, SUBJECT_REGION, DEFLATE_SLOW, slow, PIGZ_ACTIVE, 6904);
    example_add_split(session, SUBJECT_REGION, LONGEST_MATCH, match, PIGZ_ACTIVE, 4102);
    example_add_split(session, SUBJECT_REGION, PARALLEL, reader, PIGZ_ACTIVE, 20);
}

static void pigz_waits(struct session *session)
{
    example_wait_place(
        example_add_wait(session, 4102, 4100, "compress_have->cond", CAUSE_CONDITION, 0.12, 310), "pigz.c",
        1672, "compress_thread", TRUE);
    example_wait_place(
        example_add_wait(session, 4103, 4100, "compress_have->cond", CAUSE_CONDITION, 0.10, 298), "pigz.c",
        1672, "compress_thread", TRUE);
    example_wait_place(example_add_wait(session, 4101, 4102, "write_first->cond", CAUSE_CONDITION, 0.07, 402),
                       "pigz.c", 1842, "write_thread", FALSE);
    example_wait_place(example_add_wait(session, 4101, 4103, "write_first->cond", CAUSE_CONDITION, 0.05, 391),
                       "pigz.c", 1842, "write_thread", FALSE);
    example_wait_place(example_add_wait(session, 4102, 4101, "out_pool.have->mutex", CAUSE_MUTEX, 0.15, 120),
                       "yarn.c", 96, "possess", FALSE);
    example_wait_place(example_add_wait(session, 4103, 4101, "out_pool.have->mutex", CAUSE_MUTEX, 0.11, 97),
                       "yarn.c", 96, "possess", FALSE);
    struct wait_edge *wait =
        example_add_wait(session, 4103, 0, "out_pool.have->mutex", CAUSE_MUTEX, 0.05, 31);
    example_wait_place(wait, "yarn.c", 96, "possess", FALSE);
    wait->unknown_holder = g_strdup("the lock was free again when it was looked at");
    example_wait_place(example_add_wait(session, 4100, 4102, "out_pool.have->mutex", CAUSE_MUTEX, 0.07, 44),
                       "yarn.c", 96, "possess", FALSE);
    example_wait_place(example_add_wait(session, 4100, 0, NULL, CAUSE_DISK, 0.25, 88), "pigz.c", 740, "readn",
                       FALSE);
    example_wait_place(example_add_wait(session, 4100, 4101, NULL, CAUSE_JOIN, 3.38, 1), "yarn.c", 340,
                       "join", TRUE);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_LOCK, "out_pool.have->mutex", "lock_wait_seconds",
                            0.38, 292);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_LOCK, "write_first->cond", "lock_wait_seconds",
                            0.12, 793);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_LOCK, "compress_have->cond", "lock_wait_seconds",
                            0.22, 608);
}

struct session *example_session_pigz(void)
{
    static const char *const reasons[] = {
        "blocks of 128 KiB are compressed independently: one thread per core overlaps them",
        "results are handed over in memory; processes would have to copy them",
        NULL,
    };
    struct session *session = session_new();
    session->root = g_strdup("/src/pigz-2.6");
    example_add_program(session, "pigz", MODEL_THREADS, MODEL_THREADS, 0.86, reasons);
    example_add_unit(session, "pigz.c", NULL);
    example_add_unit(session, "yarn.c", NULL);
    example_add_unit(session, "deflate.c", NULL);
    pigz_regions(session);
    pigz_locks(session);
    pigz_advice(session);
    example_add_hazards(session);
    pigz_trace(session);
    pigz_predictions(session);
    pigz_waits(session);
    example_add_stacks(session, COMPRESS_THREAD);
    return session;
}

static void server_advice(struct session *session)
{
    struct advice *advice =
        example_add_advice(session, "program/async", NULL, MODEL_THREADS, MODEL_ASYNC, 0.81);
    g_ptr_array_add(advice->reasons, g_strdup("a thread per connection mostly waits in recv; the number of "
                                              "connections has no bound"));
    g_ptr_array_add(advice->reasons, g_strdup("set accepted sockets non-blocking at server.c:88"));
    example_add_estimate(advice, MODEL_SEQUENTIAL, 310, 1.5e5, NULL);
    example_add_estimate(advice, MODEL_THREADS, 12.4, 8.4e7, NULL);
    example_add_estimate(advice, MODEL_PROCESSES, 14.9, 6.1e8, NULL);
    example_add_estimate(advice, MODEL_ASYNC, 10.1, 2.3e6, NULL);
    example_add_estimate(advice, MODEL_ASYNC_PROCESSES, -1, -1, "connections share `sessions` (server.c:31)");
    example_add_estimate(advice, MODEL_ASYNC_THREADS, 10.4, 1.1e7, NULL);
}

static void server_finding(struct session *session)
{
    struct finding *finding = finding_new();
    finding->rule = g_strdup("unbounded-thread-creation");
    finding->severity = SEVERITY_WARNING;
    finding->region = g_strdup("main@server.c:70");
    finding->file = g_strdup("server.c");
    finding->line = 92;
    finding->column = 9;
    finding->message = g_strdup("a thread per accepted connection, without bound");
    g_ptr_array_add(finding->path, place_new("server.c", 88, "accept"));
    g_ptr_array_add(finding->path, place_new("server.c", 92, "pthread_create"));
    finding->fingerprint = g_strdup("5f1c0d");
    g_ptr_array_add(session->findings, finding);
}

struct session *example_session_analysis(void)
{
    static const char *const reasons[] = {"a thread per connection mostly waits for its peer", NULL};
    struct session *session = session_new();
    session->root = g_strdup("/src/server");
    example_add_program(session, "server", MODEL_THREADS, MODEL_ASYNC, 0.81, reasons);
    example_add_unit(session, "server.c", NULL);
    example_add_unit(session, "generated/table.c", "generated/table.h: no such file");
    struct region *region = example_add_region(session, REGION_THREAD_BODY, "serve_connection", "server.c",
                                               40, 66, WORK_IO, 0.92);
    example_add_evidence(region, "server.c", 47, "calls recv on an accepted socket");
    example_add_seconds(region, "cpu", 2e-6, 5e-6, 4e-5);
    example_add_seconds(region, "io_work", 1e-6, 2e-6, 2e-6);
    example_add_seconds(region, "socket", 0, 1e-3, 1);
    example_add_region(session, REGION_FUNCTION, "main", "server.c", 70, 99, WORK_IO, 0.9);
    example_add_region(session, REGION_FUNCTION, "checksum", "server.c", 20, 29, WORK_CPU, 0.7);
    example_add_region(session, REGION_FUNCTION, "usage", "server.c", 10, 14, WORK_LIGHT, 0.99);
    example_add_lock(session, "sessions_lock", LOCK_MUTEX, "server.c", 32, FALSE);
    server_advice(session);
    server_finding(session);
    example_add_unknown(session, "frobnicate", 12, "server.c", 47);
    for (int i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("vendor_call_%d", i);
        example_add_unknown(session, name, 2, "generated/table.c", 10 + i);
    }
    session_add_prediction(session, "program/async", NULL, "threads_created", COMPARE_AT_LEAST, 8);
    session_add_prediction(session, "program/async", region->id, "io_share", COMPARE_AT_LEAST, 0.7);
    return session;
}

struct session *example_session_trace(void)
{
    struct session *session = session_new();
    example_add_run(session, "redis-server --port 7777", 30.02, 1234);
    struct time_split loop = {.on_cpu = 4.1, .io_work = 17.9, .runnable = 0.4, .io_wait = 0.1, .idle = 7.5};
    struct time_split helper = {.on_cpu = 0.01, .io_wait = 0.9, .idle = 29.1};
    struct time_split all = {.on_cpu = 4.11, .io_work = 17.9, .runnable = 0.4, .io_wait = 1.0, .idle = 36.6};
    example_add_thread_split(session, 4100, "redis-server", NULL, loop, time_split_active(&all));
    example_add_thread_split(session, 4101, "bio_close_file", NULL, helper, time_split_active(&all));
    example_add_split(session, SUBJECT_PROGRAM, NULL, all, time_split_active(&all), 22010);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_PROGRAM, NULL, "parallelism", 1.02, 22010);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_PROGRAM, NULL, "stacks.complete", 21504, 22010);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_PROGRAM, NULL, "stacks.truncated", 440, 22010);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_PROGRAM, NULL, "stacks.bad_memory", 66, 22010);
    session_add_measurement(session, EXAMPLE_RUN, SUBJECT_PROGRAM, NULL, "unattributed_seconds", 0.48, 22010);
    example_add_wait(session, 4101, 0, NULL, CAUSE_DISK, 0.9, 31);
    example_add_wait(session, 4100, 0, NULL, CAUSE_POLL, 7.5, 90211)->idle = TRUE;
    return session;
}

struct session *example_session_hostile(void)
{
    static const char *const reasons[] = {"reason\nwith \033[31mcolour", NULL};
    struct session *session = session_new();
    session->root = g_strdup("/src/evil");
    example_add_program(session, "evil\"name\\", MODEL_THREADS, MODEL_THREADS, 0.5, reasons);
    example_add_run(session, "./evil \033]0;owned\007 \xff\xfe </script>", 1.0, 0);
    example_add_region(session, REGION_THREAD_BODY, "</script><b>", "a\"b\\.c", 3, 9, WORK_LOCK, 0.5);
    example_add_lock(session, "lock\"];evil [label=\"x", LOCK_MUTEX, "a\"b\\.c", 5, FALSE);
    example_add_thread(session, 4100, "</script>\033[2J", NULL, 1.0);
    example_add_thread(session, 4101, "\\\"&amp;&#27;\\", NULL, 1.0);
    example_add_thread(session, 4102,
                       "\xc3\x28\xe2\x80\xae"
                       "txt\n\\N",
                       "</script><b>@a\"b\\.c:3", 1.0);
    example_wait_place(example_add_wait(session, 4100, 4101, "lock\"];evil [label=\"x", CAUSE_MUTEX, 0.5, 3),
                       "a\"b\\.c", 5, "f\033[1m", FALSE);
    example_wait_place(example_add_wait(session, 4102, 4101, "lock\"];evil [label=\"x", CAUSE_MUTEX, 0.25, 2),
                       "a\"b\\.c", 6, "</script>", FALSE);
    example_add_wait(session, 4101, 0, "lock\"];evil [label=\"x", CAUSE_MUTEX, 0.1, 1)->unknown_holder =
        g_strdup("tid <1> \"gone\"\n");
    example_add_unknown(session, "</script>\033[2J", 1, "a\"b\\.c", 7);
    return session;
}

struct session *example_session_crowd(guint workers)
{
    struct session *session = session_new();
    const struct region *body =
        example_add_region(session, REGION_THREAD_BODY, "worker", "crowd.c", 10, 30, WORK_LOCK, 0.9);
    example_add_run(session, "./crowd", 2.5, 0);
    example_add_lock(session, "cache_lock", LOCK_MUTEX, "crowd.c", 5, FALSE);
    for (guint i = 0; i < workers; i++) {
        example_add_thread(session, 5000 + (int)i, "crowd", body->id, 2.5);
        if (i > 0)
            example_wait_place(
                example_add_wait(session, 5000 + (int)i, 5000, "cache_lock", CAUSE_MUTEX, 1.5, 100),
                "crowd.c", 17, "worker", FALSE);
    }
    return session;
}
