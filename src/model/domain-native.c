/* Elements of QEMU's own namespace. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

static gboolean
is_native(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns && strcmp((const char *)node->ns->href, QEMU_URI) == 0 &&
           strcmp((const char *)node->name, name) == 0;
}

static xmlNode *
native_child(const xmlNode *parent, const char *name)
{
    for (xmlNode *child = parent ? parent->children : NULL; child; child = child->next)
        if (is_native(child, name))
            return child;
    return NULL;
}

static gboolean
check_commandline(const xmlNode *commandline, GError **error)
{
    for (xmlNode *child = commandline->children; child; child = child->next) {
        const char *name = node_attr(child, "name");

        if (is_native(child, "arg") && !node_attr(child, "value"))
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "No qemu command-line argument specified");
        if (!is_native(child, "env"))
            continue;
        if (!name)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "No qemu environment name specified");
        if (!g_ascii_isalpha(*name) && *name != '_')
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Invalid environment name, it must begin with a letter or underscore");
        for (const char *at = name; *at; at++)
            if (!g_ascii_isalnum(*at) && *at != '_')
                return hv_throw(error, HV_ERR_INTERNAL_ERROR,
                                "Invalid environment name, it must contain only alphanumerics and underscore");
    }
    return TRUE;
}

static gboolean
value_fits(const char *type, const char *value)
{
    guint64 number;

    if (strcmp(type, "unsigned") == 0)
        return uint_parse(value, 0, G_MAXUINT64, &number);
    if (strcmp(type, "signed") == 0)
        return uint_parse(*value == '-' ? value + 1 : value, 0, G_MAXINT64, &number);
    if (strcmp(type, "bool") == 0)
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
    return TRUE;
}

static gboolean
check_property(const xmlNode *property, GError **error)
{
    const char *type = node_attr(property, "type"), *value = node_attr(property, "value");

    if (!node_attr(property, "name"))
        return hv_throw(error, HV_ERR_XML_ERROR, "missing 'name' attribute for qemu:property");
    if (strcmp(type, "remove") == 0) {
        if (value)
            return hv_throw(error, HV_ERR_XML_ERROR,
                            "setting 'value' attribute of 'qemu:property' doesn't make sense with 'remove' type");
        return TRUE;
    }
    if (!value)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing 'value' attribute for 'qemu:property'");
    if (!value_fits(type, value))
        return hv_throw(error, HV_ERR_XML_ERROR, "invalid value '%s' of 'value' attribute of 'qemu:property'", value);
    return TRUE;
}

static gboolean
check_override(const xmlNode *override, GError **error)
{
    for (xmlNode *device = override->children; device; device = device->next) {
        const xmlNode *frontend = native_child(device, "frontend");

        if (!is_native(device, "device"))
            continue;
        if (!node_attr(device, "alias"))
            return hv_throw(error, HV_ERR_XML_ERROR, "missing 'alias' attribute for qemu:device");
        for (xmlNode *property = frontend ? frontend->children : NULL; property; property = property->next)
            if (is_native(property, "property") && !check_property(property, error))
                return FALSE;
    }
    return TRUE;
}

static gboolean
check_capabilities(const xmlNode *capabilities, GError **error)
{
    for (xmlNode *child = capabilities->children; child; child = child->next)
        if ((is_native(child, "add") || is_native(child, "del")) && !node_attr(child, "capability"))
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "missing capability name");
    return TRUE;
}

/* Several command lines are one. */
static void
merge_commandlines(xmlNode *first)
{
    for (xmlNode *other = first ? first->next : NULL, *next; other; other = next) {
        next = other->next;
        if (!is_native(other, "commandline"))
            continue;
        while (other->children) {
            xmlNode *child = other->children;

            xmlUnlinkNode(child);
            xmlAddChild(first, child);
        }
        node_remove(other);
    }
}

gboolean
normalise_native(Normalise *n, GError **error)
{
    xmlNode *commandline = native_child(n->root, "commandline");
    const xmlNode *override = native_child(n->root, "override");
    const xmlNode *capabilities = native_child(n->root, "capabilities");
    xmlNode *deprecation = native_child(n->root, "deprecation");

    merge_commandlines(commandline);
    if (deprecation && !*(node_attr(deprecation, "behavior") ?: ""))
        node_remove(deprecation);
    return (!commandline || check_commandline(commandline, error)) && (!override || check_override(override, error)) &&
           (!capabilities || check_capabilities(capabilities, error));
}
