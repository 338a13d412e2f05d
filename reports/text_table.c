/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "reports/escape.h"
#include "reports/text_page.h"

static int gap_before(const struct text_column *column)
{
    return column->close ? 1 : 2;
}

struct text_table {
    const struct text_column *columns; /* borrowed: the callers' are constant */
    guint count;
    GArray *cells; /* struct text_cell, row by row */
};

static void cell_clear(gpointer data)
{
    g_free(((struct text_cell *)data)->text);
}

struct text_table *text_table_new(const struct text_column *columns, guint count)
{
    struct text_table *table = g_new0(struct text_table, 1);
    table->columns = columns;
    table->count = count;
    table->cells = g_array_new(FALSE, FALSE, sizeof(struct text_cell));
    g_array_set_clear_func(table->cells, cell_clear);
    return table;
}

void text_table_free(struct text_table *table)
{
    if (!table)
        return;
    g_array_unref(table->cells);
    g_free(table);
}

void text_table_add(struct text_table *table, enum text_style style, const char *text)
{
    struct text_cell cell = {style, escape_text(text)};
    g_array_append_val(table->cells, cell);
}

void text_table_take(struct text_table *table, enum text_style style, char *text)
{
    text_table_add(table, style, text);
    g_free(text);
}

/* The natural width of every column, 0 for those without any content. Returns the sum with indent and gaps.
 */
static int measure_columns(const struct text_table *table, int *widths)
{
    int total = 0;
    for (guint column = 0; column < table->count; column++) {
        widths[column] = 0;
        for (guint i = column; i < table->cells->len; i += table->count)
            widths[column] =
                MAX(widths[column], text_width(g_array_index(table->cells, struct text_cell, i).text));
        if (widths[column] > 0) {
            widths[column] = MAX(widths[column], text_width(table->columns[column].title));
            total += widths[column] + gap_before(&table->columns[column]);
        }
    }
    return total;
}

/* Takes columns from the widest that may give some, until the table fits. */
static void shrink_columns(const struct text_table *table, int *widths, int excess)
{
    for (; excess > 0; excess--) {
        int widest = -1;
        for (guint column = 0; column < table->count; column++) {
            if (table->columns[column].minimum > 0 && widths[column] > table->columns[column].minimum &&
                (widest < 0 || widths[column] > widths[widest]))
                widest = (int)column;
        }
        if (widest < 0)
            return;
        widths[widest]--;
    }
}

static void append_spaces(GString *line, int count)
{
    for (int i = 0; i < count; i++)
        g_string_append_c(line, ' ');
}

/* `pending` holds the spaces before the next cell, so that no line ends in spaces. */
static void write_cell(struct text_page *page, GString *pending, const struct text_column *column, int width,
                       enum text_style style, const char *text)
{
    g_autofree char *shown = text_elide(text, width);
    int padding = width - text_width(shown);
    append_spaces(pending, gap_before(column));
    if (column->alignment == TEXT_RIGHT)
        append_spaces(pending, padding);
    if (*shown) {
        g_string_append(page->out, pending->str);
        g_string_truncate(pending, 0);
        text_page_append(page, style, shown);
    }
    if (column->alignment == TEXT_LEFT)
        append_spaces(pending, padding);
}

void text_table_write(const struct text_table *table, struct text_page *page)
{
    if (page->markup) {
        page->markup->table(page, table->columns, table->count, (const struct text_cell *)table->cells->data,
                            table->cells->len / table->count);
        return;
    }
    g_autofree int *widths = g_new0(int, table->count);
    int total = measure_columns(table, widths);
    shrink_columns(table, widths, total - page->table_width);
    for (guint row = 0; row <= table->cells->len / table->count; row++) {
        g_autoptr(GString) pending = g_string_new(NULL);
        for (guint column = 0; column < table->count; column++) {
            const struct text_column *definition = &table->columns[column];
            if (widths[column] == 0)
                continue;
            if (row == 0) {
                write_cell(page, pending, definition, widths[column], TEXT_DIM, definition->title);
            } else {
                const struct text_cell *cell =
                    &g_array_index(table->cells, struct text_cell, (row - 1) * table->count + column);
                write_cell(page, pending, definition, widths[column], cell->style, cell->text);
            }
        }
        g_string_append_c(page->out, '\n');
    }
}
