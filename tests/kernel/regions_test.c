/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured of regions beyond their time. `regions_test CASE TRUTH_PROGRAM`. */
#include <stdlib.h>
#include <string.h>

#include "tests/kernel/traced.h"

#define SOURCE  "tests/kernel/truth_holders.c"
#define SECTION "hold_on_busy_core/section"

/* The line of the source that contains the text. */
static int line_with(const char *text)
{
    g_autofree char *path = g_build_filename(g_getenv("SOURCE_DIR"), SOURCE, NULL);
    g_autofree char *source = NULL;
    g_assert_true(g_file_get_contents(path, &source, NULL, NULL));
    const char *found = strstr(source, text);
    g_assert_nonnull(found);
    int line = 1;
    for (const char *at = source; at < found; at++)
        line += *at == '\n';
    return line;
}

static void add_region(struct session *session, const char *id, enum region_kind kind, const char *function,
                       int line, int end_line)
{
    struct region *region = region_new();
    region->id = g_strdup(id);
    region->kind = kind;
    region->function = g_strdup(function);
    region->file = g_strdup(SOURCE);
    region->line = line;
    region->end_line = end_line;
    region->class = WORK_CPU;
    if (kind == REGION_CRITICAL_SECTION)
        region->lock = g_strdup("held_lock");
    g_ptr_array_add(session->regions, region);
}

static struct session *session_with_regions(void)
{
    struct session *session = session_new();
    session->root = g_strdup(g_getenv("SOURCE_DIR"));
    add_region(session, SECTION, REGION_CRITICAL_SECTION, "hold_on_busy_core",
               line_with("/* the section begins */"), line_with("/* the section ends */"));
    add_region(session, "truth_queued_holder", REGION_FUNCTION, "truth_queued_holder", 1, 1);
    add_region(session, "main", REGION_FUNCTION, "main", 1, 1);
    add_region(session, "run_alone", REGION_FUNCTION, "run_alone", 1, 1);
    add_region(session, "run_together", REGION_FUNCTION, "run_together", 1, 1);
    return session;
}

/* Of the waits for a lock, the time in which its holder had no core is told. */
static void check_queued_holder(void)
{
    struct trace_options options = {0};
    struct traced traced = trace_case_into(session_with_regions(), "queued_holder", &options);
    assert_near("queue of the holder", measured(&traced, SUBJECT_PROGRAM, NULL, "holder_queue_seconds"),
                truth_of(&traced, "queued"), 0.1, 0.02);
    g_assert_cmpfloat(truth_of(&traced, "queued"), >, 0.1);
    /* The function's own waits, by cause; none of them are its caller's own. */
    const char *waiter = "truth_queued_holder";
    assert_near("own waits", measured(&traced, SUBJECT_REGION, waiter, "self_blocked_seconds.mutex"),
                truth_of(&traced, "held"), 0.05, 0.02);
    assert_near("own and all", measured(&traced, SUBJECT_REGION, waiter, "self_blocked_seconds.mutex"),
                measured(&traced, SUBJECT_REGION, waiter, "blocked_seconds.mutex"), 1e-6, 0);
    assert_near("of the caller", measured(&traced, SUBJECT_REGION, "main", "self_blocked_seconds"), 0, 0,
                0.005);
    check_states(&traced);
    traced_clear(&traced);
}

static void check_section_holds(void)
{
    struct trace_options options = {.locks = TRUE};
    struct traced traced = trace_case_into(session_with_regions(), "queued_holder", &options);
    double held = measured(&traced, SUBJECT_REGION, SECTION, "lock_hold_seconds");
    double median = measured(&traced, SUBJECT_REGION, SECTION, "lock_hold_seconds_p50");
    double longest = measured(&traced, SUBJECT_REGION, SECTION, "lock_longest_hold_seconds");
    assert_near("uses", measured(&traced, SUBJECT_REGION, SECTION, "lock_acquisitions"), 4, 0, 0);
    assert_near("held", held, truth_of(&traced, "held"), 0.03, 0.01);
    g_assert_cmpfloat(median, >, held / 4 / 3);
    g_assert_cmpfloat(median, <=, longest * 1.03);
    /* The main thread takes it elsewhere: the lock has those uses, too. */
    assert_near("all uses", measured(&traced, SUBJECT_LOCK, "held_lock", "lock_acquisitions"), 8, 0, 0);
    traced_clear(&traced);
}

static void check_together(void)
{
    struct trace_options options = {0};
    struct traced traced = trace_case_into(session_with_regions(), "together", &options);
    assert_near("alone", measured(&traced, SUBJECT_REGION, "run_alone", "parallelism"), 1, 0, 0.02);
    assert_near("together", measured(&traced, SUBJECT_REGION, "run_together", "parallelism"), 2, 0.05, 0);
    traced_clear(&traced);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"queued_holder", check_queued_holder},
    {"section_holds", check_section_holds},
    {"together", check_together},
};

int main(int argc, char **argv)
{
    if (argc != 3) {
        g_printerr("usage: regions_test CASE TRUTH_PROGRAM\n");
        return 2;
    }
    skip_unless_possible();
    traced_program = argv[2];
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (strcmp(cases[i].name, argv[1]) == 0) {
            cases[i].run();
            return 0;
        }
    }
    g_printerr("no such case: %s\n", argv[1]);
    return 2;
}
