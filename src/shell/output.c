/* Records as virsh prints them; the structured forms collect them for output-structured.c. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "shell/output-private.h"
#include "shell/table.h"
#include "util/error.h"

/* Text is sent when there is this much of it, and at the end of each command. */
#define BUFFER_BYTES (64 * 1024)

struct OutTable {
    Out *out;
    const OutColumn *columns;
    gsize n_columns;
    Table *text;
    gsize n_titles;
};

Out *
out_new(OutFormat format, gboolean quiet)
{
    Out *out = g_new0(Out, 1);

    out->format = format;
    out->quiet = quiet;
    out->fd = STDOUT_FILENO;
    out->buffer = g_string_sized_new(1024);
    out->notes = g_string_new(NULL);
    out->columns = g_ptr_array_new_with_free_func(g_free);
    return out;
}

void
out_free(Out *out)
{
    if (!out)
        return;
    json_decref(out->main);
    g_ptr_array_unref(out->columns);
    g_string_free(out->notes, TRUE);
    g_string_free(out->buffer, TRUE);
    g_free(out);
}

gboolean
out_structured(const Out *out)
{
    return out->format != OUT_FORMAT_TEXT;
}

OutFormat
out_format(const Out *out)
{
    return out->format;
}

int
out_write_error(const Out *out)
{
    return out->write_error;
}

void
out_clear_write_error(Out *out)
{
    out->write_error = 0;
}

int
out_redirect(Out *out, int fd)
{
    int before = out->fd;

    out_flush(out);
    out->fd = fd;
    return before;
}

void
out_set_warning_hooks(Out *out, void (*warn)(gpointer data, const char *text), void (*remark)(gpointer data, const char *text),
                      gpointer data)
{
    out->warn = warn;
    out->remark = remark;
    out->warn_data = data;
}

void
out_flush(Out *out)
{
    const char *p = out->buffer->str;
    gsize left = out->buffer->len;

    while (left > 0 && !out->write_error) {
        gssize n = write(out->fd, p, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            out->write_error = errno;
            interrupt_raise();  /* a command that goes on printing events would print to nobody */
            break;
        }
        p += n;
        left -= n;
    }
    g_string_truncate(out->buffer, 0);
}

void
out_raw(Out *out, const char *text, gsize length)
{
    g_string_append_len(out->buffer, text, length);
    if (out->buffer->len >= BUFFER_BYTES)
        out_flush(out);
}

static void
out_line(Out *out, const char *text)
{
    g_string_append(out->buffer, text);
    out_raw(out, "\n", 1);
}

/* --- values --- */

json_t *
out_json_of_text(const char *text)
{
    json_t *value = json_string(text);

    if (!value) {
        g_autofree char *valid = g_utf8_make_valid(text, -1);

        value = json_string(valid);
    }
    return value;
}

static json_t *
parsed_json(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    return value ? value : out_json_of_text(text);
}

json_t *
out_json_of(OutValue value)
{
    switch (value.type) {
    case OUT_JSON:
        return parsed_json(value.text);
    case OUT_INTEGER:
        return json_integer(value.integer);
    case OUT_BOOLEAN:
        return json_boolean(value.integer);
    case OUT_NUMBER:
        return json_real(value.real);
    case OUT_STRING:
        if (value.token || value.text)
            return out_json_of_text(value.token ? value.token : value.text);
        return json_null();
    case OUT_NULL:
    default:
        return json_null();
    }
}

/* @space holds the number that has no text of its own. */
static const char *
text_of(OutValue value, char space[24])
{
    if (value.text)
        return value.text;
    switch (value.type) {
    case OUT_INTEGER:
        g_snprintf(space, 24, "%" G_GINT64_FORMAT, value.integer);
        return space;
    case OUT_BOOLEAN:
        return value.integer ? "yes" : "no";
    case OUT_NUMBER:
        g_snprintf(space, 24, "%.1f", value.real);
        return space;
    case OUT_STRING:
    case OUT_NULL:
    default:
        return "-";
    }
}

json_t *
out_main_array(Out *out)
{
    if (!out->main)
        out->main = json_array();
    return out->main;
}

/* --- texts --- */

static void
add_note(Out *out, const char *text)
{
    if (out->notes->len > 0)
        g_string_append_c(out->notes, '\n');
    g_string_append(out->notes, text);
}

/* A sentence, which the structured forms keep for the end of the command. */
static void G_GNUC_PRINTF(3, 0)
note(Out *out, const char *end, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);

    if (out_structured(out)) {
        add_note(out, text);
    } else if (!out->quiet) {
        g_string_append(out->buffer, text);
        out_raw(out, end, strlen(end));
    }
}

void
out_note(Out *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    note(out, "\n", format, args);
    va_end(args);
}

void
out_note_inline(Out *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    note(out, "", format, args);
    va_end(args);
}

void
out_text(Out *out, const char *format, ...)
{
    va_list args;

    if (out_structured(out))
        return;
    va_start(args, format);
    g_string_append_vprintf(out->buffer, format, args);
    va_end(args);
    out_raw(out, "", 0);
}

void
out_bytes(Out *out, const void *bytes, gsize length)
{
    out_raw(out, bytes, length);
}

void
out_warning(Out *out, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    out->warn(out->warn_data, text);
}

void
out_remark(Out *out, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    if (out_structured(out))
        return;
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    out->remark(out->warn_data, text);
}

/* --- tables --- */

OutTable *
out_table_new(Out *out, const OutColumn *columns, gsize n_columns)
{
    OutTable *table = g_new0(OutTable, 1);
    g_autofree const char **titles = g_new0(const char *, n_columns + 1);

    table->out = out;
    table->columns = columns;
    table->n_columns = n_columns;
    if (out_structured(out)) {
        out_main_array(out);
        for (gsize i = 0; i < n_columns; i++)
            if (columns[i].key)
                g_ptr_array_add(out->columns, g_strdup(columns[i].key));
        return table;
    }
    for (gsize i = 0; i < n_columns; i++)
        if (columns[i].title)
            titles[table->n_titles++] = columns[i].title;
    table->text = table_new(table->n_titles);
    table_add_row(table->text, titles);
    return table;
}

void
out_table_add(OutTable *table, const OutValue *cells)
{
    g_autofree const char **texts = NULL;
    g_autofree char (*spaces)[24] = NULL;
    gsize n = 0;

    if (out_structured(table->out)) {
        json_t *row = json_object();

        for (gsize i = 0; i < table->n_columns; i++)
            if (table->columns[i].key)
                json_object_set_new(row, table->columns[i].key, out_json_of(cells[i]));
        json_array_append_new(out_main_array(table->out), row);
        return;
    }
    texts = g_new(const char *, table->n_titles);
    spaces = g_malloc_n(table->n_titles, sizeof *spaces);
    for (gsize i = 0; i < table->n_columns; i++) {
        if (!table->columns[i].title)
            continue;
        texts[n] = text_of(cells[i], spaces[n]);
        n++;
    }
    table_add_row(table->text, texts);
}

void
out_table_end(OutTable *table)
{
    if (table->text) {
        table_format(table->text, !table->out->quiet, table->out->buffer);
        out_raw(table->out, "", 0);
        table_free(table->text);
    }
    g_free(table);
}

/* --- records, values, lists, documents --- */

void
out_records_begin(Out *out)
{
    out->in_records = TRUE;
    if (out_structured(out))
        out_main_array(out);
}

void
out_records_end(Out *out)
{
    out->in_records = FALSE;
}

void
out_record_begin(Out *out, int width)
{
    out->label_width = width;
    if (!out_structured(out))
        return;
    out->record = json_object();
    if (out->in_records) {
        json_array_append_new(out_main_array(out), out->record);
        return;
    }
    json_decref(out->main);
    out->main = out->record;
}

void
out_field(Out *out, const char *label, const char *key, OutValue value)
{
    char space[24];

    if (out_structured(out)) {
        if (key)
            json_object_set_new(out->record, key, out_json_of(value));
        return;
    }
    if (label)
        out_text(out, "%-*s %s\n", out->label_width, label, text_of(value, space));
}

void
out_record_end(Out *out)
{
    out->record = NULL;
}

void
out_value(Out *out, const char *key, OutValue value)
{
    char space[24];

    if (!out_structured(out)) {
        out_line(out, text_of(value, space));
        return;
    }
    if (!json_is_object(out->main)) {
        json_decref(out->main);
        out->main = json_object();
    }
    json_object_set_new(out->main, key, out_json_of(value));
}

void
out_list_begin(Out *out)
{
    if (out_structured(out))
        out_main_array(out);
}

void
out_list_item(Out *out, OutValue value)
{
    char space[24];

    if (out_structured(out))
        json_array_append_new(out_main_array(out), out_json_of(value));
    else
        out_line(out, text_of(value, space));
}

void
out_list_end(Out *out)
{
}

void
out_document(Out *out, const char *key, const char *text)
{
    if (out_structured(out) && out->format != OUT_FORMAT_TABLE)
        out_value(out, key, OUT_STR(text));
    else
        out_raw(out, text, strlen(text));
}
