/* SPDX-License-Identifier: Apache-2.0 */
/* Renders the example sessions and compares with the files in the folder of each; COREWISE_BLESS=1 rewrites
 * them. */
#include <glib/gstdio.h>

#include "example_session.h"
#include "reports/reports.h"

static struct session *crowd(void)
{
    return example_session_crowd(40);
}

static const struct golden_case {
    const char *folder;
    struct session *(*make)(void);
} cases[] = {
    {"pigz", example_session_pigz},
    {"analysis", example_session_analysis},
    {"trace", example_session_trace},
    {"hostile", example_session_hostile},
    {"crowd", crowd},
    {"empty", session_new},
};

static char *render_format(const struct session *session, const char *name)
{
    g_autoptr(GError) error = NULL;
    struct report_options options = {0};
    GString *out = g_string_new(NULL);
    g_assert_true(format_find(name)->render(session, &options, out, &error));
    g_assert_no_error(error);
    /* A new version must not touch the expected files. */
    g_string_replace(out, "\"corewise\": \"" COREWISE_VERSION "\"", "\"corewise\": \"0.0.0\"", 1);
    return g_string_free(out, FALSE);
}

static void compare(const struct golden_case *golden, const char *file, const char *actual)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *expected = NULL;
    g_autofree char *folder =
        g_build_filename(g_getenv("SOURCE_DIR"), "tests", "golden", "report", golden->folder, NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    if (g_strcmp0(g_getenv("COREWISE_BLESS"), "1") == 0) {
        g_mkdir_with_parents(folder, 0755);
        g_file_set_contents(path, actual, -1, &error);
        g_assert_no_error(error);
        return;
    }
    if (!g_file_get_contents(path, &expected, NULL, &error))
        g_error("%s; COREWISE_BLESS=1 writes it", error->message);
    if (g_strcmp0(expected, actual) != 0) {
        g_test_message("%s differs; COREWISE_BLESS=1 accepts this:\n%s", path, actual);
        g_test_fail();
    }
}

static void test_case(gconstpointer data)
{
    const struct golden_case *golden = data;
    struct session *session = golden->make();
    g_autofree char *text = render_format(session, "text");
    g_autofree char *json = render_format(session, "json");
    g_autoptr(GString) dot = g_string_new(NULL);
    graph_kind_find("contention")->write_dot(session, NULL, dot);
    compare(golden, "report.txt", text);
    compare(golden, "session.json", json);
    compare(golden, "contention.dot", dot->str);
    session_free(session);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/report/", cases[i].folder, NULL);
        g_test_add_data_func(path, &cases[i], test_case);
    }
    return g_test_run();
}
