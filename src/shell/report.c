/* The one place that prints errors. */
#include "shell/internal.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shell/record.h"
#include "util/error.h"

#define HINTED_FORMATS(format) ((format) == OUT_FORMAT_JSON || (format) == OUT_FORMAT_JSON_LINES)

/* Writes it all or gives up: there is nowhere to complain when stderr itself fails. */
static void
write_stderr(const char *text, gsize length)
{
    while (length > 0) {
        gssize n = write(STDERR_FILENO, text, length);

        if (n <= 0)
            return;
        text += n;
        length -= n;
    }
}

static gsize
length_without_newline(const char *text)
{
    gsize length = strlen(text);

    return length > 0 && text[length - 1] == '\n' ? length - 1 : length;
}

static void
log_line(Shell *shell, const char *level, const char *text)
{
    time_t now = time(NULL);
    struct tm broken;

    if (!shell->log)
        return;
    localtime_r(&now, &broken);
    fprintf(shell->log, "[%d.%02d.%02d %02d:%02d:%02d %s %d] %s %.*s\n", broken.tm_year + 1900, broken.tm_mon + 1,
            broken.tm_mday, broken.tm_hour, broken.tm_min, broken.tm_sec, shell->program, (int)getpid(), level,
            (int)length_without_newline(text), text);
    fflush(shell->log);
}

static void
append_place(const Shell *shell, GString *text)
{
    if (shell->source_name)
        g_string_append_printf(text, "%s:%u: ", shell->source_name, shell->source_line);
}

static void
append_line(Shell *shell, GString *text, const char *line)
{
    append_place(shell, text);
    g_string_append_printf(text, "error: %s\n", line);    /* as in virsh also after a line end of the message's own */
    log_line(shell, "ERROR", line);
}

/* Hints would not be virsh's text, so only a person sees them. */
static gboolean
shows_hints(const Shell *shell)
{
    return !shell->virsh && isatty(STDERR_FILENO);
}

void
report_waiting(gpointer data)
{
    static const char text[] = "still waiting; Ctrl-C stops it\n";
    Shell *shell = data;

    if (shows_hints(shell) && !shell->options.quiet && !out_structured(shell->out))
        write_stderr(text, sizeof text - 1);
}

static void
format_text(Shell *shell, const GError *error, GString *text)
{
    const char *const *sentence = hv_error_sentences(error);
    const char *hint = hv_error_hint(error);
    g_autofree char *place = hv_error_place_text(error);

    for (; sentence && *sentence; sentence++)
        append_line(shell, text, *sentence);
    if (!hv_error_message_hidden(error))
        append_line(shell, text, error->message);
    if (place && shows_hints(shell))
        g_string_append_printf(text, "hint: %s\n", place);
    if (hint && shows_hints(shell))
        g_string_append_printf(text, "hint: %s\n", hint);
}

static void
set_text(json_t *object, const char *key, const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

    json_object_set_new(object, key, valid ? json_string(valid) : json_null());
}

static json_t *
place_record(const HvErrorPlace *place)
{
    json_t *record = json_object();

    set_text(record, "file", place->file);
    json_object_set_new(record, "line", json_integer(place->line));
    set_text(record, "element", place->element);
    set_text(record, "expected", place->expected);
    return record;
}

static json_t *
error_record(Shell *shell, const GError *error)
{
    g_autoptr(GString) message = g_string_new(NULL);
    g_autofree char *place = hv_error_place_text(error);
    json_t *inner = json_object(), *outer = json_object();

    for (const char *const *sentence = hv_error_sentences(error); sentence && *sentence; sentence++) {
        g_string_append_printf(message, "%s: ", *sentence);
        log_line(shell, "ERROR", *sentence);
    }
    g_string_append_len(message, error->message, length_without_newline(error->message));
    log_line(shell, "ERROR", error->message);

    json_object_set_new(inner, "code", json_integer(error->code));
    json_object_set_new(inner, "name", json_string(hv_error_code_name(error->code)));
    set_text(inner, "message", message->str);
    set_text(inner, "hint", hv_error_hint(error) ? hv_error_hint(error) : place);
    if (place)
        json_object_set_new(inner, "place", place_record(hv_error_place(error)));
    if (shell->source_name) {
        set_text(inner, "file", shell->source_name);
        json_object_set_new(inner, "line", json_integer(shell->source_line));
    }
    json_object_set_new(outer, "error", inner);
    return outer;
}

void
report_error(Shell *shell, const GError *error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    OutFormat format = shell->out ? out_format(shell->out) : OUT_FORMAT_TEXT;
    json_t *record = NULL;

    if (shell->out)
        out_flush(shell->out);
    if (HINTED_FORMATS(format) || format == OUT_FORMAT_YAML)
        record = error_record(shell, error);
    if (!record)
        format_text(shell, error, text);
    else if (format != OUT_FORMAT_YAML || !record_write_yaml(record, text, NULL))
        record_write_json_lines(record, text);
    json_decref(record);
    write_stderr(text->str, text->len);
}

void
report_complaint(Shell *shell, const char *format, ...)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *line = NULL;
    va_list args;

    va_start(args, format);
    line = g_strdup_vprintf(format, args);
    va_end(args);
    if (shell->out)
        out_flush(shell->out);
    append_line(shell, text, line);
    write_stderr(text->str, text->len);
}

void
report_remark(Shell *shell, const char *remark)
{
    g_autoptr(GString) text = g_string_new(NULL);

    out_flush(shell->out);
    append_place(shell, text);
    g_string_append_printf(text, "warning: %s\n", remark);
    log_line(shell, "WARNING", remark);
    write_stderr(text->str, text->len);
}

int
report_status(const GError *error)
{
    return error->domain == HV_ERROR && error->code == HV_ERR_DEADLINE ? 2 : 1;
}

void
shell_debug(Shell *shell, int level, const char *format, ...)
{
    static const char *const names[] = { "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR" };
    g_autofree char *text = NULL;
    va_list args;

    if (level < shell->options.debug)
        return;
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    log_line(shell, names[CLAMP(level, 0, 4)], text);
    if (!out_structured(shell->out))
        out_raw(shell->out, text, strlen(text));
}
