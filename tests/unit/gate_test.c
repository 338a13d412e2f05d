/* SPDX-License-Identifier: Apache-2.0 */
/* What decides which findings count: comments, patches and baselines, each fed with what is hard to read. */
#include <glib/gstdio.h>
#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/gate/baseline.h"
#include "analyzer/gate/changed_lines.h"
#include "analyzer/gate/source_comments.h"
#include "model/nearest_name.h"

static void assert_comment(const struct source_comments *comments, guint index, int line, int column,
                           const char *text)
{
    g_assert_cmpuint(index, <, comments->comments->len);
    const struct comment_line *comment = &g_array_index(comments->comments, struct comment_line, index);
    g_autofree char *found = g_strndup(comment->text, comment->length);
    g_assert_cmpstr(found, ==, text);
    g_assert_cmpint(comment->line, ==, line);
    g_assert_cmpint(comment->column, ==, column);
}

static void test_comments(void)
{
    static const char text[] = "#error it's // one\n"
                               "char *s = \"// not /* this\\\" // nor this\", c = '\"'; // two\n"
                               "/** three\n"
                               " * four */ int x; /* five */\n"
                               "for (i = 0; i < 2; i++)\n"
                               "  f(a /* six */);\n"
                               "int y = 4 / 2 /*/ seven */;\n"
                               "/* open\n";
    struct source_comments *comments = source_comments_read(text, strlen(text));
    assert_comment(comments, 0, 2, 55, "two");
    assert_comment(comments, 1, 3, 5, "three");
    assert_comment(comments, 2, 4, 4, "four");
    assert_comment(comments, 3, 4, 22, "five");
    assert_comment(comments, 4, 6, 10, "six");
    assert_comment(comments, 5, 7, 19, "seven");
    assert_comment(comments, 6, 8, 4, "open");
    g_assert_cmpuint(comments->comments->len, ==, 7);
    g_assert_false(source_comments_line(comments, 1).has_code);
    g_assert_true(source_comments_line(comments, 2).ends);
    g_assert_false(source_comments_line(comments, 3).has_code);
    g_assert_true(source_comments_line(comments, 5).has_code);
    g_assert_false(source_comments_line(comments, 5).ends);
    g_assert_true(source_comments_line(comments, 6).ends);
    g_assert_false(source_comments_line(comments, 99).has_code);
    g_assert_false(source_comments_line(comments, 99).conditional);
    source_comments_free(comments);
}

static void test_conditions(void)
{
    static const char text[] = "a;\n#ifdef X\nb;\n#  if Y\nc;\n#endif\nd;\n# endif // Z\ne;\n#endif\n#if\nf;";
    const int conditional[] = {0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1};
    struct source_comments *comments = source_comments_read(text, strlen(text));
    for (int i = 0; i < (int)G_N_ELEMENTS(conditional); i++)
        g_assert_cmpint(source_comments_line(comments, i + 1).conditional, ==, conditional[i]);
    source_comments_free(comments);
}

/* Every prefix of it ends somewhere in the middle of something. */
static void test_cut_short(void)
{
    static const char text[] = "a = \"x\\\"\"; /* b */ // c\n'\\'' #d\n\"open\\\n/*/";
    for (gsize length = 0; length <= strlen(text); length++) {
        g_autofree char *copy = g_memdup2(text, length); /* without a NUL behind it */
        struct source_comments *comments = source_comments_read(copy, length);
        g_assert_cmpuint(comments->lines->len, >=, 1);
        source_comments_free(comments);
    }
}

static void test_patch(void)
{
    static const char patch[] = "diff --git a/one.c b/one.c\n--- a/one.c\n+++ b/one.c\n"
                                "@@ -10,2 +10 @@ int f(void)\n-a\n--- a/none.c\n+++ b/content.c\n"
                                "@@ -20,0 +20,3 @@\n+@@ -1 +1 @@\n+\n+x\n\\ No newline at end of file\n"
                                "@@ -40,2 +38,0 @@\n-x\n-y\n"
                                "--- a/b c.c\n+++ b/b c.c\t\n@@ -1 +1 @@\n-x\n+y\n"
                                "--- a/q\n+++ \"b/q\\\"\\303\\266.c\"\n@@ -1 +7 @@\n-x\n+y\n"
                                "--- a/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n";
    g_autoptr(ChangedLines) changes = changed_lines_new();
    changed_lines_add_patch(changes, "/nowhere", patch);
    g_assert_false(changed_lines_touch(changes, "/nowhere/one.c", 9, 9));
    g_assert_true(changed_lines_touch(changes, "/nowhere/one.c", 10, 10));
    g_assert_false(changed_lines_touch(changes, "/nowhere/one.c", 11, 19));
    g_assert_true(changed_lines_touch(changes, "/nowhere/one.c", 11, 20));
    g_assert_true(changed_lines_touch(changes, "/nowhere/one.c", 22, 0));
    g_assert_false(changed_lines_touch(changes, "/nowhere/one.c", 23, 37));
    g_assert_true(changed_lines_touch(changes, "/nowhere/one.c", 38, 38));
    g_assert_true(changed_lines_touch(changes, "/nowhere/one.c", 39, 39));
    g_assert_false(changed_lines_touch(changes, "/nowhere/one.c", 1, 1));
    g_assert_true(changed_lines_touch(changes, "/nowhere/b c.c", 1, 1));
    g_assert_true(changed_lines_touch(changes, "/nowhere/q\"ö.c", 7, 7));
    g_assert_false(changed_lines_touch(changes, "/nowhere/content.c", 1, 100));
    g_assert_false(changed_lines_touch(changes, "/nowhere/gone.c", 1, 1));
}

static void add_finding(struct session *session, const char *fingerprint, const char *file,
                        const char *function, const char *message)
{
    struct finding *finding = finding_new();
    finding->rule = g_strdup("data-race");
    finding->severity = SEVERITY_WARNING;
    finding->file = g_strdup(file);
    finding->function = g_strdup(function);
    finding->message = g_strdup(message);
    finding->fingerprint = g_strdup(fingerprint);
    g_ptr_array_add(session->findings, finding);
}

#define HOSTILE "a\tb\nc\\d\xff ö"

static void test_baseline(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("baseline-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "known", NULL);
    g_autoptr(Session) before = session_new();
    g_autoptr(Session) after = session_new();
    add_finding(before, "1", HOSTILE, HOSTILE, HOSTILE);
    add_finding(before, "2", "a.c", "f", "holds x (since a.c:17) at lib/b.h:3:4");
    add_finding(before, "3", "a.c", "g", "the same");
    add_finding(before, "4", "a.c", "h", "gone");
    g_assert_true(baseline_write(file, before, &error));
    g_autoptr(Baseline) baseline = baseline_read(file, &error);
    g_assert_no_error(error);
    add_finding(after, "1", HOSTILE, HOSTILE, "said otherwise");
    add_finding(after, "5", "moved.c", "f", "holds x (since moved.c:4) at other/b.h:5");
    add_finding(after, "6", "a.c", "renamed", "the same");
    add_finding(after, "7", "b.c", "other", "gone");
    add_finding(after, "8", "a.c", "g", "the same");
    g_assert_cmpuint(baseline_apply(baseline, after), ==, 3);
    g_assert_cmpuint(after->findings->len, ==, 2);
    g_assert_cmpstr(((struct finding *)g_ptr_array_index(after->findings, 0))->fingerprint, ==, "7");
    g_assert_cmpstr(((struct finding *)g_ptr_array_index(after->findings, 1))->fingerprint, ==, "8");
    for (guint i = 0; i < baseline->entries->len; i++) {
        const struct baseline_entry *entry = g_ptr_array_index(baseline->entries, i);
        g_assert_cmpint(entry->found, ==, strcmp(entry->message, "gone") != 0);
        if (strcmp(entry->fingerprint, "1") == 0)
            g_assert_cmpstr(entry->file, ==, HOSTILE);
    }
    g_unlink(file);
    g_assert_null(baseline_read(file, &error));
    g_assert_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT);
    g_rmdir(folder);
}

static void test_nearest_name(void)
{
    static const char *const known[] = {"data-race", "self-deadlock", "busy-wait", NULL};
    static const char *const none[] = {NULL};
    g_autofree char *long_name = g_strnfill(5000, 'x');
    g_assert_cmpstr(nearest_name("date-rase", known), ==, "data-race");
    g_assert_cmpstr(nearest_name("Self_Deadlock", known), ==, "self-deadlock");
    g_assert_cmpstr(nearest_name("wait", known), ==, "busy-wait");
    g_assert_nonnull(nearest_name("", known));
    g_assert_nonnull(nearest_name(long_name, known));
    g_assert_null(nearest_name("wait", none));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gate/comments", test_comments);
    g_test_add_func("/gate/conditions", test_conditions);
    g_test_add_func("/gate/cut_short", test_cut_short);
    g_test_add_func("/gate/patch", test_patch);
    g_test_add_func("/gate/baseline", test_baseline);
    g_test_add_func("/gate/nearest_name", test_nearest_name);
    return g_test_run();
}
