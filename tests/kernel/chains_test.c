/* SPDX-License-Identifier: Apache-2.0 */
/* Time by function at every level of the stack, against a program that knows it: `chains_test
 * lines|symbols|exported PROGRAM PLUGIN`, by what is known of the program's functions. Exit status 77 where
 * this host does not let it trace. */
#include "tests/kernel/chains.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/kernel/traced.h"

#define WAITED_RIGHT   0.99 /* at least, of each function and of all */
#define SAMPLES_RIGHT  0.97 /* of all */
#define SAMPLES_LEVEL  0.88 /* of each function: two paths that share the core differ by chance */
#define TRUTH_SLACK    0.002
#define LEAST_SECONDS  0.02
#define CHAINS_FILE    "tests/kernel/chains.c"
#define MEASURED_PARTS 2
#define ATTEMPTS       3

struct level {
    char *region;
    double truth[MEASURED_PARTS], seen[MEASURED_PARTS]; /* waited, computed */
};

static const struct {
    const char *name;
    const char *functions[CHAIN_FUNCTIONS_MAX];
} chains[] = {
#define ROW(name, ...) {#name, {__VA_ARGS__}},
    CHAINS(ROW)};

static struct session *session_of_chains(GHashTable *levels)
{
    struct session *session = session_new();
    session->root = g_strdup(g_getenv("SOURCE_DIR"));
    g_assert_nonnull(session->root);
    for (guint i = 0; i < G_N_ELEMENTS(chains); i++) {
        for (guint k = 0; chains[i].functions[k]; k++) {
            const char *function = chains[i].functions[k];
            if (g_hash_table_contains(levels, function))
                continue;
            struct region *region = region_new();
            region->function = g_strdup(function);
            region->file = g_strdup(g_str_has_prefix(function, "plugin_") && !strstr(function, "body")
                                        ? "tests/kernel/chains_plugin.c"
                                        : CHAINS_FILE);
            region->id = g_strdup_printf("%s@%s:1", function, region->file);
            region->line = region->end_line = 1;
            g_ptr_array_add(session->regions, region);
            struct level *level = g_new0(struct level, 1);
            level->region = region->id;
            g_hash_table_insert(levels, (gpointer)function, level);
        }
    }
    return session;
}

static void add_truth(const struct traced *traced, GHashTable *levels)
{
    for (guint i = 0; i < G_N_ELEMENTS(chains); i++) {
        g_autofree char *waited = g_strconcat("waited.", chains[i].name, NULL);
        g_autofree char *computed = g_strconcat("computed.", chains[i].name, NULL);
        for (guint k = 0; chains[i].functions[k]; k++) {
            struct level *level = g_hash_table_lookup(levels, chains[i].functions[k]);
            level->truth[0] += truth_of(traced, waited);
            level->truth[1] += truth_of(traced, computed);
        }
    }
}

static double region_value(const struct traced *traced, const char *region, const char *metric)
{
    const struct run *run = session_last_run(traced->session);
    const struct measurement *found =
        session_find_measurement(traced->session, run->id, SUBJECT_REGION, region, metric);
    return found ? found->value : 0;
}

/* The program cannot tell a wait from the queue for a core after it, so what it calls a wait lies between
 * both. */
static double waited_in(const struct traced *traced, const struct level *level)
{
    double blocked = 0;
    for (guint i = 0; i < traced->session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(traced->session->measurements, i);
        if (g_strcmp0(each->subject, level->region) == 0 &&
            g_str_has_prefix(each->metric, "blocked_seconds."))
            blocked += each->value;
    }
    double most = blocked + region_value(traced, level->region, "runnable_seconds");
    return CLAMP(level->truth[0], blocked, most);
}

/* Time that stands at the right function is the smaller one of both. */
static gboolean check_part(GHashTable *levels, guint part, const char *name, double least_of_all,
                           double least_of_each)
{
    GHashTableIter iterator;
    gpointer function, value;
    double truth = 0, right = 0;
    gboolean well = TRUE;
    g_hash_table_iter_init(&iterator, levels);
    while (g_hash_table_iter_next(&iterator, &function, &value)) {
        const struct level *level = value;
        double expected = level->truth[part], seen = level->seen[part];
        truth += expected;
        right += MIN(expected, seen);
        if (expected < LEAST_SECONDS && seen < LEAST_SECONDS)
            continue;
        gboolean near = fabs(seen - expected) <= expected * (1 - least_of_each) + TRUTH_SLACK;
        g_print("%s%-18s %-10s traced %.4f s, truth %.4f s\n", near ? "" : "FAILED: ", (char *)function, name,
                seen, expected);
        well &= near;
    }
    g_print("%s: %.2f %% of %.3f s at the right functions\n", name, 100 * right / truth, truth);
    return well && right >= least_of_all * truth;
}

/* Static functions have a name with symbols, places a line with debug information, and nothing gets the name
 * of something else. */
static gboolean check_names(const struct traced *traced, gboolean symbols, gboolean lines)
{
    gboolean exported = FALSE, other = FALSE, line = FALSE;
    for (guint i = 0; i < traced->session->waits->len; i++) {
        const struct wait_edge *edge = g_ptr_array_index(traced->session->waits, i);
        if (edge->cause == CAUSE_MUTEX && g_strcmp0(edge->function, "wait_for_lock") == 0) {
            exported = TRUE;
            line |= g_strcmp0(edge->file, CHAINS_FILE) == 0 && edge->line > 0;
        }
        /* The server sleeps in a static function that is inlined into another. */
        other |= g_str_has_prefix(edge->function ? edge->function : "", lines     ? "pause_ns"
                                                                        : symbols ? "serve"
                                                                                  : "chains+0x");
    }
    if (exported && other && line == lines)
        return TRUE;
    g_print("FAILED: exported name %s, %s %s, line %s\n", exported ? "found" : "missing",
            symbols ? "static name" : "offset instead of a name", other ? "found" : "missing",
            line ? "found" : "missing");
    return FALSE;
}

static gboolean check_chains(const char *plugin, gboolean symbols, gboolean lines)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) levels = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    char path[] = "/tmp/corewise-chains-XXXXXX";
    int file = g_mkstemp(path);
    g_assert_cmpint(file, >=, 0);
    close(file);
    const char *command[] = {traced_program, path, plugin, NULL};
    struct traced traced = {.session = session_of_chains(levels)};
    trace(&(struct trace_options){.command = command}, traced.session, &error);
    g_assert_no_error(error);
    const struct run *run = session_last_run(traced.session);
    g_assert_cmpint(run->exit_status, ==, 0);
    g_assert_cmpuint(run->lost_events, ==, 0);
    traced.truth = truth_read(path);
    unlink(path);
    add_truth(&traced, levels);
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, levels);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        struct level *level = value;
        level->seen[0] = waited_in(&traced, level);
        level->seen[1] = region_value(&traced, level->region, "cpu_seconds");
    }
    gboolean well = check_part(levels, 0, "waited", WAITED_RIGHT, WAITED_RIGHT);
    well &= check_part(levels, 1, "computed", SAMPLES_RIGHT, SAMPLES_LEVEL);
    well &= check_names(&traced, symbols, lines);
    traced_clear(&traced);
    return well;
}

int main(int count, char **arguments)
{
    g_assert_cmpint(count, ==, 4);
    skip_unless_possible();
    traced_program = arguments[2];
    gboolean lines = strcmp(arguments[1], "lines") == 0, symbols = strcmp(arguments[1], "exported") != 0;
    /* Other load can take a core between the program's look at the clock and its wait: what is wrong for that
     * reason is right the next time. */
    for (guint attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (check_chains(arguments[3], symbols, lines))
            return EXIT_SUCCESS;
    }
    return EXIT_FAILURE;
}
