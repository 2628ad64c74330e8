/* XML written line by line in libvirt's form: two spaces of indentation, single quotes, <a/> for what is empty. For documents of
 * many numbers, where building a tree first would cost more than the facts in it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    GString *text;
    guint depth;
} XmlText;

void xml_text_init(XmlText *xml);
/* The text; @xml is of no further use. */
char *xml_text_finish(XmlText *xml) G_GNUC_WARN_UNUSED_RESULT;

/* Attributes are pairs of a name and a value, ended by a NULL name; one whose value is NULL is left out. */
void xml_text_open(XmlText *xml, const char *name, ...) G_GNUC_NULL_TERMINATED;
void xml_text_close(XmlText *xml, const char *name);
void xml_text_empty(XmlText *xml, const char *name, ...) G_GNUC_NULL_TERMINATED;
/* <name …>value</name> */
void xml_text_value(XmlText *xml, const char *name, const char *value, ...) G_GNUC_NULL_TERMINATED;
/* One line of markup, indented: for elements of numbers, which need no quoting. */
void xml_text_line(XmlText *xml, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* An empty line. */
void xml_text_gap(XmlText *xml);

G_END_DECLS
