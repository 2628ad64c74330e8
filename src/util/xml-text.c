/* XML as text, written from top to bottom. */
#include "config.h"

#include "util/xml-text.h"

#include <stdarg.h>

void
xml_text_init(XmlText *xml)
{
    xml->text = g_string_new(NULL);
    xml->depth = 0;
}

char *
xml_text_finish(XmlText *xml)
{
    return g_string_free(g_steal_pointer(&xml->text), FALSE);
}

static void
indent(XmlText *xml)
{
    for (guint i = 0; i < xml->depth; i++)
        g_string_append(xml->text, "  ");
}

static void
escaped(XmlText *xml, const char *value)
{
    g_autofree char *text = g_markup_escape_text(value, -1);

    g_string_append(xml->text, text);
}

static void
start(XmlText *xml, const char *name, va_list attrs)
{
    const char *attr;

    indent(xml);
    g_string_append_c(xml->text, '<');
    g_string_append(xml->text, name);
    while ((attr = va_arg(attrs, const char *))) {
        const char *value = va_arg(attrs, const char *);

        if (!value)
            continue;
        g_string_append_printf(xml->text, " %s='", attr);
        escaped(xml, value);
        g_string_append_c(xml->text, '\'');
    }
}

void
xml_text_open(XmlText *xml, const char *name, ...)
{
    va_list attrs;

    va_start(attrs, name);
    start(xml, name, attrs);
    va_end(attrs);
    g_string_append(xml->text, ">\n");
    xml->depth++;
}

void
xml_text_close(XmlText *xml, const char *name)
{
    xml->depth--;
    indent(xml);
    g_string_append_printf(xml->text, "</%s>\n", name);
}

void
xml_text_empty(XmlText *xml, const char *name, ...)
{
    va_list attrs;

    va_start(attrs, name);
    start(xml, name, attrs);
    va_end(attrs);
    g_string_append(xml->text, "/>\n");
}

void
xml_text_value(XmlText *xml, const char *name, const char *value, ...)
{
    va_list attrs;

    va_start(attrs, value);
    start(xml, name, attrs);
    va_end(attrs);
    g_string_append_c(xml->text, '>');
    escaped(xml, value);
    g_string_append_printf(xml->text, "</%s>\n", name);
}

void
xml_text_line(XmlText *xml, const char *format, ...)
{
    va_list args;

    indent(xml);
    va_start(args, format);
    g_string_append_vprintf(xml->text, format, args);
    va_end(args);
    g_string_append_c(xml->text, '\n');
}

void
xml_text_gap(XmlText *xml)
{
    g_string_append_c(xml->text, '\n');
}
