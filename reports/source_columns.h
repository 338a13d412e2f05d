/* SPDX-License-Identifier: Apache-2.0 */
/* Columns as editors count them. The analysis counts bytes. */
#ifndef REPORTS_SOURCE_COLUMNS_H
#define REPORTS_SOURCE_COLUMNS_H

#include <glib.h>

/* Texts of source files that were read: path → contents, NULL where it cannot be read. The caller unrefs it.
 */
GHashTable *source_texts_new(void);

/* The column in UTF-16 code units of a byte column, both 1-based, in `line` of `file` (relative to `root`,
 * which may be NULL). The same number when the line is not there, or is not UTF-8. */
int source_column_utf16(GHashTable *texts, const char *root, const char *file, int line, int column);

#endif
