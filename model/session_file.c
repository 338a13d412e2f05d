/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session_file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>

#include "model/session_schema.h"
#include "model/session_tables.h"

G_DEFINE_QUARK(session - file - error - quark, session_file_error)

static void set_database_error(sqlite3 *database, const char *doing, const char *path, GError **error)
{
    int code = sqlite3_errcode(database);
    switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        g_set_error(
            error, SESSION_FILE_ERROR, SESSION_FILE_ERROR_FORMAT,
            "cannot %s %s: not a session file, or damaged (%s); make it again with corewise check -o %s",
            doing, path, sqlite3_errmsg(database), path);
        break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
        g_set_error(error, SESSION_FILE_ERROR, SESSION_FILE_ERROR_OPEN,
                    "cannot %s %s: %s; free some space or choose another place with -o", doing, path,
                    code == SQLITE_FULL ? "the disk is full" : sqlite3_errmsg(database));
        break;
    default:
        g_set_error(error, SESSION_FILE_ERROR, SESSION_FILE_ERROR_OPEN,
                    "cannot %s %s: %s; check the path and its permissions", doing, path,
                    sqlite3_errmsg(database));
    }
}

/* --- SQL text from the tables
 * ------------------------------------------------------------------------------- */

static char *insert_sql(const char *table, const char *first, const struct column *columns)
{
    GString *names = g_string_new(first);
    GString *values = g_string_new(NULL);
    for (const char *comma = first; comma && *comma; comma++) {
        if (*comma == ',')
            g_string_append(values, "?, ");
    }
    g_string_append(values, "?");
    for (const struct column *column = columns; column->name; column++) {
        g_string_append_printf(names, ", \"%s\"", column->name);
        g_string_append(values, ", ?");
    }
    char *sql = g_strdup_printf("INSERT INTO %s (%s) VALUES (%s)", table, names->str, values->str);
    g_string_free(names, TRUE);
    g_string_free(values, TRUE);
    return sql;
}

static char *select_sql(const struct record_table *table)
{
    GString *sql = g_string_new("SELECT row");
    for (const struct column *column = table->columns; column->name; column++)
        g_string_append_printf(sql, ", \"%s\"", column->name);
    g_string_append_printf(sql, " FROM %s", table->name);
    if (table->filter)
        g_string_append_printf(sql, " WHERE %s", table->filter);
    g_string_append(sql, " ORDER BY row");
    return g_string_free(sql, FALSE);
}

/* --- one row
 * ------------------------------------------------------------------------------------------------ */

static void bind_columns(sqlite3_stmt *statement, int first, const struct column *columns,
                         gconstpointer record)
{
    int index = first;
    for (const struct column *column = columns; column->name; column++, index++) {
        const char *field = (const char *)record + column->offset;
        switch (column->type) {
        case COLUMN_TEXT:
        case COLUMN_INTERNED:
            sqlite3_bind_text(statement, index, *(const char *const *)field, -1, SQLITE_STATIC);
            break;
        case COLUMN_INT:
            sqlite3_bind_int(statement, index, *(const int *)field);
            break;
        case COLUMN_INT64:
            sqlite3_bind_int64(statement, index, *(const gint64 *)field);
            break;
        case COLUMN_REAL:
            sqlite3_bind_double(statement, index, *(const double *)field);
            break;
        case COLUMN_NAME:
            sqlite3_bind_text(statement, index, column->vocabulary->names[*(const int *)field], -1,
                              SQLITE_STATIC);
            break;
        }
    }
}

/* FALSE when a name is not of its vocabulary. */
static gboolean read_columns(sqlite3_stmt *statement, int first, const struct column *columns,
                             gpointer record)
{
    int index = first;
    for (const struct column *column = columns; column->name; column++, index++) {
        char *field = (char *)record + column->offset;
        const char *text = (const char *)sqlite3_column_text(statement, index);
        switch (column->type) {
        case COLUMN_TEXT:
            *(char **)field = g_strdup(text);
            break;
        case COLUMN_INTERNED:
            *(const char **)field = g_intern_string(text);
            break;
        case COLUMN_INT:
            *(int *)field = sqlite3_column_int(statement, index);
            break;
        case COLUMN_INT64:
            *(gint64 *)field = sqlite3_column_int64(statement, index);
            break;
        case COLUMN_REAL:
            *(double *)field = text ? sqlite3_column_double(statement, index) : NAN;
            break;
        case COLUMN_NAME:
            if (!vocabulary_find(column->vocabulary, text, (int *)field))
                return FALSE;
            break;
        }
    }
    return TRUE;
}

/* --- writing
 * ------------------------------------------------------------------------------------------------ */

/* Statements are prepared once for all records: most of these have nothing in most of their lists. */
struct writer {
    sqlite3 *database;
    sqlite3_stmt *details[DETAIL_TYPE_COUNT]; /* NULL until the first item */
};

static void writer_clear(struct writer *writer)
{
    for (guint i = 0; i < DETAIL_TYPE_COUNT; i++)
        sqlite3_finalize(writer->details[i]);
}

/* NULL when SQLite fails. */
static sqlite3_stmt *detail_insert(struct writer *writer, enum detail_type type)
{
    if (!writer->details[type]) {
        const struct detail_kind *kind = &detail_kinds[type];
        g_autofree char *sql =
            insert_sql(kind->table, "owner_table, owner_row, list, position", kind->columns);
        sqlite3_prepare_v2(writer->database, sql, -1, &writer->details[type], NULL);
    }
    return writer->details[type];
}

static gboolean write_details(struct writer *writer, const struct record_table *table, gconstpointer record,
                              gint64 row)
{
    for (const struct detail *detail = table->details; detail->name; detail++) {
        const struct detail_kind *kind = &detail_kinds[detail->type];
        const GPtrArray *list = *(GPtrArray *const *)((const char *)record + detail->offset);
        sqlite3_stmt *insert = list->len > 0 ? detail_insert(writer, detail->type) : NULL;
        if (list->len > 0 && !insert)
            return FALSE;
        for (guint i = 0; i < list->len; i++) {
            gconstpointer item = g_ptr_array_index(list, i);
            sqlite3_bind_text(insert, 1, table->name, -1, SQLITE_STATIC);
            sqlite3_bind_int64(insert, 2, row);
            sqlite3_bind_text(insert, 3, detail->name, -1, SQLITE_STATIC);
            sqlite3_bind_int(insert, 4, (int)i);
            /* A reason is a bare string: the item itself is the field. */
            bind_columns(insert, 5, kind->columns,
                         detail->type == DETAIL_REASONS ? (gconstpointer)&item : item);
            if (sqlite3_step(insert) != SQLITE_DONE)
                return FALSE;
            sqlite3_reset(insert);
        }
    }
    return TRUE;
}

static gboolean belongs_to_stage(const struct record_table *table, gconstpointer record)
{
    gboolean of_trace = table->stage == STAGE_TRACE;
    if (g_strcmp0(table->name, "region") == 0)
        return (((const struct region *)record)->kind == REGION_MARKER) == of_trace;
    return g_strcmp0(table->name, "lock") != 0 || ((const struct lock *)record)->traced == of_trace;
}

static gboolean write_record(struct writer *writer, const struct record_table *table, sqlite3_stmt *insert,
                             gconstpointer record)
{
    sqlite3_bind_null(insert, 1); /* the rowid: SQLite chooses */
    bind_columns(insert, 2, table->columns, record);
    if (sqlite3_step(insert) != SQLITE_DONE)
        return FALSE;
    sqlite3_reset(insert);
    return write_details(writer, table, record, sqlite3_last_insert_rowid(writer->database));
}

static gboolean write_table(struct writer *writer, const struct record_table *table,
                            const struct session *session)
{
    g_autofree char *sql = insert_sql(table->name, "row", table->columns);
    g_autoptr(sqlite3_stmt) insert = NULL;
    if (sqlite3_prepare_v2(writer->database, sql, -1, &insert, NULL) != SQLITE_OK)
        return FALSE;
    gconstpointer const *slot = (gconstpointer)((const char *)session + table->array_offset);
    if (table->single)
        return !*slot || write_record(writer, table, insert, *slot);
    const GPtrArray *records = *slot;
    for (guint i = 0; i < records->len; i++) {
        gconstpointer record = g_ptr_array_index(records, i);
        if (belongs_to_stage(table, record) && !write_record(writer, table, insert, record))
            return FALSE;
    }
    return TRUE;
}

static gboolean clear_table(sqlite3 *database, const struct record_table *table)
{
    const char *filter = table->filter ? table->filter : "1";
    for (guint kind = 0; kind < DETAIL_TYPE_COUNT; kind++) {
        g_autofree char *sql = g_strdup_printf(
            "DELETE FROM %s WHERE owner_table = '%s' AND owner_row IN (SELECT row FROM %s WHERE %s)",
            detail_kinds[kind].table, table->name, table->name, filter);
        if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
            return FALSE;
    }
    g_autofree char *sql = g_strdup_printf("DELETE FROM %s WHERE %s", table->name, filter);
    return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static gboolean write_info(sqlite3 *database, const char *key, const char *value)
{
    g_autoptr(sqlite3_stmt) insert = NULL;
    if (sqlite3_prepare_v2(database, "INSERT OR REPLACE INTO info VALUES (?, ?)", -1, &insert, NULL) !=
        SQLITE_OK)
        return FALSE;
    sqlite3_bind_text(insert, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, value, -1, SQLITE_STATIC);
    return sqlite3_step(insert) == SQLITE_DONE;
}

static gboolean write_stages(sqlite3 *database, const struct session *session, unsigned stages)
{
    struct writer writer = {.database = database};
    gboolean written = TRUE;
    for (guint i = 0; written && i < record_table_count; i++) {
        const struct record_table *table = &record_tables[i];
        if (table->stage & stages)
            written = clear_table(database, table) && write_table(&writer, table, session);
    }
    writer_clear(&writer);
    if (!written)
        return FALSE;
    return !(stages & STAGE_ANALYSIS) || write_info(database, "root", session->root);
}

static int pragma_value(sqlite3 *database, const char *pragma)
{
    g_autoptr(sqlite3_stmt) query = NULL;
    if (sqlite3_prepare_v2(database, pragma, -1, &query, NULL) != SQLITE_OK ||
        sqlite3_step(query) != SQLITE_ROW)
        return -1;
    return sqlite3_column_int(query, 0);
}

/* FALSE with `error` when the open database is no session file that this version understands. */
static gboolean check_identity(sqlite3 *database, const char *path, GError **error)
{
    int application = pragma_value(database, "PRAGMA application_id");
    if (application == -1) {
        set_database_error(database, "read", path, error);
        return FALSE;
    }
    if (application != SESSION_FILE_APPLICATION_ID) {
        g_set_error(error, SESSION_FILE_ERROR, SESSION_FILE_ERROR_FORMAT,
                    "cannot read %s: not a corewise session file; make one with corewise check -o FILE",
                    path);
        return FALSE;
    }
    int version = pragma_value(database, "PRAGMA user_version");
    if (version > SESSION_FILE_SCHEMA_VERSION) {
        g_set_error(error, SESSION_FILE_ERROR, SESSION_FILE_ERROR_VERSION,
                    "cannot read %s: its schema version %d is newer than %d, the newest this corewise knows; "
                    "update corewise",
                    path, version, SESSION_FILE_SCHEMA_VERSION);
        return FALSE;
    }
    return TRUE;
}

/* corewise: allow(blocking-call-in-event-loop) the loop that watches a program writes when it is asked to */
static gboolean write_transaction(sqlite3 *database, const struct session *session, const char *path,
                                  unsigned stages, GError **error)
{
    if (sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
        !session_schema_complete(database) || !write_stages(database, session, stages) ||
        sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
        set_database_error(database, "write", path, error);
        sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
        return FALSE;
    }
    return TRUE;
}

gboolean session_file_write(const struct session *session, const char *path, unsigned stages, GError **error)
{
    gboolean existed = g_file_test(path, G_FILE_TEST_EXISTS);
    g_autoptr(sqlite3) database = NULL;
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK) {
        set_database_error(database, "write", path, error);
        return FALSE;
    }
    sqlite3_busy_timeout(database, 5000);
    /* An existing but empty file (mktemp) is as good as none. */
    int pages = pragma_value(database, "PRAGMA page_count");
    if (pages != 0 && !check_identity(database, path, error))
        return FALSE;
    gboolean written = write_transaction(database, session, path, stages, error);
    if (!written && !existed)
        g_unlink(path);
    return written;
}

/* --- reading
 * ------------------------------------------------------------------------------------------------ */

/* Appends the item of one row to a record's list. FALSE when it does not fit its vocabulary. */
static gboolean read_detail(sqlite3_stmt *query, const struct detail *detail, GPtrArray *list)
{
    const struct detail_kind *kind = &detail_kinds[detail->type];
    if (detail->type == DETAIL_REASONS) {
        char *text = NULL;
        gboolean fits = read_columns(query, 0, kind->columns, &text);
        g_ptr_array_add(list, text);
        return fits;
    }
    gpointer item = detail->type == DETAIL_PLACES  ? (gpointer)place_new(NULL, 0, NULL)
                    : detail->type == DETAIL_TIMES ? (gpointer)time_estimate_new(NULL)
                    : detail->type == DETAIL_COSTS ? (gpointer)host_cost_new()
                                                   : (gpointer)model_estimate_new(MODEL_SEQUENTIAL);
    g_ptr_array_add(list, item);
    return read_columns(query, 0, kind->columns, item);
}

static gboolean read_details(sqlite3 *database, const struct record_table *table, gpointer record, gint64 row)
{
    for (const struct detail *detail = table->details; detail->name; detail++) {
        const struct detail_kind *kind = &detail_kinds[detail->type];
        GString *sql = g_string_new("SELECT ");
        for (const struct column *column = kind->columns; column->name; column++)
            g_string_append_printf(sql, "%s\"%s\"", column == kind->columns ? "" : ", ", column->name);
        g_string_append_printf(
            sql, " FROM %s WHERE owner_table = ? AND owner_row = ? AND list = ? ORDER BY position",
            kind->table);
        g_autofree char *text = g_string_free(sql, FALSE);
        g_autoptr(sqlite3_stmt) query = NULL;
        if (sqlite3_prepare_v2(database, text, -1, &query, NULL) != SQLITE_OK)
            return FALSE;
        sqlite3_bind_text(query, 1, table->name, -1, SQLITE_STATIC);
        sqlite3_bind_int64(query, 2, row);
        sqlite3_bind_text(query, 3, detail->name, -1, SQLITE_STATIC);
        int step;
        while ((step = sqlite3_step(query)) == SQLITE_ROW) {
            if (!read_detail(query, detail, *(GPtrArray **)((char *)record + detail->offset)))
                return FALSE;
        }
        if (step != SQLITE_DONE)
            return FALSE;
    }
    return TRUE;
}

/* FALSE when SQLite fails or a value is outside its vocabulary. */
static gboolean read_table(sqlite3 *database, const struct record_table *table, struct session *session)
{
    g_autofree char *sql = select_sql(table);
    g_autoptr(sqlite3_stmt) query = NULL;
    if (sqlite3_prepare_v2(database, sql, -1, &query, NULL) != SQLITE_OK)
        return FALSE;
    gpointer *slot = (gpointer)((char *)session + table->array_offset);
    int step;
    while ((step = sqlite3_step(query)) == SQLITE_ROW) {
        gpointer record = table->create();
        if (!table->single)
            g_ptr_array_add(*slot, record);
        else if (!*slot)
            *slot = record;
        else {
            table->destroy(record); /* a second program: the file is damaged */
            return FALSE;
        }
        if (!read_columns(query, 1, table->columns, record) ||
            !read_details(database, table, record, sqlite3_column_int64(query, 0)))
            return FALSE;
    }
    return step == SQLITE_DONE;
}

static char *read_info(sqlite3 *database, const char *key)
{
    g_autoptr(sqlite3_stmt) query = NULL;
    if (sqlite3_prepare_v2(database, "SELECT value FROM info WHERE key = ?", -1, &query, NULL) != SQLITE_OK)
        return NULL;
    sqlite3_bind_text(query, 1, key, -1, SQLITE_STATIC);
    return sqlite3_step(query) == SQLITE_ROW ? g_strdup((const char *)sqlite3_column_text(query, 0)) : NULL;
}

static gboolean check_integrity(sqlite3 *database)
{
    g_autoptr(sqlite3_stmt) query = NULL;
    return sqlite3_prepare_v2(database, "PRAGMA quick_check(1)", -1, &query, NULL) == SQLITE_OK &&
           sqlite3_step(query) == SQLITE_ROW &&
           g_strcmp0((const char *)sqlite3_column_text(query, 0), "ok") == 0;
}

/* A copy in memory that has the tables of this version; NULL when the file is damaged. The file itself may be
 * of an earlier version, and is not ours to change. */
static sqlite3 *copy_database(sqlite3 *file)
{
    sqlite3 *copy = NULL;
    if (sqlite3_open(":memory:", &copy) == SQLITE_OK) {
        sqlite3_backup *backup = sqlite3_backup_init(copy, "main", file, "main");
        gboolean copied = backup && sqlite3_backup_step(backup, -1) == SQLITE_DONE;
        sqlite3_backup_finish(backup);
        if (copied && check_integrity(copy) && session_schema_complete(copy))
            return copy;
    }
    sqlite3_close(copy);
    return NULL;
}

struct session *session_file_read(const char *path, GError **error)
{
    if (g_access(path, R_OK) != 0) {
        g_set_error(error, SESSION_FILE_ERROR, SESSION_FILE_ERROR_OPEN,
                    "cannot read %s: %s; make a session with corewise check -o FILE", path,
                    g_strerror(errno));
        return NULL;
    }
    g_autoptr(sqlite3) database = NULL;
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        set_database_error(database, "read", path, error);
        return NULL;
    }
    sqlite3_busy_timeout(database, 5000);
    if (!check_identity(database, path, error))
        return NULL;
    g_autoptr(Session) session = session_new();
    g_autoptr(sqlite3) copy = copy_database(database);
    gboolean complete = copy != NULL;
    for (guint i = 0; complete && i < record_table_count; i++)
        complete = read_table(copy, &record_tables[i], session);
    if (!complete) {
        g_set_error(error, SESSION_FILE_ERROR, SESSION_FILE_ERROR_FORMAT,
                    "cannot read %s: the session file is damaged; make it again with corewise check -o %s",
                    path, path);
        return NULL;
    }
    session->root = read_info(copy, "root");
    return g_steal_pointer(&session);
}
