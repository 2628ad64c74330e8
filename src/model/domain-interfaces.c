/* Network interfaces. */
#include "model/normalise.h"

#include <stdio.h>
#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* libvirt's prefix for the guests of QEMU and KVM. */
static const guint8 mac_prefix[] = { 0x52, 0x54, 0x00 };

/* Names that libvirt and hvsh give to devices they make: no part of a definition. */
static const char *const generated_prefixes[] = { "vnet", "vif", "macvtap", "macvlan" };

/* Interface types that say nothing without a source. */
static const char *const needing_source[] = {
    "network", "bridge", "direct", "internal", "vhostuser", "vdpa", "hostdev", "server", "client", "mcast", "udp", NULL,
};

static gboolean
mac_parse(const char *text, guint8 bytes[6])
{
    for (int i = 0; i < 6; i++) {
        int digits = 0;

        for (bytes[i] = 0; digits < 2 && g_ascii_isxdigit(*text); digits++, text++)
            bytes[i] = bytes[i] << 4 | g_ascii_xdigit_value(*text);
        if (digits == 0 || (i < 5 && *text++ != ':'))
            return FALSE;
    }
    return *text == '\0';
}

static gboolean
normalise_mac(xmlNode *interface, GError **error)
{
    xmlNode *mac = node_child(interface, "mac");
    guint8 b[6];

    if (!mac) {
        mac = domain_add_child(interface, "mac");
        memcpy(b, mac_prefix, sizeof mac_prefix);
        for (int i = 3; i < 6; i++)
            b[i] = g_random_int_range(0, 256);
    } else if (!mac_parse(node_attr(mac, "address"), b)) {
        return hv_throw(error, HV_ERR_XML_ERROR, "unable to parse mac address '%s'", node_attr(mac, "address"));
    } else if (b[0] & 1) {
        return hv_throw(error, HV_ERR_XML_ERROR, "expected unicast mac address, found multicast '%s'",
                        node_attr(mac, "address"));
    }
    node_set_attrf(mac, "address", "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
    return TRUE;
}

static const char *
default_model(const Normalise *n, const char *type)
{
    if (strcmp(type, "vdpa") == 0 || n->is_virt || g_str_has_prefix(n->arch, "s390"))
        return "virtio";
    if (n->facts->has_device(n->facts->data, n->emulator, "rtl8139"))
        return "rtl8139";
    if (n->facts->has_device(n->facts->data, n->emulator, "e1000"))
        return "e1000";
    return "virtio";
}

static gboolean
check_source(xmlNode *interface, GError **error)
{
    const char *type = node_attr(interface, "type");
    xmlNode *source = node_child(interface, "source");

    if (!source && g_strv_contains(needing_source, type))
        return hv_throw(error, HV_ERR_XML_ERROR, "interface type='%s' requires a 'source' element", type);
    if (strcmp(type, "vhostuser") == 0) {
        if (!node_attr_is(source, "type", "unix"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Type='%s' unsupported for <interface type='vhostuser'>",
                            node_attr(source, "type") ? node_attr(source, "type") : "");
        if (!node_attr(source, "path"))
            return hv_throw(error, HV_ERR_XML_ERROR, "Missing required attribute 'path' in element 'source'");
        if (!node_attr(source, "mode"))
            return hv_throw(error, HV_ERR_XML_ERROR, "Missing required attribute 'mode' in element 'source'");
    }
    if (strcmp(type, "direct") == 0 && !node_attr(source, "mode"))
        node_set_attr(source, "mode", "vepa");
    return TRUE;
}

static void
forget_generated_target(xmlNode *interface)
{
    xmlNode *target = node_child(interface, "target");
    const char *dev = node_attr(target, "dev");

    for (gsize i = 0; dev && i < G_N_ELEMENTS(generated_prefixes); i++)
        if (g_str_has_prefix(dev, generated_prefixes[i])) {
            node_remove(target);
            return;
        }
}

static gboolean
normalise_interface(Normalise *n, xmlNode *interface, GError **error)
{
    const char *type = node_attr(interface, "type");
    xmlNode *source = node_child(interface, "source"), *model = node_child(interface, "model");
    const xmlNode *teaming = node_child(interface, "teaming");
    gboolean live = (n->flags & DOMAIN_PARSE_LIVE) != 0;

    if (!check_source(interface, error) || !normalise_mac(interface, error))
        return FALSE;
    if (!live) {
        forget_generated_target(interface);
        if (strcmp(type, "network") == 0) {
            node_set_attr(source, "portid", NULL);
            node_set_attr(source, "bridge", NULL);
        }
    }
    if (node_attr_is(teaming, "type", "transient") && !node_attr(teaming, "persistent"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "teaming persistent attribute must be set if teaming type is 'transient'");
    if (node_attr_is(teaming, "type", "persistent") && node_attr(teaming, "persistent"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "teaming persistent attribute not allowed if teaming type is 'persistent'");
    if (strcmp(type, "hostdev") == 0) {
        node_remove(model);
    } else if (!model && !n->is_test) {
        model = domain_add_child(interface, "model");
        node_set_attr(model, "type", default_model(n, type));
    }
    if (strcmp(type, "hostdev") == 0 && !normalise_host_address(node_child(source, "address"), error))
        return FALSE;
    if (strcmp(type, "vhostuser") == 0 && !n->is_test && !g_str_has_prefix(node_attr(model, "type"), "virtio"))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR,
                        "Wrong or no <model> 'type' attribute specified with <interface type='vhostuser'/>. "
                        "vhostuser requires the virtio-net* frontend");
    if (strcmp(type, "user") != 0 && !n->is_test && (node_child(interface, "ip") || node_child(interface, "route")))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "Invalid attempt to set network interface guest-side IP route and/or address info, not supported by QEMU");
    if (node_attr_is(node_child(interface, "mtu"), "size", "0"))
        node_remove(node_child(interface, "mtu"));
    NODE_FOREACH(direction, node_child(interface, "bandwidth"), NULL)
        if (node_attr_is(direction, "average", "0") && !node_attr(direction, "floor"))
            while (direction->properties)
                xmlRemoveProp(direction->properties);
    NODE_FOREACH(ip, interface, "ip") {
        const char *address = node_attr(ip, "address");

        if (!node_attr(ip, "family"))
            node_set_attr(ip, "family", strchr(address, ':') ? "ipv6" : "ipv4");
    }
    if (model && !n->is_test && node_child(interface, "driver")) {
        xmlNode *driver = node_child(interface, "driver");
        const char *name = node_attr(model, "type");
        guint64 queues = node_attr_uint(driver, "queues", 0);

        if (queues <= 1)
            node_set_attr(driver, "queues", NULL);
        if (strcmp(name, "virtio") != 0 && strcmp(name, "virtio-transitional") != 0 &&
            strcmp(name, "virtio-non-transitional") != 0)
            node_remove(driver);
    }
    return TRUE;
}

gboolean
normalise_interfaces(Normalise *n, GError **error)
{
    NODE_FOREACH(interface, n->devices, "interface")
        if (!normalise_interface(n, interface, error))
            return FALSE;
    return TRUE;
}
