/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/facts_cache.h"

#include <clang-c/Index.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_BYTES_MAX (G_GUINT64_CONSTANT(512) << 20)
#define KEEP_PERCENT   90 /* of the bound, once it is passed: not every run has to remove something */
#define CACHE_TYPE     "(tay(uayay))" /* checksum of the rest, struct file_state per dependency, facts */
#define FILE_SUFFIX    ".facts"

struct facts_cache {
    char *folder, *identity;
    guint64 size_bytes_max;
    struct file_states *states;
    gint64 started_ns;
    gboolean stored;
};

/* What makes facts but no command says. The program's own file is part of it: whoever changes how facts are
 * drawn must not be answered by the program of before. */
static char *identity_of(const char *root)
{
    struct stat program = {0};
    const char *paths = g_getenv("CPATH"), *c_paths = g_getenv("C_INCLUDE_PATH");
    CXString version = clang_getClangVersion();
    (void)stat("/proc/self/exe", &program);
    char *identity = g_strdup_printf(
        "%d\n%s\n%" G_GINT64_FORMAT ".%ld %" G_GINT64_FORMAT "\n%s\n%s\n%s\n%s", FACTS_VERSION,
        COREWISE_VERSION, (gint64)program.st_mtim.tv_sec, program.st_mtim.tv_nsec, (gint64)program.st_size,
        clang_getCString(version), root, paths ? paths : "", c_paths ? c_paths : "");
    clang_disposeString(version);
    return identity;
}

struct facts_cache *facts_cache_new(const char *folder, const char *root, guint64 size_bytes_max,
                                    struct file_states *states)
{
    struct facts_cache *cache = g_new0(struct facts_cache, 1);
    cache->folder =
        folder ? g_strdup(folder) : g_build_filename(g_get_user_cache_dir(), "corewise", "facts", NULL);
    cache->identity = identity_of(root);
    cache->size_bytes_max = size_bytes_max ? size_bytes_max : SIZE_BYTES_MAX;
    cache->states = states;
    cache->started_ns = g_get_real_time() * 1000;
    return cache;
}

static void checksum_add(GChecksum *checksum, const char *text)
{
    g_checksum_update(checksum, (const guchar *)text, (gssize)strlen(text) + 1);
}

static char *cache_file(const struct facts_cache *cache, const struct database_entry *entry)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    checksum_add(checksum, cache->identity);
    checksum_add(checksum, entry->file);
    checksum_add(checksum, entry->directory);
    for (guint i = 0; entry->flags[i]; i++)
        checksum_add(checksum, entry->flags[i]);
    g_autofree char *name = g_strconcat(g_checksum_get_string(checksum), FILE_SUFFIX, NULL);
    return g_build_filename(cache->folder, name, NULL);
}

/* FNV-1a, eight bytes at a time: guards against torn and damaged files, not against people. */
static guint64 content_sum(GVariant *states, GVariant *facts)
{
    guint64 sum = G_GUINT64_CONSTANT(0xcbf29ce484222325);
    GVariant *parts[] = {states, facts};
    for (gsize part = 0; part < G_N_ELEMENTS(parts); part++) {
        const guint8 *bytes = g_variant_get_data(parts[part]);
        gsize size = g_variant_get_size(parts[part]);
        for (gsize at = 0; at < size; at += sizeof(guint64)) {
            guint64 word = 0;
            memcpy(&word, bytes + at, MIN(size - at, sizeof(word)));
            sum = (sum ^ word) * G_GUINT64_CONSTANT(0x100000001b3);
            sum ^= sum >> 32; /* multiplying only carries upwards */
        }
    }
    return sum;
}

/* The file's content when it is whole; NULL otherwise. */
static GVariant *read_whole(const char *path)
{
    char *content = NULL;
    gsize size = 0;
    if (!g_file_get_contents(path, &content, &size, NULL))
        return NULL;
    g_autoptr(GVariant) value = g_variant_ref_sink(
        g_variant_new_from_data(G_VARIANT_TYPE(CACHE_TYPE), content, size, FALSE, g_free, content));
    guint64 sum = 0;
    g_variant_get_child(value, 0, "t", &sum);
    g_autoptr(GVariant) states = g_variant_get_child_value(value, 1);
    g_autoptr(GVariant) facts = g_variant_get_child_value(value, 2);
    /* of damaged content GVariant makes zeroes and empty arrays */
    return sum == content_sum(states, facts) ? g_steal_pointer(&value) : NULL;
}

/* TRUE when every dependency is what it was; *moved when that took reading some of them. */
static gboolean dependencies_hold(const struct facts_cache *cache, const struct fact_unit *unit,
                                  GVariant *states, gboolean *moved)
{
    gsize count = 0;
    const guint8 *bytes = g_variant_get_fixed_array(states, &count, 1);
    if (count != unit->dependencies->len * sizeof(struct file_state))
        return FALSE;
    *moved = FALSE;
    for (guint i = 0; i < unit->dependencies->len; i++) {
        struct file_state before;
        const char *path = unit->dependencies->pdata[i];
        memcpy(&before, bytes + i * sizeof(before), sizeof(before)); /* it is not aligned there */
        if (!file_states_unchanged(cache->states, path, &before))
            return FALSE;
        const struct file_state *now = file_states_find(cache->states, path);
        *moved = *moved || now->changed_ns != before.changed_ns || now->inode != before.inode;
    }
    return TRUE;
}

struct fact_unit *facts_cache_find(struct facts_cache *cache, const struct database_entry *entry)
{
    g_autofree char *path = cache_file(cache, entry);
    g_autoptr(GVariant) value = read_whole(path);
    if (!value)
        return NULL;
    g_autoptr(GVariant) states = g_variant_get_child_value(value, 1);
    g_autoptr(GVariant) facts = g_variant_get_child_value(value, 2);
    struct fact_unit *unit = facts_from_variant(facts);
    gboolean moved = FALSE;
    if (unit && (unit->error || strcmp(unit->file, entry->file) != 0 ||
                 !dependencies_hold(cache, unit, states, &moved)))
        g_clear_pointer(&unit, fact_unit_free);
    if (unit && moved)
        facts_cache_store(cache, entry, unit, facts);
    else if (unit)
        utimensat(AT_FDCWD, path, NULL, 0); /* in use */
    return unit;
}

/* The states of the dependencies, or NULL when one of them changed since the run began: what was parsed is
 * not surely what is there now. */
static GVariant *states_variant(const struct facts_cache *cache, const struct fact_unit *unit)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (guint i = 0; i < unit->dependencies->len; i++) {
        const struct file_state *state = file_states_hash(cache->states, unit->dependencies->pdata[i]);
        if (!state || state->modified_ns >= cache->started_ns || state->changed_ns >= cache->started_ns)
            return NULL;
        g_byte_array_append(bytes, (const guint8 *)state, sizeof(*state));
    }
    return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes->data, bytes->len, 1);
}

/* Under another name first: readers see the old file or the new one. */
static gboolean write_file(const struct facts_cache *cache, const char *path, GVariant *value)
{
    g_autofree char *temporary = g_build_filename(cache->folder, "new-XXXXXX", NULL);
    if (g_mkdir_with_parents(cache->folder, 0700) != 0)
        return FALSE;
    int file = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0)
        return FALSE;
    const char *bytes = g_variant_get_data(value);
    gsize size = g_variant_get_size(value);
    gboolean written = write(file, bytes, size) == (gssize)size;
    written = close(file) == 0 && written && g_rename(temporary, path) == 0;
    if (!written)
        g_unlink(temporary);
    return written;
}

void facts_cache_store(struct facts_cache *cache, const struct database_entry *entry,
                       const struct fact_unit *unit, GVariant *facts)
{
    GVariant *states = unit->error ? NULL : states_variant(cache, unit);
    if (!states)
        return;
    g_autofree char *path = cache_file(cache, entry);
    GVariant *children[] = {g_variant_new_uint64(content_sum(states, facts)), states, facts};
    g_autoptr(GVariant) value = g_variant_ref_sink(g_variant_new_tuple(children, G_N_ELEMENTS(children)));
    cache->stored = write_file(cache, path, value) || cache->stored;
}

struct cached_file {
    char *path;
    gint64 used_ns, size_bytes;
};

static void cached_file_clear(gpointer data)
{
    g_free(((struct cached_file *)data)->path);
}

static gint compare_use(gconstpointer a, gconstpointer b)
{
    const struct cached_file *left = a, *right = b;
    return left->used_ns < right->used_ns ? -1 : left->used_ns > right->used_ns;
}

/* Also what writers that were killed left behind. */
static void remove_oldest(const struct facts_cache *cache)
{
    g_autoptr(GDir) directory = g_dir_open(cache->folder, 0, NULL);
    g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(struct cached_file));
    g_array_set_clear_func(files, cached_file_clear);
    guint64 total = 0;
    for (const char *name; directory && (name = g_dir_read_name(directory));) {
        struct stat status;
        g_autofree char *path = g_build_filename(cache->folder, name, NULL);
        if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
            continue;
        struct cached_file file = {
            g_steal_pointer(&path),
            status.st_mtim.tv_sec * G_GINT64_CONSTANT(1000000000) + status.st_mtim.tv_nsec, status.st_size};
        total += (guint64)status.st_size;
        g_array_append_val(files, file);
    }
    if (total <= cache->size_bytes_max)
        return;
    g_array_sort(files, compare_use);
    for (guint i = 0; i < files->len && total > cache->size_bytes_max / 100 * KEEP_PERCENT; i++) {
        const struct cached_file *file = &g_array_index(files, struct cached_file, i);
        if (g_unlink(file->path) == 0)
            total -= (guint64)file->size_bytes;
    }
}

void facts_cache_free(struct facts_cache *cache)
{
    if (!cache)
        return;
    if (cache->stored)
        remove_oldest(cache);
    g_free(cache->folder);
    g_free(cache->identity);
    g_free(cache);
}
