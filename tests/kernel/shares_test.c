/* SPDX-License-Identifier: Apache-2.0 */
/* The truth table of verdicts: `shares_test shares_quiet|shares_busy PROGRAM`. A share is measured within 3
 * points of what the program saw itself (what was set is kept from coming true by whoever else wants the
 * cores); a verdict is right where that share is well away from the threshold, and never wrong near it. Exit
 * status 77 where this host does not let it trace. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/judge.h"
#include "model/work_class.h"
#include "tests/kernel/shares.h"
#include "tests/kernel/traced.h"

#define SHARES_FILE        "tests/kernel/shares.c"
#define HELPER             "help@" SHARES_FILE ":1"
#define SHARE_ERROR        0.03
#define ROUNDS             2
#define TIMELINE_INTERVALS 200000
#define DURATION_ERROR     0.07 /* of a median: 3 % are the histogram's */
#define FREE_CORE_QUEUE    0.05 /* share of its time in the queue of a thread that has a core to itself */
#define NEAR_THRESHOLD     0.11 /* closer than this, a verdict may be inconclusive */
#define NEAR_DEVIATIONS    4.0 /* or closer than so many standard deviations of as many samples as there are */

struct row {
    const char *kind, *name;
    int percent;
};
#define ROW(kind, percent) {#kind, #kind "_" #percent, percent},
static const struct row quiet_rows[] = {SHARES_QUIET(ROW)};
static const struct row busy_rows[] = {SHARES_BUSY(ROW)};

static const struct {
    const char *metric;
    double threshold;
} statements[] = {
    {"cpu_share", CLASS_CPU_SHARE}, {"io_share", CLASS_IO_SHARE}, {"lock_share", CLASS_LOCK_SHARE}};

/* The line of the source that waits for the next task. */
static int idle_line(const char *source)
{
    g_autofree char *path = g_build_filename(source, SHARES_FILE, NULL), *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    int line = 1;
    const char *mark = strstr(text, "/* the idle site */");
    g_assert_nonnull(mark);
    for (const char *c = text; c < mark; c++)
        line += *c == '\n';
    return line;
}

static char *region_id(const struct row *row)
{
    return g_strdup_printf("%s@" SHARES_FILE ":1", row->name);
}

static void add_row(struct session *session, const struct row *row, int idle)
{
    struct region *region = region_new();
    region->id = region_id(row);
    region->function = g_strdup(row->name);
    region->file = g_strdup(SHARES_FILE);
    region->line = region->end_line = 1;
    g_ptr_array_add(region->idle_sites, place_new(SHARES_FILE, idle, "waits for the next task"));
    g_ptr_array_add(session->regions, region);
    for (guint i = 0; i < G_N_ELEMENTS(statements); i++)
        session_add_prediction(session, NULL, region->id, statements[i].metric, COMPARE_AT_LEAST,
                               statements[i].threshold);
}

/* As if it had been analysed: the idle site is known, so no other wait is taken for idle. */
static struct session *session_of(const struct row *rows, guint count)
{
    const char *source = g_getenv("SOURCE_DIR");
    g_assert_nonnull(source);
    struct session *session = session_new();
    session->program = program_new();
    session->program->name = g_strdup("shares");
    session->root = g_strdup(source);
    struct region *helper = region_new();
    helper->id = g_strdup(HELPER);
    helper->kind = REGION_THREAD_BODY;
    helper->function = g_strdup("help");
    helper->file = g_strdup(SHARES_FILE);
    g_ptr_array_add(session->regions, helper);
    int idle = idle_line(source);
    for (guint i = 0; i < count; i++)
        add_row(session, &rows[i], idle);
    return session;
}

static double truth_of_row(const struct traced *traced, const struct row *row, const char *what)
{
    g_autofree char *name = g_strdup_printf("%s.%s", row->name, what);
    return truth_of(traced, name);
}

/* The share of active time that the program saw. What it computes inside the call that waits for the next
 * task is I/O. */
static double true_share(const struct traced *traced, const struct row *row, const char *metric)
{
    gboolean idle = strcmp(row->kind, "idle") == 0, lock = strcmp(row->kind, "lock") == 0;
    double waiting = truth_of_row(traced, row, idle ? "call_share" : "waiting_share");
    if (strcmp(metric, "cpu_share") == 0)
        return 1 - waiting;
    return lock == (strcmp(metric, "lock_share") == 0) ? waiting : 0;
}

static const struct measurement *measurement_of(const struct session *session, const char *region,
                                                const char *metric)
{
    const struct measurement *found =
        session_find_measurement(session, session_last_run(session)->id, SUBJECT_REGION, region, metric);
    g_assert_nonnull(found);
    return found;
}

static double value_of(const struct session *session, const char *region, const char *metric)
{
    return measurement_of(session, region, metric)->value;
}

static gboolean check_near(const char *what, double seen, double expected, double error)
{
    if (fabs(seen - expected) <= error)
        return TRUE;
    g_print("FAILED: %s measured %.3f, truly %.3f\n", what, seen, expected);
    return FALSE;
}

/* Of a share with as many samples as there are. */
static double deviation_of(double share, guint64 samples)
{
    return samples > 0 ? sqrt(share * (1 - share) / (double)samples) : 1;
}

/* With a core to itself, a region has the samples that 3 points need; what others leave it may be too few. */
static double allowed_error(const struct traced *traced, const struct row *row, double share, guint64 samples)
{
    gboolean free_core = truth_of_row(traced, row, "queue_share") < FREE_CORE_QUEUE;
    return free_core ? SHARE_ERROR : MAX(SHARE_ERROR, 2 * deviation_of(share, samples));
}

/* What else the region was seen to wait for: a help when the test fails. */
static void print_waits(const struct session *session, const char *region)
{
    for (guint i = 0; i < session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(session->measurements, i);
        if (g_strcmp0(each->subject, region) == 0 && g_str_has_prefix(each->metric, "blocked_seconds."))
            g_print("  %s %.6f\n", each->metric, each->value);
    }
}

/* Where `inconclusive` is as good as the right verdict. */
static gboolean may_doubt(double truth, double threshold, guint64 samples)
{
    return samples < JUDGE_MINIMUM_SAMPLES ||
           fabs(truth - threshold) < MAX(NEAR_THRESHOLD, NEAR_DEVIATIONS * deviation_of(threshold, samples));
}

static gboolean check_statement(const struct traced *traced, const struct row *row, const char *region,
                                const char *metric, double threshold)
{
    g_autofree char *id = g_strdup_printf("%s/%s", region, metric);
    const struct verdict *verdict = session_find_verdict(traced->session, id);
    g_assert_nonnull(verdict);
    double truth = true_share(traced, row, metric);
    enum verdict_kind right = truth >= threshold ? VERDICT_CONFIRMED : VERDICT_REFUTED;
    gboolean doubtful = may_doubt(truth, threshold, verdict->samples);
    g_print("%s: set %d %%, truly %.3f, %s %.3f [%.3f, %.3f] n %" G_GUINT64_FORMAT "\n", id, row->percent,
            truth, verdict_kind_name(verdict->kind), verdict->measured, verdict->low, verdict->high,
            verdict->samples);
    gboolean well =
        check_near(id, verdict->measured, truth, allowed_error(traced, row, truth, verdict->samples));
    if (verdict->kind != right && !(doubtful && verdict->kind == VERDICT_INCONCLUSIVE)) {
        g_print("FAILED: %s\n", verdict->why);
        well = FALSE;
    }
    if (!well)
        print_waits(traced->session, region);
    return well;
}

static gboolean check_row(const struct traced *traced, const struct row *row)
{
    g_autofree char *region = region_id(row);
    if (strcmp(row->kind, "light") == 0) {
        double share = value_of(traced->session, region, "active_share");
        g_print("%s: %.5f of the program's active time\n", region, share);
        return share < CLASS_LIGHT_SHARE;
    }
    gboolean well = TRUE;
    if (strcmp(row->kind, "idle") == 0) {
        double idle = value_of(traced->session, region, "idle_seconds");
        double on_core = value_of(traced->session, region, "cpu_seconds");
        double truth = truth_of_row(traced, row, "waiting_share");
        guint64 samples = measurement_of(traced->session, region, "cpu_share")->samples;
        well = check_near(region, idle / (idle + on_core), truth, allowed_error(traced, row, truth, samples));
    }
    for (guint i = 0; i < G_N_ELEMENTS(statements); i++)
        well &= check_statement(traced, row, region, statements[i].metric, statements[i].threshold);
    return well;
}

/* Computing between two idle waits is what one task took; the helper thread lived for the whole run. */
static gboolean check_durations(const struct traced *traced, const struct row *rows, guint count)
{
    gboolean well = TRUE;
    for (guint i = 0; i < count; i++) {
        if (strcmp(rows[i].kind, "idle") != 0)
            continue;
        g_autofree char *region = region_id(&rows[i]);
        double median = value_of(traced->session, region, "task_seconds_p50");
        double low = truth_of_row(traced, &rows[i], "task_seconds_p40");
        double high = truth_of_row(traced, &rows[i], "task_seconds_p60");
        g_print("%s: tasks of %.6f s, truly %.6f to %.6f s\n", region, median, low, high);
        well &= median >= low * (1 - DURATION_ERROR) && median <= high * (1 + DURATION_ERROR) + 0.0001;
    }
    double life = value_of(traced->session, HELPER, "life_seconds_p50"),
           truth = truth_of(traced, "helper.life");
    g_print("the helper lived %.3f s, truly %.3f s\n", life, truth);
    return well && fabs(life - truth) <= DURATION_ERROR * truth &&
           value_of(traced->session, HELPER, "threads") == 1 &&
           check_near("running helper", value_of(traced->session, HELPER, "running_threads"),
                      truth_of(traced, "helper.running"), SHARE_ERROR);
}

static gboolean check_rows(const struct row *rows, guint count, const char *table, const char *seconds)
{
    g_autofree char *path = g_strdup_printf("%s/corewise-shares-%d", g_get_tmp_dir(), (int)getpid());
    const char *command[] = {traced_program, table, seconds, path, NULL};
    struct trace_options options = {.command = command, .timeline = TIMELINE_INTERVALS};
    struct traced traced = {.session = session_of(rows, count)};
    g_autoptr(GError) error = NULL;
    trace(&options, traced.session, &error);
    g_assert_no_error(error);
    traced.truth = truth_read(path);
    unlink(path);
    judge_session(traced.session);
    gboolean well = check_durations(&traced, rows, count);
    for (guint i = 0; i < count; i++)
        well &= check_row(&traced, &rows[i]);
    traced_clear(&traced);
    return well;
}

/* The scheduler's count of the queue, which the program's truth rests on, is off by milliseconds at times. */
static gboolean check_rounds(const struct row *rows, guint count, const char *table, const char *seconds)
{
    for (int round = 1; round <= ROUNDS; round++) {
        if (check_rows(rows, count, table, seconds))
            return TRUE;
        g_print("round %d of %d was wrong\n", round, ROUNDS);
    }
    return FALSE;
}

static pid_t start_spinning(void)
{
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    volatile unsigned long turns = 0;
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* also when the test ends by a failed assertion */
        for (;;)
            turns++;
    }
    return child;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    traced_program = argv[2];
    skip_unless_possible();
    if (strcmp(argv[1], "shares_quiet") == 0)
        return check_rounds(quiet_rows, G_N_ELEMENTS(quiet_rows), "quiet", "0.6") ? 0 : 1;
    g_autoptr(GArray) spinners = g_array_new(FALSE, FALSE, sizeof(pid_t));
    for (long i = 0; i < sysconf(_SC_NPROCESSORS_ONLN); i++) {
        pid_t child = start_spinning();
        g_array_append_val(spinners, child);
    }
    gboolean well = check_rounds(busy_rows, G_N_ELEMENTS(busy_rows), "busy", "1");
    for (guint i = 0; i < spinners->len; i++)
        end_case(g_array_index(spinners, pid_t, i));
    return well ? 0 : 1;
}
