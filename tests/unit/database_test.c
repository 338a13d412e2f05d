/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/database.h"

#include <glib/gstdio.h>
#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/facts.h"

struct folder {
    char *path, *database;
};

static struct folder folder_with(const char *name, const char *content)
{
    struct folder folder = {.path = g_dir_make_tmp("corewise-test-XXXXXX", NULL)};
    folder.database = g_build_filename(folder.path, name, NULL);
    if (content)
        g_assert_true(g_file_set_contents(folder.database, content, -1, NULL));
    return folder;
}

static void folder_clear(struct folder *folder)
{
    g_unlink(folder->database);
    g_rmdir(folder->path);
    g_free(folder->path);
    g_free(folder->database);
}

static void test_refused(void)
{
    static const struct {
        const char *content, *message;
    } cases[] = {
        {NULL, "no such file"},
        {"", "is empty"},
        {" \n ", "is empty"},
        {"[{\"directory\": \"/d\", \"file\": \"a.c\", \"comm", "truncated"},
        {"[{\"directory\": \"/d\", \"file\": \"a.c\", \"command\": \"cc -c a.c\"}", "truncated"},
        {"{\"directory\": \"/d\"}", "truncated or no list"},
        {"[{\"no\": \"thing\"}]", "cannot understand"},
        {"[]", "no C file"},
        {"[{\"directory\": \"/d\", \"file\": \"a.cpp\", \"command\": \"c++ -c a.cpp\"}]", "no C file"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct folder folder = folder_with("compile_commands.json", cases[i].content);
        g_autoptr(GError) error = NULL;
        g_test_message("%s", cases[i].content ? cases[i].content : "(missing)");
        g_assert_null(database_read(folder.path, &error));
        g_assert_error(error, ANALYZER_ERROR, ANALYZER_ERROR_DATABASE);
        g_assert_nonnull(strstr(error->message, cases[i].message));
        g_assert_nonnull(strstr(error->message, folder.path));
        g_assert_nonnull(strstr(error->message, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"));
        folder_clear(&folder);
    }
}

static const char database[] =
    "[{\"directory\": \"/d/build\", \"file\": \"../src/a.c\", \"command\": \"cc -DA=\\\"x y\\\" -c "
    "../src/a.c -o a.o\"},\n"
    " {\"directory\": \"/d/build\", \"file\": \"../src/a.c\", \"command\": \"cc -DA=\\\"x y\\\" -fPIC -c "
    "../src/a.c -o a.lo\"},\n"
    " {\"directory\": \"/d/build\", \"file\": \"/d/src/a.c\", \"arguments\": [\"cc\", \"-DA=x y\", \"-c\", "
    "\"/d/src/a.c\", "
    "\"-o\", \"twice.o\"]},\n"
    " {\"directory\": \"/d/build\", \"file\": \"/d/src/b.S\", \"command\": \"cc -c /d/src/b.S\"}]\n";

static void check_entries(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) entries = database_read(path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(entries->len, ==, 2); /* the third equals the first, the fourth is no C */
    for (guint i = 0; i < entries->len; i++) {
        const struct database_entry *entry = entries->pdata[i];
        g_assert_cmpstr(entry->file, ==, "/d/src/a.c");
        g_assert_cmpstr(entry->directory, ==, "/d/build");
        g_assert_cmpstr(entry->flags[0], ==, "-DA=x y");
        g_assert_cmpint(strcmp(entry->flags[1], "-fPIC") == 0, ==, i == 1);
    }
}

static void test_entries(void)
{
    struct folder folder = folder_with("compile_commands.json", database);
    check_entries(folder.path);
    check_entries(folder.database);
    folder_clear(&folder);
    folder = folder_with("other-name.json", database);
    check_entries(folder.database);
    folder_clear(&folder);
}

static void test_paths(void)
{
    struct folder folder = folder_with("a.c", "int a;\n");
    const char *paths[] = {folder.path, NULL}, *missing[] = {"/nowhere/at/all.c", NULL},
               *flags[] = {"-DX", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) entries = database_from_files(paths, flags, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(entries->len, ==, 1);
    g_assert_cmpstr(((struct database_entry *)entries->pdata[0])->file, ==, folder.database);
    g_assert_null(database_from_files(missing, flags, &error));
    g_assert_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT);
    folder_clear(&folder);
}

static void test_selection(void)
{
    struct folder folder = folder_with("compile_commands.json", database);
    struct session *session = session_new();
    const char *paths[] = {"/d/other", NULL};
    struct analyze_options options = {.build_dir = folder.path, .paths = paths, .no_cache = TRUE};
    g_autoptr(GError) error = NULL;
    g_assert_null(facts_collect(&options, session, &error));
    g_assert_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "/d/other"));
    paths[0] = "/d/src";
    g_clear_error(&error);
    g_autoptr(GPtrArray) units = facts_collect(&options, session, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(units->len, ==, 2);
    const struct fact_unit *unit = units->pdata[0];
    g_assert_nonnull(strstr(unit->error, "cannot read /d/src/a.c")); /* listed, but not there */
    g_assert_cmpstr(session->root, ==, "/d/src");
    session_free(session);
    folder_clear(&folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/database/refused", test_refused);
    g_test_add_func("/database/entries", test_entries);
    g_test_add_func("/database/paths", test_paths);
    g_test_add_func("/database/selection", test_selection);
    return g_test_run();
}
