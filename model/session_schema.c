/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session_schema.h"

#include "model/session_file.h"

#define OWNER_COLUMNS                                                                                        \
    "owner_table TEXT NOT NULL, owner_row INTEGER NOT NULL, list TEXT NOT NULL, position INTEGER NOT NULL"

static const struct column reason_columns[] = {{"text", COLUMN_TEXT, 0, NULL}, {NULL, COLUMN_TEXT, 0, NULL}};

const struct detail_kind detail_kinds[DETAIL_TYPE_COUNT] = {
    [DETAIL_PLACES] = {"place", place_columns},
    [DETAIL_REASONS] = {"reason", reason_columns},
    [DETAIL_ESTIMATES] = {"model_estimate", estimate_columns},
    [DETAIL_TIMES] = {"time_estimate", time_columns},
    [DETAIL_COSTS] = {"host_cost", host_cost_columns},
};

static const char *column_sql_type(enum column_type type)
{
    switch (type) {
    case COLUMN_INT:
    case COLUMN_INT64:
        return "INTEGER";
    case COLUMN_REAL:
        return "REAL";
    default:
        return "TEXT";
    }
}

static void append_create(GString *sql, const char *name, const char *first, const struct column *columns)
{
    g_string_append_printf(sql, "CREATE TABLE IF NOT EXISTS %s (%s", name,
                           first ? first : "row INTEGER PRIMARY KEY");
    for (const struct column *column = columns; column->name; column++)
        g_string_append_printf(sql, ", \"%s\" %s", column->name, column_sql_type(column->type));
    g_string_append(sql, ");\n");
}

static char *schema_sql(void)
{
    GString *sql = g_string_new("CREATE TABLE IF NOT EXISTS info (key TEXT PRIMARY KEY, value TEXT);\n");
    for (guint kind = 0; kind < DETAIL_TYPE_COUNT; kind++)
        append_create(sql, detail_kinds[kind].table, OWNER_COLUMNS, detail_kinds[kind].columns);
    for (guint i = 0; i < record_table_count; i++)
        append_create(sql, record_tables[i].name, NULL, record_tables[i].columns);
    for (guint kind = 0; kind < G_N_ELEMENTS(detail_kinds); kind++)
        g_string_append_printf(sql,
                               "CREATE INDEX IF NOT EXISTS %s_owner ON %s (owner_table, owner_row, list);\n",
                               detail_kinds[kind].table, detail_kinds[kind].table);
    g_string_append_printf(sql, "PRAGMA application_id = %d;\nPRAGMA user_version = %d;\n",
                           SESSION_FILE_APPLICATION_ID, SESSION_FILE_SCHEMA_VERSION);
    return g_string_free(sql, FALSE);
}

/* Columns of later versions, with what records of before mean by not having them: the first of a vocabulary,
 * 0, NULL.
 * corewise: allow(blocking-call-in-event-loop) the loop that watches a program writes when it is asked to */
static gboolean add_missing_columns(sqlite3 *database, const char *table, const struct column *columns)
{
    g_autoptr(GHashTable) present = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(sqlite3_stmt) query = NULL;
    if (sqlite3_prepare_v2(database, "SELECT name FROM pragma_table_info(?)", -1, &query, NULL) != SQLITE_OK)
        return FALSE;
    sqlite3_bind_text(query, 1, table, -1, SQLITE_STATIC);
    while (sqlite3_step(query) == SQLITE_ROW)
        g_hash_table_add(present, g_strdup((const char *)sqlite3_column_text(query, 0)));
    for (const struct column *column = columns; column->name; column++) {
        if (g_hash_table_contains(present, column->name))
            continue;
        g_autofree char *otherwise = column->type == COLUMN_NAME
                                         ? g_strdup_printf(" DEFAULT '%s'", column->vocabulary->names[0])
                                         : NULL;
        g_autofree char *sql = g_strdup_printf("ALTER TABLE %s ADD COLUMN \"%s\" %s%s", table, column->name,
                                               column_sql_type(column->type), otherwise ? otherwise : "");
        if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
            return FALSE;
    }
    return TRUE;
}

/* corewise: allow(blocking-call-in-event-loop) the loop that watches a program writes when it is asked to */
gboolean session_schema_complete(sqlite3 *database)
{
    g_autofree char *schema = schema_sql();
    if (sqlite3_exec(database, schema, NULL, NULL, NULL) != SQLITE_OK)
        return FALSE;
    for (guint kind = 0; kind < DETAIL_TYPE_COUNT; kind++)
        if (!add_missing_columns(database, detail_kinds[kind].table, detail_kinds[kind].columns))
            return FALSE;
    for (guint i = 0; i < record_table_count; i++)
        if (!add_missing_columns(database, record_tables[i].name, record_tables[i].columns))
            return FALSE;
    return TRUE;
}
