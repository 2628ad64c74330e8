/* Options, and the properties in them: "KEY=VALUE,…" and JSON. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <stdlib.h>

void
argv_add(ArgvBuilder *b, const char *option, const char *value)
{
    g_ptr_array_add(b->argv, g_strdup(option));
    if (value)
        g_ptr_array_add(b->argv, g_strdup(value));
}

void
argv_addf(ArgvBuilder *b, const char *option, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(b->argv, g_strdup(option));
    g_ptr_array_add(b->argv, g_strdup_vprintf(format, args));
    va_end(args);
}

void
argv_add_json(ArgvBuilder *b, const char *option, json_t *object)
{
    char *text;

    if (g_str_equal(option, "-device"))
        argv_override_device(b, object);
    text = json_dumps(object, JSON_COMPACT);
    argv_add(b, option, text);
    free(text);
    json_decref(object);
}

void
argv_append_escaped(GString *options, const char *value)
{
    for (; *value; value++) {
        if (*value == ',')
            g_string_append_c(options, ',');
        g_string_append_c(options, *value);
    }
}

void
argv_append(GString *options, const char *key, const char *value)
{
    if (!value)
        return;
    g_string_append_printf(options, ",%s=", key);
    argv_append_escaped(options, value);
}

void
argv_append_switch(GString *options, const char *key, const char *value)
{
    if (!value)
        return;
    if (g_str_equal(value, "yes"))
        value = "on";
    else if (g_str_equal(value, "no"))
        value = "off";
    g_string_append_printf(options, ",%s=%s", key, value);
}

void
props_str(json_t *props, const char *key, const char *value)
{
    if (value)
        json_object_set_new(props, key, json_string(value));
}

void
props_uint(json_t *props, const char *key, guint64 value)
{
    json_object_set_new(props, key, json_integer((json_int_t)value));
}

void
props_bool(json_t *props, const char *key, gboolean value)
{
    json_object_set_new(props, key, json_boolean(value));
}

void
props_attr_str(json_t *props, const char *key, const xmlNode *node, const char *attr)
{
    props_str(props, key, node_attr(node, attr));
}

void
props_attr_uint(json_t *props, const char *key, const xmlNode *node, const char *attr)
{
    if (node_attr(node, attr))
        props_uint(props, key, node_attr_uint(node, attr, 0));
}

void
props_attr_bool(json_t *props, const char *key, const xmlNode *node, const char *attr)
{
    if (node_attr(node, attr))
        props_bool(props, key, node_attr_yes(node, attr, FALSE));
}

void
props_text_uint(json_t *props, const char *key, const xmlNode *parent, const char *child)
{
    const xmlNode *node = node_child(parent, child);

    if (node)
        props_uint(props, key, node_text_uint(node, 0));
}
