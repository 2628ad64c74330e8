/* USB addresses, and the hubs they need. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

#define HUB_PORTS 8     /* QEMU's usb-hub */

/* Ports of controllers, as in QEMU. */
static const struct {
    const char *model;
    guint ports;
} usb_models[] = {
    { "piix3-uhci", 2 }, { "piix4-uhci", 2 }, { "ehci", 6 }, { "ich9-ehci1", 6 }, { "vt82c686b-uhci", 2 },
    { "pci-ohci", 3 }, { "nec-xhci", 4 }, { "qemu-xhci", 4 }, { "qusb1", 8 }, { "qusb2", 8 },
};

/* A controller or a hub: ports by number, with the hub behind each. @path is that of the hub ("1.2"). */
typedef struct {
    guint bus;
    char *path;
    guint ports;
    guint8 used[32];
} UsbNode;

static void
usb_node_free(gpointer data)
{
    UsbNode *node = data;

    g_free(node->path);
    g_free(node);
}

static UsbNode *
usb_node_add(GPtrArray *nodes, guint bus, const char *path, guint ports)
{
    UsbNode *node = g_new0(UsbNode, 1);

    node->bus = bus;
    node->path = g_strdup(path);
    node->ports = MIN(ports, G_N_ELEMENTS(node->used) - 1);
    g_ptr_array_add(nodes, node);
    return node;
}

static UsbNode *
usb_node_find(GPtrArray *nodes, guint bus, const char *path)
{
    for (guint i = 0; i < nodes->len; i++) {
        UsbNode *node = g_ptr_array_index(nodes, i);

        if (node->bus == bus && strcmp(node->path, path) == 0)
            return node;
    }
    return NULL;
}

static gboolean
needs_hub(const xmlNode *d)
{
    return TRUE;
}

static gboolean
is_usb_hostdev(const xmlNode *d)
{
    return node_attr_is(d, "type", "usb");
}

static gboolean
is_usb_disk(const xmlNode *d)
{
    return g_strcmp0(node_child_attr(d, "target", "bus"), "usb") == 0;
}

static gboolean
is_ccid(const xmlNode *d)
{
    return node_attr_is(d, "type", "ccid");
}

static gboolean
is_usb_bus(const xmlNode *d)
{
    return node_attr_is(d, "bus", "usb");
}

static gboolean
is_usb_serial(const xmlNode *d)
{
    return g_strcmp0(node_child_attr(d, "target", "type"), "usb-serial") == 0;
}

static gboolean
is_usb_sound(const xmlNode *d)
{
    return node_attr_is(d, "model", "usb");
}

/* In the order in which they get addresses. */
static const struct {
    const char *kind;
    gboolean (*is)(const xmlNode *device);
} usb_order[] = {
    { "hub", needs_hub },
    { "hostdev", is_usb_hostdev },
    { "disk", is_usb_disk },
    { "controller", is_ccid },
    { "sound", is_usb_sound },
    { "input", is_usb_bus },
    { "serial", is_usb_serial },
    { "redirdev", is_usb_bus },
};

static gboolean
reserve_given(GPtrArray *nodes, const xmlNode *device, GError **error)
{
    const xmlNode *address = node_child(device, "address");
    const char *port = node_attr(address, "port");
    guint bus = node_attr_uint(address, "bus", 0);
    g_autofree char *parent = NULL;
    const char *dot;
    UsbNode *node;
    guint64 number;

    if (!port)
        return TRUE;
    dot = strrchr(port, '.');
    parent = dot ? g_strndup(port, dot - port) : g_strdup("");
    node = usb_node_find(nodes, bus, parent);
    if (!node && dot)
        return hv_throw(error, HV_ERR_XML_ERROR, "there is no hub at port %s in USB address bus: %u port: %s", parent, bus,
                        port);
    if (!node)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing USB bus %u", bus);
    if (!uint_parse(dot ? dot + 1 : port, 1, node->ports, &number))
        return hv_throw(error, HV_ERR_XML_ERROR, "requested USB port %s not present on USB bus %u", port, bus);
    if (node->used[number])
        return hv_throw(error, HV_ERR_XML_ERROR, "Duplicate USB address bus %u port %s", bus, port);
    node->used[number] = TRUE;
    if (node_is(device, "hub"))
        usb_node_add(nodes, bus, port, HUB_PORTS);
    return TRUE;
}

static gboolean
assign_next(GPtrArray *nodes, xmlNode *device, GError **error)
{
    const char *wanted = node_child_attr(device, "address", "bus");

    for (guint i = 0; i < nodes->len; i++) {
        UsbNode *node = g_ptr_array_index(nodes, i);

        if (wanted && node->bus != node_attr_uint(node_child(device, "address"), "bus", 0))
            continue;
        for (guint port = 1; port <= node->ports; port++) {
            g_autofree char *path = NULL;
            xmlNode *address;

            if (node->used[port])
                continue;
            node->used[port] = TRUE;
            path = *node->path ? g_strdup_printf("%s.%u", node->path, port) : g_strdup_printf("%u", port);
            address = device_set_address(device, "usb");
            node_set_attrf(address, "bus", "%u", node->bus);
            node_set_attr(address, "port", path);
            if (node_is(device, "hub"))
                usb_node_add(nodes, node->bus, path, HUB_PORTS);
            return TRUE;
        }
    }
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "No free USB ports");
}

static guint
controller_ports(const xmlNode *controller)
{
    const char *model = node_attr(controller, "model");

    for (gsize i = 0; model && i < G_N_ELEMENTS(usb_models); i++)
        if (strcmp(model, usb_models[i].model) == 0)
            return node_attr_uint(controller, "ports", usb_models[i].ports);
    return 0;
}

/* One hub takes one port and gives eight. */
static void
add_hubs(Normalise *n, GPtrArray *nodes)
{
    gint64 have = 0, need = 0;

    for (guint i = 0; i < nodes->len; i++)
        have += ((UsbNode *)g_ptr_array_index(nodes, i))->ports;
    have += (HUB_PORTS - 1) * (gint64)node_count(n->devices, "hub");
    for (gsize i = 1; i < G_N_ELEMENTS(usb_order); i++)
        NODE_FOREACH(device, n->devices, usb_order[i].kind)
            need += usb_order[i].is(device);
    for (; have > 0 && have < need; have += HUB_PORTS - 1)
        node_set_attr(domain_add_child(n->devices, "hub"), "type", "usb");
}

gboolean
normalise_usb(Normalise *n, GError **error)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new_with_free_func(usb_node_free);

    NODE_FOREACH(controller, n->devices, "controller")
        if (node_attr_is(controller, "type", "usb") && controller_ports(controller) > 0)
            usb_node_add(nodes, node_attr_uint(controller, "index", 0), "", controller_ports(controller));
    add_hubs(n, nodes);
    for (gsize i = 0; i < G_N_ELEMENTS(usb_order); i++)
        NODE_FOREACH(device, n->devices, usb_order[i].kind)
            if (usb_order[i].is(device) && node_attr_is(node_child(device, "address"), "type", "usb") &&
                !reserve_given(nodes, device, error))
                return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(usb_order); i++)
        NODE_FOREACH(device, n->devices, usb_order[i].kind) {
            const xmlNode *address = node_child(device, "address");

            if (!usb_order[i].is(device) || (address && (!node_attr_is(address, "type", "usb") || node_attr(address, "port"))))
                continue;
            if (nodes->len == 0)
                return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                                "USB is disabled for this domain, but USB devices are present in the domain XML");
            if (!assign_next(nodes, device, error))
                return FALSE;
        }
    return TRUE;
}
