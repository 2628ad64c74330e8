/* Input devices and USB hubs. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"

static const char *
default_bus(const Normalise *n, const char *type)
{
    if (strcmp(type, "passthrough") == 0)
        return "virtio";
    if (strcmp(type, "evdev") == 0)
        return NULL;
    return n->is_x86 && strcmp(type, "tablet") != 0 ? "ps2" : "usb";
}

static gboolean
normalise_bus(const Normalise *n, xmlNode *input, GError **error)
{
    const char *type = node_attr(input, "type"), *bus = node_attr(input, "bus");
    gboolean has_ps2 = strcmp(type, "mouse") == 0 || strcmp(type, "keyboard") == 0;

    if (!bus) {
        node_set_attr(input, "bus", default_bus(n, type));
        return TRUE;
    }
    if (strcmp(bus, "ps2") == 0 && !has_ps2)
        return node_throw(input, error, HV_ERR_INTERNAL_ERROR, "ps2 bus does not support %s input device", type);
    if (strcmp(bus, "xen") == 0 && !n->is_test)
        return node_throw(input, error, HV_ERR_INTERNAL_ERROR, "unsupported input bus %s", bus);
    if (strcmp(bus, "none") == 0)
        node_set_attr(input, "bus", default_bus(n, type));
    return TRUE;
}

gboolean
normalise_inputs(Normalise *n, GError **error)
{
    NODE_FOREACH(input, n->devices, "input") {
        const xmlNode *source, *address = node_child(input, "address");

        if (!normalise_bus(n, input, error))
            return node_blame(input, error);
        if (node_attr_is(input, "bus", "usb") && address && !node_attr_is(address, "type", "usb"))
            return node_throw(input, error, HV_ERR_XML_ERROR, "Invalid address for a USB device");
        source = node_child(input, "source");
        if (source && !node_attr(source, "dev") && !node_attr(source, "evdev"))
            return hv_throw(error, HV_ERR_XML_ERROR, "Missing evdev path for input device") ||
                   node_expect(input, error, "<source dev='…'>");
    }
    return TRUE;
}

static void
add_input(Normalise *n, const char *type)
{
    xmlNode *input;

    NODE_FOREACH(other, n->devices, "input")
        if (node_attr_is(other, "type", type) && node_attr_is(other, "bus", "ps2"))
            return;
    input = domain_add_child(n->devices, "input");
    node_set_attr(input, "type", type);
    node_set_attr(input, "bus", "ps2");
}

/* A PC has its keyboard controller always. */
void
normalise_implicit_inputs(Normalise *n)
{
    if (!n->is_x86)
        return;
    add_input(n, "mouse");
    add_input(n, "keyboard");
}

/* --- checks ---------------------------------------------------------------------------------------------- */

static gboolean
check_input(const Normalise *n, const xmlNode *input, GError **error)
{
    const char *type = node_attr(input, "type"), *bus = node_attr(input, "bus"), *model = node_attr(input, "model");
    gboolean virtio = g_strcmp0(bus, "virtio") == 0;

    if (strcmp(type, "passthrough") == 0 && !virtio)
        return node_throw(input, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "only bus 'virtio' is supported for 'passthrough' input devices");
    if (strcmp(type, "evdev") == 0 && bus)
        return node_throw(input, error, HV_ERR_CONFIG_UNSUPPORTED, "input evdev doesn't support bus element");
    if (model && !virtio)
        return node_throw(input, error, HV_ERR_CONFIG_UNSUPPORTED, "only bus 'virtio' is supported for input model '%s'", model);
    if (g_strcmp0(bus, "ps2") == 0 && !n->is_x86)
        return node_throw(input, error, HV_ERR_CONFIG_UNSUPPORTED, "ps2 is not supported by this QEMU binary");
    if (g_strcmp0(bus, "usb") == 0 && node_attr_is(controller_find(n, "usb", 0), "model", "none"))
        return node_throw(input, error, HV_ERR_CONFIG_UNSUPPORTED, "Can't add USB input device. USB bus is disabled");
    /* libvirt asks for devices by names that QEMU does not give to this kind. */
    if (model && strcmp(model, "virtio") != 0)
        return node_throw(input, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "virtio (non-)transitional models are not supported for input type=%s", type);
    return TRUE;
}

gboolean
check_inputs(const Normalise *n, GError **error)
{
    NODE_FOREACH(input, n->devices, "input")
        if (!check_input(n, input, error))
            return node_blame(input, error);
    if (node_child(n->devices, "hub") && node_attr_is(controller_find(n, "usb", 0), "model", "none"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Can't add USB hub: USB is disabled for this domain");
    return TRUE;
}
