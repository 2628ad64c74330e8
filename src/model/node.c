/* Looking around in a document, and changing it: the node_* functions of document.h. */
#include "model/document.h"

#include <stdarg.h>
#include <string.h>

#include "util/sizes.h"

#define X(string) ((const xmlChar *)(string))

xmlNode *
document_root(const xmlDoc *doc)
{
    for (xmlNode *node = doc ? doc->children : NULL; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE)
            return node;
    return NULL;
}

gboolean
node_is(const xmlNode *node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && !node->ns && strcmp((const char *)node->name, name) == 0;
}

const char *
node_name(const xmlNode *node)
{
    return (const char *)node->name;
}

static xmlNode *
node_from(xmlNode *node, const char *name)
{
    for (; node; node = node->next)
        if (name ? node_is(node, name) : node->type == XML_ELEMENT_NODE)
            return node;
    return NULL;
}

xmlNode *
node_child(const xmlNode *parent, const char *name)
{
    return parent ? node_from(parent->children, name) : NULL;
}

xmlNode *
node_next(const xmlNode *node, const char *name)
{
    return node ? node_from(node->next, name) : NULL;
}

xmlNode *
node_path(const xmlNode *parent, const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, "/", -1);
    xmlNode *node = (xmlNode *)parent;

    for (char **name = names; *name; name++)
        node = node_child(node, *name);
    return node;
}

guint
node_count(const xmlNode *parent, const char *name)
{
    guint count = 0;

    NODE_FOREACH(node, parent, name)
        count++;
    return count;
}

static const xmlAttr *
node_find_attr(const xmlNode *node, const char *name)
{
    if (!node || node->type != XML_ELEMENT_NODE)
        return NULL;
    for (const xmlAttr *attr = node->properties; attr; attr = attr->next)
        if (!attr->ns && strcmp((const char *)attr->name, name) == 0)
            return attr;
    return NULL;
}

const char *
node_attr(const xmlNode *node, const char *name)
{
    const xmlAttr *attr = node_find_attr(node, name);

    if (!attr)
        return NULL;
    return attr->children && attr->children->content ? (const char *)attr->children->content : "";
}

gboolean
node_attr_is(const xmlNode *node, const char *name, const char *value)
{
    return g_strcmp0(node_attr(node, name), value) == 0;
}

gboolean
node_attr_yes(const xmlNode *node, const char *name, gboolean fallback)
{
    const char *value = node_attr(node, name);

    if (g_strcmp0(value, "yes") == 0 || g_strcmp0(value, "on") == 0)
        return TRUE;
    if (g_strcmp0(value, "no") == 0 || g_strcmp0(value, "off") == 0)
        return FALSE;
    return fallback;
}

guint64
node_attr_uint(const xmlNode *node, const char *name, guint64 fallback)
{
    guint64 value;

    return uint_parse_any(node_attr(node, name), 0, G_MAXUINT64, &value) ? value : fallback;
}

const char *
node_text(const xmlNode *node)
{
    if (!node)
        return NULL;
    for (const xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_TEXT_NODE && child->content)
            return (const char *)child->content;
    return "";
}

const char *
node_child_text(const xmlNode *parent, const char *name)
{
    return node_text(node_child(parent, name));
}

const char *
node_child_attr(const xmlNode *parent, const char *child, const char *name)
{
    return node_attr(node_child(parent, child), name);
}

guint64
node_text_uint(const xmlNode *node, guint64 fallback)
{
    g_autofree char *text = node ? g_strstrip(g_strdup(node_text(node))) : NULL;
    guint64 value;

    return uint_parse(text, 0, G_MAXUINT64, &value) ? value : fallback;
}

int
node_line(const xmlNode *node)
{
    long line = node ? xmlGetLineNo(node) : 0;

    return line > 0 ? (int)line : 0;
}

gboolean
node_blame(const xmlNode *node, GError **error)
{
    while (node && node->type == XML_ELEMENT_NODE && node_line(node) == 0)
        node = node->parent;
    if (node && node->type == XML_ELEMENT_NODE)
        hv_error_set_place(error, node_line(node), node_name(node), NULL);
    return FALSE;
}

gboolean
node_throw(const xmlNode *node, GError **error, HvErrorCode code, const char *format, ...)
{
    g_autofree char *detail = NULL;
    va_list args;

    va_start(args, format);
    detail = g_strdup_vprintf(format, args);
    va_end(args);
    return hv_throw(error, code, "%s", detail) || node_blame(node, error);
}

gboolean
node_expect(const xmlNode *node, GError **error, const char *format, ...)
{
    g_autofree char *expected = NULL;
    va_list args;

    va_start(args, format);
    expected = g_strdup_vprintf(format, args);
    va_end(args);
    if (node && node_line(node) > 0)
        hv_error_set_place(error, node_line(node), node_name(node), expected);
    return node_blame(node, error);
}

gboolean
node_expect_word(const xmlNode *node, GError **error, const char *attribute, const char *const *list)
{
    g_autofree char *words = g_strjoinv(", ", (char **)list);

    if (!attribute)
        return node_expect(node, error, "one of %s", words);
    return node_expect(node, error, "one of %s as '%s'", words, attribute);
}

void
node_set_attr(xmlNode *node, const char *name, const char *value)
{
    const char *old = node_attr(node, name);

    if (value && old && strcmp(value, old) == 0)
        return;     /* what was borrowed stays valid */
    if (value) {
        /* libxml2 frees the old value first, and @value may be part of it. */
        g_autofree char *copy = g_strdup(value);

        xmlSetProp(node, X(name), X(copy));
    } else if (old) {
        xmlRemoveProp((xmlAttr *)node_find_attr(node, name));
    }
}

void
node_set_attrf(xmlNode *node, const char *name, const char *format, ...)
{
    g_autofree char *value = NULL;
    va_list args;

    va_start(args, format);
    value = g_strdup_vprintf(format, args);
    va_end(args);
    node_set_attr(node, name, value);
}

void
node_set_text(xmlNode *node, const char *text)
{
    /* Made first: @text may be the text that is replaced. */
    xmlNode *content = text && *text ? xmlNewDocText(node->doc, X(text)) : NULL;

    node_remove_children(node, NULL);
    if (content)
        xmlAddChild(node, content);
}

xmlNode *
node_add(xmlNode *parent, const char *name, const char *text)
{
    xmlNode *node = xmlNewDocNode(parent->doc, NULL, X(name), NULL);

    xmlAddChild(parent, node);
    if (text)
        node_set_text(node, text);
    return node;
}

xmlNode *
node_add_before(xmlNode *sibling, const char *name)
{
    return xmlAddPrevSibling(sibling, xmlNewDocNode(sibling->doc, NULL, X(name), NULL));
}

void
node_remove(xmlNode *node)
{
    if (!node)
        return;
    xmlUnlinkNode(node);
    xmlFreeNode(node);
}

void
node_remove_children(xmlNode *parent, const char *name)
{
    for (xmlNode *node = parent ? parent->children : NULL, *next; node; node = next) {
        next = node->next;
        if (!name || node_is(node, name))
            node_remove(node);
    }
}

xmlNode *
node_append_copy(xmlNode *parent, const xmlNode *node)
{
    return xmlAddChild(parent, xmlDocCopyNode((xmlNode *)node, parent->doc, 1));
}

xmlNode *
node_insert_copy_before(xmlNode *sibling, const xmlNode *node)
{
    return xmlAddPrevSibling(sibling, xmlDocCopyNode((xmlNode *)node, sibling->doc, 1));
}
