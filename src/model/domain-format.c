/* Domains as the user sees them, and the running domain's document. */
#include "model/domain.h"

#include <string.h>

#include "model/normalise.h"
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

/* What the running domain added to a device. @chain_too: also what is known of a disk's backing files. */
static void
forget_runtime(xmlNode *device, gboolean chain_too)
{
    const char *alias = device_alias(device);
    xmlNode *source = node_child(device, "source"), *target = node_child(device, "target");
    xmlNode *driver = node_child(device, "driver");

    if (alias && !g_str_has_prefix(alias, "ua-"))
        device_set_alias(device, NULL);
    if (node_is(device, "disk")) {
        node_set_attr(source, "index", NULL);
        node_remove(node_child(device, "mirror"));
        /* A chain that QEMU found is not one that the user wrote. */
        if (chain_too && (node_attr(node_child(device, "backingStore"), "index") ||
                          !node_attr(node_child(device, "backingStore"), "type")))
            node_remove(node_child(device, "backingStore"));
        /* What domain_make_live() took from an empty drive. */
        if (disk_is_empty_drive(device) && node_attr_is(driver, "name", "qemu") && !node_attr(driver, "type"))
            node_set_attr(driver, "type", "raw");
    } else if (node_is(device, "interface")) {
        static const char *const generated[] = { "vnet", "macvtap", "macvlan" };
        const char *dev = node_attr(target, "dev");

        for (gsize i = 0; dev && !node_attr_is(target, "managed", "no") && i < G_N_ELEMENTS(generated); i++)
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
                strstr(node_attr(source, "path"), "/qemu/") &&
                strstr(strstr(node_attr(source, "path"), "/qemu/"), "/channel/target/"))
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

static xmlDoc *
copy_without_runtime(const xmlDoc *doc, gboolean chain_too)
{
    xmlDoc *copy = document_copy(doc);

    /* Only a running domain's chains are found by looking. */
    chain_too = chain_too && node_attr(document_root(copy), "id");
    node_set_attr(document_root(copy), "id", NULL);
    for (xmlNode *device = NULL; (device = domain_next_device(copy, device, NULL));)
        forget_runtime(device, chain_too);
    return copy;
}

xmlDoc *
domain_make_inactive(const xmlDoc *doc)
{
    return copy_without_runtime(doc, TRUE);
}

/* --- for a migration: without what a receiving side adds by itself, as old as it may be --- */

static void
forget_lone_controller(xmlNode *devices, const char *type, const char *model)
{
    xmlNode *only = NULL;

    NODE_FOREACH(controller, devices, "controller") {
        if (!node_attr_is(controller, "type", type))
            continue;
        if (only)
            return;
        only = controller;
    }
    if (only && node_attr_is(only, "index", "0") && node_attr_is(only, "model", model) && !device_alias(only))
        node_remove(only);
}

static void
forget_ps2_keyboard(xmlNode *devices)
{
    NODE_FOREACH(input, devices, "input")
        if (node_attr_is(input, "type", "keyboard") && node_attr_is(input, "bus", "ps2")) {
            node_remove(input);
            return;
        }
}

static void
forget_default_audio(xmlNode *devices)
{
    xmlNode *audio = node_child(devices, "audio");
    const char *backend = domain_default_audio(devices);

    if (backend && node_count(devices, "audio") == 1 && node_attr_is(audio, "id", "1") &&
        node_attr_is(audio, "type", backend) && !node_child(audio, NULL))
        node_remove(audio);
}

/* SPICE without any listener is written as it was before there were listeners of type "none". */
static void
forget_spice_without_listener(xmlNode *devices)
{
    NODE_FOREACH(graphics, devices, "graphics")
        if (node_attr_is(graphics, "type", "spice") && node_attr_is(node_child(graphics, "listen"), "type", "none")) {
            node_remove(node_child(graphics, "listen"));
            node_set_attr(graphics, "autoport", "no");
            schema_apply(graphics, schema_find(graphics, &schema_domain), "", FALSE, NULL, NULL);
        }
}

static void
make_migratable(xmlNode *devices)
{
    forget_lone_controller(devices, "usb", "piix3-uhci");
    forget_lone_controller(devices, "pci", "pci-root");
    forget_ps2_keyboard(devices);
    forget_default_audio(devices);
    forget_spice_without_listener(devices);
}

/* What only the machinery wants to know of a running domain. */
static void
forget_notes(xmlDoc *doc)
{
    node_set_attr(node_child(document_root(doc), "clock"), DOMAIN_CLOCK_FIRST_ADJUSTMENT, NULL);
}

static xmlDoc *
copy_for_format(const xmlDoc *doc, DomainFormatFlags flags)
{
    gboolean migratable = (flags & DOMAIN_FORMAT_MIGRATABLE) != 0;
    xmlDoc *copy;

    if (flags & DOMAIN_FORMAT_INACTIVE)
        copy = domain_make_inactive(doc);
    else
        copy = migratable ? copy_without_runtime(doc, FALSE) : document_copy(doc);
    if (copy)
        forget_notes(copy);
    if (!copy || !(flags & (DOMAIN_FORMAT_MIGRATABLE | DOMAIN_FORMAT_UPDATE_CPU)))
        return copy;
    /* For these libvirt reads its own text once more: what was added last may find another place. */
    arrange_controllers(domain_devices(copy));
    arrange_disks(domain_devices(copy));
    if (migratable)
        make_migratable(domain_devices(copy));
    return copy;
}

char *
domain_format(const xmlDoc *doc, DomainFormatFlags flags, GError **error)
{
    g_autoptr(xmlDoc) copy = NULL;

    /* The test driver has nothing that could migrate, and writes its documents as ever. */
    if (!domain_emulator(doc))
        flags &= ~(DOMAIN_FORMAT_MIGRATABLE | DOMAIN_FORMAT_UPDATE_CPU);
    copy = copy_for_format(doc, flags);
    if (!copy) {
        hv_throw_bare(error, HV_ERR_NO_MEMORY);
        return NULL;
    }
    if (!(flags & (DOMAIN_FORMAT_SECURE | DOMAIN_FORMAT_MIGRATABLE)))
        remove_secrets(document_root(copy));
    return document_format(copy);
}
