#include "shell/record.h"

#include <string.h>

#include "shell/table.h"

/* 15 digits: what every double has, so that 0.1 is shown as such. */
#define DUMP_FLAGS (JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

static int
append_dump(const char *buffer, size_t size, void *data)
{
    g_string_append_len(data, buffer, size);
    return 0;
}

void
record_write_json(const json_t *value, GString *text)
{
    json_dump_callback(value, append_dump, text, JSON_INDENT(2) | DUMP_FLAGS);
    g_string_append_c(text, '\n');
}

void
record_write_json_lines(const json_t *value, GString *text)
{
    if (json_is_array(value)) {
        gsize i;
        json_t *element;

        json_array_foreach(value, i, element)
            record_write_json_lines(element, text);
        return;
    }
    json_dump_callback(value, append_dump, text, JSON_COMPACT | DUMP_FLAGS);
    g_string_append_c(text, '\n');
}

char *
record_scalar_text(const json_t *value, const char *absent)
{
    g_autoptr(GString) text = NULL;

    if (!value || json_is_null(value))
        return g_strdup(absent);
    if (json_is_string(value))
        return g_strdup(json_string_value(value));
    text = g_string_new(NULL);
    json_dump_callback(value, append_dump, text, JSON_COMPACT | DUMP_FLAGS);
    return g_strdup(text->str);
}

/* The columns of a list of records: those given, else the keys of its records in the order in which they first come. */
static GPtrArray *
find_columns(const json_t *rows, const char *const *columns)
{
    GPtrArray *keys = g_ptr_array_new();
    gsize i;
    json_t *row;

    for (; columns && *columns; columns++)
        g_ptr_array_add(keys, (gpointer)*columns);
    if (keys->len > 0)
        return keys;
    json_array_foreach(rows, i, row) {
        void *iter;

        for (iter = json_object_iter(row); iter; iter = json_object_iter_next(row, iter))
            if (!g_ptr_array_find_with_equal_func(keys, json_object_iter_key(iter), g_str_equal, NULL))
                g_ptr_array_add(keys, (gpointer)json_object_iter_key(iter));
    }
    if (keys->len == 0)
        g_ptr_array_add(keys, (gpointer)"value");
    return keys;
}

static json_t *
cell_of(json_t *row, const char *key)
{
    return json_is_object(row) ? json_object_get(row, key) : row;
}

/* A list of rows: a lone record becomes a list of one. */
static json_t *
as_rows(const json_t *value)
{
    json_t *rows;

    if (json_is_array(value))
        return json_incref((json_t *)value);
    rows = json_array();
    json_array_append(rows, (json_t *)value);
    return rows;
}

/* RFC 4180, with plain newlines between the rows. */
static void
append_csv_cell(GString *text, const char *cell)
{
    if (!strpbrk(cell, ",\"\r\n") && *cell != ' ') {
        g_string_append(text, cell);
        return;
    }
    g_string_append_c(text, '"');
    for (; *cell; cell++) {
        if (*cell == '"')
            g_string_append_c(text, '"');
        g_string_append_c(text, *cell);
    }
    g_string_append_c(text, '"');
}

void
record_write_csv(const json_t *value, const char *const *columns, gboolean header, GString *text)
{
    json_t *rows = as_rows(value);
    g_autoptr(GPtrArray) keys = find_columns(rows, columns);
    gsize i;
    json_t *row;

    for (guint k = 0; header && k < keys->len; k++) {
        append_csv_cell(text, g_ptr_array_index(keys, k));
        g_string_append_c(text, k + 1 < keys->len ? ',' : '\n');
    }
    json_array_foreach(rows, i, row) {
        for (guint k = 0; k < keys->len; k++) {
            g_autofree char *cell = record_scalar_text(cell_of(row, g_ptr_array_index(keys, k)), "");

            append_csv_cell(text, cell);
            g_string_append_c(text, k + 1 < keys->len ? ',' : '\n');
        }
    }
    json_decref(rows);
}

static void
write_pairs(const json_t *object, GString *text)
{
    static const char *const titles[] = { "Key", "Value" };
    Table *table = table_new(2);
    void *iter;

    table_add_row(table, titles);
    for (iter = json_object_iter((json_t *)object); iter; iter = json_object_iter_next((json_t *)object, iter)) {
        g_autofree char *cell = record_scalar_text(json_object_iter_value(iter), "-");
        const char *row[] = { json_object_iter_key(iter), cell };

        table_add_row(table, row);
    }
    table_format(table, TRUE, text);
    table_free(table);
}

void
record_write_table(const json_t *value, const char *const *columns, GString *text)
{
    g_autoptr(GPtrArray) keys = NULL;
    g_autoptr(Table) table = NULL;
    gsize i;
    json_t *row;

    if (json_is_object(value)) {
        write_pairs(value, text);
        return;
    }
    keys = find_columns(value, columns);
    table = table_new(keys->len);
    table_add_row(table, (const char *const *)keys->pdata);
    json_array_foreach(value, i, row) {
        g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

        for (guint k = 0; k < keys->len; k++)
            g_ptr_array_add(cells, record_scalar_text(cell_of(row, g_ptr_array_index(keys, k)), "-"));
        table_add_row(table, (const char *const *)cells->pdata);
    }
    table_format(table, TRUE, text);
}
