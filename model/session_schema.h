/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a session file in SQL, made from session_tables.h. */
#ifndef MODEL_SESSION_SCHEMA_H
#define MODEL_SESSION_SCHEMA_H

#include <sqlite3.h>

#include "model/session_tables.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3_stmt, sqlite3_finalize)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3, sqlite3_close)

/* Where the items of a list inside a record stand. */
struct detail_kind {
    const char *table;
    const struct column *columns;
};
extern const struct detail_kind detail_kinds[DETAIL_TYPE_COUNT];

/* Makes the tables and columns that an empty file, or one of an earlier version, lacks. FALSE when SQLite
 * fails; the database has the error. */
gboolean session_schema_complete(sqlite3 *database);

#endif
