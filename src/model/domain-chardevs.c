/* Serial and parallel ports, consoles, channels, and what other devices have of character devices. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* Ports of a virtio-serial controller that does not say otherwise (libvirt's default). */
#define VIRTIO_SERIAL_PORTS 31

static gboolean
is_type(const xmlNode *chardev, const char *type)
{
    return node_attr_is(chardev, "type", type);
}

/* Checks and completes source and protocol of @chardev, whose type stands in its attribute. */
gboolean
normalise_chardev_source(xmlNode *chardev, gboolean live, GError **error)
{
    const char *type = node_attr(chardev, "type");
    xmlNode *source = node_child(chardev, "source");
    gboolean file = strcmp(type, "file") == 0, tcp = strcmp(type, "tcp") == 0, udp = strcmp(type, "udp") == 0;

    if (!live && strcmp(type, "pty") == 0) {
        node_remove(source);
        node_set_attr(chardev, "tty", NULL);
        source = NULL;
    }
    if ((file || strcmp(type, "dev") == 0 || strcmp(type, "pipe") == 0) && !node_attr(source, "path"))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Missing source path attribute for char device");
    if (strcmp(type, "unix") == 0 && !node_is(chardev, "channel") && !node_attr(source, "path"))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Missing source path attribute for char device");
    if ((tcp || strcmp(type, "unix") == 0) && node_child(source, "reconnect") && node_attr_is(source, "mode", "bind"))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "chardev reconnect is possible only for connect mode");
    if ((strcmp(type, "unix") == 0) && source && node_attr(source, "path") && !node_attr(source, "mode"))
        node_set_attr(source, "mode", "connect");
    if (tcp || udp)
        NODE_FOREACH(end, chardev, "source")
            if (!node_attr(end, "mode"))
                node_set_attr(end, "mode", "connect");
    if (tcp) {
        xmlNode *protocol = domain_ensure_child(chardev, "protocol");

        if (node_attr_is(source, "mode", "connect") && !node_attr(source, "host"))
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Missing source host attribute for char device");
        if (!node_attr(source, "service"))
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Missing source service attribute for char device");
        if (!node_attr(protocol, "type"))
            node_set_attr(protocol, "type", "raw");
    }
    if (udp) {
        gboolean connects = FALSE;

        NODE_FOREACH(end, chardev, "source")
            connects |= node_attr_is(end, "mode", "connect") && node_attr(end, "service");
        if (!connects)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Missing source service attribute for char device");
    }
    if (strcmp(type, "spiceport") == 0 && !node_attr(source, "channel"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing source channel attribute for char device");
    if (strcmp(type, "nmdm") == 0 && (!node_attr(source, "master") || !node_attr(source, "slave")))
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing %s path attribute for nmdm device",
                        node_attr(source, "master") ? "slave" : "master");
    return TRUE;
}

/* Ports that are not written are numbered from the highest one on. */
static void
assign_ports(Normalise *n, const char *kind)
{
    gint64 highest = -1;

    NODE_FOREACH(chardev, n->devices, kind) {
        const xmlNode *target = node_child(chardev, "target");

        if (node_attr(target, "port"))
            highest = MAX(highest, (gint64)node_attr_uint(target, "port", 0));
    }
    NODE_FOREACH(chardev, n->devices, kind) {
        xmlNode *target = domain_ensure_child(chardev, "target");

        if (!node_attr(target, "port"))
            node_set_attrf(target, "port", "%" G_GINT64_FORMAT, ++highest);
    }
}

/* Kinds of serial ports: the type of the target and the models that belong to it. */
static const struct {
    const char *target;
    const char *models[4];      /* the first is the default */
} serial_targets[] = {
    { "isa-serial", { "isa-serial" } },
    { "isa-debug", { "isa-debugcon" } },
    { "usb-serial", { "usb-serial" } },
    { "pci-serial", { "pci-serial" } },
    { "spapr-vio-serial", { "spapr-vty" } },
    { "system-serial", { "pl011", "16550a" } },
    { "sclp-serial", { "sclpconsole", "sclplmconsole" } },
};

static gboolean
serial_model_known(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(serial_targets); i++)
        if (g_strv_contains(serial_targets[i].models, name))
            return TRUE;
    return FALSE;
}

static gboolean
unknown_target(const char *type, GError **error)
{
    return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown target type '%s' specified for character device", type);
}

static gboolean
normalise_serial_target(Normalise *n, xmlNode *serial, GError **error)
{
    xmlNode *target = domain_ensure_child(serial, "target"), *model;
    const char *type = node_attr(target, "type"), *address = node_child_attr(serial, "address", "type");

    if (!type) {
        if (g_strcmp0(address, "usb") == 0)
            type = "usb-serial";
        else if (g_strcmp0(address, "pci") == 0)
            type = "pci-serial";
        else if (n->is_x86)
            type = "isa-serial";
        else if (n->is_virt)
            type = "system-serial";
        else if (g_str_has_prefix(n->arch, "s390"))
            type = "sclp-serial";
        else if (g_str_has_prefix(n->arch, "ppc64"))
            type = "spapr-vio-serial";
        else
            return TRUE;
        node_set_attr(target, "type", type);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(serial_targets); i++) {
        if (strcmp(type, serial_targets[i].target) != 0)
            continue;
        model = domain_ensure_child(target, "model");
        if (!node_attr(model, "name")) {
            gboolean riscv = g_str_has_prefix(n->arch, "riscv") && strcmp(type, "system-serial") == 0;

            node_set_attr(model, "name", serial_targets[i].models[riscv ? 1 : 0]);
        }
        if (!g_strv_contains(serial_targets[i].models, node_attr(model, "name")))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            serial_model_known(node_attr(model, "name"))
                            ? "Target model '%s' not compatible with target type '%s'"
                            : "unknown target model '%s' specified for character device", node_attr(model, "name"), type);
        return TRUE;
    }
    return unknown_target(type, error);
}

static const char *const channel_targets[] = { "none", "guestfwd", "virtio", "xen", NULL };

static gboolean
normalise_channel(xmlNode *channel, GError **error)
{
    xmlNode *target = node_child(channel, "target");
    const char *type = node_attr(target, "type");

    if (!type)
        return hv_throw(error, HV_ERR_XML_ERROR, "target type must be specified for channel device");
    if (!g_strv_contains(channel_targets, type))
        return unknown_target(type, error);
    if (strcmp(type, "virtio") == 0 && !node_attr(target, "name") && is_type(channel, "spicevmc"))
        node_set_attr(target, "name", "com.redhat.spice.0");
    if (strcmp(type, "guestfwd") == 0) {
        guint64 port;

        if (!node_attr(target, "address"))
            return hv_throw(error, HV_ERR_XML_ERROR, "guestfwd channel does not define a target address");
        if (!node_attr(target, "port"))
            return hv_throw(error, HV_ERR_XML_ERROR, "guestfwd channel does not define a target port");
        if (!uint_parse(node_attr(target, "port"), 0, 65535, &port))
            return hv_throw(error, HV_ERR_XML_ERROR, "Invalid port number: %s", node_attr(target, "port"));
    }
    return TRUE;
}

/* libvirt's own sockets for channels have no place in a definition. */
static void
forget_generated_path(xmlNode *channel)
{
    xmlNode *source = node_child(channel, "source");
    const char *path = node_attr(source, "path");

    if (is_type(channel, "unix") && source && (!path || strstr(path, "/channel/target/")))
        node_remove(source);
}

gboolean
normalise_chardevs(Normalise *n, GError **error)
{
    static const char *const kinds[] = { "serial", "parallel", "console", "channel" };
    static const char *const console_targets[] = { "serial", "xen", "uml", "virtio", "lxc", "openvz", "sclp", "sclplm", NULL };
    gboolean live = (n->flags & DOMAIN_PARSE_LIVE) != 0;
    guint port = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        NODE_FOREACH(chardev, n->devices, kinds[i]) {
            if (!normalise_chardev_source(chardev, live, error))
                return FALSE;
            if (i == 3 && !live)
                forget_generated_path(chardev);
            if (i == 3 && !normalise_channel(chardev, error))
                return FALSE;
            if (i == 3 && !live)
                node_set_attr(node_child(chardev, "target"), "state", NULL);
        }

    NODE_FOREACH(serial, n->devices, "serial")
        if (!n->is_test && !normalise_serial_target(n, serial, error))
            return FALSE;
    assign_ports(n, "serial");
    assign_ports(n, "parallel");
    NODE_FOREACH(parallel, n->devices, "parallel")
        node_set_attr(node_child(parallel, "target"), "type", NULL);
    NODE_FOREACH(console, n->devices, "console") {
        xmlNode *target = domain_ensure_child(console, "target");

        if (!node_attr(target, "type"))
            node_set_attr(target, "type", "serial");
        if (!g_strv_contains(console_targets, node_attr(target, "type")))
            return unknown_target(node_attr(target, "type"), error);
        if (port > 0 && node_attr_is(target, "type", "serial") && !n->is_test &&
            strcmp(node_child_text(n->os, "type"), "hvm") == 0)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Only the first console can be a serial port");
        node_remove_children(target, "model");
        node_set_attrf(target, "port", "%u", port++);
    }
    return TRUE;
}

static gboolean
is_serial_console(const xmlNode *console)
{
    return console && g_strcmp0(node_child_attr(console, "target", "type"), "serial") == 0;
}

/* Makes @console say what @serial is. */
static void
mirror_serial(xmlNode *console, const xmlNode *serial)
{
    xmlNode *target;

    node_remove_children(console, NULL);
    node_set_attr(console, "type", node_attr(serial, "type"));
    NODE_FOREACH(child, serial, NULL)
        node_append_copy(console, child);
    target = domain_ensure_child(console, "target");
    node_remove_children(target, NULL);
    node_set_attr(target, "type", "serial");
}

/* On a full machine the first console is the first serial port seen from the other side: each
 * implies the other, and the serial port has the say. */
void
normalise_console(Normalise *n)
{
    xmlNode *console = node_child(n->devices, "console"), *serial = node_child(n->devices, "serial");
    const char *type = node_child_text(n->os, "type");
    g_autoptr(GError) ignored = NULL;

    if (strcmp(type, "hvm") != 0)
        return;
    if (is_serial_console(console) && !serial) {
        xmlNode *target;

        serial = domain_add_child(n->devices, "serial");
        node_set_attr(serial, "type", node_attr(console, "type"));
        NODE_FOREACH(child, console, NULL)
            node_append_copy(serial, child);
        target = domain_ensure_child(serial, "target");
        node_set_attr(target, "type", NULL);
        if (!n->is_test)
            normalise_serial_target(n, serial, &ignored);
    } else if (!console && serial) {
        const char *target = node_child_attr(serial, "target", "type");

        if (target && (strcmp(target, "usb-serial") == 0 || strcmp(target, "pci-serial") == 0 || strcmp(target, "isa-debug") == 0))
            return;
        console = domain_add_child(n->devices, "console");
    } else if (!is_serial_console(console)) {
        return;
    }
    mirror_serial(console, serial);
    for (console = node_next(console, "console"), serial = node_next(serial, "serial"); console && serial;
         console = node_next(console, "console"), serial = node_next(serial, "serial"))
        if (is_serial_console(console))
            mirror_serial(console, serial);
}

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

static void
add_bus(GPtrArray *buses, guint controller, guint ports)
{
    SerialBus *bus = g_new0(SerialBus, 1);

    bus->controller = controller;
    bus->ports = CLAMP(ports, 1, 511);      /* QEMU's own limit */
    bus->used = g_new0(gboolean, bus->ports);
    g_ptr_array_add(buses, bus);
}

static gboolean
reserve_port(GPtrArray *buses, xmlNode *address, GError **error)
{
    guint controller = node_attr_uint(address, "controller", 0), port = node_attr_uint(address, "port", 0);
    SerialBus *bus = serial_bus_find(buses, controller);

    if (!bus)
        return hv_throw(error, HV_ERR_XML_ERROR, "virtio serial controller %u is missing", controller);
    if (port >= bus->ports)
        return hv_throw(error, HV_ERR_XML_ERROR, "virtio serial controller %u does not have port %u", controller, port);
    if (bus->used[port])
        return hv_throw(error, HV_ERR_XML_ERROR, "virtio serial port %u on controller %u is already occupied", port, controller);
    bus->used[port] = TRUE;
    return TRUE;
}

static gboolean
next_port(Normalise *n, GPtrArray *buses, xmlNode *channel, GError **error)
{
    for (guint i = 0; i < buses->len; i++) {
        SerialBus *bus = g_ptr_array_index(buses, i);

        /* Port 0 is for consoles. */
        for (guint port = 1; port < bus->ports; port++) {
            xmlNode *address;

            if (bus->used[port])
                continue;
            bus->used[port] = TRUE;
            address = device_set_address(channel, "virtio-serial");
            node_set_attrf(address, "controller", "%u", bus->controller);
            node_set_attr(address, "bus", "0");
            node_set_attrf(address, "port", "%u", port);
            return TRUE;
        }
    }
    /* All ports are taken: one more controller. */
    {
        guint index = 0;

        while (serial_bus_find(buses, index))
            index++;
        if (index > 255)
            return hv_throw(error, HV_ERR_XML_ERROR, "Unable to find a free virtio-serial port");
        controller_add(n, "virtio-serial", index, NULL);
        add_bus(buses, index, VIRTIO_SERIAL_PORTS);
    }
    return next_port(n, buses, channel, error);
}

gboolean
normalise_virtio_serial(Normalise *n, GError **error)
{
    g_autoptr(GPtrArray) buses = g_ptr_array_new_with_free_func(serial_bus_free);
    guint highest = 0;

    NODE_FOREACH(controller, n->devices, "controller")
        if (node_attr_is(controller, "type", "virtio-serial")) {
            guint index = node_attr_uint(controller, "index", 0);

            add_bus(buses, index, node_attr_uint(controller, "ports", VIRTIO_SERIAL_PORTS));
            highest = MAX(highest, index);
        }
    NODE_FOREACH(channel, n->devices, NULL) {
        xmlNode *address = node_child(channel, "address");

        if ((!node_is(channel, "channel") && !node_is(channel, "console")) || !node_attr_is(address, "type", "virtio-serial"))
            continue;
        if (!node_attr(address, "controller"))
            node_set_attr(address, "controller", "0");
        if (!node_attr(address, "bus"))
            node_set_attr(address, "bus", "0");
        if (node_attr(address, "port") && !node_attr_is(address, "port", "0") && !reserve_port(buses, address, error))
            return FALSE;
    }
    NODE_FOREACH(channel, n->devices, "channel") {
        xmlNode *address = node_child(channel, "address");
        gboolean wants = !address || (node_attr_is(address, "type", "virtio-serial") &&
                                      (!node_attr(address, "port") || node_attr_is(address, "port", "0")));

        if (g_strcmp0(node_child_attr(channel, "target", "type"), "virtio") == 0 && wants &&
            !next_port(n, buses, channel, error))
            return FALSE;
    }
    return TRUE;
}
