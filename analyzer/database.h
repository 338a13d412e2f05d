/* SPDX-License-Identifier: Apache-2.0 */
/* Compilation databases (compile_commands.json), read with libclang in a worker process. */
#ifndef ANALYZER_DATABASE_H
#define ANALYZER_DATABASE_H

#include <glib.h>

struct database_entry {
    char *file;      /* absolute */
    char *directory; /* absolute: where the command ran */
    char **flags;    /* cleaned (command_line.h) */
};

void database_entry_free(struct database_entry *entry);

/* The C units of the database in `build_dir` (a folder, or the json file itself): struct database_entry, one
 * per distinct file and cleaned command, in the database's order. NULL with ANALYZER_ERROR_DATABASE when it
 * is missing, unreadable, damaged, or lists no C file. */
GPtrArray *database_read(const char *build_dir, GError **error);

/* Entries for `paths` parsed with `flags`; ANALYZER_ERROR_INPUT when a path is missing or a folder has no C
 * file. */
GPtrArray *database_from_files(const char *const *paths, const char *const *flags, GError **error);

#endif
