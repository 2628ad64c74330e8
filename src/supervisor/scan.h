/* QMP messages as text: cut from a stream, checked, and their top-level members found, without building a tree. So the
 * supervisor passes messages of any size on exactly as they were written and changes only their ids. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Nothing below this depth is passed on; QEMU itself refuses more than 1024. */
#define SCAN_MAX_DEPTH 512

/* A piece of the scanned text; start is NULL when the member is absent. */
typedef struct {
    const char *start;
    gsize length;
} ScanSpan;

typedef struct {
    ScanSpan execute;           /* the JSON value, with its quotes */
    ScanSpan exec_oob;
    ScanSpan arguments;
    ScanSpan id;
    ScanSpan id_member;         /* key, value and one comma, so that what is left is an object still */
    ScanSpan event;
    ScanSpan data;
    ScanSpan ret;               /* "return" */
    ScanSpan error;
    ScanSpan greeting;          /* "QMP" */
} ScanMessage;

/* TRUE when the text is one JSON object that QEMU's parser takes as well: UTF-8, no control characters in strings, no
 * lone surrogates, no duplicate of the members above. */
gboolean scan_message(const char *text, gsize length, ScanMessage *message);
/* Whether @span is the JSON string "@text" written plainly. */
gboolean scan_is_string(ScanSpan span, const char *text);

/* Cuts a stream into messages at the braces that close them; text that is not in braces is cut at the line's end. */
typedef struct {
    GString *buffer;
    gsize start;                /* of the message that is being read */
    gsize position;             /* scanned so far */
    guint depth;
    gboolean in_string;
    gboolean escaped;
} ScanStream;

void scan_stream_init(ScanStream *stream);
void scan_stream_clear(ScanStream *stream);
void scan_stream_add(ScanStream *stream, const char *bytes, gsize length);
/* The next whole message, borrowed until more is added; FALSE when there is none yet. */
gboolean scan_stream_next(ScanStream *stream, ScanSpan *message);
/* Bytes that are waiting for the end of their message. */
gsize scan_stream_pending(const ScanStream *stream);

G_END_DECLS
