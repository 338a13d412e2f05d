/* SPDX-License-Identifier: Apache-2.0 */
/* What source files are at the time of a run, each looked at once. */
#ifndef ANALYZER_FILE_STATE_H
#define ANALYZER_FILE_STATE_H

#include <glib.h>

#define FILE_HASH_BYTES 32 /* SHA-256 */

/* Stored as it is in cache files of this host: fixed widths, no holes. */
struct file_state {
    gint64 size_bytes; /* -1: no such file */
    gint64 modified_ns, changed_ns;
    guint64 inode;
    guint8 hash[FILE_HASH_BYTES]; /* of the content; only set by file_states_hash() */
};

struct file_states;

struct file_states *file_states_new(void);
void file_states_free(struct file_states *states);

/* Never NULL; owned by `states`. */
const struct file_state *file_states_find(struct file_states *states, const char *path);

/* The same with the hash filled in; NULL when the file cannot be read. */
const struct file_state *file_states_hash(struct file_states *states, const char *path);

/* TRUE when the file is what it was: by its size and times when they are equal, else by its content. */
gboolean file_states_unchanged(struct file_states *states, const char *path, const struct file_state *before);

/* Hexadecimal digits of the content's hash, "" when it cannot be read. The caller frees them. */
char *file_states_hash_text(struct file_states *states, const char *path);

#endif
