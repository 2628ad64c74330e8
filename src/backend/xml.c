#include "backend/xml.h"

#include "model/document.h"
#include "util/sizes.h"

#define LABEL "(domain_definition)"

char *
xml_xpath(const char *xml, const char *expression, gboolean wrap, GError **error)
{
    g_autoptr(GPtrArray) nodes = document_xpath(xml, expression, wrap, error);
    g_autoptr(GString) text = NULL;

    if (!nodes)
        return NULL;
    text = g_string_new(NULL);
    for (guint i = 0; i < nodes->len; i++)
        g_string_append_printf(text, "%s\n", (char *)g_ptr_array_index(nodes, i));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* The value of the attribute of @node, among @names, that comes first in the document: NULL for none. */
static const char *
first_attr(const xmlNode *node, const char *const *names)
{
    if (!node)
        return NULL;
    for (const xmlAttr *attr = node->properties; attr; attr = attr->next)
        if (g_strv_contains(names, (const char *)attr->name))
            return node_attr(node, (const char *)attr->name);
    return NULL;
}

/* nvme://0000:01:00.0/1 */
static char *
nvme_source(const xmlNode *source)
{
    const xmlNode *address = node_child(source, "address");

    return g_strdup_printf("nvme://%04x:%02x:%02x.%x/%s",
                           (guint)node_attr_uint(address, "domain", 0), (guint)node_attr_uint(address, "bus", 0),
                           (guint)node_attr_uint(address, "slot", 0), (guint)node_attr_uint(address, "function", 0),
                           node_attr(source, "namespace") ? node_attr(source, "namespace") : "");
}

static void
xml_disk_free(gpointer data)
{
    XmlDisk *disk = data;

    g_free(disk->type);
    g_free(disk->device);
    g_free(disk->target);
    g_free(disk->source);
    g_free(disk);
}

GPtrArray *
xml_domain_disks(const char *xml, GError **error)
{
    static const char *const sources[] = { "file", "dev", "dir", "name", "volume", "path", NULL };
    g_autoptr(xmlDoc) doc = document_parse(xml, -1, LABEL, error);
    GPtrArray *disks;

    if (!doc)
        return NULL;
    disks = g_ptr_array_new_with_free_func(xml_disk_free);
    NODE_FOREACH(node, node_child(document_root(doc), "devices"), "disk") {
        const xmlNode *source = node_child(node, "source");
        XmlDisk *disk = g_new0(XmlDisk, 1);

        disk->type = g_strdup(node_attr(node, "type"));
        disk->device = g_strdup(node_attr(node, "device"));
        disk->target = g_strdup(node_child_attr(node, "target", "dev"));
        if (source && g_strcmp0(disk->type, "nvme") == 0)
            disk->source = nvme_source(source);
        else
            disk->source = g_strdup(first_attr(source, sources));
        g_ptr_array_add(disks, disk);
    }
    return disks;
}

static void
xml_interface_free(gpointer data)
{
    XmlInterface *iface = data;

    g_free(iface->target);
    g_free(iface->type);
    g_free(iface->source);
    g_free(iface->model);
    g_free(iface->mac);
    g_free(iface);
}

GPtrArray *
xml_domain_interfaces(const char *xml, GError **error)
{
    static const char *const sources[] = { "bridge", "dev", "network", "name", "path", NULL };
    g_autoptr(xmlDoc) doc = document_parse(xml, -1, LABEL, error);
    GPtrArray *ifaces;

    if (!doc)
        return NULL;
    ifaces = g_ptr_array_new_with_free_func(xml_interface_free);
    NODE_FOREACH(node, node_child(document_root(doc), "devices"), "interface") {
        XmlInterface *iface = g_new0(XmlInterface, 1);

        iface->target = g_strdup(node_child_attr(node, "target", "dev"));
        iface->type = g_strdup(node_attr(node, "type"));
        iface->source = g_strdup(first_attr(node_child(node, "source"), sources));
        iface->model = g_strdup(node_child_attr(node, "model", "type"));
        iface->mac = g_strdup(node_child_attr(node, "mac", "address"));
        g_ptr_array_add(ifaces, iface);
    }
    return ifaces;
}

static void
fill_text(char **field, const char *value)
{
    if (!*field && value && *value)
        *field = g_strdup(value);
}

static void
fill_port(int *field, const char *value)
{
    guint64 port = 0;

    if (*field == 0 && value && uint_parse(value, 0, G_MAXUINT16, &port))
        *field = (int)port;
}

XmlGraphics *
xml_domain_graphics(const char *xml, const char *type, GError **error)
{
    g_autoptr(xmlDoc) doc = document_parse(xml, -1, LABEL, error);
    XmlGraphics *graphics;

    if (!doc)
        return NULL;
    graphics = g_new0(XmlGraphics, 1);
    NODE_FOREACH(node, node_child(document_root(doc), "devices"), "graphics") {
        if (!node_attr_is(node, "type", type))
            continue;
        fill_port(&graphics->port, node_attr(node, "port"));
        fill_port(&graphics->tls_port, node_attr(node, "tlsPort"));
        fill_text(&graphics->listen, node_attr(node, "listen"));
        fill_text(&graphics->password, node_attr(node, "passwd"));
        NODE_FOREACH(listen, node, "listen") {
            if (node_attr_is(listen, "type", "socket"))
                fill_text(&graphics->socket, node_attr(listen, "socket"));
            else
                fill_text(&graphics->listen, node_attr(listen, "address"));
        }
    }
    return graphics;
}

void
xml_graphics_free(XmlGraphics *graphics)
{
    if (!graphics)
        return;
    g_free(graphics->listen);
    g_free(graphics->socket);
    g_free(graphics->password);
    g_free(graphics);
}

gboolean
xml_domain_console_tty(const char *xml, char **tty, GError **error)
{
    g_autoptr(xmlDoc) doc = document_parse(xml, -1, LABEL, error);

    if (!doc)
        return FALSE;
    *tty = NULL;
    NODE_FOREACH(node, node_child(document_root(doc), "devices"), "console")
        fill_text(tty, node_attr(node, "tty"));
    return TRUE;
}

char **
xml_domain_console_aliases(const char *xml, GError **error)
{
    static const char *const kinds[] = { "serial", "console", "parallel", "channel" };
    g_autoptr(xmlDoc) doc = document_parse(xml, -1, LABEL, error);
    g_autoptr(GPtrArray) aliases = g_ptr_array_new_with_free_func(g_free);

    if (!doc)
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        NODE_FOREACH(node, node_child(document_root(doc), "devices"), kinds[i]) {
            const char *alias = node_child_attr(node, "alias", "name");

            /* The first console is the first serial port once more. */
            if (alias && !g_ptr_array_find_with_equal_func(aliases, alias, g_str_equal, NULL))
                g_ptr_array_add(aliases, g_strdup(alias));
        }
    }
    g_ptr_array_add(aliases, NULL);
    return (char **)g_ptr_array_steal(aliases, NULL);
}

gboolean
xml_domain_screens(const char *xml, guint *screens, GError **error)
{
    g_autoptr(xmlDoc) doc = document_parse(xml, -1, LABEL, error);

    if (!doc)
        return FALSE;
    *screens = 0;
    NODE_FOREACH(node, node_child(document_root(doc), "devices"), "video")
        *screens += (guint)node_attr_uint(node_child(node, "model"), "heads", 1);
    return TRUE;
}
