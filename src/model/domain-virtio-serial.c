/* Ports of virtio-serial controllers. */
#include "model/normalise.h"

#include "util/error.h"

/* Ports of a controller that does not say otherwise (libvirt's default). */
#define VIRTIO_SERIAL_PORTS 31

/* Which ports of one controller are in use. */
typedef struct {
    guint controller;
    guint ports;
    gboolean *used;
} SerialBus;

static void
serial_bus_free(gpointer data)
{
    SerialBus *bus = data;

    g_free(bus->used);
    g_free(bus);
}

static SerialBus *
serial_bus_find(GPtrArray *buses, guint controller)
{
    for (guint i = 0; i < buses->len; i++) {
        SerialBus *bus = g_ptr_array_index(buses, i);

        if (bus->controller == controller)
            return bus;
    }
    return NULL;
}

/* Controllers are filled in the order of their indexes. */
static void
add_bus(GPtrArray *buses, guint controller, guint ports)
{
    SerialBus *bus = g_new0(SerialBus, 1);
    guint place = 0;

    bus->controller = controller;
    bus->ports = CLAMP(ports, 1, 511);      /* QEMU's own limit */
    bus->used = g_new0(gboolean, bus->ports);
    while (place < buses->len && ((SerialBus *)g_ptr_array_index(buses, place))->controller < controller)
        place++;
    g_ptr_array_insert(buses, place, bus);
}

static gboolean
reserve_port(GPtrArray *buses, xmlNode *address, GError **error)
{
    guint controller = node_attr_uint(address, "controller", 0), port = node_attr_uint(address, "port", 0);
    SerialBus *bus = serial_bus_find(buses, controller);

    if (!bus)
        return node_throw(address, error, HV_ERR_XML_ERROR, "virtio serial controller %u is missing", controller);
    if (port >= bus->ports)
        return node_throw(address, error, HV_ERR_XML_ERROR, "virtio serial controller %u does not have port %u", controller, port);
    if (bus->used[port])
        return node_throw(address, error, HV_ERR_XML_ERROR, "virtio serial port %u on controller %u is already occupied", port,
                          controller);
    bus->used[port] = TRUE;
    return TRUE;
}

/* The next free port, on the controller that the channel names where it names one. */
static gboolean
next_port(Normalise *n, GPtrArray *buses, xmlNode *channel, GError **error)
{
    xmlNode *old = node_child(channel, "address");
    gboolean named = node_attr_is(old, "type", "virtio-serial");

    for (guint i = 0; i < buses->len; i++) {
        SerialBus *bus = g_ptr_array_index(buses, i);

        if (named && bus->controller != node_attr_uint(old, "controller", 0))
            continue;
        /* Port 0 is for consoles. */
        for (guint port = 1; port < bus->ports; port++) {
            xmlNode *address;

            if (bus->used[port])
                continue;
            bus->used[port] = TRUE;
            node_remove(old);
            address = device_set_address(channel, "virtio-serial");
            node_set_attrf(address, "controller", "%u", bus->controller);
            node_set_attr(address, "bus", "0");
            node_set_attrf(address, "port", "%u", port);
            return TRUE;
        }
    }
    if (named)
        return node_throw(channel, error, HV_ERR_XML_ERROR, "Unable to find a free virtio-serial port");
    /* All ports are taken: one more controller. */
    {
        guint index = 0;

        while (serial_bus_find(buses, index))
            index++;
        if (index > 255)
            return node_throw(channel, error, HV_ERR_XML_ERROR, "Unable to find a free virtio-serial port");
        controller_add(n, "virtio-serial", index, NULL);
        add_bus(buses, index, VIRTIO_SERIAL_PORTS);
    }
    return next_port(n, buses, channel, error);
}

gboolean
normalise_virtio_serial(Normalise *n, GError **error)
{
    g_autoptr(GPtrArray) buses = g_ptr_array_new_with_free_func(serial_bus_free);

    NODE_FOREACH(controller, n->devices, "controller")
        if (node_attr_is(controller, "type", "virtio-serial"))
            add_bus(buses, node_attr_uint(controller, "index", 0), node_attr_uint(controller, "ports", VIRTIO_SERIAL_PORTS));
    NODE_FOREACH(channel, n->devices, NULL) {
        xmlNode *address = node_child(channel, "address");

        if ((!node_is(channel, "channel") && !node_is(channel, "console")) || !node_attr_is(address, "type", "virtio-serial"))
            continue;
        if (!node_attr_is(address, "port", "0") && !reserve_port(buses, address, error))
            return node_blame(channel, error);
    }
    NODE_FOREACH(channel, n->devices, "channel") {
        xmlNode *address = node_child(channel, "address");
        gboolean wants = !node_attr_is(address, "type", "virtio-serial") || node_attr_is(address, "port", "0");

        if (g_strcmp0(node_child_attr(channel, "target", "type"), "virtio") == 0 && wants &&
            !next_port(n, buses, channel, error))
            return node_blame(channel, error);
    }
    return TRUE;
}
