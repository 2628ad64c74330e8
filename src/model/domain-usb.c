/* USB addresses, and the hubs they need. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

#define HUB_PORTS 8     /* QEMU's usb-hub */
#define USB_MAX_LEVELS 4

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

/* By bus, and on a bus a hub before what is behind it, before the hub at the next port. */
static int
usb_node_compare(const UsbNode *a, const UsbNode *b)
{
    const char *x = a->path, *y = b->path;

    if (a->bus != b->bus)
        return a->bus < b->bus ? -1 : 1;
    while (*x && *y) {
        char *x_end, *y_end;
        guint64 x_port = g_ascii_strtoull(x, &x_end, 10), y_port = g_ascii_strtoull(y, &y_end, 10);

        if (x_port != y_port)
            return x_port < y_port ? -1 : 1;
        x = *x_end == '.' ? x_end + 1 : "";
        y = *y_end == '.' ? y_end + 1 : "";
    }
    return *x ? 1 : *y ? -1 : 0;
}

static UsbNode *
usb_node_add(GPtrArray *nodes, guint bus, const char *path, guint ports)
{
    UsbNode *node = g_new0(UsbNode, 1);
    guint place = 0;

    node->bus = bus;
    node->path = g_strdup(path);
    node->ports = MIN(ports, G_N_ELEMENTS(node->used) - 1);
    while (place < nodes->len && usb_node_compare(g_ptr_array_index(nodes, place), node) < 0)
        place++;
    g_ptr_array_insert(nodes, (gint)place, node);
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
    { "input", is_usb_bus },
    { "serial", is_usb_serial },
    { "sound", is_usb_sound },
    { "redirdev", is_usb_bus },
};

/* As many hubs in a row as USB allows. */
static gboolean
usb_port_is_valid(const char *port)
{
    g_auto(GStrv) parts = g_strsplit(port, ".", -1);
    guint64 number;

    if (g_strv_length(parts) > USB_MAX_LEVELS)
        return FALSE;
    for (char **part = parts; *part; part++)
        if (!uint_parse(*part, 0, G_MAXUINT, &number))
            return FALSE;
    return *port != '\0';
}

static gboolean
reserve_given(GPtrArray *nodes, xmlNode *device, GError **error)
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
    if (!usb_port_is_valid(port))
        return node_throw(device, error, HV_ERR_INTERNAL_ERROR, "Cannot parse <address> 'port' attribute");
    if (!node_attr(address, "bus"))
        node_set_attr(node_child(device, "address"), "bus", "0");
    dot = strrchr(port, '.');
    parent = dot ? g_strndup(port, dot - port) : g_strdup("");
    node = usb_node_find(nodes, bus, parent);
    if (!node && dot)
        return node_throw(device, error, HV_ERR_XML_ERROR, "there is no hub at port %s in USB address bus: %u port: %s", parent,
                          bus,
                          port);
    if (!node)
        return node_throw(device, error, HV_ERR_XML_ERROR, "Missing USB bus %u", bus);
    if (!uint_parse(dot ? dot + 1 : port, 1, node->ports, &number))
        return node_throw(device, error, HV_ERR_XML_ERROR, "requested USB port %s not present on USB bus %u", port, bus);
    if (node->used[number])
        return node_throw(device, error, HV_ERR_XML_ERROR, "Duplicate USB address bus %u port %s", bus, port);
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
    if (wanted && !usb_node_find(nodes, (guint)node_attr_uint(node_child(device, "address"), "bus", 0), ""))
        return node_throw(device, error, HV_ERR_XML_ERROR, "USB bus %s requested but no controller with that index is present",
                          wanted);
    return node_throw(device, error, HV_ERR_INTERNAL_ERROR, "No free USB ports");
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
    /* One more than would do where that is a hub's last port: libvirt counts so. */
    if (have == 0 || need <= have)
        return;
    for (gint64 hubs = (need - have + HUB_PORTS - 1) / (HUB_PORTS - 1); hubs > 0; hubs--)
        node_set_attr(domain_add_child(n->devices, "hub"), "type", "usb");
}

gboolean
normalise_usb(Normalise *n, GError **error)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new_with_free_func(usb_node_free);

    NODE_FOREACH(controller, n->devices, "controller") {
        guint index = (guint)node_attr_uint(controller, "index", 0);

        if (!node_attr_is(controller, "type", "usb") || controller_ports(controller) == 0)
            continue;
        if (usb_node_find(nodes, index, ""))
            return node_throw(controller, error, HV_ERR_XML_ERROR, "Duplicate USB controllers with index %u", index);
        usb_node_add(nodes, index, "", controller_ports(controller));
    }
    add_hubs(n, nodes);
    for (gsize i = 0; i < G_N_ELEMENTS(usb_order); i++)
        NODE_FOREACH(device, n->devices, usb_order[i].kind)
            if (usb_order[i].is(device) && node_attr_is(node_child(device, "address"), "type", "usb") &&
                !reserve_given(nodes, device, error))
                return node_blame(device, error);
    for (gsize i = 0; i < G_N_ELEMENTS(usb_order); i++)
        NODE_FOREACH(device, n->devices, usb_order[i].kind) {
            const xmlNode *address = node_child(device, "address");

            if (usb_order[i].is(device) && node_is(device, "disk") && address && !node_attr_is(address, "type", "usb"))
                return node_throw(device, error, HV_ERR_INTERNAL_ERROR, "unexpected address type for usb disk");
            if (!usb_order[i].is(device) || (address && (!node_attr_is(address, "type", "usb") || node_attr(address, "port"))))
                continue;
            /* These have words of their own when the bus is switched off. */
            if (nodes->len == 0 && node_attr_is(controller_find(n, "usb", 0), "model", "none") &&
                (node_is(device, "input") || node_is(device, "hub")))
                continue;
            if (nodes->len == 0)
                return node_throw(device, error, HV_ERR_CONFIG_UNSUPPORTED,
                                  node_is(device, "hostdev")
                                  ? "Can't add host USB device: USB is disabled in this host"
                                  : "USB is disabled for this domain, but USB devices are present in the domain XML");
            if (!assign_next(nodes, device, error))
                return node_blame(device, error);
        }
    return TRUE;
}
