/* libvirt's way of writing XML: see document.h. */
#include "model/document.h"

#include <string.h>

static void
append_escaped(GString *out, const char *text, gboolean quotes)
{
    for (; text && *text; text++) {
        switch (*text) {
        case '<':
            g_string_append(out, "&lt;");
            break;
        case '>':
            g_string_append(out, "&gt;");
            break;
        case '&':
            g_string_append(out, "&amp;");
            break;
        case '"':
            g_string_append(out, quotes ? "&quot;" : "\"");
            break;
        case '\'':
            g_string_append(out, quotes ? "&apos;" : "'");
            break;
        default:
            /* libvirt drops control characters, which XML cannot carry. */
            if ((guchar)*text >= 0x20 || *text == '\n' || *text == '\t' || *text == '\r')
                g_string_append_c(out, *text);
        }
    }
}

static void
append_name(GString *out, const xmlNs *ns, const xmlChar *name)
{
    if (ns && ns->prefix)
        g_string_append_printf(out, "%s:", (const char *)ns->prefix);
    g_string_append(out, (const char *)name);
}

/* The value of an attribute. Within <metadata> libvirt leaves the writing to libxml2, which
 * uses double quotes. */
static void
append_value(GString *out, const char *value, gboolean foreign)
{
    g_string_append(out, foreign ? "=\"" : "='");
    if (foreign) {
        for (; value && *value; value++) {
            if (*value == '\'')
                g_string_append_c(out, '\'');
            else if (*value == '\n')
                g_string_append(out, "&#10;");
            else
                append_escaped(out, (const char[]){ *value, 0 }, TRUE);
        }
    } else {
        append_escaped(out, value, TRUE);
    }
    g_string_append_c(out, foreign ? '"' : '\'');
}

static void
append_namespaces(GString *out, const xmlNode *node, gboolean foreign)
{
    for (const xmlNs *ns = node->nsDef; ns; ns = ns->next) {
        g_string_append(out, " xmlns");
        if (ns->prefix)
            g_string_append_printf(out, ":%s", (const char *)ns->prefix);
        append_value(out, (const char *)ns->href, foreign);
    }
}

static void
append_attributes(GString *out, const xmlNode *node, gboolean foreign)
{
    for (const xmlAttr *attr = node->properties; attr; attr = attr->next) {
        g_string_append_c(out, ' ');
        append_name(out, attr->ns, attr->name);
        append_value(out, attr->children ? (const char *)attr->children->content : "", foreign);
    }
}

static void
append_node(GString *out, const xmlNode *node, guint indent, gboolean foreign)
{
    gboolean has_elements = FALSE, has_text = FALSE;

    for (const xmlNode *child = node->children; child; child = child->next) {
        has_elements |= child->type == XML_ELEMENT_NODE;
        has_text |= child->type == XML_TEXT_NODE;
    }

    g_string_append_c(out, '<');
    append_name(out, node->ns, node->name);
    /* libxml2 writes namespaces first; libvirt declares its own last, on <domain>. */
    if (foreign) {
        append_namespaces(out, node, foreign);
        append_attributes(out, node, foreign);
    } else {
        append_attributes(out, node, foreign);
        append_namespaces(out, node, foreign);
    }
    if (!has_elements && !has_text) {
        /* The one element that libvirt never writes as empty. */
        if (node_is(node, "devices") && !foreign)
            g_string_append_printf(out, ">\n%*s</devices>", (int)indent, "");
        else
            g_string_append(out, "/>");
        return;
    }
    g_string_append_c(out, '>');
    foreign |= node_is(node, "metadata");
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_TEXT_NODE) {
            append_escaped(out, (const char *)child->content, !foreign);
        } else if (child->type == XML_ELEMENT_NODE) {
            if (!has_text)
                g_string_append_printf(out, "\n%*s", (int)indent + 2, "");
            append_node(out, child, indent + 2, foreign);
        }
    }
    if (has_elements && !has_text)
        g_string_append_printf(out, "\n%*s", (int)indent, "");
    g_string_append(out, "</");
    append_name(out, node->ns, node->name);
    g_string_append_c(out, '>');
}

char *
document_format_node(const xmlNode *node, guint indent)
{
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "%*s", (int)indent, "");
    append_node(out, node, indent, FALSE);
    g_string_append_c(out, '\n');
    return g_string_free(out, FALSE);
}

char *
document_format_foreign(const xmlNode *node)
{
    GString *out = g_string_new(NULL);

    append_node(out, node, 0, TRUE);
    return g_string_free(out, FALSE);
}

char *
document_format(const xmlDoc *doc)
{
    return document_format_node(document_root(doc), 0);
}
