/* Serial and parallel ports, consoles, channels, and what other devices have of character devices. Targets of serial
 * ports are in domain-serials.c, ports of virtio-serial controllers in domain-virtio-serial.c. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

static gboolean
is_type(const xmlNode *chardev, const char *type)
{
    return node_attr_is(chardev, "type", type);
}

static gboolean
missing(GError **error, const char *attribute)
{
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Missing source %s attribute for char device", attribute);
}

/* --- where the bytes come from ---------------------------------------------------------------------- */

/* libvirt makes these paths itself for channels that name none; they have no place in a definition. */
static gboolean
is_generated_path(const xmlNode *channel, const char *path)
{
    const char *name = node_child_attr(channel, "target", "name");

    /* libvirt's folder is qemu/channel/target/, hvsh's is qemu/NAME/channel/target/. */
    const char *folder = path ? strstr(path, "/qemu/") : NULL;

    return folder && strstr(folder, "/channel/target/") && (!name || g_str_has_suffix(path, name));
}

static gboolean
normalise_unix(xmlNode *chardev, xmlNode *source, gboolean live, GError **error)
{
    const char *target = node_child_attr(chardev, "target", "type"), *path = node_attr(source, "path");
    gboolean named = node_is(chardev, "channel") && (g_strcmp0(target, "virtio") == 0 || g_strcmp0(target, "xen") == 0);

    if (named && !live && (!path || is_generated_path(chardev, path))) {
        node_remove(source);
        return TRUE;
    }
    if (!path)
        return named || missing(error, "path");
    if (!node_attr(source, "mode"))
        node_set_attr(source, "mode", "connect");
    return TRUE;
}

static gboolean
normalise_tcp(xmlNode *chardev, xmlNode *source, GError **error)
{
    xmlNode *protocol = domain_ensure_child(chardev, "protocol");

    if (!node_attr(source, "host"))
        return missing(error, "host");
    if (!node_attr(source, "service"))
        return missing(error, "service");
    if (!node_attr(source, "mode"))
        node_set_attr(source, "mode", "connect");
    if (!node_attr(protocol, "type"))
        node_set_attr(protocol, "type", "raw");
    return TRUE;
}

/* The end that is bound stands before the one that is sent to, which there must be. */
static gboolean
normalise_udp(xmlNode *chardev, GError **error)
{
    xmlNode *bind = NULL, *connect = NULL;

    NODE_FOREACH(source, chardev, "source") {
        if (!node_attr(source, "mode"))
            node_set_attr(source, "mode", "connect");
        if (node_attr_is(source, "mode", "bind"))
            bind = source;
        else
            connect = source;
    }
    if (!node_attr(connect, "service"))
        return missing(error, "service");
    if (bind)
        xmlAddNextSibling(bind, connect);
    return TRUE;
}

static gboolean
normalise_nmdm(const xmlNode *source, GError **error)
{
    if (!source || (node_attr(source, "master") && node_attr(source, "slave")))
        return TRUE;
    return node_throw(source, error, HV_ERR_INTERNAL_ERROR, "Should define both master and slave path attributes for nmdm device");
}

static gboolean
normalise_labels(xmlNode *source, GError **error)
{
    for (xmlNode *label = node_child(source, "seclabel"), *next; label; label = next) {
        const char *model = node_attr(label, "model");

        next = node_next(label, "seclabel");
        for (const xmlNode *other = node_child(source, "seclabel"); other != label; other = node_next(other, "seclabel"))
            if (model && node_attr_is(other, "model", model))
                return node_throw(other, error, HV_ERR_XML_DETAIL, "seclabel for model %s is already provided", model);
        if (node_attr_is(label, "relabel", "no") && node_child(label, "label"))
            return node_throw(label, error, HV_ERR_XML_ERROR, "Cannot specify a label if relabelling is turned off. model=%s",
                              model ? model : "(null)");
        if (!node_attr(label, "relabel") && !node_attr(label, "labelskip") && !node_child(label, NULL))
            node_remove(label);
    }
    return TRUE;
}

static gboolean
normalise_source_of(xmlNode *chardev, const char *type, gboolean live, GError **error)
{
    xmlNode *source = node_child(chardev, "source");

    if (strcmp(type, "file") == 0 || strcmp(type, "dev") == 0 || strcmp(type, "pipe") == 0)
        return node_attr(source, "path") || missing(error, "path");
    if (strcmp(type, "unix") == 0)
        return normalise_unix(chardev, source, live, error);
    if (strcmp(type, "tcp") == 0)
        return normalise_tcp(chardev, source, error);
    if (strcmp(type, "udp") == 0)
        return normalise_udp(chardev, error);
    if (strcmp(type, "nmdm") == 0)
        return normalise_nmdm(source, error);
    if ((strcmp(type, "spiceport") == 0 || strcmp(type, "dbus") == 0) && !node_attr(source, "channel"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Missing source channel attribute for char device") ||
               node_expect(chardev, error, "'channel' of <source>");
    return TRUE;
}

gboolean
normalise_chardev_source(xmlNode *chardev, gboolean live, GError **error)
{
    const char *type = node_attr(chardev, "type");
    xmlNode *source = node_child(chardev, "source"), *log = node_child(chardev, "log");
    gboolean socket = strcmp(type, "tcp") == 0 || strcmp(type, "unix") == 0;

    if (node_count(chardev, "source") > (strcmp(type, "udp") == 0 ? 2 : 1))
        return node_throw(chardev, error, HV_ERR_XML_ERROR, strcmp(type, "udp") == 0
                          ? "only two source elements are allowed for character device"
                          : "only one source element is allowed for character device");
    if (!live && strcmp(type, "pty") == 0) {
        node_remove(source);
        node_set_attr(chardev, "tty", NULL);
        source = NULL;
    }
    if (log && !node_attr(log, "file"))
        node_remove(log);
    if (socket && node_child(source, "reconnect") && node_attr_is(source, "mode", "bind"))
        return node_throw(chardev, error, HV_ERR_INTERNAL_ERROR, "chardev reconnect is possible only for connect mode");
    return (!socket || normalise_reconnect(source, error)) && normalise_labels(source, error) &&
           normalise_source_of(chardev, type, live, error);
}

/* --- parallel ports and channels --------------------------------------------------------------------- */

/* "-1" is a port not given. */
static gboolean
port_number(xmlNode *target, GError **error)
{
    const char *port = node_attr(target, "port");
    guint64 number;

    if (!port)
        return TRUE;
    if (strcmp(port, "-1") == 0) {
        node_set_attr(target, "port", NULL);
        return TRUE;
    }
    if (!uint_parse(port, 0, G_MAXINT, &number))
        return node_throw(target, error, HV_ERR_XML_ERROR, "Invalid port number: %s", port);
    return TRUE;
}

/* Ports that are not written are numbered from the highest one of their like on. */
static void
assign_ports(Normalise *n, const char *kind, gboolean (*is)(const xmlNode *))
{
    gint64 highest = -1;

    NODE_FOREACH(chardev, n->devices, kind) {
        const xmlNode *target = node_child(chardev, "target");

        if (node_attr(target, "port") && is(chardev))
            highest = MAX(highest, (gint64)node_attr_uint(target, "port", 0));
    }
    NODE_FOREACH(chardev, n->devices, kind) {
        xmlNode *target = domain_ensure_child(chardev, "target");

        if (!node_attr(target, "port") && is(chardev))
            node_set_attrf(target, "port", "%" G_GINT64_FORMAT, ++highest);
    }
}

/* What is said to be one: first of all, before the others become one too. */
static gboolean
is_isa_serial(const xmlNode *serial)
{
    return g_strcmp0(node_child_attr(serial, "target", "type"), "isa-serial") == 0;
}

static gboolean
is_any(const xmlNode *chardev)
{
    return chardev != NULL;
}

static gboolean
unknown_target(const char *type, GError **error)
{
    return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown target type '%s' specified for character device", type);
}

static gboolean
normalise_guestfwd(xmlNode *target, GError **error)
{
    const char *address = node_attr(target, "address"), *port = node_attr(target, "port");
    guint a, b, c, d;
    guint64 number;
    int end = 0;

    if (!address)
        return node_throw(target, error, HV_ERR_XML_ERROR, "guestfwd channel does not define a target address");
    if (strchr(address, ':'))
        return node_throw(target, error, HV_ERR_CONFIG_UNSUPPORTED, "guestfwd channel only supports IPv4 addresses");
    if (sscanf(address, "%3u.%3u.%3u.%3u%n", &a, &b, &c, &d, &end) != 4 || address[end] || MAX(MAX(a, b), MAX(c, d)) > 255)
        return node_throw(target, error, HV_ERR_SYSTEM_ERROR, "Cannot parse socket address '%s': Name or service not known",
                          address);
    if (!port)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing required attribute 'port' in element 'target'") ||
               node_expect(target, error, "a non-negative integer as 'port'");
    if (!uint_parse(port, 0, G_MAXUINT, &number))
        return hv_throw(error, HV_ERR_XML_ERROR,
                        "Invalid value for attribute 'port' in element 'target': '%s'. Expected non-negative integer value",
                        port) ||
               node_expect(target, error, "a non-negative integer as 'port'");
    /* libvirt keeps sixteen bits of it. */
    node_set_attrf(target, "port", "%u", (guint)number & 0xffff);
    return TRUE;
}

static gboolean
normalise_channel_target(xmlNode *channel, GError **error)
{
    static const char *const types[] = { "none", "guestfwd", "virtio", "xen", NULL };
    xmlNode *target = node_child(channel, "target");
    const char *type = node_attr(target, "type");

    if (!target)
        return hv_throw(error, HV_ERR_XML_ERROR, "target type must be specified for channel device") ||
               node_expect(channel, error, "<target type='…'>");
    if (!type || !g_strv_contains(types, type))
        return unknown_target(type ? type : "(null)", error);
    return strcmp(type, "guestfwd") != 0 || normalise_guestfwd(target, error);
}

/* --- consoles ------------------------------------------------------------------------------------------ */

static gboolean
is_serial_console(const xmlNode *console)
{
    return console && g_strcmp0(node_child_attr(console, "target", "type"), "serial") == 0;
}

static gboolean
normalise_console_targets(Normalise *n, GError **error)
{
    static const char *const types[] = { "none", "serial", "xen", "uml", "virtio", "lxc", "openvz", "sclp", "sclplm", NULL };
    guint port = 0;

    NODE_FOREACH(console, n->devices, "console") {
        xmlNode *target = domain_ensure_child(console, "target");

        if (!port_number(target, error))
            return node_blame(console, error);
        if (node_attr(target, "type") && !g_strv_contains(types, node_attr(target, "type")))
            return unknown_target(node_attr(target, "type"), error);
        if (!node_attr(target, "type") || node_attr_is(target, "type", "none"))
            node_set_attr(target, "type", "serial");
        if (port > 0 && is_serial_console(console) && !n->is_test && strcmp(node_child_text(n->os, "type"), "hvm") == 0)
            return node_throw(console, error, HV_ERR_CONFIG_UNSUPPORTED, "Only the first console can be a serial port");
        node_remove_children(target, "model");
        node_set_attrf(target, "port", "%u", port++);
    }
    return TRUE;
}

gboolean
normalise_chardevs(Normalise *n, GError **error)
{
    static const char *const kinds[] = { "serial", "parallel", "console", "channel" };
    gboolean live = (n->flags & DOMAIN_PARSE_LIVE) != 0;

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        NODE_FOREACH(chardev, n->devices, kinds[i]) {
            if (i == 3 && !normalise_channel_target(chardev, error))
                return node_blame(chardev, error);
            if (!normalise_chardev_source(chardev, live, error))
                return node_blame(chardev, error);
            if (i == 3 && !live)
                node_set_attr(node_child(chardev, "target"), "state", NULL);
            if (i < 2 && !port_number(node_child(chardev, "target"), error))
                return node_blame(chardev, error);
        }
    assign_ports(n, "serial", is_isa_serial);
    NODE_FOREACH(serial, n->devices, "serial")
        if (!n->is_test && (!normalise_serial_target(n, serial, error) || !check_serial_address(serial, error)))
            return node_blame(serial, error);
    assign_ports(n, "serial", is_any);
    assign_ports(n, "parallel", is_any);
    NODE_FOREACH(parallel, n->devices, "parallel")
        node_set_attr(node_child(parallel, "target"), "type", NULL);
    return normalise_console_targets(n, error);
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

/* Makes the serial port that a first console stands for. */
static xmlNode *
add_serial(Normalise *n, const xmlNode *console)
{
    xmlNode *serial = domain_add_child(n->devices, "serial");
    g_autoptr(GError) ignored = NULL;

    node_set_attr(serial, "type", node_attr(console, "type"));
    NODE_FOREACH(child, console, NULL)
        node_append_copy(serial, child);
    node_set_attr(domain_ensure_child(serial, "target"), "type", NULL);
    if (!n->is_test)
        normalise_serial_target(n, serial, &ignored);
    return serial;
}

/* On a full machine the first console is the first serial port seen from the other side: each
 * implies the other, and the serial port has the say. */
void
normalise_console(Normalise *n)
{
    static const char *const without_console[] = { "usb-serial", "pci-serial", "isa-debug", NULL };
    xmlNode *console = node_child(n->devices, "console"), *serial = node_child(n->devices, "serial");

    if (strcmp(node_child_text(n->os, "type"), "hvm") != 0)
        return;
    if (is_serial_console(console) && !serial) {
        add_serial(n, console);
    } else if (!is_serial_console(console) && serial) {
        const char *target = node_child_attr(serial, "target", "type");

        if (target && g_strv_contains(without_console, target))
            return;
        console = console ? node_add_before(console, "console") : domain_add_child(n->devices, "console");
        mirror_serial(console, serial);
    }
    mirror_serial_consoles(n);
}

void
mirror_serial_consoles(Normalise *n)
{
    xmlNode *console = node_child(n->devices, "console"), *serial = node_child(n->devices, "serial");

    if (strcmp(node_child_text(n->os, "type"), "hvm") != 0)
        return;
    for (; console && serial; console = node_next(console, "console"), serial = node_next(serial, "serial"))
        if (is_serial_console(console))
            mirror_serial(console, serial);
}

/* --- what goes with what ----------------------------------------------------------------------------------- */

static gboolean
check_spice(const xmlNode *chardev, gboolean spice, GError **error)
{
    gboolean port = is_type(chardev, "spiceport") || is_type(chardev, "spicevmc");

    if (port && !spice)
        return node_throw(chardev, error, HV_ERR_CONFIG_UNSUPPORTED, "chardev '%s' not supported without spice graphics",
                          node_attr(chardev, "type"));
    return TRUE;
}

static gboolean
check_console(const Normalise *n, const xmlNode *console, GError **error)
{
    static const char *const known[] = { "serial", "virtio", "sclp", "sclplm", NULL };
    const char *type = node_child_attr(console, "target", "type");

    if (!g_strv_contains(known, type))
        return node_throw(console, error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported console target type %s", type);
    if (g_str_has_prefix(type, "sclp")) {
        g_autofree char *device = g_strconcat(type, "console", NULL);

        if (!n->facts->has_device(n->facts->data, n->emulator, device))
            return node_throw(console, error, HV_ERR_CONFIG_UNSUPPORTED, "%s is not supported in this QEMU binary", device);
    }
    return TRUE;
}

gboolean
check_chardevs(const Normalise *n, GError **error)
{
    static const char *const kinds[] = { "serial", "parallel", "channel", "console", "redirdev", "smartcard", "rng" };
    gboolean spice = FALSE;

    NODE_FOREACH(graphics, n->devices, "graphics")
        spice |= node_attr_is(graphics, "type", "spice");
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        NODE_FOREACH(device, n->devices, kinds[i]) {
            const xmlNode *chardev = node_is(device, "rng") ? node_child(device, "backend") : device;

            if (is_type(chardev, "spicevmc") && i < 4 &&
                (!node_is(device, "channel") || g_strcmp0(node_child_attr(chardev, "target", "type"), "virtio") != 0))
                return node_throw(device, error, HV_ERR_CONFIG_UNSUPPORTED, "spicevmc device type only supports virtio");
            if (!check_spice(chardev, spice, error))
                return node_blame(device, error);
        }
    NODE_FOREACH(console, n->devices, "console")
        if (!check_console(n, console, error))
            return node_blame(console, error);
    return check_serials(n, error);
}
