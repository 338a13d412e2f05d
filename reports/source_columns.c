/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/source_columns.h"

#include <string.h>

GHashTable *source_texts_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static const char *text_of(GHashTable *texts, const char *root, const char *file)
{
    g_autofree char *path =
        root && !g_path_is_absolute(file) ? g_build_filename(root, file, NULL) : g_strdup(file);
    gpointer known = NULL;
    char *text = NULL;
    if (g_hash_table_lookup_extended(texts, path, NULL, &known))
        return known;
    g_file_get_contents(path, &text, NULL, NULL); /* which leaves NULL when it fails */
    g_hash_table_insert(texts, g_steal_pointer(&path), text);
    return text;
}

static const char *line_of(const char *text, int line)
{
    for (int i = 1; text && i < line; i++) {
        text = strchr(text, '\n');
        if (text)
            text++;
    }
    return text;
}

int source_column_utf16(GHashTable *texts, const char *root, const char *file, int line, int column)
{
    const char *start = column > 1 ? line_of(text_of(texts, root, file), line) : NULL;
    gsize before = start ? strcspn(start, "\n") : 0;
    if (!start || before < (gsize)column - 1 || !g_utf8_validate(start, column - 1, NULL))
        return column;
    int units = 1;
    for (const char *next = start; next < start + column - 1; next = g_utf8_next_char(next))
        units += g_utf8_get_char(next) > 0xffff ? 2 : 1;
    return units;
}
