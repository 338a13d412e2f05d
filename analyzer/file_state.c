/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/file_state.h"

#include <string.h>
#include <sys/stat.h>

#define NS_PER_SECOND G_GINT64_CONSTANT(1000000000)

enum hashing { HASH_UNKNOWN, HASH_KNOWN, HASH_FAILED };

struct looked_at {
    struct file_state state;
    enum hashing hashing;
};

struct file_states {
    GHashTable *table; /* path → struct looked_at */
};

struct file_states *file_states_new(void)
{
    struct file_states *states = g_new0(struct file_states, 1);
    states->table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return states;
}

void file_states_free(struct file_states *states)
{
    if (!states)
        return;
    g_hash_table_unref(states->table);
    g_free(states);
}

static struct looked_at *look_at(struct file_states *states, const char *path)
{
    struct looked_at *file = g_hash_table_lookup(states->table, path);
    if (file)
        return file;
    struct stat status;
    file = g_new0(struct looked_at, 1);
    file->state.size_bytes = -1;
    if (stat(path, &status) == 0) {
        file->state.size_bytes = status.st_size;
        file->state.modified_ns = status.st_mtim.tv_sec * NS_PER_SECOND + status.st_mtim.tv_nsec;
        file->state.changed_ns = status.st_ctim.tv_sec * NS_PER_SECOND + status.st_ctim.tv_nsec;
        file->state.inode = status.st_ino;
    }
    g_hash_table_insert(states->table, g_strdup(path), file);
    return file;
}

const struct file_state *file_states_find(struct file_states *states, const char *path)
{
    return &look_at(states, path)->state;
}

static void hash_content(struct looked_at *file, const char *path)
{
    g_autofree char *content = NULL;
    gsize size = 0, length = FILE_HASH_BYTES;
    file->hashing = HASH_FAILED;
    if (!g_file_get_contents(path, &content, &size, NULL) || (gint64)size != file->state.size_bytes)
        return;
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(checksum, (const guchar *)content, (gssize)size);
    g_checksum_get_digest(checksum, file->state.hash, &length);
    file->hashing = HASH_KNOWN;
}

const struct file_state *file_states_hash(struct file_states *states, const char *path)
{
    struct looked_at *file = look_at(states, path);
    if (file->hashing == HASH_UNKNOWN)
        hash_content(file, path);
    return file->hashing == HASH_KNOWN ? &file->state : NULL;
}

gboolean file_states_unchanged(struct file_states *states, const char *path, const struct file_state *before)
{
    struct looked_at *file = look_at(states, path);
    const struct file_state *now = &file->state;
    if (now->size_bytes != before->size_bytes || now->size_bytes < 0)
        return FALSE;
    if (now->modified_ns == before->modified_ns && now->changed_ns == before->changed_ns &&
        now->inode == before->inode) {
        if (file->hashing == HASH_UNKNOWN) {
            memcpy(file->state.hash, before->hash, FILE_HASH_BYTES);
            file->hashing = HASH_KNOWN;
        }
        return TRUE;
    }
    return file_states_hash(states, path) && memcmp(now->hash, before->hash, FILE_HASH_BYTES) == 0;
}

char *file_states_hash_text(struct file_states *states, const char *path)
{
    const struct file_state *state = file_states_hash(states, path);
    GString *text = g_string_sized_new((gsize)FILE_HASH_BYTES * 2);
    for (int i = 0; state && i < FILE_HASH_BYTES; i++)
        g_string_append_printf(text, "%02x", state->hash[i]);
    return g_string_free(text, FALSE);
}
