/* What commands say: records, not strings. In text form they are printed as virsh prints
 * them; with --output json|json-lines|yaml|csv|table the same records come out under stable field names.
 *
 * A handler emits at most one main record (a table, a key/value record, a document, a value or a
 * list) and any number of notes. Sizes are integers in bytes under names without a unit; other
 * quantities are integers in the unit that the key ends with (_ns, _ms, _us, _s, _mhz, _percent). States are
 * fixed tokens, yes and no are booleans, absent values are JSON null. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct Out Out;
typedef struct OutTable OutTable;

typedef enum {
    OUT_STRING,                 /* text form and JSON string from the same text */
    OUT_INTEGER,                /* JSON integer from @integer; text from @text, else the number */
    OUT_BOOLEAN,                /* JSON true/false from @integer; text from @text */
    OUT_NUMBER,                 /* JSON number from @real; text from @text */
    OUT_NULL,                   /* JSON null; text from @text, else "-" */
    OUT_JSON,                   /* @text is JSON: the value it is (a string when it cannot be read); text as it is */
} OutType;

typedef struct {
    OutType type;
    const char *text;           /* what virsh shows */
    const char *token;          /* JSON string when it differs from @text (a fixed token) */
    gint64 integer;
    double real;                /* finite */
} OutValue;

#define OUT_STR(t) ((OutValue){ OUT_STRING, (t), NULL, 0 })
#define OUT_TOKEN(t, tok) ((OutValue){ OUT_STRING, (t), (tok), 0 })
#define OUT_INT(n) ((OutValue){ OUT_INTEGER, NULL, NULL, (n) })
#define OUT_INT_TEXT(t, n) ((OutValue){ OUT_INTEGER, (t), NULL, (n) })
#define OUT_BOOL(t, b) ((OutValue){ OUT_BOOLEAN, (t), NULL, (b) })
#define OUT_REAL(r) ((OutValue){ .type = OUT_NUMBER, .real = (r) })
#define OUT_ABSENT(t) ((OutValue){ OUT_NULL, (t), NULL, 0 })
#define OUT_PARSED(t) ((OutValue){ OUT_JSON, (t), NULL, 0 })

/* A size that libvirt gives in KiB, of which the text form says @text (NULL: the number of bytes). One beyond the integers is
 * the largest of them. */
static inline OutValue
out_kib(const char *text, guint64 kib)
{
    return OUT_INT_TEXT(text, kib > G_MAXINT64 / 1024 ? G_MAXINT64 : (gint64)kib * 1024);
}

typedef struct {
    const char *title;          /* "Name"; NULL: not in the text form */
    const char *key;            /* "name"; NULL: only in the text form */
} OutColumn;

/* FALSE when the text form is asked for. */
gboolean out_structured(const Out *out);

/* A success sentence (without newline at its end): stdout with a newline, gone with -q. In structured form it is {"message": …}. */
void out_note(Out *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The same without a newline of its own: the one that follows every command ends it (`desc`, `echo`). */
void out_note_inline(Out *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Text that is data: stays with -q. Printed as it is (give the newline). Not in structured form. */
void out_text(Out *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
void out_bytes(Out *out, const void *bytes, gsize length);
/* A warning on stderr: "error: TEXT" as virsh has it for warnings that do not fail. */
void out_warning(Out *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A warning that virsh does not have: "warning: TEXT" on stderr. For what works all the same; not in structured form. */
void out_remark(Out *out, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* virsh's table. Column texts and keys must outlive the table. */
OutTable *out_table_new(Out *out, const OutColumn *columns, gsize n_columns);
void out_table_add(OutTable *table, const OutValue *cells);     /* copies */
void out_table_end(OutTable *table);                            /* prints and frees */

/* One record of "Label:  value" lines, labels padded to @width (15 for virsh's usual form). */
void out_record_begin(Out *out, int width);
/* @label as printed, with its colon ("Id:"), or NULL when the field is only for structured forms;
 * @key NULL when it is only for text. */
void out_field(Out *out, const char *label, const char *key, OutValue value);
void out_record_end(Out *out);

/* Records between these two are elements of one array, however many there are. */
void out_records_begin(Out *out);
void out_records_end(Out *out);

/* One value: its text and a newline; structured: {"key": value}. */
void out_value(Out *out, const char *key, OutValue value);
/* Bare values, one per line; structured: an array of values, or of objects when rows have keys. */
void out_list_begin(Out *out);
void out_list_item(Out *out, OutValue value);
void out_list_end(Out *out);
/* A document such as XML: printed as it is, in a table too; structured: {"KEY": "text"}. */
void out_document(Out *out, const char *key, const char *text);
/* A record that comes in a stream (an event): text is printed at once and flushed; structured: one JSON
 * object a line (json-lines) or an element of the array. @keys and @values have @n elements. */
void out_event(Out *out, const char *text, const char *const *keys, const OutValue *values, gsize n);
void out_flush(Out *out);
/* errno of the first write that failed, or 0: nobody reads what a command that goes on says. */
int out_write_error(const Out *out);

G_END_DECLS
