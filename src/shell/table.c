#include "shell/table.h"

#include <string.h>

#include "shell/width.h"

typedef struct {
    char *text;
    gsize width;
} Cell;

struct Table {
    gsize n_columns;
    GArray *cells;              /* of Cell, row after row */
};

static void
cell_clear(Cell *cell)
{
    g_free(cell->text);
}

Table *
table_new(gsize n_columns)
{
    Table *table = g_new(Table, 1);

    table->n_columns = n_columns;
    table->cells = g_array_new(FALSE, FALSE, sizeof(Cell));
    g_array_set_clear_func(table->cells, (GDestroyNotify)cell_clear);
    return table;
}

void
table_free(Table *table)
{
    if (!table)
        return;
    g_array_unref(table->cells);
    g_free(table);
}

void
table_add_row(Table *table, const char *const *cells)
{
    for (gsize i = 0; i < table->n_columns; i++) {
        Cell cell;

        cell.text = width_escape(cells[i], &cell.width);
        g_array_append_val(table->cells, cell);
    }
}

static void
append_fill(GString *text, gsize n, char c)
{
    gsize length = text->len;

    g_string_set_size(text, length + n);
    memset(text->str + length, c, n);
}

void
table_format(const Table *table, gboolean titles, GString *text)
{
    g_autofree gsize *widths = g_new0(gsize, table->n_columns);
    gsize first = titles ? 0 : table->n_columns, rule = 0;

    for (gsize i = first; i < table->cells->len; i++)
        widths[i % table->n_columns] = MAX(widths[i % table->n_columns], g_array_index(table->cells, Cell, i).width);
    for (gsize i = 0; i < table->n_columns; i++)
        rule += widths[i] + 3;

    for (gsize i = first; i < table->cells->len; i++) {
        const Cell *cell = &g_array_index(table->cells, Cell, i);
        gsize column = i % table->n_columns;

        g_string_append_c(text, ' ');
        g_string_append(text, cell->text);
        if (column + 1 < table->n_columns) {
            append_fill(text, widths[column] - cell->width + 2, ' ');
            continue;
        }
        g_string_append_c(text, '\n');
        if (titles && i + 1 == table->n_columns) {
            append_fill(text, rule, '-');
            g_string_append_c(text, '\n');
        }
    }
}
