/* Values of a domain, read from its document and written to it. */
#include "model/domain.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

const char *
domain_name(const xmlDoc *doc)
{
    return node_child_text(document_root(doc), "name");
}

void
domain_set_name(xmlDoc *doc, const char *name)
{
    node_set_text(domain_ensure_child(document_root(doc), "name"), name);
}

const char *
domain_uuid(const xmlDoc *doc)
{
    return node_child_text(document_root(doc), "uuid");
}

const char *
domain_os_type(const xmlDoc *doc)
{
    return node_text(node_path(document_root(doc), "os/type"));
}

const char *
domain_machine(const xmlDoc *doc)
{
    return node_attr(node_path(document_root(doc), "os/type"), "machine");
}

const char *
domain_emulator(const xmlDoc *doc)
{
    return node_child_text(domain_devices(doc), "emulator");
}

gboolean
domain_is_q35(const xmlDoc *doc)
{
    const char *machine = domain_machine(doc);

    return machine && (strcmp(machine, "q35") == 0 || g_str_has_prefix(machine, "pc-q35-"));
}

gboolean
domain_is_i440fx(const xmlDoc *doc)
{
    const char *machine = domain_machine(doc);

    return machine && (strcmp(machine, "pc") == 0 || g_str_has_prefix(machine, "pc-i440fx-") ||
                       g_str_has_prefix(machine, "pc-0.") || g_str_has_prefix(machine, "pc-1."));
}

static void
set_kib(xmlDoc *doc, const char *name, guint64 kib)
{
    xmlNode *element = domain_ensure_child(document_root(doc), name);
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, kib);

    node_set_text(element, text);
    node_set_attr(element, "unit", "KiB");
}

guint64
domain_max_memory(const xmlDoc *doc)
{
    return node_text_uint(node_child(document_root(doc), "memory"), 0);
}

guint64
domain_memory(const xmlDoc *doc)
{
    return node_text_uint(node_child(document_root(doc), "currentMemory"), domain_max_memory(doc));
}

void
domain_set_memory(xmlDoc *doc, guint64 kib)
{
    set_kib(doc, "currentMemory", kib);
}

guint
domain_max_vcpus(const xmlDoc *doc)
{
    return node_text_uint(node_child(document_root(doc), "vcpu"), 1);
}

guint
domain_vcpus(const xmlDoc *doc)
{
    return node_attr_uint(node_child(document_root(doc), "vcpu"), "current", domain_max_vcpus(doc));
}

const char *
domain_title(const xmlDoc *doc)
{
    return node_child_text(document_root(doc), "title");
}

const char *
domain_description(const xmlDoc *doc)
{
    return node_child_text(document_root(doc), "description");
}

/* Text from the command line may be any bytes. What XML cannot hold is replaced, so that the document can be read again. */
static char *
text_for_xml(const char *text)
{
    char *valid = g_utf8_make_valid(text, -1), *at = valid;

    /* U+FFFE and U+FFFF are UTF-8 and no characters. */
    while ((at = strstr(at, "\xef\xbf"))) {
        if ((guchar)at[2] > 0xbd)
            at[2] = (char)0xbd;
        at += 3;
    }
    return valid;
}

static void
set_or_remove(xmlDoc *doc, const char *name, const char *text)
{
    if (text && *text) {
        g_autofree char *valid = text_for_xml(text);

        node_set_text(domain_ensure_child(document_root(doc), name), valid);
    } else {
        node_remove(node_child(document_root(doc), name));
    }
}

gboolean
domain_set_title(xmlDoc *doc, const char *title, GError **error)
{
    /* A carriage return is a newline when it is read again. */
    if (title && strpbrk(title, "\r\n"))
        return hv_throw(error, HV_ERR_INVALID_ARG, "metadata title can't contain newlines");
    set_or_remove(doc, "title", title);
    return TRUE;
}

void
domain_set_description(xmlDoc *doc, const char *description)
{
    set_or_remove(doc, "description", description);
}

/* --- metadata ----------------------------------------------------------------------------------- */

static xmlNode *
metadata_find(const xmlDoc *doc, const char *uri)
{
    const xmlNode *metadata = node_child(document_root(doc), "metadata");

    for (xmlNode *node = metadata ? metadata->children : NULL; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE && node->ns && strcmp((const char *)node->ns->href, uri) == 0)
            return node;
    return NULL;
}

/* Takes the namespace @uri off @node and what is below it. */
static void
namespace_remove(xmlNode *node, const char *uri)
{
    if (node->ns && strcmp((const char *)node->ns->href, uri) == 0)
        node->ns = NULL;
    for (xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            namespace_remove(child, uri);
}

static void
namespace_add(xmlNode *node, xmlNs *ns)
{
    if (!node->ns)
        xmlSetNs(node, ns);
    for (xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            namespace_add(child, ns);
}

/* A declaration of @uri that nothing uses any more would still be written. */
static void
namespace_forget(xmlNode *node, const char *uri)
{
    for (xmlNs **link = &node->nsDef; *link;) {
        xmlNs *ns = *link;

        if (strcmp((const char *)ns->href, uri) != 0) {
            link = &ns->next;
            continue;
        }
        *link = ns->next;
        xmlFreeNs(ns);
    }
}

char *
domain_metadata(const xmlDoc *doc, const char *uri, GError **error)
{
    const xmlNode *found = metadata_find(doc, uri);
    g_autoptr(xmlDoc) copy = NULL;
    xmlNode *root;
    char *text;

    if (!found) {
        hv_throw(error, HV_ERR_NO_DOMAIN_METADATA, "Requested metadata element is not present");
        return NULL;
    }
    copy = document_new("metadata");
    root = node_append_copy(document_root(copy), found);
    namespace_remove(root, uri);
    namespace_forget(root, uri);
    text = document_format_foreign(root);
    return text;
}

/* Neither what XML cannot hold nor the two namespaces that may not be declared. */
static gboolean
uri_is_sound(const char *uri)
{
    g_autofree char *valid = text_for_xml(uri);

    for (const char *c = uri; *c; c++)
        if (g_ascii_iscntrl(*c))
            return FALSE;
    return strcmp(valid, uri) == 0 && strcmp(uri, "http://www.w3.org/2000/xmlns/") != 0 &&
           strcmp(uri, "http://www.w3.org/XML/1998/namespace") != 0;
}

gboolean
domain_set_metadata(xmlDoc *doc, const char *uri, const char *key, const char *xml, GError **error)
{
    xmlNode *metadata, *node;
    g_autoptr(xmlDoc) parsed = NULL;
    xmlNs *ns;

    if (xml) {
        if (!uri || !*uri)
            return hv_throw(error, HV_ERR_INVALID_ARG, "missing namespace uri of the metadata");
        if (!key || !*key)
            return hv_throw(error, HV_ERR_INVALID_ARG, "missing namespace key of the metadata");
        if (!g_utf8_validate(key, -1, NULL) || xmlValidateNCName((const xmlChar *)key, 0) != 0 ||
            g_ascii_strncasecmp(key, "xml", 3) == 0)
            return hv_throw(error, HV_ERR_INVALID_ARG, "the namespace key '%s' of the metadata is no XML prefix", key);
        if (!uri_is_sound(uri))
            return hv_throw(error, HV_ERR_INVALID_ARG, "the namespace uri of the metadata cannot be written in XML");
        parsed = document_parse(xml, -1, "(metadata_xml)", error);
        if (!parsed)
            return FALSE;
    }
    if (metadata_find(doc, uri))
        node_remove(metadata_find(doc, uri));
    /* libvirt leaves an empty <metadata> behind. */
    if (!xml)
        return TRUE;
    metadata = domain_ensure_child(document_root(doc), "metadata");
    node = node_append_copy(metadata, document_root(parsed));
    ns = xmlNewNs(node, (const xmlChar *)uri, (const xmlChar *)key);
    if (!ns)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "failed to set the namespace of the metadata");
    namespace_add(node, ns);
    return TRUE;
}

/* --- devices ---------------------------------------------------------------------------------------- */

xmlNode *
domain_devices(const xmlDoc *doc)
{
    return node_child(document_root(doc), "devices");
}

xmlNode *
domain_next_device(const xmlDoc *doc, const xmlNode *previous, const char *kind)
{
    xmlNode *device = previous ? node_next(previous, kind) : node_child(domain_devices(doc), kind);

    while (!kind && node_is(device, "emulator"))
        device = node_next(device, NULL);
    return device;
}

const char *
device_alias(const xmlNode *device)
{
    return node_child_attr(device, "alias", "name");
}

void
device_set_alias(xmlNode *device, const char *alias)
{
    if (alias)
        node_set_attr(domain_ensure_child(device, "alias"), "name", alias);
    else
        node_remove(node_child(device, "alias"));
}

const char *
disk_source(const xmlNode *disk)
{
    static const char *const attributes[] = { "file", "dev", "dir", "name", "volume", "path" };
    const xmlNode *source = node_child(disk, "source");

    for (gsize i = 0; i < G_N_ELEMENTS(attributes); i++)
        if (node_attr(source, attributes[i]))
            return node_attr(source, attributes[i]);
    return NULL;
}

const char *
disk_target(const xmlNode *disk)
{
    return node_child_attr(disk, "target", "dev");
}

const char *
disk_device(const xmlNode *disk)
{
    const char *device = node_attr(disk, "device");

    return device ? device : "disk";
}

gboolean
disk_is_empty(const xmlNode *disk)
{
    const xmlNode *source = node_child(disk, "source");

    return !disk_source(disk) && !node_attr(source, "protocol") && !node_attr(source, "namespace");
}

gboolean
disk_is_empty_drive(const xmlNode *disk)
{
    const char *device = disk_device(disk);

    return disk_is_empty(disk) && (g_strcmp0(device, "cdrom") == 0 || g_strcmp0(device, "floppy") == 0);
}
