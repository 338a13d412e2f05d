/* SPDX-License-Identifier: Apache-2.0 */
/* How each record lies in the session file: the one description from which the schema, the writer and the
 * reader of session_file.c follow. docs/model.md documents the same tables. */
#ifndef MODEL_SESSION_TABLES_H
#define MODEL_SESSION_TABLES_H

#include "model/session_file.h"

enum column_type {
    COLUMN_TEXT,     /* char *, NULL allowed */
    COLUMN_INTERNED, /* const char *, static */
    COLUMN_INT,
    COLUMN_INT64,
    COLUMN_REAL, /* NaN is stored as NULL */
    COLUMN_NAME, /* an enum, stored as its name */
};

struct column {
    const char *name;
    enum column_type type;
    gsize offset;                        /* in the record */
    const struct vocabulary *vocabulary; /* COLUMN_NAME */
};

/* A list inside a record. Its rows lie in the table `place`, `reason`, `model_estimate`, `time_estimate` or
 * `host_cost`, under the name of the record's table, the record's rowid, the list's name and the position. */
enum detail_type {
    DETAIL_PLACES,
    DETAIL_REASONS,
    DETAIL_ESTIMATES,
    DETAIL_TIMES,
    DETAIL_COSTS,
    DETAIL_TYPE_COUNT
};
struct detail {
    const char *name; /* NULL ends the list */
    enum detail_type type;
    gsize offset; /* of the GPtrArray in the record */
};

struct record_table {
    const char *name;
    unsigned stage;
    const char *filter; /* optional SQL condition for the rows that belong to `stage` */
    gsize array_offset; /* of the GPtrArray in struct session; of the one pointer when `single` */
    gboolean single;    /* at most one record: the program */
    gpointer (*create)(void);
    void (*destroy)(gpointer record);
    const struct column *columns; /* NULL-name terminated */
    const struct detail *details; /* NULL-name terminated */
};

/* In the order in which they are written. */
extern const struct record_table record_tables[];
extern const guint record_table_count;

/* Columns of the lists inside records. */
extern const struct column place_columns[];
extern const struct column estimate_columns[];
extern const struct column time_columns[];
extern const struct column host_cost_columns[];

#endif
