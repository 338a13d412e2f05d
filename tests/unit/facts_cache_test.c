/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/facts_cache.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct project {
    char *folder, *source, *header, *cache;
    struct database_entry entry;
};

static char *flags[] = {(char *)"-DA=1", NULL};

static struct project project_new(void)
{
    struct project project = {.folder = g_dir_make_tmp("corewise-test-XXXXXX", NULL)};
    project.source = g_build_filename(project.folder, "unit.c", NULL);
    project.header = g_build_filename(project.folder, "unit.h", NULL);
    project.cache = g_build_filename(project.folder, "cache", NULL);
    g_assert_true(g_file_set_contents(project.source, "#include \"unit.h\"\n", -1, NULL));
    g_assert_true(g_file_set_contents(project.header, "int one;\n", -1, NULL));
    project.entry = (struct database_entry){project.source, project.folder, flags};
    return project;
}

static void remove_folder(const char *path)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    for (const char *name; directory && (name = g_dir_read_name(directory));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        if (g_file_test(inner, G_FILE_TEST_IS_DIR))
            remove_folder(inner);
        else
            g_unlink(inner);
    }
    g_rmdir(path);
}

static void project_clear(struct project *project)
{
    remove_folder(project->folder);
    g_free(project->folder);
    g_free(project->source);
    g_free(project->header);
    g_free(project->cache);
}

/* Each call is a run of its own: it looks at the files anew. */
static gboolean found(const struct project *project, const struct database_entry *entry, const char *root)
{
    struct file_states *states = file_states_new();
    struct facts_cache *cache = facts_cache_new(project->cache, root, 0, states);
    struct fact_unit *unit = facts_cache_find(cache, entry);
    gboolean is_found = unit != NULL;
    if (unit) {
        g_assert_cmpstr(unit->file, ==, entry->file);
        g_assert_cmpuint(unit->variables->len, ==, 1);
    }
    fact_unit_free(unit);
    facts_cache_free(cache);
    file_states_free(states);
    return is_found;
}

static void store(const struct project *project, const struct database_entry *entry, const char *error,
                  guint64 size_bytes_max)
{
    struct file_states *states = file_states_new();
    struct facts_cache *cache = facts_cache_new(project->cache, project->folder, size_bytes_max, states);
    struct fact_unit *unit = fact_unit_new(entry->file);
    struct fact_variable *variable = fact_variable_new(unit);
    variable->path = fact_text(unit, "one");
    variable->type = fact_text(unit, "int");
    fact_list_add(unit, unit->files, fact_text(unit, entry->file));
    fact_list_add(unit, unit->variables, variable);
    fact_list_add(unit, unit->dependencies, fact_text(unit, entry->file));
    fact_list_add(unit, unit->dependencies, fact_text(unit, project->header));
    unit->error = fact_text(unit, error);
    g_autoptr(GVariant) facts = g_variant_ref_sink(facts_to_variant(unit));
    facts_cache_store(cache, entry, unit, facts);
    fact_unit_free(unit);
    facts_cache_free(cache);
    file_states_free(states);
}

static void set_time(const char *path, gint64 seconds)
{
    struct timespec times[] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

static void test_key(void)
{
    struct project project = project_new();
    char *other_flags[] = {(char *)"-DA=2", NULL};
    struct database_entry other = project.entry, elsewhere = project.entry;
    other.flags = other_flags;
    elsewhere.directory = (char *)"/";
    g_assert_false(found(&project, &project.entry, project.folder));
    store(&project, &project.entry, NULL, 0);
    g_assert_true(found(&project, &project.entry, project.folder));
    g_assert_false(found(&project, &other, project.folder));
    g_assert_false(found(&project, &elsewhere, project.folder));
    g_assert_false(found(&project, &project.entry, "/"));
    project_clear(&project);
}

static void test_dependencies(void)
{
    struct project project = project_new();
    store(&project, &project.entry, NULL, 0);
    set_time(project.header, 1000); /* other times, same content */
    g_assert_true(found(&project, &project.entry, project.folder));
    g_assert_true(found(&project, &project.entry, project.folder));
    g_assert_true(g_file_set_contents(project.header, "int two;\n", -1, NULL)); /* same size */
    set_time(project.header, 1000);                                             /* and same time */
    g_assert_false(found(&project, &project.entry, project.folder));
    store(&project, &project.entry, NULL, 0);
    g_assert_true(found(&project, &project.entry, project.folder));
    g_assert_true(g_file_set_contents(project.header, "int one; int two;\n", -1, NULL));
    g_assert_false(found(&project, &project.entry, project.folder));
    g_unlink(project.header);
    g_assert_false(found(&project, &project.entry, project.folder));
    project_clear(&project);
}

static void test_not_stored(void)
{
    struct project project = project_new();
    store(&project, &project.entry, "no C at all", 0);
    g_assert_false(found(&project, &project.entry, project.folder));
    set_time(project.header, g_get_real_time() / G_USEC_PER_SEC + 60); /* changed after the run began */
    store(&project, &project.entry, NULL, 0);
    g_assert_false(found(&project, &project.entry, project.folder));
    project_clear(&project);
}

static char *only_file(const struct project *project)
{
    g_autoptr(GDir) directory = g_dir_open(project->cache, 0, NULL);
    const char *name = directory ? g_dir_read_name(directory) : NULL;
    char *path = name ? g_build_filename(project->cache, name, NULL) : NULL;
    g_assert_true(name == NULL || g_dir_read_name(directory) == NULL);
    return path;
}

/* Wherever a byte is wrong or the rest is missing, the unit is parsed again and the file replaced. */
static void test_damaged(void)
{
    struct project project = project_new();
    g_autofree char *content = NULL;
    gsize size = 0;
    store(&project, &project.entry, NULL, 0);
    g_autofree char *path = only_file(&project);
    g_assert_true(g_file_get_contents(path, &content, &size, NULL));
    for (gsize i = 0; i < size; i++) {
        content[i] ^= 0x40;
        g_assert_true(g_file_set_contents(path, content, (gssize)size, NULL));
        gboolean padding = found(&project, &project.entry, project.folder);
        content[i] ^= 0x40;
        if (padding) /* alignment bytes between the parts mean nothing */
            g_assert_cmpint(content[i], ==, 0);
        g_assert_true(g_file_set_contents(path, content, (gssize)i, NULL));
        g_assert_false(found(&project, &project.entry, project.folder));
    }
    store(&project, &project.entry, NULL, 0);
    g_assert_true(found(&project, &project.entry, project.folder));
    struct stat status;
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    project_clear(&project);
}

static void test_unusable_folder(void)
{
    struct project project = project_new();
    g_assert_true(g_file_set_contents(project.cache, "a file, no folder", -1, NULL));
    store(&project, &project.entry, NULL, 0);
    g_assert_false(found(&project, &project.entry, project.folder));
    project_clear(&project);
}

static void test_bounded(void)
{
    struct project project = project_new();
    char definitions[8][16];
    char *own_flags[8][2] = {{NULL}};
    guint kept = 0;
    for (guint i = 0; i < G_N_ELEMENTS(definitions); i++) {
        g_snprintf(definitions[i], sizeof(definitions[i]), "-DN=%u", i);
        own_flags[i][0] = definitions[i];
        struct database_entry entry = project.entry;
        entry.flags = own_flags[i];
        store(&project, &entry, NULL, 1200); /* one takes about 300 bytes */
        g_usleep(5000);
    }
    for (guint i = 0; i < G_N_ELEMENTS(definitions); i++) {
        struct database_entry entry = project.entry;
        entry.flags = own_flags[i];
        gboolean is_kept = found(&project, &entry, project.folder);
        g_assert_true(is_kept || kept == 0); /* the oldest are gone, and none after */
        kept += is_kept;
    }
    g_assert_cmpuint(kept, >, 0);
    g_assert_cmpuint(kept, <, 5);
    project_clear(&project);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/facts_cache/key", test_key);
    g_test_add_func("/facts_cache/dependencies", test_dependencies);
    g_test_add_func("/facts_cache/not_stored", test_not_stored);
    g_test_add_func("/facts_cache/damaged", test_damaged);
    g_test_add_func("/facts_cache/unusable_folder", test_unusable_folder);
    g_test_add_func("/facts_cache/bounded", test_bounded);
    return g_test_run();
}
