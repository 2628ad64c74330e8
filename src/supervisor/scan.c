#include "supervisor/scan.h"

#include <string.h>

#define KEEP_BUFFER 16384

typedef struct {
    const char *at;
    const char *end;
} Cursor;

static void
skip_space(Cursor *cursor)
{
    while (cursor->at < cursor->end && strchr(" \t\r\n", *cursor->at) && *cursor->at)
        cursor->at++;
}

static gboolean
take(Cursor *cursor, char c)
{
    if (cursor->at >= cursor->end || *cursor->at != c)
        return FALSE;
    cursor->at++;
    return TRUE;
}

static gboolean
scan_hex4(Cursor *cursor, guint *value)
{
    *value = 0;
    if (cursor->end - cursor->at < 4)
        return FALSE;
    for (int i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(*cursor->at++);

        if (digit < 0)
            return FALSE;
        *value = *value << 4 | (guint)digit;
    }
    return TRUE;
}

static gboolean
scan_unicode_escape(Cursor *cursor)
{
    guint first, second;

    if (!scan_hex4(cursor, &first) || first == 0 || (first >= 0xdc00 && first <= 0xdfff))
        return FALSE;
    if (first < 0xd800 || first > 0xdbff)
        return TRUE;
    return take(cursor, '\\') && take(cursor, 'u') && scan_hex4(cursor, &second) && second >= 0xdc00 && second <= 0xdfff;
}

static gboolean
scan_string(Cursor *cursor)
{
    if (!take(cursor, '"'))
        return FALSE;
    while (cursor->at < cursor->end) {
        guchar c = (guchar)*cursor->at++;

        if (c == '"')
            return TRUE;
        if (c < 0x20)
            return FALSE;
        if (c != '\\')
            continue;
        if (cursor->at >= cursor->end)
            return FALSE;
        c = (guchar)*cursor->at++;
        if (c == 'u') {
            if (!scan_unicode_escape(cursor))
                return FALSE;
        } else if (!strchr("\"\\/bfnrt", c) || c == '\0') {
            return FALSE;
        }
    }
    return FALSE;
}

static gboolean
scan_digits(Cursor *cursor)
{
    const char *start = cursor->at;

    while (cursor->at < cursor->end && g_ascii_isdigit(*cursor->at))
        cursor->at++;
    return cursor->at > start;
}

static gboolean
scan_number(Cursor *cursor)
{
    take(cursor, '-');
    if (!take(cursor, '0') && !scan_digits(cursor))
        return FALSE;
    if (take(cursor, '.') && !scan_digits(cursor))
        return FALSE;
    if (take(cursor, 'e') || take(cursor, 'E')) {
        if (!take(cursor, '+'))
            take(cursor, '-');
        return scan_digits(cursor);
    }
    return TRUE;
}

static gboolean
scan_word(Cursor *cursor, const char *word)
{
    gsize length = strlen(word);

    if ((gsize)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0)
        return FALSE;
    cursor->at += length;
    return TRUE;
}

static gboolean scan_value(Cursor *cursor, guint depth);

static gboolean
scan_array(Cursor *cursor, guint depth)
{
    take(cursor, '[');
    skip_space(cursor);
    if (take(cursor, ']'))
        return TRUE;
    do {
        if (!scan_value(cursor, depth))
            return FALSE;
    } while (take(cursor, ','));
    return take(cursor, ']');
}

static gboolean
scan_object(Cursor *cursor, guint depth)
{
    take(cursor, '{');
    skip_space(cursor);
    if (take(cursor, '}'))
        return TRUE;
    do {
        skip_space(cursor);
        if (!scan_string(cursor))
            return FALSE;
        skip_space(cursor);
        if (!take(cursor, ':') || !scan_value(cursor, depth))
            return FALSE;
    } while (take(cursor, ','));
    return take(cursor, '}');
}

/* With the white space around it. */
static gboolean
scan_value(Cursor *cursor, guint depth)
{
    gboolean good;

    skip_space(cursor);
    if (cursor->at >= cursor->end || depth >= SCAN_MAX_DEPTH)
        return FALSE;
    switch (*cursor->at) {
    case '{':
        good = scan_object(cursor, depth + 1);
        break;
    case '[':
        good = scan_array(cursor, depth + 1);
        break;
    case '"':
        good = scan_string(cursor);
        break;
    case 't':
        good = scan_word(cursor, "true");
        break;
    case 'f':
        good = scan_word(cursor, "false");
        break;
    case 'n':
        good = scan_word(cursor, "null");
        break;
    default:
        good = scan_number(cursor);
    }
    skip_space(cursor);
    return good;
}

gboolean
scan_is_string(ScanSpan span, const char *text)
{
    gsize length = strlen(text);

    return span.start && span.length == length + 2 && memcmp(span.start + 1, text, length) == 0;
}

static ScanSpan *
member_slot(ScanMessage *message, ScanSpan key)
{
    static const struct {
        const char *name;
        gsize offset;
    } members[] = {
        { "execute", G_STRUCT_OFFSET(ScanMessage, execute) },
        { "exec-oob", G_STRUCT_OFFSET(ScanMessage, exec_oob) },
        { "arguments", G_STRUCT_OFFSET(ScanMessage, arguments) },
        { "id", G_STRUCT_OFFSET(ScanMessage, id) },
        { "event", G_STRUCT_OFFSET(ScanMessage, event) },
        { "data", G_STRUCT_OFFSET(ScanMessage, data) },
        { "return", G_STRUCT_OFFSET(ScanMessage, ret) },
        { "error", G_STRUCT_OFFSET(ScanMessage, error) },
        { "QMP", G_STRUCT_OFFSET(ScanMessage, greeting) },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(members); i++)
        if (scan_is_string(key, members[i].name))
            return &G_STRUCT_MEMBER(ScanSpan, message, members[i].offset);
    return NULL;
}

gboolean
scan_message(const char *text, gsize length, ScanMessage *message)
{
    Cursor cursor = { text, text + length };
    const char *comma = NULL;

    memset(message, 0, sizeof *message);
    if (!g_utf8_validate_len(text, length, NULL))
        return FALSE;
    skip_space(&cursor);
    if (!take(&cursor, '{'))
        return FALSE;
    skip_space(&cursor);
    if (take(&cursor, '}')) {
        skip_space(&cursor);
        return cursor.at == cursor.end;
    }
    for (;;) {
        ScanSpan key, value, *slot;
        gboolean more;

        skip_space(&cursor);
        key.start = cursor.at;
        if (!scan_string(&cursor))
            return FALSE;
        key.length = (gsize)(cursor.at - key.start);
        skip_space(&cursor);
        if (!take(&cursor, ':'))
            return FALSE;
        skip_space(&cursor);
        value.start = cursor.at;
        if (!scan_value(&cursor, 1))
            return FALSE;
        value.length = (gsize)(cursor.at - value.start);
        while (value.length > 0 && g_ascii_isspace(value.start[value.length - 1]))
            value.length--;

        slot = member_slot(message, key);
        if (slot && slot->start)
            return FALSE;
        if (slot)
            *slot = value;
        more = cursor.at < cursor.end && *cursor.at == ',';
        if (slot == &message->id) {
            const char *start = comma ? comma : key.start;
            const char *end = !comma && more ? cursor.at + 1 : value.start + value.length;

            message->id_member = (ScanSpan){ start, (gsize)(end - start) };
        }
        if (!more)
            break;
        comma = cursor.at;
        cursor.at++;
    }
    if (!take(&cursor, '}'))
        return FALSE;
    skip_space(&cursor);
    return cursor.at == cursor.end;
}

void
scan_stream_init(ScanStream *stream)
{
    memset(stream, 0, sizeof *stream);
    stream->buffer = g_string_new(NULL);
}

void
scan_stream_clear(ScanStream *stream)
{
    if (stream->buffer)
        g_string_free(stream->buffer, TRUE);
    memset(stream, 0, sizeof *stream);
}

void
scan_stream_add(ScanStream *stream, const char *bytes, gsize length)
{
    if (stream->start > 0) {
        g_string_erase(stream->buffer, 0, (gssize)stream->start);
        stream->position -= stream->start;
        stream->start = 0;
    }
    if (stream->buffer->len == 0 && stream->buffer->allocated_len > KEEP_BUFFER) {
        g_string_free(stream->buffer, TRUE);
        stream->buffer = g_string_new(NULL);
    }
    g_string_append_len(stream->buffer, bytes, (gssize)length);
}

gboolean
scan_stream_next(ScanStream *stream, ScanSpan *message)
{
    const char *text = stream->buffer->str;
    gsize length = stream->buffer->len;

    while (stream->depth == 0 && stream->start == stream->position && stream->start < length
           && g_ascii_isspace(text[stream->start]))
        stream->start = ++stream->position;

    while (stream->position < length) {
        char c = text[stream->position++];
        gboolean whole = FALSE;

        if (stream->in_string) {
            if (stream->escaped)
                stream->escaped = FALSE;
            else if (c == '\\')
                stream->escaped = TRUE;
            else if (c == '"')
                stream->in_string = FALSE;
        } else if (c == '"' && stream->depth > 0) {
            stream->in_string = TRUE;
        } else if (c == '{' || c == '[') {
            stream->depth++;
        } else if (c == '}' || c == ']') {
            whole = stream->depth <= 1;
            stream->depth -= stream->depth > 0;
        } else if (c == '\n') {
            whole = stream->depth == 0;
        }
        if (whole) {
            *message = (ScanSpan){ text + stream->start, stream->position - stream->start };
            stream->start = stream->position;
            return TRUE;
        }
    }
    return FALSE;
}

gsize
scan_stream_pending(const ScanStream *stream)
{
    return stream->buffer->len - stream->start;
}
