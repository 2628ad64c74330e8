/* The structured forms: events as they come, and the main record at the end of a command. */
#include "shell/output-private.h"
#include "shell/record.h"

/* --- events --- */

static json_t *
event_of(const char *const *keys, const OutValue *values, gsize n)
{
    json_t *event = json_object();

    for (gsize i = 0; i < n; i++)
        json_object_set_new(event, keys[i], out_json_of(values[i]));
    return event;
}

/* An element of a JSON array that is closed when the command ends. */
static void
stream_json(Out *out, const json_t *event)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(GStrv) lines = NULL;

    record_write_json(event, text);
    g_string_truncate(text, text->len - 1);
    lines = g_strsplit(text->str, "\n", -1);
    g_string_append(out->buffer, out->n_events ? ",\n" : "[\n");
    for (char **line = lines; *line; line++)
        g_string_append_printf(out->buffer, "%s  %s", line == lines ? "" : "\n", *line);
}

static void
stream_yaml(Out *out, json_t *event)
{
    json_t *list = json_array();
    g_autoptr(GError) error = NULL;

    json_array_append(list, event);
    if (!record_write_yaml(list, out->buffer, &error))
        out->warn(out->warn_data, error->message);
    json_decref(list);
}

void
out_event(Out *out, const char *text, const char *const *keys, const OutValue *values, gsize n)
{
    json_t *event;

    if (!out_structured(out)) {
        out_raw(out, text, strlen(text));
        out_flush(out);
        return;
    }
    event = event_of(keys, values, n);
    switch (out->format) {
    case OUT_FORMAT_JSON:
        stream_json(out, event);
        break;
    case OUT_FORMAT_YAML:
        stream_yaml(out, event);
        break;
    case OUT_FORMAT_CSV:
        record_write_csv(event, NULL, out->n_events == 0, out->buffer);
        break;
    case OUT_FORMAT_TABLE:
        json_array_append(out_main_array(out), event);
        break;
    case OUT_FORMAT_JSON_LINES:
    case OUT_FORMAT_TEXT:
    default:
        record_write_json_lines(event, out->buffer);
        break;
    }
    out->n_events++;
    json_decref(event);
    out_flush(out);
}

/* --- the end of a command --- */

void
out_command_begin(Out *out)
{
    json_decref(out->main);
    out->main = NULL;
    out->record = NULL;
    out->in_records = FALSE;
    out->n_events = 0;
    g_ptr_array_set_size(out->columns, 0);
    g_string_truncate(out->notes, 0);
}

static gboolean
write_main(Out *out, GError **error)
{
    g_autoptr(GPtrArray) columns = g_ptr_array_new();

    for (guint i = 0; i < out->columns->len; i++)
        g_ptr_array_add(columns, g_ptr_array_index(out->columns, i));
    g_ptr_array_add(columns, NULL);

    switch (out->format) {
    case OUT_FORMAT_YAML:
        return record_write_yaml(out->main, out->buffer, error);
    case OUT_FORMAT_CSV:
        record_write_csv(out->main, (const char *const *)columns->pdata, TRUE, out->buffer);
        return TRUE;
    case OUT_FORMAT_TABLE:
        record_write_table(out->main, (const char *const *)columns->pdata, out->buffer);
        return TRUE;
    case OUT_FORMAT_JSON_LINES:
        record_write_json_lines(out->main, out->buffer);
        return TRUE;
    case OUT_FORMAT_JSON:
    case OUT_FORMAT_TEXT:
    default:
        record_write_json(out->main, out->buffer);
        return TRUE;
    }
}

gboolean
out_command_end(Out *out, gboolean ok, GError **error)
{
    gboolean written = TRUE;

    if (!out_structured(out))
        return TRUE;
    if (out->n_events > 0 && out->format == OUT_FORMAT_JSON)
        g_string_append(out->buffer, "\n]\n");
    if (!out->main && out->n_events == 0 && ok && out->notes->len > 0) {
        out->main = json_object();
        json_object_set_new(out->main, "message", out_json_of_text(out->notes->str));
    }
    if (out->main)
        written = write_main(out, error);
    out_command_begin(out);
    return written;
}
