/* SPDX-License-Identifier: Apache-2.0 */
/* A library's event loop that an analysis names as the place where the next task is waited for: what blocks
 * inside a callback of it is not idle. */
#include <string.h>

#include "tests/kernel/traced.h"

/* Where the program enters the loop. */
static int line_of(const char *path, const char *text)
{
    g_autofree char *source = NULL;
    g_assert_true(g_file_get_contents(path, &source, NULL, NULL));
    const char *found = strstr(source, text);
    g_assert_nonnull(found);
    int line = 1;
    for (const char *at = source; at < found; at++)
        line += *at == '\n';
    return line;
}

static struct session *session_of_analysis(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    struct session *session = session_new();
    session->root = g_path_get_dirname(path);
    session->program = program_new();
    struct region *region = region_new();
    int line = line_of(path, "    event_base_dispatch(");
    region->id = g_strdup_printf("main@%s:%d", name, line_of(path, "int main("));
    region->function = g_strdup("main");
    region->file = g_strdup(name);
    region->line = line_of(path, "int main(");
    region->end_line = line + 100;
    struct place *site = place_new(name, line, "the next event");
    site->end_line = line;
    g_ptr_array_add(region->idle_sites, site);
    g_ptr_array_add(session->regions, region);
    return session;
}

static double seconds_waited(const struct session *session, enum wait_cause cause, gboolean idle,
                             const char *function)
{
    double seconds = 0;
    for (guint i = 0; i < session->waits->len; i++) {
        const struct wait_edge *wait = g_ptr_array_index(session->waits, i);
        if (wait->cause == cause && wait->idle == idle && g_strcmp0(wait->function, function) == 0)
            seconds += wait->seconds;
    }
    g_print("%s in %s, %s: %.3f s\n", wait_cause_name(cause), function, idle ? "idle" : "not idle", seconds);
    return seconds;
}

/* Of the region main, which the loop waits in. */
static double value(const struct session *session, const char *metric)
{
    const struct region *region = g_ptr_array_index(session->regions, 0);
    const struct measurement *found =
        session_find_measurement(session, session_last_run(session)->id, SUBJECT_REGION, region->id, metric);
    g_assert_nonnull(found);
    g_print("%s: %.4f s in %" G_GUINT64_FORMAT " rounds\n", metric, found->value, found->samples);
    g_assert_cmpuint(found->samples, >=, 15);
    return found->value;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        skip("libevent's headers are not installed (libevent-dev)");
    skip_unless_possible();
    g_autoptr(GError) error = NULL;
    g_autoptr(Session) session = session_of_analysis(argv[2]);
    const char *command[] = {argv[1], NULL};
    struct trace_options options = {.command = command};
    trace(&options, session, &error);
    g_assert_no_error(error);
    g_assert_cmpint(session_last_run(session)->exit_status, ==, 0);
    /* 20 times 20 ms in the callback; the loop itself waits from time to time. */
    g_assert_cmpfloat(seconds_waited(session, CAUSE_PIPE, FALSE, "on_timer"), >=, 0.3);
    g_assert_cmpfloat(seconds_waited(session, CAUSE_PIPE, TRUE, "on_timer"), ==, 0);
    g_assert_cmpfloat(seconds_waited(session, CAUSE_POLL, TRUE, "main"), >, 0);
    g_assert_cmpfloat(seconds_waited(session, CAUSE_POLL, FALSE, "main"), ==, 0);
    /* A round of callbacks is the 20 ms that the callback waits, and what it does besides. */
    double median = value(session, "callback_seconds_p50");
    g_assert_cmpfloat(median, >=, 0.02 * 0.97);
    g_assert_cmpfloat(median, <, 0.028);
    g_assert_cmpfloat(value(session, "callback_seconds_p99"), >=, median);
    return 0;
}
