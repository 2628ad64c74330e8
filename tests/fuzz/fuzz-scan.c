/* QMP messages as text: the scanner against a whole JSON parser, and the same cuts however the bytes arrive. */
#include "fuzz.h"

#include <string.h>

#include <jansson.h>

#include "supervisor/scan.h"

/* What jansson has no room for, but is JSON. */
static gboolean
is_beyond_jansson(const json_error_t *problem)
{
    int code = json_error_code(problem);

    return code == json_error_numeric_overflow || code == json_error_null_character || code == json_error_null_byte_in_key;
}

static void
check_message(const char *text, gsize length)
{
    ScanMessage message;
    json_error_t problem;
    json_t *json;

    if (!scan_message(text, length, &message))
        return;
    json = json_loadb(text, length, 0, &problem);
    if (!json && !is_beyond_jansson(&problem)) {
        g_printerr("%s\n", problem.text);
        FUZZ_CHECK(!"a message that was passed is JSON");
    }
    if (json) {
        FUZZ_CHECK(json_is_object(json));
        FUZZ_CHECK(!json_object_get(json, "id") == !message.id.start);
        FUZZ_CHECK(!json_object_get(json, "execute") == !message.execute.start);
        FUZZ_CHECK(!json_object_get(json, "event") == !message.event.start);
    }
    if (message.id_member.start) {
        g_autoptr(GString) rest = g_string_new_len(text, message.id_member.start - text);
        const char *after = message.id_member.start + message.id_member.length;

        g_string_append_len(rest, after, text + length - after);
        FUZZ_CHECK(scan_message(rest->str, rest->len, &message));
        FUZZ_CHECK(!message.id.start);
    }
    json_decref(json);
}

/* All messages with a bar between them. */
static GString *
cut(const uint8_t *data, size_t size, size_t step)
{
    GString *cuts = g_string_new(NULL);
    ScanStream stream;
    ScanSpan message;

    scan_stream_init(&stream);
    for (size_t at = 0; at < size; at += step) {
        scan_stream_add(&stream, (const char *)data + at, MIN(step, size - at));
        while (scan_stream_next(&stream, &message)) {
            g_string_append_len(cuts, message.start, (gssize)message.length);
            g_string_append_c(cuts, '|');
            if (step == size)
                check_message(message.start, message.length);
        }
    }
    scan_stream_clear(&stream);
    return cuts;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GString) whole = cut(data, size, size ? size : 1), pieces = cut(data, size, 3);

    check_message((const char *)data, size);
    FUZZ_CHECK(g_string_equal(whole, pieces));
    return 0;
}
