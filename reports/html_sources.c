/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/html_sources.h"

#include <stdlib.h>
#include <string.h>

#define FINDING_WEIGHT 1e9 /* more than any seconds of a run */

static void source_file_free(gpointer data)
{
    struct source_file *file = data;
    g_free(file->name);
    g_free(file->text);
    g_free(file->missing);
    g_free(file);
}

/* --- which files
 * --------------------------------------------------------------------------------------------------- */

static void note_file(GHashTable *files, const char *name, double weight)
{
    if (!name || !*name || g_path_is_absolute(name))
        return;
    struct source_file *file = g_hash_table_lookup(files, name);
    if (!file) {
        file = g_new0(struct source_file, 1);
        file->name = g_strdup(name);
        g_hash_table_insert(files, file->name, file);
    }
    file->weight += weight;
}

static void note_places(GHashTable *files, const GPtrArray *places, double weight)
{
    for (guint i = 0; i < places->len; i++)
        note_file(files, ((const struct place *)g_ptr_array_index(places, i))->file, weight);
}

static void note_analysis(GHashTable *files, const struct session *session)
{
    for (guint i = 0; i < session->regions->len; i++) {
        const struct region *region = g_ptr_array_index(session->regions, i);
        note_file(files, region->file, 0);
        note_places(files, region->evidence, 0);
    }
    for (guint i = 0; i < session->findings->len; i++) {
        const struct finding *finding = g_ptr_array_index(session->findings, i);
        note_file(files, finding->file, FINDING_WEIGHT);
        note_places(files, finding->path, FINDING_WEIGHT);
    }
    for (guint i = 0; i < session->locks->len; i++)
        note_file(files, ((const struct lock *)g_ptr_array_index(session->locks, i))->file, 0);
    for (guint i = 0; i < session->advice->len; i++)
        note_places(files, ((const struct advice *)g_ptr_array_index(session->advice, i))->changes, 0);
    if (session->program)
        note_places(files, session->program->evidence, 0);
}

static void note_run(GHashTable *files, const struct session *session)
{
    g_autoptr(GHashTable) regions = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < session->regions->len; i++) {
        struct region *region = g_ptr_array_index(session->regions, i);
        g_hash_table_insert(regions, region->id, region->file);
    }
    for (guint i = 0; i < session->measurements->len; i++) {
        const struct measurement *each = g_ptr_array_index(session->measurements, i);
        if (each->subject_kind == SUBJECT_REGION && strcmp(each->metric, "active_seconds") == 0)
            note_file(files, g_hash_table_lookup(regions, each->subject), each->value);
    }
    for (guint i = 0; i < session->waits->len; i++)
        note_file(files, ((const struct wait_edge *)g_ptr_array_index(session->waits, i))->file, 0);
}

static gint compare_files(gconstpointer first, gconstpointer second)
{
    const struct source_file *one = *(struct source_file *const *)first,
                             *other = *(struct source_file *const *)second;
    if (one->weight != other->weight)
        return one->weight > other->weight ? -1 : 1;
    return strcmp(one->name, other->name);
}

/* --- their text
 * --------------------------------------------------------------------------------------------------- */

static gboolean has_source_name(const char *name)
{
    static const char *const endings[] = {".c",   ".h",   ".cc", ".cpp", ".cxx", ".hh", ".hpp",
                                          ".inc", ".inl", ".l",  ".y",   ".def", ".ipp"};
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
        if (g_str_has_suffix(name, endings[i]))
            return TRUE;
    }
    return FALSE;
}

/* The file behind the name, followed through links; NULL when it is not below the root. */
static char *path_below(const char *root, const char *name)
{
    g_autofree char *joined = g_build_filename(root, name, NULL);
    char *real = realpath(joined, NULL), *real_root = realpath(root, NULL);
    gsize length = real_root ? strlen(real_root) : 0;
    gboolean below = real && length > 1 && strncmp(real, real_root, length) == 0 && real[length] == '/';
    char *path = below || !real ? g_strdup(real ? real : joined) : NULL;
    free(real);
    free(real_root);
    return path;
}

static char *read_text(const char *path, gsize room, gsize *length, char **missing)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GMappedFile) file = NULL;
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        *missing = g_strdup("it is not there any more");
        return NULL;
    }
    file = g_mapped_file_new(path, FALSE, &error);
    *length = file ? g_mapped_file_get_length(file) : 0;
    if (!file)
        *missing = g_strdup("it cannot be read");
    else if (*length > SOURCE_FILE_BYTES_MAX)
        *missing = g_strdup("it is longer than 1 MiB");
    else if (*length > room)
        *missing = g_strdup("4 MiB of more important files are in this page already");
    return *missing ? NULL : g_strndup(g_mapped_file_get_contents(file), *length);
}

static void read_file(const struct session *session, GHashTable *hashes, struct source_file *file,
                      gsize *room)
{
    if (!session->root) {
        file->missing = g_strdup("the session has no project root: nothing was analysed");
        return;
    }
    g_autofree char *path = path_below(session->root, file->name);
    if (!path || !has_source_name(file->name)) {
        file->missing =
            g_strdup(path ? "its name is not that of C source" : "it is outside of the project root");
        return;
    }
    gsize length = 0;
    g_autofree char *text = read_text(path, *room, &length, &file->missing);
    if (!text)
        return;
    const char *analysed = g_hash_table_lookup(hashes, file->name);
    g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, length);
    file->changed = analysed && strcmp(analysed, hash) != 0;
    file->text = g_utf8_make_valid(text, (gssize)strlen(text));
    *room -= length;
}

GPtrArray *html_sources_read(const struct session *session)
{
    g_autoptr(GHashTable) files = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) hashes = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *sorted = g_ptr_array_new_with_free_func(source_file_free);
    gsize room = SOURCE_BYTES_MAX;
    note_analysis(files, session);
    note_run(files, session);
    for (guint i = 0; i < session->units->len; i++) {
        struct unit *unit = g_ptr_array_index(session->units, i);
        if (unit->file && unit->content_hash)
            g_hash_table_insert(hashes, unit->file, unit->content_hash);
    }
    GHashTableIter each;
    gpointer file;
    g_hash_table_iter_init(&each, files);
    while (g_hash_table_iter_next(&each, NULL, &file))
        g_ptr_array_add(sorted, file);
    g_ptr_array_sort(sorted, compare_files);
    for (guint i = 0; i < sorted->len; i++)
        read_file(session, hashes, g_ptr_array_index(sorted, i), &room);
    return sorted;
}
