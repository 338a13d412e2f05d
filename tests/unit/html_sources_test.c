/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "example_session.h"
#include "reports/html_sources.h"

struct fixture {
    char *folder; /* root/ is the project's */
    struct session *session;
    GPtrArray *files;
};

static void set_up(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture->folder = g_dir_make_tmp("corewise-sources-XXXXXX", NULL);
    g_assert_nonnull(fixture->folder);
    fixture->session = session_new();
    fixture->session->root = g_build_filename(fixture->folder, "root", NULL);
    g_assert_cmpint(g_mkdir(fixture->session->root, 0755), ==, 0);
}

static void tear_down(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autofree char *command = g_strdup_printf("rm -r '%s'", fixture->folder);
    g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
    g_free(fixture->folder);
    session_free(fixture->session);
    g_clear_pointer(&fixture->files, g_ptr_array_unref);
}

/* Writes folder/`place` and has a region of `name` speak of it. */
static void add_file(struct fixture *fixture, const char *place, const char *name, const char *text,
                     gsize length)
{
    g_autofree char *path = g_build_filename(fixture->folder, place, NULL);
    g_autoptr(GError) error = NULL;
    g_file_set_contents(path, text, (gssize)length, &error);
    g_assert_no_error(error);
    example_add_region(fixture->session, REGION_FUNCTION, "f", name, 1, 2, WORK_CPU, 0.9);
}

static void add_text(struct fixture *fixture, const char *place, const char *name, const char *text)
{
    add_file(fixture, place, name, text, strlen(text));
}

static const struct source_file *find(struct fixture *fixture, const char *name)
{
    if (!fixture->files)
        fixture->files = html_sources_read(fixture->session);
    for (guint i = 0; i < fixture->files->len; i++) {
        const struct source_file *file = g_ptr_array_index(fixture->files, i);
        if (strcmp(file->name, name) == 0)
            return file;
    }
    return NULL;
}

static void assert_missing(struct fixture *fixture, const char *name, const char *why)
{
    const struct source_file *file = find(fixture, name);
    g_assert_nonnull(file);
    g_assert_null(file->text);
    g_assert_nonnull(strstr(file->missing, why));
}

static void test_text(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    add_text(fixture, "root/a.c", "a.c", "int a;\n");
    add_text(fixture, "root/latin.c", "latin.c", "/* \xe9 */\n");
    g_assert_cmpstr(find(fixture, "a.c")->text, ==, "int a;\n");
    g_assert_null(find(fixture, "a.c")->missing);
    g_assert_cmpstr(find(fixture, "latin.c")->text, ==, "/* \xef\xbf\xbd */\n");
}

static void test_outside(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    add_text(fixture, "secret.c", "../secret.c", "int secret;\n");
    g_autofree char *link = g_build_filename(fixture->session->root, "link.c", NULL);
    g_assert_cmpint(symlink("../secret.c", link), ==, 0);
    example_add_region(fixture->session, REGION_FUNCTION, "f", "link.c", 1, 2, WORK_CPU, 0.9);
    add_text(fixture, "root/key.pem", "key.pem", "private\n");
    example_add_region(fixture->session, REGION_FUNCTION, "f", "gone.c", 1, 2, WORK_CPU, 0.9);
    example_add_region(fixture->session, REGION_FUNCTION, "f", "/usr/include/stdio.h", 1, 2, WORK_CPU, 0.9);
    assert_missing(fixture, "../secret.c", "outside");
    assert_missing(fixture, "link.c", "outside");
    assert_missing(fixture, "key.pem", "C source");
    assert_missing(fixture, "gone.c", "not there");
    g_assert_null(find(fixture, "/usr/include/stdio.h"));
}

static void test_whole_disk_is_no_root(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_free(fixture->session->root);
    fixture->session->root = g_strdup("/");
    example_add_region(fixture->session, REGION_FUNCTION, "f", "usr/include/stdio.h", 1, 2, WORK_CPU, 0.9);
    assert_missing(fixture, "usr/include/stdio.h", "outside");
}

static void test_limits(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autofree char *text = g_malloc(SOURCE_FILE_BYTES_MAX + 1);
    memset(text, 'x', SOURCE_FILE_BYTES_MAX + 1);
    add_file(fixture, "root/long.c", "long.c", text, SOURCE_FILE_BYTES_MAX + 1);
    for (int i = 0; i < 5; i++) {
        g_autofree char *name = g_strdup_printf("%d.c", i), *place = g_strdup_printf("root/%d.c", i);
        add_file(fixture, place, name, text, SOURCE_FILE_BYTES_MAX);
    }
    struct finding *finding = finding_new(); /* goes before all others */
    finding->file = g_strdup("4.c");
    g_ptr_array_add(fixture->session->findings, finding);
    assert_missing(fixture, "long.c", "longer than 1 MiB");
    assert_missing(fixture, "3.c", "4 MiB");
    g_assert_nonnull(find(fixture, "4.c")->text);
    g_assert_nonnull(find(fixture, "2.c")->text);
    g_assert_cmpstr(((const struct source_file *)fixture->files->pdata[0])->name, ==, "4.c");
}

static void test_changed(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    add_text(fixture, "root/a.c", "a.c", "int a;\n");
    add_text(fixture, "root/b.c", "b.c", "int b;\n");
    static const char *const names[] = {"a.c", "b.c"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        struct unit *unit = unit_new();
        unit->file = g_strdup(names[i]);
        unit->content_hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "int a;\n", -1);
        g_ptr_array_add(fixture->session->units, unit);
    }
    g_assert_false(find(fixture, "a.c")->changed);
    g_assert_true(find(fixture, "b.c")->changed);
}

static void test_no_root(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    add_text(fixture, "root/a.c", "a.c", "int a;\n");
    g_clear_pointer(&fixture->session->root, g_free);
    assert_missing(fixture, "a.c", "no project root");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(PATH, TEST) g_test_add(PATH, struct fixture, NULL, set_up, TEST, tear_down)
    ADD("/html-sources/text", test_text);
    ADD("/html-sources/outside", test_outside);
    ADD("/html-sources/whole-disk-is-no-root", test_whole_disk_is_no_root);
    ADD("/html-sources/limits", test_limits);
    ADD("/html-sources/changed", test_changed);
    ADD("/html-sources/no-root", test_no_root);
    return g_test_run();
}
