/* Domains as the user sees them, and the running domain's document. */
#include "model/domain.h"

#include <string.h>

#include "util/error.h"

/* Attributes that hold secrets. */
static void
remove_secrets(xmlNode *root)
{
    NODE_FOREACH(graphics, node_child(root, "devices"), "graphics")
        node_set_attr(graphics, "passwd", NULL);
    NODE_FOREACH(disk, node_child(root, "devices"), "disk")
        node_remove(node_child(node_child(disk, "source"), "cookies"));
}

/* What the running domain added to a device. */
static void
forget_runtime(xmlNode *device)
{
    const char *alias = device_alias(device);
    xmlNode *source = node_child(device, "source"), *target = node_child(device, "target");

    if (alias && !g_str_has_prefix(alias, "ua-"))
        device_set_alias(device, NULL);
    if (node_is(device, "disk")) {
        node_set_attr(source, "index", NULL);
        node_remove(node_child(device, "mirror"));
        /* A chain that QEMU found is not one that the user wrote. */
        if (node_attr(node_child(device, "backingStore"), "index") || !node_attr(node_child(device, "backingStore"), "type"))
            node_remove(node_child(device, "backingStore"));
    } else if (node_is(device, "interface")) {
        static const char *const generated[] = { "vnet", "vif", "macvtap", "macvlan" };
        const char *dev = node_attr(target, "dev");

        for (gsize i = 0; dev && i < G_N_ELEMENTS(generated); i++)
            if (g_str_has_prefix(dev, generated[i])) {
                node_remove(target);
                break;
            }
        if (node_attr_is(device, "type", "network")) {
            node_set_attr(source, "portid", NULL);
            node_set_attr(source, "bridge", NULL);
        }
    } else if (node_is(device, "serial") || node_is(device, "console") || node_is(device, "parallel") ||
               node_is(device, "channel") || node_is(device, "redirdev") || node_is(device, "smartcard")) {
        if (node_attr_is(device, "type", "pty"))
            node_remove(source);
        node_set_attr(device, "tty", NULL);
        if (node_is(device, "channel")) {
            node_set_attr(target, "state", NULL);
            if (node_attr_is(device, "type", "unix") && node_attr(source, "path") &&
                strstr(node_attr(source, "path"), "/channel/target/"))
                node_remove(source);
        }
    } else if (node_is(device, "graphics")) {
        if (node_attr_is(device, "autoport", "yes")) {
            node_set_attr(device, "port", node_attr_is(device, "type", "vnc") ? "-1" : NULL);
            node_set_attr(device, "tlsPort", NULL);
        }
    } else if (node_is(device, "memory")) {
        node_remove_children(target, "current");
    }
}

xmlDoc *
domain_make_inactive(const xmlDoc *doc)
{
    xmlDoc *copy = document_copy(doc);

    node_set_attr(document_root(copy), "id", NULL);
    for (xmlNode *device = NULL; (device = domain_next_device(copy, device, NULL));)
        forget_runtime(device);
    return copy;
}

/* What a receiving side of the same or an older libvirt adds by itself. */
static void
make_migratable(xmlNode *root)
{
    xmlNode *devices = node_child(root, "devices");

    for (xmlNode *controller = node_child(devices, "controller"), *next; controller; controller = next) {
        next = node_next(controller, "controller");
        if (node_attr_is(controller, "type", "pci") && node_attr_is(controller, "index", "0") &&
            node_attr_is(controller, "model", "pci-root"))
            node_remove(controller);
        else if (node_attr_is(controller, "type", "usb") && node_attr_is(controller, "index", "0") &&
                 node_attr_is(controller, "model", "piix3-uhci"))
            node_set_attr(controller, "model", NULL);
    }
}

char *
domain_format(const xmlDoc *doc, DomainFormatFlags flags, GError **error)
{
    g_autoptr(xmlDoc) copy = flags & DOMAIN_FORMAT_INACTIVE ? domain_make_inactive(doc) : document_copy(doc);

    if (!copy) {
        hv_throw_bare(error, HV_ERR_NO_MEMORY);
        return NULL;
    }
    if (!(flags & DOMAIN_FORMAT_SECURE))
        remove_secrets(document_root(copy));
    if (flags & DOMAIN_FORMAT_MIGRATABLE)
        make_migratable(document_root(copy));
    return document_format(copy);
}
